"""From a matched shape of `crawlers.date_patterns` to the days that it can mean.

One small reader a shape. A shape without a year (or only a weekday, or only a clock) gives
several days; `crawlers.dates` takes the one that fits the time of day and the fetch. A reader
raises ValueError for what is no date (2月30日), which makes the string unreadable, not guessed.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from archive.model import Precision
from crawlers.date_words import MONTHS, UNITS, WEEKDAYS

__all__ = ["READERS", "Frame", "Seen"]

_DAY = timedelta(days=1)
_SPANS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604_800}
_FINE = {"second": Precision.SECOND, "minute": Precision.MINUTE, "hour": Precision.HOUR}


@dataclass(frozen=True, slots=True)
class Seen:
    """A date before its time of day is known.

    `days` are the days that it can mean; `exact` is set where the shape itself fixes an
    instant (3小时前); `clock` where it carries its time of day within it (20240513091604).
    """

    days: tuple[date, ...] = ()
    method: str = ""
    precision: Precision = Precision.DAY
    exact: datetime | None = None
    clock: time | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What a shown time is relative to: the fetch, in the zone of the site, and `after`."""

    now: datetime
    zone: tzinfo
    after: datetime | None


Match = re.Match[str]


def _full(match: Match, _frame: Frame) -> Seen:
    return Seen((date(int(match["y"]), int(match["m"]), int(match["d"])),))


def _roc(match: Match, _frame: Frame) -> Seen:
    year = 1 if match["y"] == "元" else int(match["y"])
    return Seen((date(year + 1911, int(match["m"]), int(match["d"])),))


def _english(match: Match, _frame: Frame) -> Seen:
    found = match.groupdict()
    year = int(found["y"]) if found["y"] else 2000 + int(found["yy"])
    return Seen((date(year, MONTHS[found["mon"].lower()], int(found["d"])),))


def _asctime(match: Match, _frame: Frame) -> Seen:
    """The year follows the time of day; a leap year stands in for it until then."""
    return Seen((date(2000, MONTHS[match["mon"].lower()], int(match["d"])),))


def _compact(match: Match, _frame: Frame) -> Seen:
    day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    if not match["ch"]:
        return Seen((day,))
    exact = Precision.SECOND if match["cs"] else Precision.MINUTE
    clock = time(int(match["ch"]), int(match["cm"]), int(match["cs"] or 0))
    return Seen((day,), precision=exact, clock=clock)


def _day_or_month_first(match: Match, _frame: Frame) -> Seen:
    """04-13-2023 and 13-04-2023; where both fit, dots mean day first, the others month first."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    day_first = first > 12 or (match["sep"] == "." and second <= 12)
    return Seen((date(year, second, first) if day_first else date(year, first, second),))


def _short_year(match: Match, frame: Frame) -> Seen:
    """24-5-13, or 05/13/24 where only that reading is a date."""
    first, second, third = int(match["a"]), int(match["b"]), int(match["c"])
    if second > 12 and len(match["c"]) == 2:
        first, second, third = third, first, second
    year = 2000 + first if 2000 + first <= frame.now.year + 1 else 1900 + first
    return Seen((date(year, second, third),))


def _ago(match: Match, frame: Frame) -> Seen:
    found = match.groupdict()
    word = found["n"].lower()
    number = 0.5 if word == "半" else 1.0 if word.isalpha() else float(word)
    unit = found["u"].lower().lstrip("个個")
    if unit[:2] == "mo":
        unit = "月"
    if found.get("half"):
        number += 0.5
    steps = [(UNITS[unit[0]], number)]
    if found.get("n2"):
        other = found["u2"].lower().lstrip("个個")
        second = "月" if other[:2] == "mo" else other[0]
        steps.append((UNITS[second], float(found["n2"])))
        if match.start("n2") < match.start("n"):
            steps.reverse()
    at = frame.now
    for step in steps:
        at, precision = _shift(at, *step)
    return Seen((at.date(),), "relative", precision, at)


def _shift(now: datetime, unit: str, number: float) -> tuple[datetime, Precision]:
    """`number` units before `now`, and the precision of such a statement."""
    if unit in _SPANS:
        precision = _FINE.get(unit, Precision.DAY)
        return now - timedelta(seconds=_SPANS[unit] * number), precision
    months = now.year * 12 + now.month - 1 - int(number * (12 if unit == "year" else 1))
    year, month = divmod(months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    precision = Precision.MONTH if unit == "month" else Precision.YEAR
    return now.replace(year=year, month=month + 1, day=day), precision


def _now(_match: Match, frame: Frame) -> Seen:
    return Seen((frame.now.date(),), "relative", Precision.MINUTE, frame.now)


def _day_word(match: Match, frame: Frame) -> Seen:
    word = match["w"].lower()
    back = 0 if word[0] in "今t" else 2 if word[0] == "前" else 1
    return Seen((frame.now.date() - back * _DAY,), "relative")


def _weekday(match: Match, frame: Frame) -> Seen:
    """The latest such day; with 上 the one of the week before."""
    wanted = WEEKDAYS[match["w"][-1] if match["w"] else match["en"][:3].lower()]
    today = frame.now.date()
    if (match["last"] or "").startswith("上"):
        return Seen((today - (today.weekday() - wanted + 7) * _DAY,), "relative")
    latest = today - (today.weekday() - wanted) % 7 * _DAY
    return Seen((latest, latest - 7 * _DAY), "relative")


def _no_year(match: Match, frame: Frame) -> Seen:
    """Every year from the one before `after` (or four years back) to that of the fetch."""
    month = MONTHS[match["mon"].lower()] if "mon" in match.re.groupindex else int(match["m"])
    last = frame.now.year
    first = frame.after.year if frame.after is not None else last - 8
    days = tuple(
        date(year, month, int(match["d"]))
        for year in range(min(first, last - 1), last + 1)
        if int(match["d"]) <= calendar.monthrange(year, month)[1]
    )
    return Seen(days, "year_inferred")


def _month(match: Match, _frame: Frame) -> Seen:
    month = int(match["m"] or match["m2"])
    return Seen((date(int(match["y"]), month, 1),), precision=Precision.MONTH)


def _year(match: Match, _frame: Frame) -> Seen:
    return Seen((date(int(match["y"]), 1, 1),), precision=Precision.YEAR)


def _clock_only(_match: Match, frame: Frame) -> Seen:
    """Lists show today's entries by their clock alone."""
    today = frame.now.date()
    return Seen((today, today - _DAY), "relative")


READERS: dict[str, Callable[[Match, Frame], Seen]] = {
    "ymd": _full,
    "mdy_zh": _full,
    "roc": _roc,
    "roc3": _roc,
    "mdy_en": _english,
    "dmy_en": _english,
    "asctime": _asctime,
    "compact": _compact,
    "any4": _day_or_month_first,
    "yy": _short_year,
    "ago_zh": _ago,
    "ago_en": _ago,
    "now": _now,
    "day_word": _day_word,
    "weekday": _weekday,
    "md_zh": _no_year,
    "md_en": _no_year,
    "dm_en": _no_year,
    "md": _no_year,
    "ym": _month,
    "year": _year,
    "clock": _clock_only,
}
