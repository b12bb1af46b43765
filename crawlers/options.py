"""What a run is asked to do: the options of `crawl` and `backfill`, checked once.

The same names work on the command line (`--limit 50`) and for Scrapy (`-a limit=50`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from archive.errors import UsageError
from archive.queue import Revisit
from crawlers.limits import Hours, Limits

__all__ = ["CHINA", "CrawlOptions", "parse_when", "user_agent"]

CHINA = timezone(timedelta(hours=8))
_GENERAL = ("base_url", "since", "until", "limit", "revisit", "keep_names", "command")
_BOUNDS = ("max_requests", "hours", "join", "window", "looks")
_NAMED = ("range", "urls", "sitemap")


def user_agent(contact: str) -> str:
    """How the crawler names itself: what it is, and whom a site owner can write to."""
    return f"shenglu/0.1 (research archive of public pages{f'; {contact}' if contact else ''})"


def parse_when(text: str, *, end: bool = False) -> datetime:
    """A date or time of the command line as UTC; a bare date is a day in +08:00.

    `end`: a bare date means the end of that day.

    Raises:
        UsageError: it is neither a date nor an ISO 8601 time.
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"not a date: {text!r}; write 2026-11-22 or 2026-11-22T08:00") from None
    when = when if when.tzinfo else when.replace(tzinfo=CHINA)
    if end and len(text) == len("2026-11-22"):
        when += timedelta(days=1)
    return when.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """The options of one run of one site; `given` holds the site's own."""

    given: dict[str, str]
    base_url: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    revisit: Revisit = Revisit.ALL
    keep_names: bool = False
    command: str = "crawl"
    limits: Limits = field(default_factory=Limits)
    join: bool = False
    looks: int | None = None
    range: str = ""
    urls: str = ""
    sitemap: str = ""

    @classmethod
    def parse(cls, site: str, known: Mapping[str, str], words: Mapping[str, str]) -> "CrawlOptions":
        """Check the words given against what the site knows.

        Raises:
            UsageError: an unknown option, or a value that cannot be read.
        """
        # A site may have an option of its own by a name that every site knows.
        named = {k: words.get(k, "") for k in _NAMED if k not in known}
        general = {*_GENERAL, *_BOUNDS, *named}
        own = {k: v for k, v in words.items() if k not in general}
        if unknown := sorted(own.keys() - known.keys()):
            names = ", ".join(f"--{name.replace('_', '-')}" for name in known) or "none"
            raise UsageError(f"{site} knows no option {unknown[0]!r}; its own options: {names}")
        since, until = _bounds(words, datetime.now(CHINA))
        return cls(
            given=own,
            base_url=_base(words.get("base_url", "")),
            since=since,
            until=until,
            limit=_limit(words.get("limit")),
            looks=_looks(words.get("looks")),
            revisit=_revisit(words.get("revisit") or "all"),
            keep_names=_yes(words, "keep_names"),
            command=words.get("command", "crawl"),
            limits=_limits(words),
            join=_yes(words, "join"),
            **named,
        )

    def text(self, site: str) -> str:
        """The run's command, spelled one way, so that an interrupted run is recognised."""
        words = [self.command, site, *(f"--{k}={v}" for k, v in sorted(self.given.items()))]
        general = {
            "base-url": self.base_url,
            "limit": self.limit,
            "range": self.range,
            "urls": self.urls,
            "sitemap": self.sitemap,
            "revisit": self.revisit,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
        }
        words.extend(f"--{name}={value}" for name, value in general.items() if value)
        return " ".join(words)


def _bounds(words: Mapping[str, str], now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when to when: `--window`, else `--since` and `--until`."""
    since, until, window = (words.get(name, "") for name in ("since", "until", "window"))
    if not window:
        return (
            parse_when(since) if since else None,
            parse_when(until, end=True) if until else None,
        )
    if since or until:
        raise UsageError("--window says from when to when; leave --since and --until out")
    if found := re.fullmatch(r"(\d{1,4})([hd])", window):
        # Whole hours or days, so that the command means the same for as long: it can go on.
        whole = now.replace(minute=0, second=0, microsecond=0)
        if found[2] == "d":
            return (whole.replace(hour=0) - timedelta(days=int(found[1]) - 1)).astimezone(UTC), None
        return (whole - timedelta(hours=int(found[1]))).astimezone(UTC), None
    first, dots, last = window.partition("..")
    try:
        start, end = parse_when(first), parse_when(last if dots else first, end=True)
    except UsageError:
        start = end = now
    if start >= end:
        raise UsageError(f"--window takes 24h, 7d, a day or 2026-11-01..2026-11-07, not {window!r}")
    return start, end


def _base(text: str) -> str:
    if text and not re.match(r"https?://[^/\s]+", text):
        raise UsageError(f"--base-url takes an address as http://127.0.0.1:8000, not {text!r}")
    return text.rstrip("/")


def _yes(words: Mapping[str, str], name: str) -> bool:
    return words.get(name, "").lower() in {"1", "true", "yes"}


def _limits(words: Mapping[str, str]) -> Limits:
    most, hours = words.get("max_requests"), words.get("hours")
    if most and (not str(most).isdigit() or int(most) < 1):
        raise UsageError(f"--max-requests takes a number above 0, not {most!r}")
    return Limits(int(most) if most else None, Hours.parse(hours) if hours else None)


def _limit(text: str | None) -> int | None:
    if not text:
        return None
    if not str(text).isdigit() or int(text) < 1:
        raise UsageError(f"--limit takes a number of articles or threads above 0, not {text!r}")
    return int(text)


def _looks(text: str | None) -> int | None:
    if not text:
        return None
    if not str(text).isdigit() or int(text) < 1:
        raise UsageError(f"--looks takes a number of known pages above 0, not {text!r}")
    return int(text)


def _revisit(text: str) -> Revisit:
    try:
        return Revisit(text)
    except ValueError:
        raise UsageError(f"--revisit takes all, due or never, not {text!r}") from None
