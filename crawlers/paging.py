"""Which links of a page lead to other pages of the same thread, on sites that nobody described.

Pure work on addresses and on the words of links. An address is a page of the thread when it is
the thread's own but for the number of the page: `?page=2`, `/page/2`, `/comment-page-2`,
`?start=20`. Marks that may be something else (`-2.html`, `/2`, `?p=2`: the next story, a post's
id) count only where the link says the same number, or "next".
"""

import re
from collections.abc import Iterable, Iterator

__all__ = ["NEXT", "bare", "page_number", "place", "thread_pages"]

NEXT = re.compile(
    r"[\[【(（]?\s*(?:下一?[页頁]|后一页|後一頁|next(?: page)?)\s*[\]】)）»›>→]*", re.IGNORECASE
)
_SURE = re.compile(
    r"/(?:comment-)?page[-_/]?(?P<path>\d{1,5})(?=/?(?:$|[?#]))"
    r"|(?P<lead>[?&])(?:page|pageno|page_no|pg|pn|paged|cpage|start|offset)=(?P<query>\d{1,7})(?=&|$)"
)
_MAYBE = re.compile(
    r"[_-](?P<path>\d{1,4})(?=\.s?html?$)|/p?(?P<short>\d{1,4})(?=/?$)"
    r"|(?P<lead>[?&])p=(?P<query>\d{1,4})(?=&|$)"
)
_MOST = 200  # links to pages of one thread on one page
_OFFSET = re.compile(r"[?&](?:start|offset)=")
# WordPress shows the newest page under the thread's own address; the first has a number then.
_OLDER = re.compile(r"^\D{0,8}\d+\D?$|older|previous|上一|更?早|較?舊", re.IGNORECASE)
_LABEL = re.compile(r"(?:page|第)?\s*(\d{1,5})\s*[页頁]?", re.IGNORECASE)


def _without(mark: re.Pattern[str], url: str) -> str:
    """The address without the mark of the page."""
    cut, marks = mark.subn(lambda found: found["lead"] or "", url, count=1)
    if not marks:
        return url
    return re.sub(r"\?&", "?", re.sub(r"&&", "&", cut)).rstrip("?&")


def bare(url: str) -> str:
    """The address of the thread, of an address of one of its pages."""
    return _without(_SURE, url)


def page_number(url: str) -> int:
    """The number in an address's sure mark; 1 where it has none."""
    found = _SURE.search(url)
    return max(1, int(_digits(found))) if found and not _OFFSET.search(url) else 1


def place(url: str) -> int:
    """The number in an address's mark, of a page or of an offset; 0 where it has none."""
    found = _SURE.search(url) or _MAYBE.search(url)
    return int(_digits(found)) if found else 0


def _digits(found: re.Match[str]) -> str:
    named = found.groupdict()
    return named["path"] or named.get("short") or named["query"] or "0"


def thread_pages(
    here: str, links: Iterable[tuple[str, str]], *, walking: bool = False
) -> Iterator[str]:
    """Addresses of the thread's other pages, of a page's (canonical address, words) links.

    `walking`: the page is known to be a later one, so `/t/7/2` is not taken for thread 2. The
    first page under its second name (`?page=1`) is not among them.
    """
    thread, given = bare(here), {here}
    for url, words in links:
        if url in given or len(given) > _MOST:
            continue
        if (
            _is_page(url, thread, words)
            if _SURE.search(url)
            else _may_be(url, here, words, walking=walking)
        ):
            given.add(url)
            yield url


def _sorted(url: str, thread: str, words: str) -> bool:
    """Whether a numbered link names the order that the thread is shown in anyway."""
    label, found = _LABEL.fullmatch(words), _SURE.search(url)
    if not label or not found or int(label[1]) != int(_digits(found)):
        return False
    return "?" not in thread and bare(url).partition("?")[0] == thread


def _is_page(url: str, thread: str, words: str) -> bool:
    """Whether an address with a sure mark is one of the thread's."""
    if bare(url).rstrip("/") != thread.rstrip("/") and not _sorted(url, thread, words):
        return False
    found = _SURE.search(url)
    first = found is None or int(_digits(found)) == (0 if _OFFSET.search(url) else 1)
    return not first or ("comment-page" in url and bool(_OLDER.search(words)))


def _may_be(url: str, here: str, words: str, *, walking: bool) -> bool:
    """Whether an address whose number may be a page's is, by what the link says."""
    found, now = _MAYBE.search(url), _MAYBE.search(here)
    if not found:
        return False
    stem = _without(_MAYBE, url).rstrip("/")
    # A number at the end of a path counts from page to page only where one is a page for sure.
    told = walking or not found["short"]
    later = told and now is not None and _without(_MAYBE, here).rstrip("/") == stem
    if not later and here.rstrip("/") != stem:
        return False
    number, at = int(_digits(found)), int(_digits(now)) if later and now else 1
    if label := _LABEL.fullmatch(words):
        return number > 1 and number == int(label[1])
    return number == at + 1 and bool(NEXT.fullmatch(words))
