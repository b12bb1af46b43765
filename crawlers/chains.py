"""Chains of reprints out of an archive: rows of articles with their place in the chain.

What a chain is, `pipelines.reprints` says. All articles that the filters leave are compared on each
call; nothing is stored. `crawlers.chain_of` finds the chain of one article without that.
"""

from collections.abc import Sequence
from typing import Any

from archive.query import connect, rows_as_dicts
from archive.root import Root
from pipelines.reprints import Link, Piece, clusters

__all__ = ["COLUMNS", "chains", "placed"]

COLUMNS = (
    "source || '/' || article_id AS evidence, source, article_id, thread_id, search_key, minhash, "
    "published_at, published_precision AS precision, observed_at, script, medium, "
    "reprint_source, title, url"
)
"""What is asked of `articles`."""


def chains(
    root: Root, condition: str = "true", values: tuple[Any, ...] = (), wanted: str | None = None
) -> tuple[list[dict[str, Any]], int]:
    """The rows of all chains, or of the one that `wanted` (source/article) is in, first to last.

    `condition` is SQL over `articles` with placeholders. Also returns how many were compared.
    """
    sql = f"SELECT {COLUMNS} FROM articles WHERE {condition} ORDER BY evidence"  # noqa: S608 - our own words
    with connect(root, sandbox=True) as connection:
        rows = rows_as_dicts(connection.execute(sql, list(values)))
    return placed(rows, wanted), len(rows)


def placed(rows: Sequence[dict[str, Any]], wanted: str | None = None) -> list[dict[str, Any]]:
    """Those of the rows that are in a chain (in that of `wanted`), with their place in it."""
    known = {row["evidence"]: row for row in rows}
    return [
        _row(known[link.id], link, place, (cluster.first, cluster.first_certain))
        for cluster in clusters(_piece(row) for row in rows)
        if not wanted or wanted in {link.id for link in cluster.links}
        for place, link in enumerate(cluster.links, 1)
    ]


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
