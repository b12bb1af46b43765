"""Links that lead nowhere: endless calendars, paths that repeat, session ids, absurd depth. Pure.

A trap gives new addresses for ever and nothing new behind them. Only a link found on a page is
judged, never one that an operator gave. The rules ask for much before they refuse: what they miss
is bounded by budgets, what they refuse wrongly is lost.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from archive.model import Link

__all__ = ["LONGEST", "sift", "trap"]

LONGEST = 2_048
"""Characters of an address; browsers and servers differ beyond it."""
_DEEPEST = 20
_REPEATS = 4
_KEYS = 6
_AHEAD, _CALENDAR_FROM = 1, 1990
_SESSION = re.compile(
    r"/\((?:[A-Z]\([0-9a-z]{16,}\))+\)(?=/)|[;?&](?:jsessionid|phpsessid|aspsessionid\w*|sessid"
    r"|session_?id|cfid|zenid|oscsid)=[0-9a-z.-]{8,}",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)((?:19|20|21)\d\d)[/_.-](0?[1-9]|1[0-2])(?!\d)")
_DATE_QUERY = re.compile(r"[?&]y(?:ear)?=(\d{4})(?!\d)", re.IGNORECASE)
_CALENDAR = re.compile(
    r"calend|kalend|/events?/|rili|日历|日曆|[?&](?:month|cal|day)=", re.IGNORECASE
)


def trap(url: str, now: datetime) -> str:
    """Why a link found on a page is not followed; empty for one that is."""
    if len(url) > LONGEST:
        return f"address of {len(url)} characters (limit {LONGEST})"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "no address"
    segments = [s for s in parts.path.split("/") if s]
    if len(segments) > _DEEPEST:
        return f"path of {len(segments)} segments (limit {_DEEPEST})"
    if again := _repeated(segments):
        return f"path repeats {again!r}"
    if _SESSION.search(url):
        return "session id in the address"
    keys = Counter(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    often = next((k for k, n in keys.items() if n > _KEYS and not k.endswith("[]")), "")
    return f"query repeats {often!r}" if often else _calendar(url, now)


def _repeated(segments: list[str]) -> str:
    """A segment, or a row of up to three, that stands `_REPEATS` times in a row."""
    for size in (1, 2, 3):
        for start in range(len(segments) - size * _REPEATS + 1):
            part = segments[start : start + size]
            if part * _REPEATS == segments[start : start + size * _REPEATS]:
                return "/".join(part)
    return ""


def _calendar(url: str, now: datetime) -> str:
    """A date far from now: the future anywhere, the far past on what calls itself a calendar."""
    found = _DATE.search(url) or _DATE_QUERY.search(url)
    if found is None:
        return ""
    year = int(found[1])
    if year > now.year + _AHEAD:
        return f"a page of the year {year}"
    if year < _CALENDAR_FROM and _CALENDAR.search(url):
        return f"a calendar of the year {year}"
    return ""


def sift(links: Iterable[Link], now: datetime) -> tuple[list[Link], list[tuple[Link, str]]]:
    """The links to follow, and those that are traps, each with the reason."""
    kept: list[Link] = []
    refused: list[tuple[Link, str]] = []
    for link in links:
        reason = trap(link.url, now)
        if reason:
            refused.append((link, reason))
        else:
            kept.append(link)
    return kept, refused
