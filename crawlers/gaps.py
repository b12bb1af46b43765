"""Site-days that the archive lacks, and why, as far as its own records tell.

A day is a gap where the archive holds less than a quarter of the articles that the site usually
publishes a day. What was fetched on the day, and how its runs ended, says why; a later run that
reaches back closes the gap. Limits: days are those of +08:00; sites that show no dates have none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from archive.runs import words_of

__all__ = ["Gap", "days_between", "find_gaps", "refill_words", "sources_held"]

_EPOCH = date(1970, 1, 1)
_SHARE = 4
_LATELY = 7  # days
_BOUNDS = frozenset({"since", "until", "limit", "revisit"})
_DAY = "CAST(floor((epoch({}) + 28800) / 86400) AS BIGINT)"
_ARTICLES = f"""SELECT source, {_DAY.format("published_at")} AS day, count(*) AS n
    FROM articles WHERE published_at IS NOT NULL GROUP BY ALL"""  # noqa: S608 - our own words
_FETCHES = f"""SELECT source, {_DAY.format("observed_at")} AS day, count(*) AS n,
    count(*) FILTER (page_class IN ('blocked', 'captcha', 'login', 'paywall')) AS walls,
    count(*) FILTER (error IS NOT NULL OR status >= 500) AS errors,
    mode(error) AS error FROM fetches GROUP BY ALL"""  # noqa: S608 - our own words
_HELD = """SELECT source FROM articles UNION SELECT source FROM comments"""
_RUNS = f"""SELECT source, {_DAY.format("started_at")} AS day, outcome, command
    FROM runs ORDER BY started_at"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Gap:
    """A day of a source: articles held, how many are usual, and why so few."""

    source: str
    day: date
    articles: int
    usual: float
    why: str

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "source": self.source,
            "day": self.day.isoformat(),
            "articles": self.articles,
            "usual": self.usual,
            "why": self.why,
        }


def days_between(since: date, until: date) -> list[date]:
    """The days from `since` to `until`, both included."""
    return [since + timedelta(n) for n in range((until - since).days + 1)]


def find_gaps(base: Any, days: Sequence[date], sources: Sequence[str] = ()) -> list[Gap]:
    """The gaps among these days, source by source; `base` is a connection to the archive."""
    articles = _by_source(base.execute(_ARTICLES).fetchall())
    silent = _silent(base)
    fetches = _by_source(base.execute(_FETCHES).fetchall())
    runs: dict[str, dict[date, list[str]]] = {}
    for source, day, outcome, _ in base.execute(_RUNS).fetchall():
        runs.setdefault(source, {}).setdefault(_day(day), []).append(str(outcome))
    found = []
    for source in sorted(articles):
        if not _asked(source, sources):
            continue
        held = {day: int(row[0]) for day, row in articles[source].items()}
        usual = median(held.values())
        first = min(held)
        for day in days:
            count = held.get(day, 0)
            if day >= first and count * _SHARE < usual:
                why = _why(fetches.get(source, {}).get(day), runs.get(source, {}).get(day, []))
                found.append(Gap(source, day, count, usual, why))
    for source, began in sorted(silent.items()):
        for day in days if _asked(source, sources) else ():
            if day >= began:
                why = _why(fetches.get(source, {}).get(day), runs.get(source, {}).get(day, []))
                found.append(Gap(source, day, 0, 0.0, f"nothing of it is held so far; {why}"))
    return found


def sources_held(base: Any) -> set[str]:
    """The sources, and the sites that they belong to, of which the archive knows anything."""
    rows = base.execute(f"{_HELD} UNION SELECT source FROM runs").fetchall()  # noqa: S608 - our own words
    return {name for (source,) in rows for name in (source, source.partition(":")[0])}


def _asked(source: str, sources: Sequence[str]) -> bool:
    return not sources or source in sources or source.partition(":")[0] in sources


def _silent(base: Any) -> dict[str, date]:
    """Sources whose runs have brought nothing at all so far, and the day of the first."""
    held = {source for (source,) in base.execute(_HELD).fetchall()}
    held |= {source.partition(":")[0] for source in held}
    first: dict[str, date] = {}
    for source, day, _, command in base.execute(_RUNS).fetchall():
        if source not in held and source.partition(":")[0] == command.split(" ")[1]:
            first.setdefault(source, _day(day))
    return first


def _day(number: int) -> date:
    return _EPOCH + timedelta(number)


def _by_source(rows: Sequence[Any]) -> dict[str, dict[date, Any]]:
    found: dict[str, dict[date, Any]] = {}
    for source, day, *rest in rows:
        found.setdefault(source, {})[_day(day)] = rest
    return found


def _why(fetched: Sequence[Any] | None, outcomes: Sequence[str]) -> str:
    gates = sorted({part for one in outcomes for part in one.split("; ")[1:]})
    if fetched is None:
        return "no run finished that day" if not outcomes else "runs had nothing to fetch"
    count, walls, errors, error = fetched
    if errors * 2 > count:
        return f"{errors} of {count} exchanges failed: {error or 'status 500 and more'}"
    if walls * 2 > count:
        return f"{walls} of {count} pages were blocks, captchas, logins or paywalls"
    if gates:
        return f"run out of line: {', '.join(gates)}"
    if not outcomes:
        return f"{count} exchanges, and the run was stopped early"
    return f"{count} exchanges, none of a page of that day: published less, or off the lists"


def refill_words(base: Any, gaps: Sequence[Gap]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """A site and its options for each row of days on end, once for each way it was crawled lately.

    A site may have a line in the crontab for each of its boards, and any of them may lack a day.
    """
    ways = _ways(base)
    for source, start, end in _rows_of_days(gaps):
        for words in ways.get(source, ()):
            dates = {"since": start.isoformat(), "until": end.isoformat()}
            named = {name.replace("-", "_"): value for name, value in words.items()}
            yield source.partition(":")[0], {**named, **dates}


def _ways(base: Any) -> dict[str, list[dict[str, str]]]:
    """The options of each source's crawls in the week up to its last one, each once."""
    crawls = []
    for source, day, _, command in base.execute(_RUNS).fetchall():
        head, words = words_of(command)
        if head.startswith("crawl ") and not words.keys() & {"range", "urls", "sitemap"}:
            kept = {k: v for k, v in words.items() if k not in _BOUNDS}
            crawls.append((source, day, kept))
    last = {source: day for source, day, _ in crawls}
    ways: dict[str, list[dict[str, str]]] = {}
    for source, day, words in reversed(crawls):
        if day > last[source] - _LATELY and words not in ways.setdefault(source, []):
            ways[source].append(words)
    return ways


def _rows_of_days(gaps: Sequence[Gap]) -> Iterator[tuple[str, date, date]]:
    start: Gap | None = None
    before: Gap | None = None
    for gap in (*gaps, None):
        if before is not None and start is not None:
            follows = (
                gap is not None
                and gap.source == before.source
                and gap.day - before.day == timedelta(1)
            )
            if not follows:
                yield start.source, start.day, before.day
                start = gap
        else:
            start = gap
        before = gap
