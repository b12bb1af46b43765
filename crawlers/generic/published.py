"""When an unknown page says that its article was published.

The time shown by the headline is what readers saw and what the truth of a page is judged by;
metadata is more exact where both agree, and stands in where nothing is shown. Where they differ,
a Chinese page is believed by what it shows: on several large sites the metadata holds the time
of a later edit or of the rendering.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile

from lxml import etree

from archive.model import Moment, Precision
from crawlers.dates import find_times, read_time
from crawlers.generic.metadata import Metadata
from crawlers.generic.noise import ends_article
from crawlers.generic.stamps import HINT, attribute_time
from crawlers.generic.survey import Mark

__all__ = ["find_published"]

_NAMES = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "article:create_at",
    "weibo:article:create_at",
    "og:release_date",
    "bt:pubdate",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "publishtime",
    "parsely-pub-date",
    "sailthru.date",
    "article.published",
    "og:time",
    "apub:time",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "datecreated",
    "creation_date",
    "date",
    "dateupdate",
)
_LATER = re.compile(r"更新|修改|編輯於|编辑于|updated|modified|edited|截[稿至]", re.IGNORECASE)
_FIRST = re.compile(r"发布|發布|發佈|发表|發表|刊登|建檔|建檔|published|posted", re.IGNORECASE)
_STATE = re.compile(
    r"""[:=]\s{0,2}["']?(1\d{12}|1\d{9}|20\d\d-\d\d?-\d\d?[ T]\d\d?:\d\d(?::\d\d)?(?:\.\d+)?"""
    r"""(?:Z|[+-]\d\d:?\d\d)?)(?!\d)"""
)
_STATE_NAME = re.compile(
    r"""(?:\bct|pub_?time|publish_?time|publish_?date|pub_?date|create_?time|created_?at|\bptime"""
    r"""|news_?time|date_?published|published_?at)["']?\s*$""",
    re.IGNORECASE,
)
_URL = re.compile(r"(?<!\d)(20[0-3]\d)[-_/]?(0[1-9]|1[0-2])[-_/]?(0[1-9]|[12]\d|3[01])(?!\d)")
_TIMES = etree.XPath("//time[@datetime] | //abbr[@title][contains(@class, 'published')]")
_SCRIPTS = etree.XPath("//script[not(@src)]/text()", smart_strings=False)
_LONGEST = 1_000_000  # characters of a script that are searched
_FINE = (Precision.SECOND, Precision.MINUTE)


def find_published(
    root: etree._Element,
    around: tuple[Iterable[str], Iterable[str], Iterable[Mark]],
    meta: Metadata,
    url: str,
    now: datetime,
) -> tuple[Moment | None, str]:
    """The time of publication and where it came from; None where the page shows none.

    `around` are the lines by the headline, and those below the text, which are looked at when
    the first and the metadata have no time; then elements by the headline, as "10 months ago" may
    have the exact time in one.
    """
    shown, chinese, edited = _shown(around[0], now)
    given, where = _given(meta, now)
    if shown is not None and _fine(shown):
        if given is None or not _fine(given):
            return _dated_by(root, url, now, shown)
        if (
            shown.method != "year_inferred"
            and not edited
            and _prefer_shown(shown, given, chinese=chinese)
        ):
            return shown, "byline"
    if given is not None and (_fine(given) or shown is None):
        return given, where
    below, _, _ = _shown(takewhile(_is_own, around[1]), now)
    if below is not None and _fine(below) and _one_day(below, shown):
        return below, "byline"
    for moment, source in (*_exact(around[2], now), *_others(root, url, now)):
        if shown is None or (_fine(moment) and _one_day(moment, shown)):
            return moment, source
    shown = shown or (below if below is not None and below.method != "relative" else None)
    return (shown, "byline") if shown is not None else (None, "")


def _dated_by(root: etree._Element, url: str, now: datetime, shown: Moment) -> tuple[Moment, str]:
    """The time that is shown; one without a year takes that of a script with the same clock."""
    if shown.method != "year_inferred" or shown.at is None:
        return shown, "byline"
    for moment, source in _others(root, url, now):
        at = moment.at
        if at and _fine(moment) and (at - shown.at) % timedelta(days=1) < timedelta(minutes=1):
            return moment, source
    return shown, "byline"


def _is_own(line: str) -> bool:
    """Whether a line below the text still stands above the remarks and the other stories."""
    return not ends_article(line)


def _one_day(moment: Moment, shown: Moment | None) -> bool:
    """Whether a time of day agrees with the date that is shown, if one is, in any zone."""
    if shown is None or shown.method == "relative" or shown.at is None or moment.at is None:
        return True
    if moment.method == "zone_assumed" and shown.method == "zone_assumed":
        return timedelta(0) <= moment.at - shown.at < timedelta(days=1)
    return abs(moment.at - shown.at) <= timedelta(hours=36)


def _fine(moment: Moment) -> bool:
    return moment.precision in _FINE and moment.method != "relative"


def _prefer_shown(shown: Moment, given: Moment, *, chinese: bool) -> bool:
    if shown.at is None or given.at is None:
        return shown.at is not None
    apart = abs(shown.at - given.at)
    if apart < timedelta(minutes=1):
        return False
    hours = apart % timedelta(hours=1) < timedelta(minutes=1) and apart <= timedelta(hours=16)
    if hours and given.method == "absolute":
        # The same clock in another zone: a Chinese page shows its own, whatever it labels "Z".
        return chinese and apart == timedelta(hours=8)
    return chinese


def _shown(header: Iterable[str], now: datetime) -> tuple[Moment | None, bool, bool]:
    """The best time among the lines by the headline.

    Then whether those lines are Chinese, and whether the time is said to be that of an edit.
    """
    best: Moment | None = None
    edited = False
    rank = 0.0
    chinese = False
    for line in header:
        chinese = chinese or any("\u4e00" <= char <= "\u9fff" for char in line)
        if len(line) > 160 or not HINT.search(line):
            continue
        for start, _end, moment in find_times(line, now=now):
            if moment.at is None or moment.precision is Precision.YEAR:
                continue
            before = line[max(0, start - 12) : start]
            score = 2.0 if moment.method in {"absolute", "zone_assumed"} else 1.0
            score += 2.0 if moment.precision in _FINE else 0.0
            later = _LATER.search(before) is not None
            score -= 1.5 if later else 0.0
            score += 0.5 if _FIRST.search(before) else 0.0
            if score > rank and moment.at <= now + timedelta(days=1):
                best, rank, edited = moment, score, later
    return best, chinese, edited


def _given(meta: Metadata, now: datetime) -> tuple[Moment | None, str]:
    """The time that metadata gives: the first with a time of day, else the first at all."""
    values = [
        (str(value), "json-ld")
        for value in meta.linked("datePublished", "pubDate", "dateCreated", "uploadDate")
        if isinstance(value, str | int)
    ]
    values += [(value, f"meta:{name}") for name in _NAMES for value in meta.named.get(name, ())]
    found = [(moment, where) for value, where in values if (moment := _read(value, now))]
    fine = (pair for pair in found if _fine(pair[0]))
    return next(fine, found[0] if found else (None, ""))


def _read(value: str, now: datetime) -> Moment | None:
    moment = read_time(value, now=now) if 4 < len(value) < 80 else None
    if moment is None or moment.at is None or moment.method == "relative":
        return None
    return moment if moment.at <= now + timedelta(days=1) else None


def _exact(marks: Iterable[Mark], now: datetime) -> Iterable[tuple[Moment, str]]:
    for mark in marks:
        moment = None if _LATER.search(mark.text) else attribute_time(mark.element, now)
        if moment is not None and _fine(moment):
            yield moment, "byline:attribute"


def _others(root: etree._Element, url: str, now: datetime) -> Iterable[tuple[Moment, str]]:
    for element in _TIMES(root)[:3]:
        if moment := _read(element.get("datetime") or element.get("title") or "", now):
            yield moment, "css:time"
    for script in _SCRIPTS(root):
        for found in _STATE.finditer(script[:_LONGEST]):
            named = _STATE_NAME.search(script[max(0, found.start() - 24) : found.start()])
            if named and (read := _read(found[1], now)):
                yield read, "script"
                break
    if dated := _URL.search(url):
        moment = read_time("-".join(dated.groups()), now=now)
        if moment.at is not None and moment.at <= now:
            yield Moment(moment.at, dated[0], Precision.DAY, "url"), "url"
