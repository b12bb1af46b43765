"""The state of an archive in figures: coverage, freshness, completeness, fill, errors, dates.

Questions to the views of one snapshot; the answers are plain values, the same for the HTML page and
for `--json`. Every share comes with its denominator. `since` limits what was observed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import duckdb

from archive.log import Log, decode_entry, entry_path
from archive.query import connect, rows_as_dicts
from archive.root import Root

__all__ = ["FILLED", "gather_report"]

FILLED: Final = {
    "articles": ("title", "text", "authors", "medium", "section", "published_at", "author_hash"),
    "comments": ("text", "author_hash", "published_at", "floor", "parent_id", "ip_region", "url"),
}
"""Columns whose fill is told, by table."""

_QUESTIONS: Final = {
    "totals": """
SELECT source, count(*) FILTER (kind = 'article') AS articles,
       count(*) FILTER (kind = 'comment') AS comments,
       count(*) FILTER (version > 1 AND change = 'edit') AS edited,
       count(*) FILTER (seen_state = 'deleted') AS deleted,
       count(*) FILTER (seen_state = 'missing') AS missing
FROM piece GROUP BY source ORDER BY source""",
    "published": """
SELECT source, (published_at AT TIME ZONE 'Asia/Shanghai')::DATE AS day, count(*) AS pieces
FROM piece WHERE published_at IS NOT NULL GROUP BY ALL ORDER BY ALL""",
    "observed": """
SELECT source, observed_at::DATE AS day, count(*) AS pieces FROM exchange
GROUP BY ALL ORDER BY ALL""",
    "freshness": """
SELECT source, max(observed_at) AS last_exchange,
       (SELECT max(published_at) FROM piece p WHERE p.source = f.source) AS newest_piece,
       (SELECT max(observed_at) FROM piece p WHERE p.source = f.source) AS last_news,
       (SELECT min(last_visit_at) FROM threads t WHERE t.source = f.source) AS longest_unvisited
FROM exchange f GROUP BY source ORDER BY source""",
    "threads": """
SELECT source, count(*) AS threads, count(*) FILTER (complete) AS complete,
       count(*) FILTER (comments_declared IS NOT NULL) AS declaring,
       coalesce(sum(comments_declared), 0)::BIGINT AS declared,
       coalesce(sum(comments_known) FILTER (comments_declared IS NOT NULL), 0)::BIGINT AS known,
       count(*) FILTER (comments_known < comments_declared) AS short
FROM threads GROUP BY source ORDER BY source""",
    "stops": """
SELECT source, coalesce(stop_reason, 'never visited') AS name, count(*) AS number
FROM threads GROUP BY ALL ORDER BY source, number DESC, name""",
    "short": """
SELECT source, thread_id, url, comments_declared AS declared, comments_known AS known,
       stop_reason FROM threads WHERE NOT complete
ORDER BY coalesce(comments_declared, 0) - comments_known DESC, source, thread_id LIMIT 20""",
    "classes": """
SELECT source, coalesce(page_class, 'none') AS name, count(*) AS number FROM exchange
GROUP BY ALL ORDER BY source, number DESC, name""",
    "errors": """
SELECT source, CASE WHEN error IS NOT NULL THEN split_part(error, ':', 1)
                    ELSE 'HTTP ' || status END AS name, count(*) AS number
FROM exchange WHERE error IS NOT NULL OR status >= 400
GROUP BY ALL ORDER BY source, number DESC, name""",
    "quarantined": """
SELECT source, reason AS name, count(*) AS number FROM quarantine
WHERE observed_at >= $since GROUP BY ALL ORDER BY source, number DESC, name LIMIT 50""",
    "scripts": """
SELECT source, coalesce(script, 'none') AS name, count(*) AS number FROM piece
GROUP BY ALL ORDER BY source, number DESC, name""",
    "dates": """
SELECT source, coalesce(published_method, 'no time') AS name, count(*) AS number FROM piece
GROUP BY ALL ORDER BY source, number DESC, name""",
    "latency": """
SELECT source, count(*) AS pieces,
       quantile_cont(hours, 0.5) AS median, quantile_cont(hours, 0.9) AS nine_in_ten
FROM (SELECT source, epoch(observed_at - published_at) / 3600 AS hours FROM first_sight)
GROUP BY source ORDER BY source""",
    "duplicates": """
SELECT source, count(*) AS texts, sum(pieces)::BIGINT AS pieces
FROM (SELECT min(source) AS source, count(*) AS pieces FROM articles
      WHERE length(text) >= 50 AND observed_at >= $since
      GROUP BY search_key HAVING count(*) > 1) GROUP BY source ORDER BY source""",
    "runs": """
SELECT run_id, source, command, version, started_at, observed_at AS ended_at, outcome,
       epoch(observed_at - started_at) AS seconds FROM runs
WHERE observed_at >= $since ORDER BY observed_at DESC LIMIT 30""",
}

_PIECE = """
CREATE OR REPLACE TEMP TABLE piece AS
SELECT 'article' AS kind, source, version, change, seen_state, published_at, published_method,
       observed_at, script FROM articles WHERE observed_at >= $since
UNION ALL
SELECT 'comment', source, version, change, seen_state, published_at, published_method,
       observed_at, script FROM comments WHERE observed_at >= $since
"""
_FIRST = """
CREATE OR REPLACE TEMP TABLE first_sight AS
SELECT source, published_at, observed_at FROM comment_history
WHERE version = 1 AND published_at IS NOT NULL AND observed_at >= $since
UNION ALL
SELECT source, published_at, observed_at FROM article_history
WHERE version = 1 AND published_at IS NOT NULL AND observed_at >= $since
"""
_FETCH = """
CREATE OR REPLACE TEMP TABLE exchange AS
SELECT source, observed_at, page_class, error, status FROM fetches WHERE observed_at >= $since
"""
_BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def gather_report(root: Root, since: datetime | None = None) -> dict[str, Any]:
    """The figures of the newest snapshot: `about`, and a list of rows under each question.

    Times are aware, days are those of +08:00 for publication and of UTC for observation.
    """
    snapshot = Log(root).snapshot()
    path = entry_path(root, snapshot.number)
    committed = decode_entry(path, path.read_bytes()).committed_at if snapshot.number else None
    found: dict[str, Any] = {
        "about": {
            "archive_id": root.archive_id,
            "snapshot": snapshot.number,
            "committed_at": committed,
            "since": since,
            "rows": {name: snapshot.rows(name) for name in ("articles", "comments", "fetches")},
        }
    }
    bound = {"since": since or _BEGINNING}
    with connect(root, snapshot=snapshot) as connection:
        for statement in (_PIECE, _FIRST, _FETCH):
            connection.execute(statement, bound)
        for name, sql in _QUESTIONS.items():
            given = bound if "$since" in sql else None
            found[name] = rows_as_dicts(connection.execute(sql, given))
        found["fill"] = [
            row for table, names in FILLED.items() for row in _fill(connection, table, names, bound)
        ]
    return found


def _fill(
    connection: duckdb.DuckDBPyConnection, table: str, names: Iterable[str], bound: dict[str, Any]
) -> list[dict[str, Any]]:
    """How many rows of a table have each field, by source."""
    counts = ", ".join(
        f"count(*) FILTER ({name} IS NOT NULL AND len({name}::VARCHAR) > 0 "
        f"AND {name}::VARCHAR <> '[]') AS {name}"
        for name in names
    )
    sql = (
        f"SELECT source, count(*) AS rows, {counts} FROM {table} "  # noqa: S608 - our own names
        "WHERE observed_at >= $since GROUP BY source ORDER BY source"
    )
    return [
        {"table": table, "source": row.pop("source"), "rows": row.pop("rows"), "filled": row}
        for row in rows_as_dicts(connection.execute(sql, bound))
    ]
