"""What each line of a page is worth as a part of an article, and which lines are apart.

Prose is worth its length, links and scraps cost something, and so does a time: an article has
one, a list of stories one a story. Boxes that say by tag or class that they hold something else,
lists of linked teasers, and what stands under 相关阅读 count for nothing.
"""

import re
from functools import lru_cache

from crawlers.generic.boxes import FOREIGN
from crawlers.generic.noise import ends_article, is_fields, is_notice
from crawlers.generic.survey import Box, Line, Survey

__all__ = ["HEADINGS", "STAMPED", "Scores", "weight"]

_SENTENCE = re.compile(r"[。！？；…]|[.!?][\"'”’)]?(?:\s|$)|[，、,]\s?\S{4}")
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_APART = frozenset({"aside", "footer", "nav", "figcaption", "form", "header", "address"})
_ENDS = "。！？；…”」』）"
_CAP = 300.0
_WHOLE = frozenset({"article", "main"})  # their classes often list tags and categories
STAMPED = -15.0
_STORY = 60.0  # prose from which a box is a story of its own
_HEADLINES = frozenset({"h1", "h2", "h3"})
_DIGIT = re.compile(r"\d|ago")
_ONE_STORY = re.compile(r"[:：]\s?\S{6}")
_STAMP = re.compile(
    r"(?:19|20)\d\d\s?[年/.-]|\d\s?(?:月|小[时時]|分[钟鐘]|天)\s?(?:\d|前)|\bago\b|\d{1,2}[-/]\d{1,2}\s\d{1,2}:\d\d"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,2},",
    re.IGNORECASE,
)


def weight(text: str) -> float:
    """Length in characters of Chinese; four Latin letters carry about as much as one."""
    return len(text) / 4 if text.isascii() else float(len(text))


@lru_cache(maxsize=8192)
def _is_foreign(cls: str) -> bool:
    return FOREIGN.search(cls) is not None


def _value(line: Line, tag: str) -> float:
    size = weight(line.text)
    share = line.links / len(line.text)
    if share > 0.5:
        return -6.0 - min(size, 40.0) * 0.4
    if tag in HEADINGS:
        return 0.0
    ended = size >= 4 and line.text[-1] in _ENDS
    prose = ended or (size >= 8 and _SENTENCE.search(line.text) is not None)
    if not ended and _is_stamped(line.text, size):
        return STAMPED  # an article has one such line, a list of stories one a story
    if (not prose and size < 30) or is_notice(line.text):
        return -2.0
    if share > 0.25:
        return size * 0.2
    return min(size, _CAP) + (8.0 if tag == "p" else 0.0)


def _is_stamped(text: str, size: float) -> bool:
    """Whether a line shows a time and little else, or is a byline of several fields."""
    if size < 40 and len(text) < 60 and _DIGIT.search(text) and _STAMP.search(text):
        return True
    return is_fields(text)


class Scores:
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
        self._mark_others()
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

    def _mark_others(self) -> None:
        """Whole stories that a page appends to the one of its headline."""
        boxes = self.seen.boxes
        if self.title_line < 0:
            return
        around = self.seen.ancestors(self.seen.lines[self.title_line].box, 12)
        for own in around[:-1]:
            box = boxes[own]
            if self.good[box.last] - self.good[box.first] < _STORY:
                continue
            others = [
                number
                for number in range(own + 1, len(boxes))
                if (
                    boxes[number].parent == box.parent
                    or (box.tag == "article" and boxes[number].first >= box.last)
                )
                and self._is_another(number, box)
            ]
            for number in others:
                for index in range(boxes[number].first, boxes[number].last):
                    self.cut[index] = 1
            if others or box.tag == "article":
                return

    def _is_another(self, number: int, own: Box) -> bool:
        """Whether a box beside that of the article is of its kind, with a headline and a time."""
        box = self.seen.boxes[number]
        if box.tag != own.tag or box.cls.split()[:1] != own.cls.split()[:1]:
            return False
        if self.good[box.last] - self.good[box.first] < _STORY:
            return False
        top = range(box.first, min(box.last, box.first + 8))
        headed = any(self.seen.boxes[self.seen.lines[i].box].tag in _HEADLINES for i in top)
        return headed and (box.tag == "article" or any(self.values[i] == STAMPED for i in top))

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
                if line.links and _ONE_STORY.search(line.text):
                    self.cut[number] = 1  # 相关文章：a link, in the midst of the text
                    continue
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
