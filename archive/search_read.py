"""Proposes the pieces of a search from the index, newest first.

A string of two characters or more is asked for by its pairs, one character by itself: texts that
have all pairs of a word but not the word are told apart when they are verified.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import msgspec
import tantivy
from tantivy import FieldType, Occur, Query

from archive.errors import StorageError
from archive.root import Root
from archive.search_index import about, open_index, schema
from archive.search_query import Every, Leaf, Node, Not

if TYPE_CHECKING:
    from archive.search import Fold, Search

__all__ = ["Reader", "order_of", "place_of"]

_SHOWN = (
    *("kind", "source", "thread_id", "script", "title", "text", "url", "author_hash"),
    *("version", "observed", "fetch_id"),
)
_FIRST = 64
_MOST = 4096
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 24
"""Pairs asked for at most: more do not narrow a search any further."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One state of the index, open for searching."""

    searcher: tantivy.Searcher

    @classmethod
    def open(cls, root: Root, fold: "Fold") -> Self:
        """The index as it stands; raises `StorageError` where there is none to be trusted."""
        known = about(root)
        if known is None or known.fold != fold.version:
            raise StorageError("there is no index; `shenglu search --index` builds it")
        return cls(open_index(root).searcher())

    def candidates(self, wanted: "Search") -> Iterator[dict[str, Any]]:
        """Rows that may match, newest first; each is to be verified."""
        query = _query(wanted)
        start, size = 0, max(_FIRST, min(2 * (wanted.limit or _MOST), _MOST))
        while True:
            hits = self.searcher.search(
                query, limit=size, count=False, order_by_field="time", offset=start
            ).hits
            rows = [msgspec.msgpack.decode(self.searcher.doc(at)["row"][0]) for _, at in hits]
            yield from sorted(map(_shown, rows), key=place_of)
            if len(hits) < size:
                return
            start, size = start + size, min(size * 4, _MOST * 16)

    def filed(self, kind: str, evidence: str) -> dict[str, Any] | None:
        """The row of that piece, whatever it says; None where the index has none."""
        hits = self.searcher.search(_term("key", f"{kind} {evidence}"), limit=1, count=False).hits
        if not hits:
            return None
        return _shown(msgspec.msgpack.decode(self.searcher.doc(hits[0][1])["row"][0]))

    def sharing(self, passages: Iterable[str], most: int = 64) -> set[str]:
        """Ids of articles in which any of these folded passages may stand, some for each."""
        found = set()
        for passage in passages:
            hits = self.searcher.search(_every(_grams(passage)), limit=most, count=False).hits
            rows = (msgspec.msgpack.decode(self.searcher.doc(at)["row"][0]) for _, at in hits)
            found |= {f"{r['source']}/{r['id']}" for r in rows if r["kind"] == "article"}
        return found


def place_of(row: dict[str, Any]) -> tuple[float, str]:
    """Sorts rows newest first."""
    return -row["time"].timestamp(), row["evidence"]


def order_of(row: dict[str, Any]) -> tuple[int, str, int]:
    """Sorts the versions of a piece as the view of its latest version does."""
    return row["observed"] or 0, row["fetch_id"] or "", row["version"] or 0


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _SHOWN},
        "time": _EPOCH + timedelta(microseconds=row["time"]),
        "evidence": f"{row['source']}/{row['id']}",
    }


def _query(wanted: "Search") -> Query:
    parts = [] if (words := _words(wanted.tree)) is None else [words]
    for name, values in (
        ("site", wanted.sites),
        ("author", wanted.authors),
        ("thread", wanted.threads),
    ):
        if values:
            parts.append(_some([_term(name, value) for value in values]))
    if wanted.since is not None or wanted.until is not None:
        first, last = _microseconds(wanted.since), _microseconds(wanted.until)
        last = None if last is None else last - 1  # both ends of a range are in it
        parts.append(Query.range_query(schema(), "time", FieldType.Integer, first, last))
    return _every(parts)


def _microseconds(when: datetime | None) -> int | None:
    return None if when is None else (when - _EPOCH) // timedelta(microseconds=1)


def _words(node: Node) -> Query | None:
    """A query that holds wherever the tree does; None where that is everywhere."""
    if isinstance(node, Leaf):
        return _some([_every([g for n in needles for g in _grams(n)]) for needles in node.needles])
    if isinstance(node, Not):
        return None
    made = [_words(part) for part in node.parts]
    held = [query for query in made if query is not None]
    if isinstance(node, Every):
        excluded = [query for part in node.parts if (query := _excluded(part)) is not None]
        if not held:
            return None
        return Query.boolean_query(
            [*((Occur.Must, q) for q in held), *((Occur.MustNot, q) for q in excluded)]
        )
    return _some(held) if len(held) == len(made) else None


def _excluded(node: Node) -> Query | None:
    """What a NOT takes out, where the index knows it exactly: one or two characters."""
    if not (isinstance(node, Not) and isinstance(node.part, Leaf) and node.part.exact):
        return None
    needles = [needle for group in node.part.needles for needle in group]
    return _term("gram", needles[0]) if len(needles) == 1 and len(needles[0]) <= 2 else None


def _grams(needle: str) -> list[Query]:
    grams = {a + b for a, b in pairwise(needle)} if len(needle) > 1 else {needle}
    return [_term("gram", gram) for gram in sorted(grams)[:_LONGEST]]


def _term(field: str, value: str) -> Query:
    return Query.term_query(schema(), field, value, "basic")


def _some(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Should, p) for p in parts])


def _every(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Must, p) for p in parts])
