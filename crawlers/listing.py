"""Which links of a list page lead to its stories or threads, on sites that nobody described.

An address that looks like one of an article is enough. Where addresses say nothing (hashes, slugs
of two words), the page does: stories are headed by their links, or stand in one kind of place
under one path, with words as long as headlines have. What hangs beside known stories, in the
same kind of place under the same path, is one too, however short its title.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lxml import etree

from crawlers.flow import squash, text_of
from crawlers.paging import NEXT, place, thread_pages

__all__ = ["Anchor", "boards", "further", "link_words", "stories"]

_ARTICLE_LIKE = re.compile(
    r"\d{4,}|\d{2,}\.s?html?$|(?:[^/-]+-){3,}[^/-]+/?$|[?&](?:id|p|t|aid|tid|topic|thread)=\d+"
    r"|/(?:topics?|threads?|discussions?|questions?|posts?|[tdq])/(?:[^/]+[/.-])?\d+(?=[/.?]|$)"
    r"|/(?=[\da-f-]*\d)(?=[\da-f-]*[a-f])(?:[\da-f]{8,}|[\da-f]{8}(?:-[\da-f]{4,}){4})/?$"
    r"|/[^/?]*[\u4e00-\u9fff]{6,}[^/?]*/?$"
)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?(?!/.*\d)|author|category|search|login|about|contact|user|page)(?:/|$)"
    r"|\.(?:jpe?g|png|gif|webp|mp[34]|pdf|zip|apk|css|js)$"
    # The stories of a month or a day: /archives/2026/05/, /2026/05/index.html.
    r"|/(?:19|20)\d\d/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?(?:/index\.html?)?/?$"
    r"|(?:^|/archives?)/(?:19|20)\d\d(?:/index\.html?)?/?$",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"/(?:people|participants?|members?|users?|u|profiles?|usercenter|accounts?|home/main)[/?.]",
    re.IGNORECASE,
)
_OLDER = re.compile(
    r"\W*(?:(?:view )?older(?: (?:posts|entries|articles|stories|topics|threads|news))?"
    r"|更早的?(?:文章|帖子|貼文|内容|內容)?|[较較][早旧舊]的?(?:文章|帖子|貼文)?|[旧舊]文章)\W*",
    re.IGNORECASE,
)
_ONWARD = re.compile(r"(?:^|[\s_-])next(?:$|[\s_-])", re.IGNORECASE)
_BOARD = re.compile(r"/(?:forums?|boards?|viewforum|forumdisplay|(?:sub-?)?categor\w+|c|f)[/.?-]")
_MOST_BOARDS = 100
_FILE = re.compile(r"/(?:(?:index|list|page|default)?[-_]?(\d{1,4})?\.s?html?)?$", re.IGNORECASE)
_TO_NEXT = re.compile(
    r"\s*(?:(?:go )?to (?:the )?)?(?:next page|下一[页頁]|后一页|後一頁)\s*", re.IGNORECASE
)
_PART = re.compile(
    r"last|new(?:est)?|latest|unread|(?:page|post|p)?[-_]?\d{1,9}|(?:last|new|unread)-?posts?"
)
_GONE = re.compile(r"(?<![\w-])(?:is-)?(?:disabled|invisible|hidden)(?![\w-])", re.IGNORECASE)
_AROUND = re.compile(
    r"(?<![a-z])(?:nav|menu|footer|breadcrumb|pag(?:er|ing|ination)|toolbar|tags?|categor)",
    re.IGNORECASE,
)
_SINGLED = re.compile(r"\S*\d\S*|\b(?:odd|even|first|last|alt|active|new|unread)\b")
_FRAME = frozenset({"nav", "footer", "aside"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_SHORTEST = 6  # characters of a headline where only the address speaks for it
_WIDE = 20  # width of the headlines of a list (that of a Chinese character is 2)
_FEW, _SOME = 3, 4  # headings, other places of one kind, that are no chance
_NEAR = 4  # elements around a link that are looked at


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of a page: its canonical address, its words, its element."""

    url: str
    words: str
    element: etree._Element


class _Place(NamedTuple):
    """Where a link stands: the path it leads below, and the kinds of the elements around it."""

    path: str
    around: tuple[str, ...]


def stories(anchors: Sequence[Anchor], home: str) -> Iterator[str]:
    """Addresses of the stories among links to other pages of a site, each once, in page order."""
    shown = {anchor.url.rstrip("/") for anchor in anchors} | {home.rstrip("/")}
    open_ = [
        anchor
        for anchor in anchors
        if not _NO_ARTICLE.search(unquote(urlsplit(anchor.url).path))
        and anchor.url.rstrip("/") != home.rstrip("/")
        and not _is_part(anchor.url, shown)
    ]
    sure = {a.url for a in open_ if len(a.words) >= _SHORTEST and _looks(a.url)}
    sure |= _headed(open_)
    groups: defaultdict[_Place, list[Anchor]] = defaultdict(list)
    for anchor in open_:
        if not _PEOPLE.search(anchor.url):
            groups[_place(anchor)].append(anchor)
    for where, group in groups.items():
        if where.path and _is_list(group, sure):
            sure.update(anchor.url for anchor in group if _says(anchor.words))
    seen: set[str] = set()
    for anchor in open_:
        if anchor.url in sure and anchor.url not in seen:
            seen.add(anchor.url)
            yield anchor.url


def boards(anchors: Sequence[Anchor], home: str) -> Iterator[str]:
    """Addresses of the boards that an index of boards names; asked where it names no thread."""
    seen: set[str] = set()
    for anchor in anchors:
        path = anchor.url.removeprefix(home.rstrip("/"))
        told = _BOARD.match(path if path != anchor.url else urlsplit(path).path)
        if told and _says(anchor.words) and anchor.url not in seen and len(seen) < _MOST_BOARDS:
            seen.add(anchor.url)
            yield anchor.url


def further(here: str, anchors: Iterable[Anchor], *, walking: bool) -> str | None:
    """The list's next page: by what a link says or is called, else by the page numbers."""
    live = [a for a in anchors if a.url != here and not _GONE.search(" ".join(_classes(a, 2)))]
    for anchor in live:
        if NEXT.fullmatch(anchor.words) or _OLDER.fullmatch(anchor.words):
            return anchor.url
    for anchor in live:
        below = urlsplit(anchor.url).path.startswith(urlsplit(here).path.rstrip("/"))
        called = below and any(map(_ONWARD.search, _classes(anchor, 2)))
        if called and len(anchor.words) < _SHORTEST:
            return anchor.url
    pages = thread_pages(here, ((a.url, a.words) for a in live), walking=walking)
    later = [url for url in pages if place(url) > place(here)]
    return min(later, key=place, default=None) or _file_after(here, live)


def _file_after(here: str, anchors: Iterable[Anchor]) -> str | None:
    """The page behind a list that lies in numbered files (index.html, index2.html, list_3.html)."""
    stem, number = _file(here)
    for anchor in anchors:
        sign = anchor.words == str(number + 1) or not any(map(str.isalnum, anchor.words))
        if sign and _file(anchor.url) == (stem, number + 1):
            return anchor.url
    return None


def _file(url: str) -> tuple[str, int]:
    """The folder of a list and the number of its file; the first may have none, and no name."""
    found = _FILE.search(url)
    return (url[: found.start()], int(found[1] or 1)) if found else (url.rstrip("/"), 1)


def link_words(element: etree._Element) -> str:
    """What a link says; a sign (an arrow, the name of an icon) that leads on says `next`."""
    words = squash(text_of(element))
    titles = (element.get(name) or "" for name in ("title", "aria-label"))
    told = "next" in (element.get("rel") or "").lower().split()
    return "next" if told or any(_TO_NEXT.fullmatch(title) for title in titles) else words


def _looks(url: str) -> bool:
    """Whether an address is one as articles have."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    return bool(_ARTICLE_LIKE.search(path + (f"?{parts.query}" if parts.query else "")))


def _is_part(url: str, shown: AbstractSet[str]) -> bool:
    """Whether it is a page or a post of what the list names as well (`?page=3`, `/7/last/`)."""
    whole, _, query = url.partition("?")
    if query:
        return whole.rstrip("/") in shown
    above, _, last = whole.rstrip("/").rpartition("/")
    return above in shown and bool(_PART.fullmatch(last)) and _looks(above)


def _headed(anchors: Iterable[Anchor]) -> set[str]:
    """Addresses that headings lead to, where the page has several of one kind."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for anchor in anchors:
        kind = _heading(anchor.element)
        people = _PEOPLE.search(anchor.url)
        if kind and not people and _says(anchor.words) and urlsplit(anchor.url).path.strip("/"):
            kinds[kind].add(anchor.url)
    return {url for urls in kinds.values() if len(urls) >= _FEW for url in urls}


def _heading(element: etree._Element) -> str:
    """Tag and class of the heading that a link stands in or holds, outside of the page's frame."""
    around = [element, *element.iterancestors()]
    if any(one.tag in _FRAME for one in around):
        return ""
    held = (*around[1:_NEAR], *element.iterdescendants(*_HEADINGS))
    found = next((one for one in held if one.tag in _HEADINGS), None)
    return "" if found is None else _kind(found)


def _place(anchor: Anchor) -> _Place:
    parts = urlsplit(anchor.url)
    names = "&".join(sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair))
    around = tuple(_kind(one) for one in _around(anchor.element, 3))
    path = parts.path if names else parts.path.rstrip("/").rpartition("/")[0]
    return _Place(path + (f"?{names}" if names else ""), around)


def _is_list(group: Sequence[Anchor], sure: AbstractSet[str]) -> bool:
    """Whether links in one kind of place are those of stories."""
    urls = {anchor.url for anchor in group}
    if len(urls & sure) >= 2:
        return True
    around = (group[0].element, *group[0].element.iterancestors())
    framed = any(one.tag in _FRAME or _AROUND.search(one.get("class") or "") for one in around)
    if len(urls) < _SOME or framed:
        return False
    return median(map(_width, (anchor.words for anchor in group))) >= _WIDE


def _kind(element: etree._Element) -> str:
    return f"{element.tag!s}.{_plain(element.get('class') or '')}"


def _says(words: str) -> bool:
    """Whether a link has words, not only a number or a sign."""
    return sum(char.isalpha() for char in words) >= 2


def _width(words: str) -> int:
    return sum(2 if char > "\u2e7f" else 1 for char in words)


def _around(element: etree._Element, most: int) -> list[etree._Element]:
    found = [element]
    for above in element.iterancestors():
        if len(found) == most:
            break
        found.append(above)
    return found


def _classes(anchor: Anchor, most: int) -> list[str]:
    return [one.get("class") or "" for one in _around(anchor.element, most)]


@lru_cache(maxsize=4096)
def _plain(classes: str) -> str:
    """Class names without those that number or single out an element."""
    return _SINGLED.sub("", classes).strip()
