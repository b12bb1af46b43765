"""Chains of reprints out of an archive: rows of articles with their place in the chain.

What a chain is, `pipelines.reprints` says. All articles that the filters leave are compared on each
call; nothing is stored.
"""

from typing import Any

from archive.query import connect, rows_as_dicts
from archive.root import Root
from pipelines.reprints import Link, Piece, clusters

__all__ = ["chains"]

_ROWS = """
SELECT source || '/' || article_id AS evidence, source, article_id, thread_id, search_key, minhash,
       published_at, published_precision AS precision, observed_at, script, medium,
       reprint_source, title, url
FROM articles WHERE {condition} ORDER BY evidence
"""


def chains(
    root: Root, condition: str = "true", values: tuple[Any, ...] = (), wanted: str | None = None
) -> tuple[list[dict[str, Any]], int]:
    """The rows of all chains, or of the one that `wanted` (source/article) is in, first to last.

    `condition` is SQL over `articles` with placeholders. Also returns how many were compared.
    """
    with connect(root, sandbox=True) as connection:
        rows = rows_as_dicts(connection.execute(_ROWS.format(condition=condition), list(values)))
    known = {row["evidence"]: row for row in rows}
    found = clusters(_piece(row) for row in rows)
    table = [
        _row(known[link.id], link, place, (cluster.first, cluster.first_certain))
        for cluster in found
        if not wanted or wanted in {link.id for link in cluster.links}
        for place, link in enumerate(cluster.links, 1)
    ]
    return table, len(rows)


def _piece(row: dict[str, Any]) -> Piece:
    return Piece(
        row["evidence"],
        row["search_key"] or "",
        row["minhash"] or (),
        row["published_at"],
        row["precision"],
        row["observed_at"],
    )


def _row(row: dict[str, Any], link: Link, place: int, first: tuple[str, bool]) -> dict[str, Any]:
    return {
        **row,
        **link._asdict(),
        "cluster": first[0],
        "place": place,
        "time": row["published_at"] or row["observed_at"],
        "time_is": "published" if row["published_at"] else "observed",
        "first_certain": first[1],
    }
