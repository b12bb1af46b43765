"""The chain of reprints of one article, found from it outward: no comparison of all with all.

Articles that share a stored MinHash band are near copies; excerpts are those in which a passage of
the text stands, by the search index. What is alike is looked around again, until nothing new comes;
then `pipelines.reprints` sees this handful alone. In a small archive all articles are compared.
Limits: without an index a large archive gives near copies only, and the note says so.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from archive.errors import StorageError
from archive.query import rows_as_dicts
from archive.search import Fold, has_index
from crawlers.browse_reader import Reader, picked
from crawlers.chains import COLUMNS, chains, placed
from pipelines.fingerprints import Hashes, letters, shared, shingles
from pipelines.reprints import COPY, EXCERPT, LEAST
from pipelines.search_words import fold

__all__ = ["FEW", "MOST", "chain_of"]

FEW = 3000
"""So many articles are simply all compared."""

MOST = 200
"""So many members are looked at; a text in more places is cut there, with a note."""

_RUN = re.compile(r"[^\W_]+")
_LENGTH, _PASSAGES = 6, 400
_MADE = (
    "source, article_id, thread_id, version, state, search_key, minhash, published_at, "
    "published_precision, observed_at, script, medium, reprint_source, title, url, fetch_id"
)


def chain_of(reader: Reader, wanted: str) -> tuple[list[dict[str, Any]], str | None]:
    """The rows of the chain that an article (source/article) is in, first to last, and a note.

    No rows where it has no reprint, or is unknown.
    """
    (counted,) = reader.ask("SELECT count(*) AS rows FROM article_history")
    if counted["rows"] <= FEW:
        return chains(reader.root, wanted=wanted)[0], None
    index, unfiled, note = _index(reader)
    known: dict[str, dict[str, Any]] = {}
    new = {row["evidence"]: row for row in _rows(reader, [wanted])}
    while new and len(known) < MOST:
        known |= new
        names = _banded(reader, new.values()) | unfiled
        for row in new.values() if index else ():
            names |= index.sharing(_passages(row["search_key"] or ""))
        near = _rows(reader, sorted(names - known.keys()))
        new = {row["evidence"]: row for row in _alike(near, list(new.values()))}
    if new:
        note = f"More than {MOST} articles share this text; the others are left out."
    return placed([*known.values()], wanted), note


def _index(reader: Reader) -> tuple[Any, set[str], str | None]:
    """The search index, articles that it lacks, and a note where there is no index to use."""
    if has_index():
        from archive import search_index, search_read  # noqa: PLC0415 - an optional library

        try:
            known: Fold = fold()
            index = search_read.Reader.open(reader.root, known)
            lacking = search_index.unfiled(reader.root, known)
        except StorageError:
            pass
        else:
            return index, _articles(reader, lacking), None
    return (
        None,
        set(),
        "Near copies only: excerpts are found with an index; `shenglu search --index` builds it.",
    )


def _articles(reader: Reader, lacking: Any) -> set[str]:
    if not lacking.rows("articles"):
        return set()
    from archive.query import connect  # noqa: PLC0415 - seldom needed

    with connect(reader.root, snapshot=lacking, sandbox=True) as connection:
        sql = "SELECT DISTINCT source || '/' || article_id FROM article_history LIMIT 5000"
        return {row[0] for row in connection.execute(sql).fetchall()}


def _banded(reader: Reader, rows: Iterable[dict[str, Any]]) -> set[str]:
    """Ids of articles that share a band with any of the rows."""
    bands = sorted({band for row in rows for band in row["minhash"] or ()})
    found = reader.ask(
        "SELECT DISTINCT source || '/' || article_id AS id FROM article_history "
        "WHERE list_has_any(minhash, $bands)",
        {"bands": bands},
    )
    return {row["id"] for row in found}


def _rows(reader: Reader, ids: Sequence[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    with reader.cursor() as cursor:
        picked(cursor, "articles", ids, _MADE)
        return rows_as_dicts(cursor.execute(f"SELECT {COLUMNS} FROM picked_articles"))  # noqa: S608 - our own words


def _passages(key: str) -> list[str]:
    """Runs of six letters, side by side; of a long text, some from all over it."""
    runs = [found[0] for found in _RUN.finditer(key)]
    made = [run[at : at + _LENGTH] for run in runs for at in range(0, len(run) - 5, _LENGTH)]
    return made[:: max(1, -(-len(made) // _PASSAGES))]


def _alike(
    candidates: Iterable[dict[str, Any]], others: Sequence[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    known = [made for row in others if (made := _shingles(row)) is not None]
    for row in candidates:
        mine = _shingles(row)
        if mine is not None and any(_related(mine, other) for other in known):
            yield row


def _related(one: Hashes, other: Hashes) -> bool:
    similarity, containment = shared(one, other)
    return similarity >= COPY or containment >= EXCERPT


def _shingles(row: dict[str, Any]) -> Hashes | None:
    text = letters(row["search_key"] or "")
    return shingles(text) if len(text) >= LEAST else None
