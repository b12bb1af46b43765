"""Reads the units of a survey out of the archive: what the topic matches, and its surroundings."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from archive.errors import UsageError
from archive.query import connect, rows_as_dicts
from archive.root import Root
from archive.search import Fold, Hit, Search, search
from crawlers.options import parse_when
from pipelines.aliases import Aliases
from pipelines.search_words import query
from pipelines.survey import Topic, Unit

__all__ = ["Selection", "coverage", "refuse_none", "select", "with_context"]

Selection = tuple[list[Unit], list[str]]
"""The units, and notes on how they were found."""

_IN_THREADS = """
SELECT source || '/' || thread_id || '/' || comment_id AS evidence, 'comment' AS kind, source,
       text, url, coalesce(published_at, observed_at) AS time,
       source || '/' || thread_id AS thread, script, seen_state AS state,
       author_hash AS author
FROM comments
WHERE source || '/' || thread_id IN (SELECT unnest($threads))
  AND trim(coalesce(text, '')) <> ''
  AND ($since IS NULL OR coalesce(published_at, observed_at) >= $since)
  AND ($until IS NULL OR coalesce(published_at, observed_at) < $until)
ORDER BY evidence
"""
_CONTEXT = """
SELECT c.source || '/' || c.thread_id || '/' || c.comment_id AS evidence, t.title,
       p.text AS answers, c.seen_state AS state, coalesce(c.url, t.url) AS url
FROM comments AS c
LEFT JOIN threads AS t ON t.source = c.source AND t.thread_id = c.thread_id
LEFT JOIN comments AS p ON p.source = c.source AND p.thread_id = c.thread_id
                       AND p.comment_id = c.parent_id
WHERE c.source || '/' || c.thread_id || '/' || c.comment_id IN (SELECT unnest($ids))
"""
_COVERAGE = """
SELECT count(*) AS threads, count(*) FILTER (complete) AS complete,
       coalesce(sum(comments_known), 0) AS known, count(comments_declared) AS declaring,
       coalesce(sum(comments_declared), 0) AS declared,
       coalesce(sum(comments_known) FILTER (comments_declared IS NOT NULL), 0) AS known_there
FROM threads WHERE source || '/' || thread_id IN (SELECT unnest($threads))
"""


def select(root: Root, topic: Topic, aliases: Aliases | None, fold: Fold) -> Selection:
    """The units that the topic asks for; raises `UsageError` for a query that cannot be read."""
    wanted = Search(
        tree=query(topic.query, aliases),
        sites=topic.sites,
        since=None if topic.scope == "threads" else _when(topic.since),
        until=None if topic.scope == "threads" else _when(topic.until, end=True),
        limit=None,
    )
    found = search(root, wanted, fold)
    hits = found.hits
    doubtful = [hit for hit in hits if hit.spans and all(span.ambiguous for span in hit.spans)]
    notes = list(found.notes)
    if doubtful and topic.ambiguous == "drop":
        notes.append(f"{len(doubtful)} hits left out: every mention in them is ambiguous")
        hits = [hit for hit in hits if hit not in doubtful]
    if topic.scope == "threads":
        return _in_threads(root, topic, hits), notes
    units = [_unit(hit) for hit in hits if (hit.row["text"] or "").strip()]
    return units, notes


def _when(text: str | None, *, end: bool = False) -> Any:
    return parse_when(text, end=end) if text else None


def _unit(hit: Hit) -> Unit:
    row = hit.row
    return Unit(
        evidence=row["evidence"],
        kind=row["kind"],
        source=row["source"],
        text=row["text"],
        url=row["url"],
        time=row["time"],
        thread=f"{row['source']}/{row['thread_id']}" if row["thread_id"] else None,
        title=row["title"],
        script=row["script"],
        author=row["author_hash"],
        found=" ".join(dict.fromkeys(hit.whole[s.start : s.end] for s in hit.spans)),
        by_alias=all(span.how != "word" for span in hit.spans),
    )


def _in_threads(root: Root, topic: Topic, hits: Iterable[Hit]) -> list[Unit]:
    threads = {
        f"{hit.row['source']}/{hit.row['thread_id']}": hit.row["title"]
        for hit in hits
        if hit.row["kind"] == "article" and hit.row["thread_id"]
    }
    values = {
        "threads": list(threads),
        "since": _when(topic.since),
        "until": _when(topic.until, end=True),
    }
    with connect(root, sandbox=True) as connection:
        rows = rows_as_dicts(connection.execute(_IN_THREADS, values))
    return [Unit(**row, title=threads[row["thread"]]) for row in rows]


def with_context(root: Root, units: Sequence[Unit]) -> list[Unit]:
    """The units with their thread's title, what they answer, their state when last seen.

    A comment without a permalink of its own gets its thread's.
    """
    with connect(root, sandbox=True) as connection:
        ids = {"ids": [unit.evidence for unit in units]}
        rows = rows_as_dicts(connection.execute(_CONTEXT, ids))
    known = {row["evidence"]: row for row in rows}
    return [
        replace(
            unit,
            title=unit.title or known[unit.evidence]["title"],
            context=known[unit.evidence]["answers"] or "",
            state=known[unit.evidence]["state"],
            url=known[unit.evidence]["url"],
        )
        if unit.evidence in known
        else unit
        for unit in units
    ]


def coverage(root: Root, units: Iterable[Unit]) -> dict[str, int]:
    """Of the units' threads: how many, how many complete, comments known and declared.

    `known_there` counts the known ones of threads whose site declares a number.
    """
    threads = sorted({unit.thread for unit in units if unit.thread})
    if not threads:
        return {}
    with connect(root, sandbox=True) as connection:
        (row,) = rows_as_dicts(connection.execute(_COVERAGE, {"threads": threads}))
    return {name: int(value) for name, value in row.items()}


def refuse_none(units: Sequence[Unit], topic: Topic) -> None:
    """Raise `UsageError` where there is nothing to survey."""
    if not units:
        raise UsageError(f"nothing in the archive matches the topic's query {topic.query!r}")
