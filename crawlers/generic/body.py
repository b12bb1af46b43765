"""Where the article's text stands on a page, and which of its lines are the article.

Each line gets a value: prose is worth its length, links and scraps cost something. The box with
the highest sum of values holds the article, unless a smaller box inside it holds nearly as
much. What a box's class calls comments, related stories and the like counts for nothing.
Then lines that are not the article are dropped (`noise`). Linear in the size of the page.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from crawlers.generic.noise import FOREIGN, INSIDE, cut_tail, ends_article, is_noise
from crawlers.generic.survey import Line, Survey

__all__ = ["Body", "find_body", "weight"]

_SENTENCE = re.compile(r"[。！？；…]|[.!?][\"'”’)]?(?:\s|$)|[，、,]\s?\S{4}")
_HEADING = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_APART = frozenset({"aside", "footer", "nav", "figcaption", "form", "header", "address"})
_LABELLED = re.compile(
    r"(?:作者|标题|標題|时间|時間|看板|發信人|发信人|日期|信区|站內|主題|主题)\s?[:：]?\s?\S"
)
_CAP = 300.0
_WHOLE = frozenset({"article", "main"})  # their classes often list tags and categories
_STAMPED = -15.0
_DIGIT = re.compile(r"\d|ago")
_STAMP = re.compile(
    r"(?:19|20)\d\d\s?[年/.-]|\d\s?(?:月|小[时時]|分[钟鐘]|天)\s?(?:\d|前)|\bago\b|\d{1,2}[-/]\d{1,2}\s\d{1,2}:\d\d"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,2},",
    re.IGNORECASE,
)


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


def weight(text: str) -> float:
    """Length in characters of Chinese; four Latin letters carry about as much as one."""
    return len(text) / 4 if text.isascii() else float(len(text))


@lru_cache(maxsize=8192)
def _is_foreign(cls: str) -> bool:
    return FOREIGN.search(cls) is not None


@lru_cache(maxsize=8192)
def _is_inside(cls: str) -> bool:
    return INSIDE.search(cls) is not None


def _value(line: Line, tag: str) -> float:
    size = weight(line.text)
    share = line.links / len(line.text)
    if share > 0.5:
        return -6.0 - min(size, 40.0) * 0.4
    if tag in _HEADING:
        return 0.0
    prose = size >= 8 and _SENTENCE.search(line.text) is not None
    if size < 40 and len(line.text) < 60 and _DIGIT.search(line.text) and _STAMP.search(line.text):
        return _STAMPED  # an article has one such line, a list of stories one a story
    if not prose and size < 30:
        return -2.0
    if share > 0.25:
        return size * 0.2
    return min(size, _CAP) + (8.0 if tag == "p" else 0.0)


class _Scores:
    """Values of all lines as running sums; `foreign` boxes and `cut` lines count for nothing."""

    def __init__(self, seen: Survey, title_line: int = -1) -> None:
        self.seen = seen
        self.title_line = title_line
        boxes, lines = seen.boxes, seen.lines
        self.values = [_value(line, boxes[line.box].tag) for line in lines]
        good = [0.0]
        for value in self.values:
            good.append(good[-1] + max(value, 0.0))
        self.good = good
        self.foreign = bytearray(len(boxes))
        self.cut = bytearray(len(lines))
        self._mark_foreign()
        self._mark_cards()
        self._mark_lists()
        self.sums = [0.0]
        for number, value in enumerate(self.values):
            self.sums.append(self.sums[-1] + (0.0 if self.apart(number) else value))

    def _mark_foreign(self) -> None:
        """Boxes that say by tag, class or id that they hold something else, and small code."""
        good, foreign = self.good, self.foreign
        half = good[-1] * 0.5
        for number, box in enumerate(self.seen.boxes):
            if box.parent < 0:
                continue
            if foreign[box.parent]:
                foreign[number] = 1
            elif box.tag in _APART or (box.tag not in _WHOLE and _is_foreign(box.cls)):
                foreign[number] = good[box.last] - good[box.first] <= half

    def _mark_cards(self) -> None:
        """Three or more boxes of a kind side by side, each a link with a teaser: other stories."""
        groups: dict[tuple[int, str, str], list[int]] = {}
        boxes, values = self.seen.boxes, self.values
        for number, box in enumerate(boxes):
            if box.last - box.first >= 2 and not self.foreign[number]:
                groups.setdefault((box.parent, box.tag, box.cls), []).append(number)
        for group in groups.values():
            if len(group) < 3:
                continue
            cards = [
                number
                for number in group
                if min(values[boxes[number].first : boxes[number].last]) <= -8.0
                and boxes[number].last - boxes[number].first <= 8
            ]
            if len(cards) >= 3 and len(cards) >= len(group) * 0.7:
                for number in cards:
                    for index in range(boxes[number].first, boxes[number].last):
                        self.cut[index] = 1

    def _mark_lists(self) -> None:
        """What stands under a heading like 相关阅读, to the end of the box around both."""
        boxes = self.seen.boxes
        for number, line in enumerate(self.seen.lines):
            if len(line.text) < 40 and not self.cut[number] and ends_article(line.text):
                around = line.box
                while around >= 0 and boxes[around].last == number + 1:
                    around = boxes[around].parent
                if around < 0:
                    continue
                last = boxes[around].last
                start = max(boxes[around].first, self.title_line + 1)
                before = self.good[number] - self.good[start] if start <= number else 0.0
                after = self.good[last] - self.good[number]
                whole = boxes[around].first <= self.title_line < last
                if before >= 40 or (not whole and after <= self.good[-1] * 0.5):
                    for index in range(number, last):
                        self.cut[index] = 1

    def apart(self, number: int) -> bool:
        """Whether a line belongs to something else than the article."""
        return bool(self.cut[number] or self.foreign[self.seen.lines[number].box])

    def richest(self) -> int:
        """The innermost box with the most prose, whatever else it holds; -1 without prose."""
        best, found = 0.0, -1
        for number, box in enumerate(self.seen.boxes):
            prose = self.good[box.last] - self.good[box.first]
            if not self.foreign[number] and prose >= best and prose > 0:
                best, found = prose, number
        return found

    def of(self, number: int) -> float:
        """The value of all lines of a box."""
        box = self.seen.boxes[number]
        return self.sums[box.last] - self.sums[box.first]


def find_body(seen: Survey, title: str = "", hint: str = "", host: str = "") -> Body:
    """The article of a page, empty where no box holds prose.

    `hint` is how the text begins by other accounts (a description): the box that holds it
    is preferred.
    """
    scores = _Scores(seen, _line_of(seen, title))
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
    """The last heading line that is the title, or -1."""
    key = "".join(title.split())
    found = -1
    for number, line in enumerate(seen.lines):
        heading = seen.boxes[line.box].tag in _HEADING
        if key and (heading or found < 0) and "".join(line.text.split()) == key:
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


def _narrow(scores: _Scores, number: int) -> int:
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


def _collect(scores: _Scores, number: int, title: str, host: str) -> Body:
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
    code = _code(scores, start, stop)
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
            or _drop(scores, index, text, prose, host)
        ):
            dropped.append(text)
            continue
        prose += scores.values[index] > 0
        kept.append(text)
        numbers.append(index)
    return Body(tuple(kept), number, start, stop, tuple(numbers))


def _code(scores: _Scores, start: int, stop: int) -> frozenset[int]:
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


def _drop(scores: _Scores, index: int, text: str, prose: int, host: str) -> bool:
    if is_noise(text):
        return True
    value = scores.values[index]
    if value <= -6.0:
        line = scores.seen.lines[index]
        return not prose if value == _STAMPED else not _cites(line, host)
    return not prose and len(text) < 80 and (value < 0 or _LABELLED.match(text) is not None)


def _cites(line: Line, host: str) -> bool:
    """Whether a line of links leads to other sites: a source that the text names."""
    links = [mark.element.get("href", "") for mark in line.marks if mark.tag == "a"]
    return bool(links) and all(link.startswith("http") and host not in link for link in links)
