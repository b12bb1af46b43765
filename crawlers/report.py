"""The run report as one HTML file: inline styles and SVG, no script, nothing fetched.

Jinja2 escapes every value. Only permalinks lead out of the page, and only to http and https.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from archive.errors import UsageError

__all__ = ["calendar", "render", "shares"]

_DAYS = 92


def render(figures: Mapping[str, Any]) -> str:
    """The page of `archive.report.gather_report`; raises `UsageError` where Jinja2 is missing."""
    try:
        import jinja2  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise UsageError("the report needs Jinja2: pip install 'shenglu[report]'") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("crawlers", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(at=_at, number=_number, percent=_percent, outward=_outward)
    return environment.get_template("report.html.j2").render(
        **figures,
        calendars=[
            ("Published, by day of +08:00", calendar(figures["published"])),
            ("Exchanges, by day of UTC", calendar(figures["observed"])),
        ],
        mixes=[
            ("Why the last visit of each thread ended", shares(figures["stops"])),
            ("Page classes", shares(figures["classes"])),
            ("Errors", shares(figures["errors"])),
            ("Scripts", shares(figures["scripts"])),
            ("How times were read", shares(figures["dates"])),
        ],
    )


def calendar(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Days and, by source, a count for each day with its shade 0 to 4; the last 92 days."""
    if not rows:
        return {"days": [], "sources": []}
    last: date = max(row["day"] for row in rows)
    first: date = max(min(row["day"] for row in rows), last - timedelta(days=_DAYS - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    counts = {(row["source"], row["day"]): int(row["pieces"]) for row in rows}
    most = max((n for (_, day), n in counts.items() if day >= first), default=1)
    sources = [
        {
            "name": source,
            "cells": [(n := counts.get((source, day), 0), _shade(n, most)) for day in days],
            "before": sum(n for (name, day), n in counts.items() if name == source and day < first),
        }
        for source in sorted({source for source, _ in counts})
    ]
    return {"days": days, "sources": sources}


def _shade(count: int, most: int) -> int:
    if not count:
        return 0
    return next(shade for shade in (1, 2, 3, 4) if count <= most * (shade / 4) ** 2 or shade == 4)


def shares(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """By source, the parts of a whole, with the place of each in a bar of width 100."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    sources = []
    for source in sorted({row["source"] for row in rows}):
        mine = [(row["name"], int(row["number"])) for row in rows if row["source"] == source]
        total = sum(number for _, number in mine)
        parts, start = [], 0.0
        for name, number in mine:
            width = 100 * number / total
            parts.append(
                {
                    "name": name,
                    "number": number,
                    "start": round(start, 3),
                    "width": round(width, 3),
                    "colour": names.index(name) % 10,
                }
            )
            start += width
        sources.append({"name": source, "total": total, "parts": parts})
    return {"names": names, "sources": sources}


def _at(value: datetime | None) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}" if value else "–"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _outward(url: str | None) -> str:
    return url if url and urlsplit(url).scheme in ("http", "https") else ""
