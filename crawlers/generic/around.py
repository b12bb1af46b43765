"""The lines above and below an article's text, where its byline and its credits stand."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from crawlers.generic.body import Body
from crawlers.generic.metadata import Metadata
from crawlers.generic.noise import cut_tail
from crawlers.generic.stamps import HINT
from crawlers.generic.survey import Line, Mark, Survey
from crawlers.generic.title import shown_title

__all__ = ["Around", "look_around", "own_names"]

_REACH = 25  # lines above the text that may be its byline
_SIGNED = re.compile(
    r"(?:^|[\s_-])(?:author|byline|by-?line|writer|reporter|journalist|nick-?name|user-?name"
    r"|author[-_]?name|js_author_name|zuozhe|penname)(?:$|[\s_-])"
)
_NAME = re.compile(r"(?:^|[\s_-])(?:name|nick)(?:$|[\s_-])")
_OWNER = re.compile(r"author|user|writer|creator")
_REMARKS = re.compile(r"comment|repl(?:y|ies)|cmt|pinglun|related|recommend|sidebar")
_CARD = re.compile(
    r"(?:user|author|account|member|creator|writer)[-_]?(?:card[-_]?|info[-_]?)?(?:name|nick)"
)
_PEOPLE = re.compile(
    r"/(?:authors?|reporters?|writers?|journalists?|bylines?|columnists?|people|profile|users?|u|member)[/?]",
    re.IGNORECASE,
)
_GATE = re.compile(r"login|register|signup|sign[-_]in|logout|passport", re.IGNORECASE)
_FILED = re.compile(r"/(?:categor|tags?|topic|archive|section|column|channel)", re.IGNORECASE)
_FILED_UNDER = re.compile(
    r"(?:分类|分類|栏目|欄目|标签|標籤|专题|來自|来自)(?:于|於|在|到)?\s?[:：]?\s?$"
)
_POSTED = re.compile(r"posted|发表于|发布于|發表於|發佈於|發布於", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Around:
    """Lines by the article, as text and by their markup.

    `header`: under the headline, then above it; `parts`: the same with a space around every
    inline element; `signed`: what stands where markup puts an author's name; `account`: names
    that a card of the page repeats; `marks`: inline elements of lines that show a time;
    `tail`: below the text.
    """

    header: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    tail: tuple[str, ...] = ()


def look_around(seen: Survey, body: Body, title: str) -> Around:
    """What stands between the headline and the text, and right below the text."""
    lines = seen.lines
    first = body.numbers[0]
    key = "".join(title.split())
    heading = -1
    for number in range(first - 1, max(-1, first - 80), -1):
        if key and "".join(lines[number].text.split()) == key:
            heading = number
            break
    top = max(0, heading - 6) if heading >= 0 else max(0, first - _REACH)
    below = list(range(max(heading + 1, top), first))
    if len(body.lines[0]) < 80:
        below.append(first)
    order = [*below[:40], *range(top, max(heading, top))]
    header = [lines[number] for number in order if len(lines[number].text) < 200]
    kept = set(body.numbers)
    below_text = range(max(body.numbers[0], body.last - 12), min(body.last + 16, len(lines)))
    tail = [
        lines[i]
        for i in below_text
        if i not in kept and len(lines[i].text) < 200 and not _is_remark(seen, lines[i])
    ]
    return Around(
        tuple(line.text for line in header),
        tuple(spaced(line) for line in header),
        (*_signed(seen, header, tail), *_people([lines[number] for number in below[:40]])),
        tuple(_accounts(seen, header)),
        tuple(mark for line in header if HINT.search(line.text) for mark in line.marks),
        _cut_too([spaced(line) for line in tail]),
    )


def _cut_too(lines: list[str]) -> tuple[str, ...]:
    """Each line without the credit glued to its end, then those that have one, whole."""
    cut = [cut_tail(line) for line in lines]
    return (*cut, *(line for line, short in zip(lines, cut, strict=True) if line != short))


def spaced(line: Line) -> str:
    """A line with a space around each of its inline elements."""
    text, start = line.text, 0
    for mark in line.marks:
        part = " ".join(mark.text.split())
        at = text.find(part, start) if part else -1
        if at >= 0:
            text = f"{text[:at]} {part} {text[at + len(part) :]}"
            start = at + 1
    return " ".join(text.split())


def _signed(seen: Survey, header: list[Line], tail: list[Line]) -> list[str]:
    """What the markup of the byline calls an author."""
    found: list[str] = []
    for line in header:
        found.extend(
            _within(line, mark)
            for mark in line.marks
            if 2 <= len(mark.text) <= 40 and (_names_author(mark) or _in_card(seen, line, mark))
        )
        called = _SIGNED.search(seen.boxes[line.box].cls) or _labelled(seen, line)
        if called and len(line.text) < 80:
            found.append(_linked(line) or spaced(line))
    for line in tail:
        marked = (mark for mark in line.marks if _names_author(mark))
        found.extend(mark.text for mark in marked if 2 <= len(mark.text) <= 40)
    for line in (*header, *tail):
        if _POSTED.search(line.text):
            links = (mark for mark in line.marks if mark.tag == "a")
            found.extend(mark.text for mark in links if not _files(mark, line))
    return found


def _within(line: Line, mark: Mark) -> str:
    """The names that a byline links to people, else all of it (Added by X 3 days ago)."""
    names = _linked(line)
    return names if names and all(name in mark.text for name in names.split("、")) else mark.text


def _names_author(mark: Mark) -> bool:
    """Whether an inline element is marked as the author's name."""
    element = mark.element
    by_name = element.get("rel") == "author" or element.get("itemprop") == "author"
    return by_name or _SIGNED.search(mark.cls) is not None


def _in_card(seen: Survey, line: Line, mark: Mark) -> bool:
    """Whether an element is called a name, and a box around it the author's."""
    around = seen.ancestors(line.box, 3)
    if mark.element.get("itemprop") == "name":
        return any(seen.boxes[n].element.get("itemprop") == "author" for n in around)
    return _NAME.search(mark.cls) is not None and any(
        _OWNER.search(seen.boxes[n].cls) for n in around
    )


def _is_remark(seen: Survey, line: Line) -> bool:
    """Whether a line below the text stands among the remarks of readers."""
    return any(_REMARKS.search(seen.boxes[n].cls) for n in seen.ancestors(line.box, 6))


def _labelled(seen: Survey, line: Line) -> bool:
    """Whether a box around a line is labelled a byline, for readers of screens or for tests."""
    around = (seen.boxes[number].element for number in seen.ancestors(line.box, 4))
    labels = (
        element.get(name) for element in around for name in ("aria-labelledby", "data-testid")
    )
    return any(_SIGNED.search(label.lower()) for label in labels if label)


def _people(under: list[Line]) -> list[str]:
    """What links to pages of people in the lines under the headline, a string a line."""
    return [names for line in under if len(line.text) < 200 and (names := _linked(line))]


def _files(mark: Mark, line: Line) -> bool:
    """Whether a link leads to the shelf that a page stands on (分类于 随笔), not to a person."""
    before = line.text[: max(0, line.text.find(mark.text))]
    address = mark.element.get("href") or ""
    shelf = "tag" in (mark.element.get("rel") or "").split()
    return bool(shelf or _FILED.search(address) or _FILED_UNDER.search(before))


def _linked(line: Line) -> str:
    """The names of a byline that link to pages of people."""
    return "、".join(
        " ".join(mark.text.split())
        for mark in line.marks
        if mark.tag == "a"
        and 2 <= len(mark.text) <= 40
        and _PEOPLE.search(mark.element.get("href") or "")
        and not _GATE.search(mark.element.get("href") or "")
    )


def _accounts(seen: Survey, header: list[Line]) -> list[str]:
    """Names in the byline that a card of the page shows as the account that posted."""
    names = {mark.text for line in header for mark in line.marks if 2 <= len(mark.text) <= 40}
    cards = {
        line.text
        for line in seen.lines
        if line.text in names and _CARD.search(seen.boxes[line.box].cls)
    }
    return [mark.text for line in header for mark in line.marks if mark.text in cards]


def own_names(root: etree._Element, meta: Metadata, title: str, url: str) -> str:
    """What the site calls itself, in lower case: none of it is an author."""
    shown = shown_title(root)
    suffix = shown.replace(title, " ") if title and title in shown else ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return " ".join((meta.first("og:site_name")[0], suffix, host)).lower()
