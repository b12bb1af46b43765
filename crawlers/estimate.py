"""What a backfill will cost at the polite rate, before it starts: requests, hours, bytes.

Counted is what the command names; what its lists lead to comes from the archive's own record of
the site: links a list page, requests a piece, bytes a request, pieces a day. Where there is no
record the figures below are assumed, and the estimate says so. Nothing is fetched for it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from archive.model import Link, PageClass
from crawlers.limits import Limits
from crawlers.options import CHINA, CrawlOptions

__all__ = ["ASSUMED", "Estimate", "Record", "estimate", "record_of"]

_LISTS = frozenset({PageClass.LIST, PageClass.FEED})
_MINE = "(source = $site OR starts_with(source, $site || ':'))"
_PIECES = f"""SELECT count(DISTINCT url), avg(warc_record_length),
    (SELECT count(DISTINCT (source, article_id)) FROM articles WHERE {_MINE})
  FROM fetches WHERE {_MINE} AND status = 200 AND page_class IN ('article', 'thread', 'api')
    AND warc_type <> 'resource'"""  # noqa: S608 - our own words
_DAYS = f"""SELECT count(*) FROM articles WHERE {_MINE} AND published_at IS NOT NULL
  GROUP BY CAST(floor((epoch(published_at) + 28800) / 86400) AS BIGINT)"""  # noqa: S608 - our own words
_RUNS = f"SELECT summary FROM runs WHERE {_MINE}"  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Record:
    """What the archive knows of a site's pages; None where it does not."""

    links_a_list: float | None = None
    requests_a_piece: float | None = None
    bytes_a_request: float | None = None
    pieces_a_day: float | None = None

    def filled(self) -> tuple["Record", list[str]]:
        """With assumptions in place of what is not known, and their names."""
        missing = {k: v for k, v in asdict(ASSUMED).items() if getattr(self, k) is None}
        return replace(self, **missing), sorted(missing)


ASSUMED = Record(20.0, 1.5, 40_000.0, 100.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to come. `at_least`: lists go on to pages that nobody has counted."""

    site: str
    lists: int
    pieces: int
    known: int
    requests: int
    seconds: float
    days: float
    bytes: int
    delay: float
    at_least: bool
    assumed: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"hours": round(self.seconds / 3600, 2)}

    def lines(self) -> list[str]:
        """For people."""
        least = "at least " if self.at_least else "about "
        days = f", {self.days:.1f} days in the given hours" if self.days * 86_400 > 1 else ""
        cost = (
            f"  {least}{self.requests:,} requests, one in {self.delay:g} s:"
            f" {self.seconds / 3600:.1f} hours{days}, {self.bytes / 1e6:,.0f} MB of WARC"
        )
        shown = [
            f"{self.site}: {self.lists} lists, {self.pieces} pieces to fetch, {self.known} known",
            cost,
        ]
        if self.assumed:
            names = ", ".join(one.replace("_", " ") for one in self.assumed)
            shown.append(f"  assumed, since the archive has no record of it: {names}")
        return shown


def record_of(base: Any, site: str) -> Record:
    """The site's record; `base` is a connection to the archive."""
    values = {"site": site}
    urls, size, pieces = base.execute(_PIECES, values).fetchall()[0]
    days = [n for (n,) in base.execute(_DAYS, values).fetchall()]
    listed = lists = 0
    for (summary,) in base.execute(_RUNS, values).fetchall():
        tally = json.loads(summary or "{}")
        listed += tally.get("listed", 0)
        lists += tally.get("pages.list", 0) + tally.get("pages.feed", 0)
    return Record(
        listed / lists if lists else None,
        max(1.0, urls / pieces) if pieces else None,
        float(size) if size else None,
        float(median(days)) if days else None,
    )


def estimate(
    site: str,
    named: tuple[Sequence[Link], CrawlOptions],
    record: Record,
    delay: float,
    is_known: Callable[[Link], bool],
) -> Estimate:
    """The cost of what `named` (the links and options of a run) asks for.

    `is_known` tells whether the archive holds a page, which a backfill does not ask for again.
    """
    links, asked = named
    full, assumed = record.filled()
    lists = sum(link.kind in _LISTS for link in links)
    single = [link for link in links if link.kind not in _LISTS]
    known = sum(map(is_known, single))
    # A list with meta "walk" 0 is one page of a range; any other goes on to its next page.
    open_ended = any(link.kind in _LISTS and link.meta.get("walk") != 0 for link in links)
    listed, per_list = 0, float(full.links_a_list or 1)
    if lists and asked.since is not None and open_ended:
        until = min(asked.until or datetime.now(UTC), datetime.now(UTC))
        listed = round(_days(asked.since, until) * float(full.pieces_a_day or 0))
        # The walk begins at today's page and passes what lies between.
        lists = max(lists, round(_days(asked.since) * float(full.pieces_a_day or 0) / per_list))
        open_ended = False
    elif lists:
        listed = round(lists * per_list)
    used = {"requests_a_piece", "bytes_a_request"} | ({"links_a_list"} if lists else set())
    used |= {"pieces_a_day"} if asked.since is not None and lists else set()
    pieces = len(single) - known + listed
    if asked.limit is not None:
        pieces, open_ended = min(pieces, asked.limit), False
    requests = 1 + lists + round(pieces * float(full.requests_a_piece or 1))
    seconds = requests * delay
    return Estimate(
        site=site,
        lists=lists,
        pieces=pieces,
        known=known,
        requests=requests,
        seconds=seconds,
        days=_calendar(seconds, asked.limits),
        bytes=round(requests * float(full.bytes_a_request or 0)),
        delay=delay,
        at_least=open_ended,
        assumed=tuple(name for name in assumed if name in used),
    )


def _days(since: datetime, until: datetime | None = None) -> int:
    last = (until or datetime.now(UTC)) - timedelta(seconds=1)
    return max(1, (last.astimezone(CHINA).date() - since.astimezone(CHINA).date()).days + 1)


def _calendar(seconds: float, limits: Limits) -> float:
    """Days that pass when only `--hours` of each are used."""
    if limits.hours is None:
        return 0.0
    start, end = limits.hours.start, limits.hours.end
    minutes = ((end.hour - start.hour) * 60 + end.minute - start.minute) % 1440 or 1440
    return seconds / (minutes * 60)
