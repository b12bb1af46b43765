"""Addresses by range: `https://bbs.example.org/thread-{100..200}-1-1.html`. Pure.

`{A..B}` counts numbers (`{001..120}` keeps the zeros), or days: `{2025-01-01..2025-01-31}`, written
as they stand or as a format says, `{2025-01-01..2025-01-31:%Y/%m%d}`. Several ranges multiply.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from math import prod

from archive.errors import UsageError

__all__ = ["MOST", "expand"]

MOST = 200_000
"""Addresses that one command may name: they are queued from memory."""

_RANGE = re.compile(r"\{([\d-]+)\.\.([\d-]+)(?::([^}]+))?\}")


def expand(template: str) -> Iterator[str]:
    """The addresses of a template, the last range counting fastest.

    Raises:
        UsageError: no range in it, one that runs backwards, or more than `MOST` addresses.
    """
    parts = _RANGE.split(template)
    if len(parts) == 1:
        raise UsageError(f"no range in {template!r}; write {{100..200}} where it counts")
    texts, ranges = parts[::4], list(zip(parts[1::4], parts[2::4], parts[3::4], strict=True))
    values = [_values(*one) for one in ranges]
    count = prod(len(one) for one in values)
    if count > MOST:
        raise UsageError(f"{template!r} names {count:,} addresses; {MOST:,} are the most at once")
    for chosen in product(*values):
        yield "".join(text + value for text, value in zip(texts, (*chosen, ""), strict=True))


def _values(first: str, last: str, shown: str | None) -> list[str]:
    wrong = UsageError(f"not a range: {first}..{last}; write 100..200 or 2025-01-01..2025-01-31")
    if first.isdigit() and last.isdigit() and shown is None:
        width = len(first) if first.startswith("0") else 0
        start, end = int(first), int(last)
        if end < start:
            raise wrong
        if end - start >= MOST:
            raise UsageError(f"{first}..{last}: {MOST:,} addresses are the most at once")
        return [f"{number:0{width}d}" for number in range(start, end + 1)]
    try:
        day, end_day = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise wrong from None
    if end_day < day:
        raise wrong
    days = (day + timedelta(n) for n in range((end_day - day).days + 1))
    return [one.strftime(shown or "%Y-%m-%d") for one in days]
