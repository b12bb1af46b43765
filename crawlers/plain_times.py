"""The two shapes of time that most remarks have, read without trying all the others.

`2026-01-15 09:30[:20]` and, below an article of known time, `01/15 09:30`. A page of hundreds of
remarks spends most of its reading on their times, and `crawlers.dates` tries twenty shapes on
each. What is not quite of these shapes gives None and goes there; results are the same.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from archive.model import Moment, Precision

__all__ = ["plain_time"]

_FULL = re.compile(r"(20\d\d)([-/])(\d\d?)\2(\d\d?) (\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_NO_YEAR = re.compile(r"(\d\d)/(\d\d) (\d\d):(\d\d)", re.ASCII)
_SLACK = timedelta(days=1)  # as in crawlers.dates
_DECEMBER = 12


def plain_time(raw: str, now: datetime, zone: tzinfo, after: datetime | None) -> Moment | None:
    """The moment that `raw` shows; None where it takes more than this to read it."""
    try:
        if found := _FULL.fullmatch(raw):
            year, _, month, day, hour, minute, second = found.groups(default="")
            at = datetime(
                *(int(year), int(month), int(day), int(hour), int(minute), int(second or 0)),
                tzinfo=zone,
            )
            exact = Precision.SECOND if second else Precision.MINUTE
            return Moment(at.astimezone(UTC), raw, exact, "zone_assumed")
        if after is not None and (found := _NO_YEAR.fullmatch(raw)):
            return _following(raw, tuple(map(int, found.groups())), now, after.astimezone(zone))
    except ValueError:
        return None  # February 30: the other reader says what to make of it
    return None


def _following(raw: str, parts: tuple[int, ...], now: datetime, after: datetime) -> Moment | None:
    """The first year that puts it behind `after`; none tried across New Year's Eve."""
    if parts[0] == _DECEMBER and after.timetuple().tm_yday <= 2:
        return None
    for year in (after.year, after.year + 1):
        at = datetime(year, *parts, tzinfo=after.tzinfo)  # type: ignore[arg-type,misc]
        if after - _SLACK <= at <= now:
            return Moment(at.astimezone(UTC), raw, Precision.MINUTE, "year_inferred")
    return None
