"""Finds articles and comments by folded words: a literal scan, no index.

The caller folds the words with the function that made `search_key`, so a query in one script
finds texts in both. A scan reads one column of the snapshot; a million comments take seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from archive.query import rows_as_dicts

__all__ = ["Search", "find"]

_FIND = """
WITH piece AS (
  SELECT 'comment' AS kind, source, thread_id || '/' || comment_id AS id, version,
         CAST(NULL AS VARCHAR) AS title, text, search_key, script, url,
         published_at, observed_at, fetch_id
  FROM comment_history
  UNION ALL
  SELECT 'article', source, article_id, version, title, text, search_key, script, url,
         published_at, observed_at, fetch_id
  FROM article_history
), latest AS (
  -- Only pieces that some version of has the words are brought to their latest version.
  SELECT * FROM piece
  SEMI JOIN (SELECT kind, source, id FROM piece WHERE {condition}) USING (kind, source, id)
  QUALIFY row_number() OVER (
    PARTITION BY kind, source, id ORDER BY observed_at DESC, fetch_id DESC, version DESC) = 1
)
SELECT kind, source, coalesce(published_at, observed_at) AS time, script, title, text,
       search_key, url, source || '/' || id AS evidence
FROM latest WHERE {condition}
ORDER BY time DESC, evidence LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: folded words (all must occur), and where.

    A site stands for all sources of its engine too (`discuz` for `discuz:host`).
    """

    words: Sequence[str]
    sites: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 20


def find(
    connection: duckdb.DuckDBPyConnection, wanted: Search, fold: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The newest pieces that hold every word in text or title, as rows.

    Time is that of publication, or of observation where none is known.
    """
    connection.create_function("fold", fold, ["VARCHAR"], "VARCHAR")
    conditions, values = [], []
    for word in wanted.words:
        pattern = f"%{_escaped(word)}%"
        conditions.append(
            "(search_key LIKE ? ESCAPE '\\' OR (title IS NOT NULL AND fold(title) LIKE ? "
            "ESCAPE '\\'))"
        )
        values += [pattern, pattern]
    if wanted.sites:
        tests = " OR ".join("source = ? OR starts_with(source, ?)" for _ in wanted.sites)
        conditions.append(f"({tests})")
        values += [value for site in wanted.sites for value in (site, f"{site}:")]
    for bound, operator in ((wanted.since, ">="), (wanted.until, "<")):
        if bound is not None:
            conditions.append(f"coalesce(published_at, observed_at) {operator} ?")
            values.append(bound)  # type: ignore[arg-type]  # values of several types
    sql = _FIND.format(condition=" AND ".join(conditions), limit=int(wanted.limit))
    return rows_as_dicts(connection.execute(sql, values + values))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
