"""Proposes the pieces of a search by reading the snapshot's texts with DuckDB: no index needed."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from archive.search_query import Every, Leaf, Node, Not

if TYPE_CHECKING:
    from archive.search import Search

__all__ = ["PIECES", "scan"]

PIECES = """
  SELECT 'comment' AS kind, source, thread_id, thread_id || '/' || comment_id AS id, version,
         CAST(NULL AS VARCHAR) AS title, text, search_key, script, url, author_hash,
         coalesce(published_at, observed_at) AS time, observed_at, fetch_id
  FROM comment_history
  UNION ALL
  SELECT 'article', source, thread_id, article_id, version, title, text, search_key, script, url,
         author_hash, coalesce(published_at, observed_at), observed_at, fetch_id
  FROM article_history
"""
"""All versions of all pieces, in the columns that a search needs."""

_FIND = """
WITH piece AS ({pieces}), latest AS (
  -- Only pieces that some version of may match are brought to their latest version.
  SELECT * FROM piece
  SEMI JOIN (SELECT kind, source, id FROM piece WHERE {condition}) USING (kind, source, id)
  QUALIFY row_number() OVER (
    PARTITION BY kind, source, id ORDER BY observed_at DESC, fetch_id DESC, version DESC) = 1
)
SELECT kind, source, thread_id, time, script, title, text, url, author_hash, version,
       epoch_us(observed_at) AS observed, fetch_id, source || '/' || id AS evidence
FROM latest WHERE {condition}
ORDER BY time DESC, evidence
"""
_PAGE = 500


def scan(
    connection: duckdb.DuckDBPyConnection, wanted: "Search", fold: Callable[[str], str]
) -> Iterator[dict[str, Any]]:
    """Pieces that may match, newest first; each is to be verified."""
    connection.create_function("fold", fold, ["VARCHAR"], "VARCHAR")
    condition, values = _condition(wanted.tree)
    conditions = [condition]
    for tests, given in _filters(wanted):
        conditions.append(tests)
        values += given
    sql = _FIND.format(pieces=PIECES, condition=" AND ".join(conditions))
    result = connection.execute(sql, values + values)
    names = [column[0] for column in result.description or ()]
    while rows := result.fetchmany(_PAGE):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _filters(wanted: "Search") -> Iterator[tuple[str, list[Any]]]:
    if wanted.sites:
        tests = " OR ".join("source = ? OR starts_with(source, ?)" for _ in wanted.sites)
        yield f"({tests})", [value for site in wanted.sites for value in (site, f"{site}:")]
    for bound, operator in ((wanted.since, ">="), (wanted.until, "<")):
        if bound is not None:
            yield f"time {operator} ?", [bound]
    if wanted.authors:
        yield "author_hash IN (SELECT unnest(?))", [list(wanted.authors)]
    if wanted.threads:
        test = "(thread_id IN (SELECT unnest(?)) OR source || '/' || thread_id IN "
        yield test + "(SELECT unnest(?)))", [list(wanted.threads)] * 2


def _condition(node: Node) -> tuple[str, list[Any]]:
    """SQL that is true wherever the tree is, and its values."""
    if isinstance(node, Leaf):
        return _any_of([_all_of([_has(n) for n in needles]) for needles in node.needles])
    if isinstance(node, Not):
        if not (isinstance(node.part, Leaf) and node.part.exact):
            return "true", []
        condition, values = _condition(node.part)
        return f"NOT ({condition})", values
    parts = [_condition(part) for part in node.parts]
    return _all_of(parts) if isinstance(node, Every) else _any_of(parts)


def _has(needle: str) -> tuple[str, list[Any]]:
    pattern = "%" + needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    test = (
        "(coalesce(search_key, '') LIKE ? ESCAPE '\\' OR "
        "(title IS NOT NULL AND fold(title) LIKE ? ESCAPE '\\'))"
    )
    return test, [pattern, pattern]


def _all_of(parts: list[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    return "(" + " AND ".join(p[0] for p in parts) + ")", [v for p in parts for v in p[1]]


def _any_of(parts: list[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    return "(" + " OR ".join(p[0] for p in parts) + ")", [v for p in parts for v in p[1]]
