"""Chains of reprints out of an archive: rows of articles with their place in the chain.

What a chain is, `pipelines.reprints` says. All articles that the filters leave are compared on each
call; nothing is stored. `crawlers.chain_of` finds the chain of one article without that.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archive.query import connect, rows_as_dicts
from archive.root import Root
from pipelines.reprints import Link, Piece, clusters

__all__ = ["COLUMNS", "chains", "placed", "reprinted"]

COLUMNS = (
    "source || '/' || article_id AS evidence, source, article_id, thread_id, search_key, minhash, "
    "published_at, published_precision AS precision, observed_at, script, medium, "
    "reprint_source, title, url"
)
"""What is asked of `articles`."""


_REPORTED, _LONGEST = 20_000, 10


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


def reprinted(root: Root, since: datetime | None = None) -> dict[str, Any]:
    """For the report: by source, articles in a chain and how many of them come first; the longest.

    `compared` is the denominator. Above `_REPORTED` articles nothing is compared, since that would
    take minutes and memory: `skipped` is then true, and `shenglu reprints` does it by parts.
    """
    condition, values = ("observed_at >= ?", [since]) if since else ("true", [])
    with connect(root, sandbox=True) as connection:
        sql = f"SELECT count(*) FROM articles WHERE {condition}"  # noqa: S608 - our own words
        count = connection.execute(sql, values).fetchall()[0][0]
    if count > _REPORTED:
        return {"compared": 0, "of": count, "skipped": True, "sources": [], "longest": []}
    rows, _ = chains(root, condition, tuple(values))
    sources = [
        {"source": name, "articles": len(mine), "first": sum(row["place"] == 1 for row in mine)}
        for name in sorted({row["source"] for row in rows})
        if (mine := [row for row in rows if row["source"] == name])
    ]
    sizes = Counter(row["cluster"] for row in rows)
    longest = [
        {"places": sizes[row["cluster"]]}
        | {name: row[name] for name in ("evidence", "title", "time", "first_certain", "url")}
        for row in rows
        if row["place"] == 1
    ]
    longest.sort(key=lambda row: (-row["places"], row["evidence"]))
    shown = longest[:_LONGEST]
    return {
        "compared": count,
        "of": count,
        "skipped": False,
        "sources": sources,
        "longest": shown,
    }
