"""Values: what an archive column can hold, checked one value at a time.

Each check gives the value or None, and appends a `Problem` for what it refused; so one absurd
year or count costs a field and not the page. Pure.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from archive.model import Moment, Problem

__all__ = [
    "EXCERPT",
    "INT32",
    "INT64",
    "excerpt",
    "moment_columns",
    "number",
    "storable",
    "utc",
    "whole",
]

EXCERPT = 200
"""Characters of refused input that a problem keeps."""

INT32 = 2**31 - 1
INT64 = 2**63 - 1

_FIRST_YEAR = 1990  # no page of the web is older
_PLAIN = frozenset((type(None), int, datetime))  # most values of a row: kept as they are
_AHEAD = timedelta(days=2)  # wrong zones and wrong clocks, but no real future


def excerpt(text: str) -> str:
    """The first `EXCERPT` characters."""
    return text[:EXCERPT]


def utc(at: datetime | None, now: datetime, where: str, problems: list[Problem]) -> datetime | None:
    """A time in UTC if it lies between 1990 and two days after `now` (the time of the capture)."""
    if at is None:
        return None
    if at.tzinfo is None:
        problems.append(Problem("time without a zone", where, at.isoformat()))
        return None
    # The year first: converting a time at the edge of the calendar overflows.
    if at.year < _FIRST_YEAR or at > now + _AHEAD:
        reason = f"time outside {_FIRST_YEAR} and two days after the capture"
        problems.append(Problem(reason, where, at.isoformat()))
        return None
    return at.astimezone(UTC)


def moment_columns(
    moment: Moment | None, now: datetime, where: str, problems: list[Problem]
) -> dict[str, Any]:
    """The four `published_*` columns; a refused time keeps its raw form and nothing else."""
    if moment is None:
        return dict.fromkeys(
            ("published_at", "published_raw", "published_precision", "published_method")
        )
    at = utc(moment.at, now, f"{where} field:published", problems)
    return {
        "published_at": at,
        "published_raw": moment.raw or None,
        "published_precision": moment.precision and str(moment.precision) if at else None,
        "published_method": moment.method if at else None,
    }


def number(value: object, most: int, where: str, problems: list[Problem]) -> int | None:
    """A whole number from 0 to `most`; page data is typed, but JSON behind it is not."""
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= most:
        problems.append(Problem(f"no whole number from 0 to {most}", where, excerpt(repr(value))))
        return None
    return value


def storable(row: dict[str, Any]) -> dict[str, Any]:
    """The row with strings that UTF-8 can carry, tuples as lists, and plain strings for enums."""
    made = {}
    for name, value in row.items():
        kind = type(value)
        if kind is str:
            made[name] = value if value.isascii() else whole(value)
        elif kind is tuple and not value:
            made[name] = []
        else:
            made[name] = value if kind in _PLAIN else _storable(value)
    return made


def _storable(value: object) -> object:
    if isinstance(value, str):
        return whole(str(value))
    if isinstance(value, tuple | list):
        return [v if type(v) is str and v.isascii() else _storable(v) for v in value]
    return value


def whole(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates (from JSON escapes) as U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
