"""The times that a page shows, and where: the pulse by which records of a thread are found.

A time may be text (3小时前, 2024-5-13 17:08) or an attribute of an element whose text is
relative or filled in by a script (`datetime`, `data-time`, `title`). The attribute is exact
and wins.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from lxml import etree

from archive.model import Moment, Precision
from crawlers.dates import find_time, find_times, read_time
from crawlers.generic.survey import Line, Mark, Survey

__all__ = ["HINT", "Stamp", "attribute_time", "find_stamps", "plain"]

_LONGEST = 120
_TOLD = re.compile(r"[\u4e00-\u9fff][^，。！？]{0,40}[，。！？]")  # 昨天通的，人很多。
_NEAR = 14  # characters before a time that say what it is (Joined: Sat)
HINT = re.compile(
    r"\d{1,2}:\d\d|(?:19|20)\d\d\s?[-/.年]|\d\s?[月/-]\s?\d"
    r"|\d\s?(?:秒|分|小|个|個|天|周|週|月|年).{0,3}前|\d(?:st|nd|rd|th)?,?\s(?:[A-Z]|\d)"
    r"|[刚剛][刚剛才]|[昨前今][天日]|ago\b|[Yy]esterday|[Tt]oday|[Jj]ust now"
    r"|[JFMASOND][a-z]{2,8}\.?\s\d"
)
_TIMED = frozenset({"time", "abbr", "span", "em", "a", "small", "cite", "i"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES = _words(
    "datetime data-time data-timestamp data-datetime data-date data-utime data-epoch data-unix "
    "data-ts data-created created-timestamp created date dateline ts data-original-time "
    "data-shared-at title"
)
_VALUE = re.compile(r"\s*(?:\d{10}(?:\d{3})?|\d{4}[-/年.]\d|\d{1,2}[-/]\d{1,2}[-/]\d|[A-Za-z]{3})")
_LABEL = re.compile(
    r"(?:join(?:ed)?|member since|registered|last (?:seen|active|login|visit|edit(?:ed)?)"
    r"|(?:last )?(?:updated|modified|edited)|(?:[注註][册冊]|加入)(?:[时時][间間]|日期|于|於)?"
    r"|(?:最[后後近]|上次)(?:登[录入錄]|活[跃動动躍]|[编編][辑輯]|[访訪][问問]|更新)"
    r"(?:[时時][间間]|于|於)?)\W*",
    re.IGNORECASE,
)
# Numbers, and what tells an answer's elements from those of what it answers (sub-reply-time).
_NUMBERED = re.compile(
    r"\S*\d\S*|\b(?:odd|even|first|last|alt)\b|\b(?:sub|child|nested)[-_](?=[a-z])"
)
_EDITED = re.compile(
    r"编辑|編輯|修改|更新|edited|updated|modified|join|since|注册|註冊|加入|last", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time and its place: the line, the element's mark if it has one, and a name of its kind."""

    line: int
    moment: Moment
    kind: str
    start: int = 0
    end: int = 0
    mark: Mark | None = None


def find_stamps(seen: Survey, now: datetime, after: datetime | None = None) -> list[Stamp]:
    """All times of a page in its order; `after` is the time that answers follow."""
    found = [
        Stamp(box.first, moment, f"{box.tag}.{plain(box.cls)}")
        for box in seen.boxes
        if box.last > box.first
        and (moment := attribute_time(box.element, now))
        and not _labelled(seen, box.first)
    ]
    for holder, element in seen.metas:
        box = seen.boxes[holder]
        read = _read(element.get("content") or "", now)
        if read is not None and box.last > box.first:
            found.append(Stamp(box.first, read, f"{box.tag}.{plain(box.cls)}"))
    for number, line in enumerate(seen.lines):
        if _labelled(seen, number):
            continue
        exact = _marked(seen, number, now)
        if exact:
            found.extend(exact)
        elif len(line.text) <= _LONGEST and not _story(line) and HINT.search(line.text):
            found.extend(_in_mark(seen, number, now, after) or _written(seen, number, now, after))
    return found


def _labelled(seen: Survey, number: int) -> bool:
    """Whether the line before says that a time is another's (Joined: / 2019-05-04)."""
    above = seen.lines[number - 1] if number else None
    if above is None or not _LABEL.fullmatch(above.text):
        return False
    one, other = (seen.boxes[seen.lines[i].box] for i in (number, number - 1))
    return one is other or one.parent == other.parent or seen.boxes[one.parent] is other


def _story(line: Line) -> bool:
    """Whether a line is the linked title of another page; a date in it is no stamp."""
    return len(line.text) > 24 and line.links > len(line.text) * 0.8


def _marked(seen: Survey, number: int, now: datetime) -> list[Stamp]:
    """Times in the attributes of a line's inline elements."""
    line = seen.lines[number]
    found = []
    for mark in line.marks:
        if mark.tag not in _TIMED or len(mark.text) > 60:
            continue
        moment = attribute_time(mark.element, now)
        if moment is not None and not _EDITED.search(line.text[:16]):
            kind = f"{plain(seen.boxes[line.box].cls)}>{plain(mark.cls)}"
            found.append(Stamp(number, moment, kind, 0, 0, mark))
    return found


def attribute_time(element: etree._Element, now: datetime) -> Moment | None:
    """The time in an element's attributes, or None."""
    names = element.keys()
    if not names or _NAMES.isdisjoint(names):
        return None
    for name in names:
        if name in _NAMES and (moment := _read(element.get(name) or "", now)):
            return moment
    return None


def _read(value: str, now: datetime) -> Moment | None:
    if not 6 <= len(value) <= 60 or not _VALUE.match(value):
        return None
    moment = read_time(value, now=now)
    return moment if _recent(moment, now) else None


def _recent(moment: Moment, now: datetime) -> bool:
    return moment.at is not None and moment.at <= now and moment.at.year >= 1990


def _written(seen: Survey, number: int, now: datetime, after: datetime | None) -> list[Stamp]:
    """The time in the text of a line, unless it is one of a sentence or of a later edit."""
    line = seen.lines[number]
    box = seen.boxes[line.box]
    found = find_time(line.text, now=now, after=after)
    if found is None:
        return []
    if _EDITED.search(line.text[max(0, found[0] - _NEAR) : found[0]]):
        others = find_times(line.text, now=now, after=after)
        clean = (o for o in others if not _EDITED.search(line.text[max(0, o[0] - _NEAR) : o[0]]))
        if (found := next(clean, None)) is None:
            return []
    start, end, moment = found
    shown = line.text[start:end]
    mark = next((m for m in line.marks if shown in m.text and len(m.text) < 60), None)
    coarse = moment.precision in {Precision.YEAR, Precision.MONTH} and moment.method != "relative"
    vague = moment.precision is Precision.DAY and moment.method == "year_inferred"
    if coarse or not _recent(moment, now) or (vague and len(line.text) > end - start + 6):
        return []  # 4-1 in a sentence is a score
    if moment.precision in {Precision.DAY, Precision.HOUR} and _amid(line, start, end):
        return []
    if mark is None and len(line.text) - (end - start) > 60:
        return []  # a date in a sentence is no stamp
    inner = plain(mark.cls) if mark else ""
    return [Stamp(number, moment, f"{plain(box.cls)}>{inner}", start, end, mark)]


def _in_mark(seen: Survey, number: int, now: datetime, after: datetime | None) -> list[Stamp]:
    """A time that is all of an inline element: what stands beside it may run into it.

    wx_839 before 2021-05-06, or a counter 5 behind 12:44, make one string of digits of both.
    """
    line = seen.lines[number]
    for mark in line.marks:
        text = mark.text
        if not 6 <= len(text) <= 40 or text == line.text or not HINT.search(text):
            continue
        found = find_time(text, now=now, after=after)
        if found is None or len(text) - (found[1] - found[0]) > 2 or _EDITED.search(text):
            continue
        moment = found[2]
        if moment.precision in {Precision.SECOND, Precision.MINUTE} and _recent(moment, now):
            kind = f"{plain(seen.boxes[line.box].cls)}>{plain(mark.cls)}"
            before = line.text.find(moment.raw)
            if _EDITED.search(line.text[max(0, before - _NEAR) : max(0, before)]):
                continue
            return [Stamp(number, moment, kind, 0, 0, mark)]
    return []


def _amid(line: Line, start: int, end: int) -> bool:
    """Whether a time stands between Chinese words (他昨天在会上说), as none by a remark does."""
    if _TOLD.match(line.text, end):
        return True
    around = line.text[max(0, start - 1) : start] + line.text[end : end + 1]
    return len(around) == 2 and all("\u4e00" <= c <= "\u9fff" or c in "，。、；" for c in around)


@lru_cache(maxsize=8192)
def plain(cls: str) -> str:
    """Class names without their numbers, so that `post_12` and `post_13` are of one kind."""
    return " ".join(_NUMBERED.sub("", cls).split())
