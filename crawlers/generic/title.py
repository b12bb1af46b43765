"""The headline of a page: the heading that the page's own title repeats.

`<title>` and `og:title` mostly carry the headline with the site's name behind it; the first
`h1` is often the site's or the channel's name. So a heading counts when the title contains it.
"""

import re
from functools import lru_cache

from lxml import etree

from crawlers.generic.metadata import Metadata
from crawlers.generic.survey import Box, Survey

__all__ = ["find_title", "shown_title"]

_HEADINGS = ("h1", "h2", "h3")
_NAMED = re.compile(r"title|headline|subject|biaoti|tit\b")
_HEAD = re.compile(
    r"^header\b|(?<![a-z-])(?:header|masthead|banner|logo|brand|site-?(?:name|title|head))"
)
_STORY = re.compile(r"post|entry|article|story|topic|thread")
_CUT = re.compile(r"\s*(?:[|｜_»«–—]|\s-\s|\s-|-\s|--|::)\s*")
_DASH = re.compile(r"[-_|｜–—]")


@lru_cache(maxsize=8192)
def _is_named(cls: str) -> bool:
    return _NAMED.search(cls) is not None


def shown_title(root: etree._Element) -> str:
    """The text of the page's own `title` element."""
    element = root.find("head/title")
    if element is None:
        element = root.find(".//title")
    return " ".join((element.text or "").split()) if element is not None else ""


def _key(text: str) -> str:
    return "".join(text.split()).lower()


def find_title(root: etree._Element, seen: Survey, meta: Metadata) -> tuple[str, str]:
    """The headline and where it came from; empty strings where the page has none."""
    shown = shown_title(root)
    social, name = meta.first("og:title", "twitter:title")
    linked = next((v for v in meta.linked("headline", "title") if isinstance(v, str)), "")
    keys = [_key(text) for text in (shown, social, linked) if text]
    best, where, rank = "", "", 0.0
    for number, box in enumerate(seen.boxes):
        named = box.tag in _HEADINGS
        if not named and not (box.last - box.first == 1 and _is_named(box.cls)):
            continue
        text = " ".join(seen.lines[i].text for i in range(box.first, min(box.last, box.first + 3)))
        key = _key(text)
        if not 2 <= len(key) <= 300:
            continue
        score = _agreement(key, keys) * (1.3 if box.tag == "h1" else 1.0 if named else 0.9)
        if score > rank:
            best, where, rank = text, f"css:{box.tag}", score
        if number > 4000:
            break
    if rank >= 0.35:
        return _story_of(seen, best, shown) or (best, where)
    if begun := _begun(seen, shown):
        return begun, "css:title"
    if social:
        return _without_site(social, meta), f"meta:{name}"
    if linked:
        return " ".join(linked.split()), "json-ld"
    return (_without_site(shown, meta), "css:title") if shown else _first_heading(seen)


def _story_of(seen: Survey, heading: str, shown: str) -> tuple[str, str] | None:
    """The heading that ends the page's title, where the one that begins it is the site's name.

    `Name: Story` has the shape of `Story: Name`; the name stands in the head of the page.
    """
    rest = shown[len(heading) :].lstrip(" \t:：|｜-–—»·_") if shown.startswith(heading) else ""
    if len(_key(rest)) < 4 or shown[len(heading) :].lstrip()[:1] not in ":：|｜-–—»·_":
        return None
    own = [box for box in seen.boxes if box.tag in _HEADINGS and _lines_of(seen, box) == heading]
    told = [box for box in seen.boxes if box.tag in _HEADINGS and _lines_of(seen, box) == rest]
    if not told or not own or not all(_in_head(seen, box) for box in own):
        return None
    return (rest, f"css:{told[0].tag}") if not _in_head(seen, told[0]) else None


def _lines_of(seen: Survey, box: Box) -> str:
    return " ".join(seen.lines[i].text for i in range(box.first, min(box.last, box.first + 3)))


def _in_head(seen: Survey, box: Box) -> bool:
    """Whether a heading stands in the head of the page, or is a link to its front."""
    around = (box, *(seen.boxes[number] for number in seen.ancestors(box.parent, 4)))
    return any(
        _HEAD.search(f"{one.tag} {one.cls}") and not _STORY.search(one.cls) for one in around
    )


def _begun(seen: Survey, shown: str) -> str:
    """The longest line that the page's title begins with, before the name of its site."""
    best = ""
    for line in seen.lines[:400]:
        size = len(line.text)
        if max(5, len(best)) < size < len(shown) and shown.startswith(line.text):
            rest = shown[size:].lstrip()
            if _CUT.match(rest) or rest[:1] in "-_|｜–—（(":
                best = line.text
    return best


def _agreement(key: str, keys: list[str]) -> float:
    """How much of a title the heading is, 0 where no title contains it (or it, a title)."""
    best = 0.0
    for title in keys:
        if key in title:
            score = len(key) / len(title)
            score += 0.3 if title.startswith(key) else 0.0
        elif len(title) > 8 and key.startswith(title):
            score = len(title) / len(key)
        else:
            score = 0.0
        best = max(best, score)
    return best


def _without_site(title: str, meta: Metadata) -> str:
    """A title without the names of channel and site behind it."""
    site = meta.first("og:site_name")[0]
    parts = _CUT.split(title)
    if len(parts) < 2:
        return title
    end = len(title)
    while True:
        cuts = list(_CUT.finditer(title, 0, end))
        if not cuts:
            break
        tail = title[cuts[-1].end() : end].strip()
        head = title[: cuts[-1].start()].strip()
        if head and (tail == site or len(_key(tail)) <= max(4, len(_key(head)) * 0.8)):
            end = cuts[-1].start()
        else:
            break
    return title[:end].strip()


def _first_heading(seen: Survey) -> tuple[str, str]:
    for box in seen.boxes:
        if box.tag in _HEADINGS and box.last > box.first:
            return seen.lines[box.first].text, f"css:{box.tag}"
    return "", ""
