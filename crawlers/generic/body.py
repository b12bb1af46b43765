"""Where the article's text stands on a page, and which of its lines are the article.

Each line has a value (`scores`). The box with the highest sum of values holds the article,
unless a smaller box inside it holds nearly as much. Then lines that are not the article are
dropped (`noise`). Linear in the size of the page.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from crawlers.generic.boxes import INSIDE
from crawlers.generic.noise import cut_tail, is_fields, is_noise
from crawlers.generic.scores import HEADINGS, STAMPED, Scores
from crawlers.generic.survey import Line, Survey

__all__ = ["Body", "find_body"]

_LABELLED = re.compile(
    r"(?:作者|标题|標題|时间|時間|(?:发表|发布|發布|發佈|發表|更新)(?:时间|時間)|看板|發信人|发信人|日期|信区|站內|主題|主题)\s?[:：]?\s?\S"
)

_STANZA = 4  # lines of the shortest verse before prose
_REPEATED = 20  # characters of a line that no article says twice


@dataclass(frozen=True, slots=True)
class Body:
    """The article's lines; `box` is where they stand, `first` the number of the first line."""

    lines: tuple[str, ...] = ()
    box: int = -1
    first: int = 0
    last: int = 0
    numbers: tuple[int, ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """Paragraphs joined by a newline."""
        return "\n".join(self.lines)


@lru_cache(maxsize=8192)
def _is_inside(cls: str) -> bool:
    return INSIDE.search(cls) is not None


def find_body(seen: Survey, title: str = "", hint: str = "", host: str = "") -> Body:
    """The article of a page, empty where no box holds prose.

    `hint` is how the text begins by other accounts (a description): the box that holds it
    is preferred.
    """
    scores = Scores(seen, _line_of(seen, title))
    best, found = 0.0, -1
    line_of_hint = _holding(seen, hint)
    for number, box in enumerate(seen.boxes):
        if box.first == box.last or scores.foreign[number]:
            continue
        value = scores.of(number)
        if value * 4 <= best or value <= 0:
            continue
        if box.tag == "article" or _is_inside(box.cls):
            value *= 1.25
        if box.element.get("itemprop") == "articleBody":
            value *= 2.0
        if box.first <= line_of_hint < box.last:
            value *= 1.5
        if value > best:
            best, found = value, number
    found = _narrow(scores, found) if found >= 0 else scores.richest()
    return _collect(scores, found, title, host or "\n") if found >= 0 else Body()


def _line_of(seen: Survey, title: str) -> int:
    """The last heading line that is the title, else the first line that is, or -1."""
    key = "".join(title.split())
    found = -1
    for number, line in enumerate(seen.lines):
        alike = len(key) <= len(line.text) <= 2 * len(key) and "".join(line.text.split()) == key
        if alike and (found < 0 or seen.boxes[line.box].tag in HEADINGS):
            found = number
    return found


def _holding(seen: Survey, hint: str) -> int:
    """The line that begins as `hint` does, or -1."""
    key = "".join(hint.split())[:16]
    if len(key) < 8:
        return -1
    for number, line in enumerate(seen.lines):
        if len(line.text) >= 16 and key in line.text.replace(" ", ""):
            return number
    return -1


def _narrow(scores: Scores, number: int) -> int:
    """The smallest box inside that holds nearly all of the value."""
    boxes = scores.seen.boxes
    limit = scores.of(number) * 0.93
    inner = number
    for child in range(number + 1, len(boxes)):
        box = boxes[child]
        if box.first >= boxes[number].last:
            break
        if box.parent == inner and scores.of(child) >= limit and not scores.foreign[child]:
            inner = child
    return inner


def _collect(scores: Scores, number: int, title: str, host: str) -> Body:
    seen = scores.seen
    box = seen.boxes[number]
    start, stop = box.first, box.last
    key = "".join(title.split())
    for index in range(start, min(stop, start + (stop - start) // 2 + 4)):
        small = scores.sums[index] - scores.sums[box.first] < 60
        if key and small and "".join(seen.lines[index].text.split()) == key:
            start = index + 1
    kept: list[str] = []
    numbers: list[int] = []
    dropped: list[str] = []
    prose, lead = 0, ""
    told: set[str] = set()
    code = _code(scores, start, stop)
    verse = _verse(scores, start, stop)
    for index in range(start, stop):
        if scores.apart(index) or index in code:
            continue
        line = seen.lines[index]
        text = cut_tail(line.text)
        led = bool(dropped) and dropped[-1] == lead and lead.endswith((":", "："))
        lead = text
        if (
            not text
            or (led and scores.values[index] < 0)
            or (index not in verse and _drop(scores, index, text, prose, host))
        ):
            dropped.append(text)
            continue
        if len(text) >= _REPEATED and text in told:
            continue  # the same story for another width of screen
        told.add(text)
        prose += scores.values[index] > 0
        kept.append(text)
        numbers.append(index)
    return Body(tuple(kept), number, start, stop, tuple(numbers))


def _verse(scores: Scores, start: int, stop: int) -> range:
    """Four or more short lines that open a text, in the box of its first prose: verse."""
    seen = scores.seen
    first = next((i for i in range(start, stop) if scores.values[i] > 0), stop)
    if first == stop:
        return range(0)
    around = seen.boxes[seen.lines[first].box].parent
    opened = first
    for index in range(first - 1, start - 1, -1):
        line = seen.lines[index]
        if seen.boxes[line.box].parent != around or not _is_verse(line):
            break
        opened = index
    return range(opened, first) if first - opened >= _STANZA else range(0)


def _is_verse(line: Line) -> bool:
    text = line.text
    plain = (
        not line.links and len(text) <= 20 and not any(c.isdigit() or c in ":：|/" for c in text)
    )
    return plain and not is_noise(text)


def _code(scores: Scores, start: int, stop: int) -> frozenset[int]:
    """Lines of program listings, where they are the lesser part of the text."""
    seen = scores.seen
    listed: set[int] = set()
    size = total = 0
    for index in range(start, stop):
        number = seen.lines[index].box
        total += len(seen.lines[index].text)
        if any(seen.boxes[n].tag == "pre" for n in seen.ancestors(number, 4)):
            listed.add(index)
            size += len(seen.lines[index].text)
    return frozenset(listed if total - size > 200 or size < total * 0.5 else ())


def _drop(scores: Scores, index: int, text: str, prose: int, host: str) -> bool:
    if is_noise(text) or is_fields(scores.seen.lines[index].text):
        return True
    value = scores.values[index]
    if value <= -6.0:
        line = scores.seen.lines[index]
        return not prose if value == STAMPED else not _cites(line, host)
    return not prose and len(text) < 80 and (value < 0 or _LABELLED.match(text) is not None)


def _cites(line: Line, host: str) -> bool:
    """Whether a line of links leads to other sites: a source that the text names."""
    links = [mark.element.get("href", "") for mark in line.marks if mark.tag == "a"]
    return bool(links) and all(link.startswith("http") and host not in link for link in links)
