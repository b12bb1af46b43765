"""Times as Chinese (and English) pages write them, read into `Moment`s.

`read_time` reads one string that is meant to be a time; `find_times` finds times in running
text. Both keep the string as shown and say how sure the reading is: the precision that the
page really shows, and the method (`absolute` with a zone of its own, `zone_assumed`, `epoch`,
`relative` to the fetch, `year_inferred`). What cannot be read gives `at=None`; the time of the
fetch never stands in for it.

Limits: Gregorian and ROC (民國) years; Chinese and English only; no lunar dates. `3/4/2024` is
March 4, `3.4.2024` is April 3. A date without a time of day stands at midnight of its zone,
with precision `day`; 3小时前 stands at exactly three hours before the fetch, precision `hour`.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.model import Moment, Precision
from crawlers import date_patterns as shapes
from crawlers.date_readers import READERS, Frame, Seen
from crawlers.date_words import AFTERNOON, ZONE_HOURS, ZONE_WORDS

__all__ = ["CHINA", "find_time", "find_times", "read_time"]

CHINA = timezone(timedelta(hours=8), "+08:00")
_HOUR = timedelta(hours=1)
_LONGEST = 400  # characters of a string that are looked at
_EPOCH = re.compile(r"\s*(1\d{9})(?:\d{3}|\d{6}|\.\d{1,9})?\s*")
_SLACK = timedelta(days=1)  # an answer may be shown a little older than what it answers
_DIGITS = {char: number for number, char in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
}
# A shape that is there but no date (2月30日) is unreadable; a lesser shape must not be tried on it.
_FULL = {"ymd", "roc", "mdy_en", "dmy_en", "any4", "md_zh"}
_Found = tuple[int, int, Moment]


def read_time(
    raw: str, *, now: datetime, zone: tzinfo | None = None, after: datetime | None = None
) -> Moment:
    """The moment that `raw` shows.

    `now` is the time of the fetch (aware); relative forms count from it. `zone` is the site's
    zone, China's where it is not given. `after` is a time that the moment follows (the
    article's, for a comment): a date without a year takes the first year that fits.
    """
    text = shapes.fold(raw[:_LONGEST])
    if found := _EPOCH.fullmatch(text):
        return _epoch(raw, text, int(found[1]))
    text = shapes.NUMERAL.sub(_numeral, text)
    frame = _frame(now, zone, after)
    for name, needle, pattern in shapes.DATES:
        if not needle.search(text):
            continue
        seen = False
        for match in pattern.finditer(text):
            seen = True
            if (moment := _complete(name, match, frame, raw)) is not None:
                return moment[2]
        if seen and name in _FULL:
            break
    return Moment(at=None, raw=raw)


def find_times(
    text: str, *, now: datetime, zone: tzinfo | None = None, after: datetime | None = None
) -> Iterator[_Found]:
    """Every time in running text, left to right: start, end and moment; offsets are of `text`.

    Chinese numerals are not looked for: 二〇二四年 in prose is rarely a time of publication.
    """
    yield from sorted(_scan(text, _frame(now, zone, after)), key=lambda item: item[0])


def find_time(
    text: str, *, now: datetime, zone: tzinfo | None = None, after: datetime | None = None
) -> _Found | None:
    """The surest time in running text (a full date before 昨天 before 10-08), or None.

    Several times faster than `find_times`, which looks for them all.
    """
    return next(_scan(text, _frame(now, zone, after)), None)


def _scan(text: str, frame: Frame) -> Iterator[_Found]:
    """Times in running text, of the surest shapes first; no two overlap."""
    folded = shapes.fold(text)
    taken = bytearray(len(folded))
    for name, needle, pattern in shapes.DATES:
        if not needle.search(folded):
            continue
        for match in pattern.finditer(folded):
            if 1 in taken[match.start() : match.end()]:
                continue
            if (found := _complete(name, match, frame, text)) is not None:
                start, end, moment = found
                taken[start:end] = b"\1" * (end - start)
                shown = Moment(moment.at, text[start:end], moment.precision, moment.method)
                yield start, end, shown


@lru_cache(maxsize=64)
def _frame(now: datetime, zone: tzinfo | None, after: datetime | None) -> Frame:
    zone = zone or CHINA
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    if after is not None:
        after = (after if after.tzinfo else after.replace(tzinfo=zone)).astimezone(zone)
    return Frame(aware.astimezone(zone), zone, after)


def _epoch(raw: str, text: str, seconds: int) -> Moment:
    digits = text.strip().replace(".", "")
    micro = digits[len(str(seconds)) :][:6].ljust(6, "0")
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=int(micro))
    return Moment(at, raw, Precision.SECOND, "epoch")


def _numeral(match: re.Match[str]) -> str:
    """A Chinese numeral below a hundred, or a year digit by digit, as ASCII digits."""
    word = match[0].replace("廿", "二十")
    if "半" in word:
        return match[0]
    if "十" not in word:
        return "".join(str(_DIGITS[char]) for char in word)
    tens, _, ones = word.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return match[0]
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))


def _complete(name: str, match: re.Match[str], frame: Frame, raw: str) -> _Found | None:
    """The date with the time of day and the zone that stand beside it, or None: no date."""
    try:
        seen = READERS[name](match, frame)
        return _timed(name, match, seen, frame, raw)
    except (ValueError, OverflowError):
        return None


def _timed(name: str, match: re.Match[str], seen: Seen, frame: Frame, raw: str) -> _Found | None:
    start, end = match.span()
    clock, start, end = (None, start, end) if seen.clock else _beside(name, match)
    if seen.exact is not None and (clock is None or seen.precision is not Precision.DAY):
        at = seen.exact.astimezone(UTC)
        return match.start(), match.end(), Moment(at, raw, seen.precision, seen.method)
    hour, precision = clock or (time(), seen.precision)
    if seen.clock:
        hour, precision = seen.clock, seen.precision
    if name == "clock" and clock is None:
        return None
    timed = clock is not None or seen.clock is not None
    zone, end = _zone(match.string, start, end, frame.zone) if timed else (None, end)
    if zone is None and timed:  # 2024-05-13 HKT 09:16
        between = shapes.ZONE.match(match.string, match.end())
        zone = _zone(between["name"], 0, 0, frame.zone)[0] if between and between["name"] else None
    if name == "asctime":
        seen, end = _with_year(match.string, seen, end)
    at = _choose(seen, hour, zone or frame.zone, frame)
    method = seen.method or ("zone_assumed" if zone is None else "absolute")
    return start, end, Moment(at, raw, precision, method)


def _with_year(text: str, seen: Seen, end: int) -> tuple[Seen, int]:
    """The year that stands after the clock: Sun Apr  3 21:04:15 +0800 2016."""
    year = shapes.YEAR_AFTER.match(text, end)
    if year is None:
        raise ValueError(text)
    return Seen((seen.days[0].replace(year=int(year["year"])),)), year.end()


def _beside(name: str, match: re.Match[str]) -> tuple[tuple[time, Precision] | None, int, int]:
    """The time of day after a date, or else before it, and the span of both."""
    text, (start, end) = match.string, match.span()
    gap = shapes.GAP.match(text, end)
    after = gap.end() if gap and name != "clock" else end
    if (found := shapes.CLOCK.match(text, after)) and (clock := _clock(found)):
        return clock, start, found.end()
    if name != "clock":
        window = max(0, start - 24)
        before = shapes.CLOCK_BEFORE.search(text[window:start])
        if before and (found := shapes.CLOCK.match(before["clock"])) and (clock := _clock(found)):
            return clock, window + before.start(), end
    return None, start, end


def _clock(match: re.Match[str]) -> tuple[time, Precision] | None:
    """A time of day with its precision; 下午15:30 is 15:30, a bare number is none."""
    hour = int(match["h"])
    minute = match["mi"] or match["mi2"] or ("30" if match["thirty"] else None)
    second = match["s"] or match["s2"]
    word = (match["half"] or match["ap"] or "").lower()
    half = AFTERNOON.get(word) or AFTERNOON.get(word[:1], "")
    if not half and match.start() and match.string[match.start() - 1] == "晚":
        half = "night"  # 昨晚8点: the word belongs to the date before it
    marked = minute is not None or word or any(char in "时時点點" for char in match[0])
    if not marked or hour > 23 or int(minute or 0) > 59 or int(second or 0) > 60:
        return None
    if (
        (half == "pm" and hour < 12)
        or (half == "night" and 5 < hour < 12)
        or (half == "noon" and hour < 3)
    ):
        hour += 12
    elif half in {"am", "night"} and hour == 12:
        hour = 0
    micro = int((match["f"] or "0")[:6].ljust(6, "0"))
    exact = Precision.SECOND if second else Precision.MINUTE if minute else Precision.HOUR
    return time(hour, int(minute or 0), min(int(second or 0), 59), micro), exact


def _zone(text: str, start: int, end: int, default: tzinfo) -> tuple[tzinfo | None, int]:
    """The zone that the string itself carries, and where it ends."""
    if found := shapes.ZONE.match(text, end):
        name = (found["name"] or "").lower()
        if name in ZONE_WORDS:
            return _named(*ZONE_WORDS[name]), found.end()
        if name == "cst" and datetime(2024, 1, 1, tzinfo=default).utcoffset() == -6 * _HOUR:
            return default, found.end()
        if name:
            return timezone(_HOUR * ZONE_HOURS[name]), found.end()
        minus = "-" in (found["sign"], found["sign1"])
        hours = int(found["zh"] or found["zh1"] or found["zh2"])
        shift = timedelta(hours=hours, minutes=int(found["zm"] or 0))
        if hours <= 14:
            return timezone(-shift if minus else shift), found.end()
    if word := shapes.NAMED_ZONE.search(text[max(0, start - 12) : end + 12]):
        return _named(*ZONE_WORDS[word[1]]), end
    return None, end


@cache
def _named(hours: float, name: str) -> tzinfo:
    """A zone by its tz database name, or fixed where the machine has no database."""
    try:
        return ZoneInfo(name) if name else timezone(_HOUR * hours)
    except ZoneInfoNotFoundError:
        return timezone(_HOUR * hours)


def _choose(seen: Seen, hour: time, zone: tzinfo, frame: Frame) -> datetime:
    """Of the possible days the latest that is not in the future, or the first after `after`.

    Raises ValueError where every possible day lies in the future.
    """
    if len(seen.days) == 1:
        return datetime.combine(seen.days[0], hour, zone).astimezone(UTC)
    if frame.after is not None and seen.method == "year_inferred":
        floor = frame.after - _SLACK
        for day in sorted(seen.days):
            at = datetime.combine(day, hour, zone)
            if floor <= at <= frame.now:
                return at.astimezone(UTC)
    for day in sorted(seen.days, reverse=True):
        at = datetime.combine(day, hour, zone)
        if at <= frame.now:
            return at.astimezone(UTC)
    raise ValueError(seen)
