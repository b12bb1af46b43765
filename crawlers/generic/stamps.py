"""The times that a page shows, and where: the pulse by which records of a thread are found.

A time may be text (3小时前, 2024-5-13 17:08) or an attribute of an element whose text is
relative or filled in by a script (`datetime`, `data-time`, `title`). The attribute is exact
and wins.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from archive.model import Moment, Precision
from crawlers.dates import find_times, read_time
from crawlers.generic.survey import Mark, Survey

__all__ = ["HINT", "Stamp", "find_stamps", "plain"]

_LONGEST = 200
HINT = re.compile(
    r"\d{1,2}:\d\d|(?:19|20)\d\d\s?[-/.年]|\d\s?[月/-]\s?\d|\d\s?(?:秒|分|小|个|個|天|周|週|月|年).{0,3}前"
    r"|刚刚|剛剛|刚才|剛才|昨天|昨日|前天|今天|\bago\b|\byesterday\b|\btoday\b|just now"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_DATED = etree.XPath(
    "//*[@datetime or @data-time or @data-timestamp or @data-date or @data-datetime or @date"
    " or @data-utime or @data-created or @created-timestamp or @created or @data-original-time"
    " or @data-shared-at or @data-epoch or @data-unix or @dateline or @data-ts]"
    " | //meta[@itemprop='dateCreated' or @itemprop='datePublished']"
    " | //span[@title] | //abbr[@title] | //em[@title] | //time[@title] | //a[@title]"
)
_NAMES = (
    "datetime",
    "data-time",
    "data-timestamp",
    "data-datetime",
    "data-date",
    "data-utime",
    "data-epoch",
    "data-unix",
    "data-ts",
    "data-created",
    "created-timestamp",
    "created",
    "date",
    "dateline",
    "data-original-time",
    "data-shared-at",
    "title",
    "content",
)
_VALUE = re.compile(r"\s*(?:\d{10}(?:\d{3})?|\d{4}[-/年.]\d|\d{1,2}[-/]\d{1,2}[-/]\d|[A-Za-z]{3})")
_EDITED = re.compile(r"编辑|編輯|修改|更新|edited|updated|modified|join|since|注册|註冊|加入|last", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time and its place: the line, the element's mark if it has one, and a name of its kind."""

    line: int
    moment: Moment
    kind: str
    start: int = 0
    end: int = 0
    mark: Mark | None = None


def find_stamps(
    root: etree._Element, seen: Survey, now: datetime, after: datetime | None = None
) -> list[Stamp]:
    """All times of a page in its order; `after` is the time that answers follow."""
    dated = _attributes(root, now)
    found: list[Stamp] = []
    for box in seen.boxes if dated else ():
        if box.element in dated and box.last > box.first:
            found.append(Stamp(box.first, dated[box.element], f"{box.tag}.{plain(box.cls)}"))
    for number, line in enumerate(seen.lines):
        box = seen.boxes[line.box]
        exact: list[Stamp] = []
        for mark in line.marks:
            if mark.element in dated and not _EDITED.search(line.text[:16]):
                kind = f"{plain(box.cls)}>{plain(mark.cls)}"
                exact.append(Stamp(number, dated[mark.element], kind, 0, 0, mark))
        if exact:
            found.extend(exact)
        elif len(line.text) <= _LONGEST and HINT.search(line.text):
            found.extend(_written(seen, number, now, after))
    return found


def _attributes(root: etree._Element, now: datetime) -> dict[etree._Element, Moment]:
    found: dict[etree._Element, Moment] = {}
    for element in _DATED(root):
        for name in _NAMES:
            value = element.get(name)
            if value and 6 <= len(value) <= 60 and _VALUE.match(value):
                moment = read_time(value, now=now)
                if moment.at is not None and _recent(moment, now):
                    found[element.getparent() if element.tag == "meta" else element] = moment
                    break
    return found


def _recent(moment: Moment, now: datetime) -> bool:
    return moment.at is not None and moment.at <= now and moment.at.year >= 1990


def _written(
    seen: Survey, number: int, now: datetime, after: datetime | None
) -> list[Stamp]:
    line = seen.lines[number]
    box = seen.boxes[line.box]
    found = []
    for start, end, moment in find_times(line.text, now=now, after=after):
        if not _recent(moment, now) or moment.precision in {Precision.YEAR, Precision.MONTH}:
            if moment.method != "relative":
                continue
        if _EDITED.search(line.text[max(0, start - 10) : start]):
            continue
        shown = line.text[start:end]
        vague = moment.precision is Precision.DAY and moment.method == "year_inferred"
        if vague and len(line.text) > len(shown) + 6:
            continue  # 4-1 in a sentence is a score
        mark = next((m for m in line.marks if shown in m.text and len(m.text) < 60), None)
        if mark is None and len(line.text) - (end - start) > 60:
            continue  # a date in a sentence is no stamp
        inner = plain(mark.cls) if mark else ""
        found.append(Stamp(number, moment, f"{plain(box.cls)}>{inner}", start, end, mark))
    return found[:3]


def plain(cls: str) -> str:
    """Class names without their numbers, so that `post_12` and `post_13` are of one kind."""
    return re.sub(r"\S*\d\S*|\b(?:odd|even|first|last|alt)\b", "", cls).strip()
