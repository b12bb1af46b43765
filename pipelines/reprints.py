"""Reprints: which articles are one text, in either script, whole or in part, and which was first.

Candidates share a fingerprint or a MinHash band; each pair is then compared by its 4-letter
shingles. Copies (Jaccard >= 0.5) make a cluster; an excerpt (0.7 of the smaller text) joins the
cluster of the text that holds most of it, except where that text is a compilation of earlier
pieces: that joins nothing. Texts under 50 letters are left alone: chance would decide. Pure; texts
are held in memory (about 1 GB for 250,000 articles).
Limits: a translation or a rewriting is no reprint; the first known need not be the origin.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from pipelines.fingerprints import Hashes, candidate_pairs, letters, shared, shingles, winnowed

__all__ = ["COPY", "EXCERPT", "LEAST", "Cluster", "Link", "Piece", "clusters"]

LEAST = 50
"""Letters and digits below which a text is not compared."""

COPY = 0.5
"""Least Jaccard similarity of a copy: 5 % of changed characters leave 0.69, 9 % leave 0.5."""

EXCERPT = 0.7
"""Least part of the smaller text that an excerpt shares."""

_WHOLE = 0.75
"""Least ratio of lengths of a text and its copy; below it one is a part of the other."""

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=31),
    "year": timedelta(days=366),
}
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """A text to compare: its id, folded text, bands, and when it appeared, as far as known."""

    id: str
    key: str
    bands: Sequence[str] = ()
    published_at: datetime | None = None
    precision: str | None = None
    observed_at: datetime | None = None

    @property
    def known_at(self) -> datetime:
        """Publication, or the first sighting where that is unknown."""
        return self.published_at or self.observed_at or _FAR


class Link(NamedTuple):
    """One member of a cluster and the earlier member that it is most like.

    `relation`: first, copy, excerpt (its text is part of the other) or extended (the other's text
    is part of it). `similarity` is Jaccard's, `containment` the part of the smaller text that
    both share.
    """

    id: str
    relation: str
    of: str | None = None
    similarity: float = 1.0
    containment: float = 1.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """One text and its reprints, earliest known first.

    `first_certain`: no other member can be earlier, given how exactly the times are known.
    """

    links: tuple[Link, ...]
    first_certain: bool

    @property
    def first(self) -> str:
        """The id of the earliest known member."""
        return self.links[0].id


@dataclass(frozen=True, slots=True)
class _Edge:
    similarity: float
    containment: float


class _Graph:
    """Compared pairs; shingles are made once a piece and kept while it is needed."""

    def __init__(self, pieces: Sequence[Piece], texts: Sequence[str]) -> None:
        self.pieces = pieces
        self._texts = texts
        self._made: dict[int, Hashes] = {}
        self.edges: dict[tuple[int, int], _Edge] = {}

    def size(self, number: int) -> int:
        return len(self.shingles(number))

    def shingles(self, number: int) -> Hashes:
        if number not in self._made:
            self._made[number] = shingles(self._texts[number])
        return self._made[number]

    def compare(self, a: int, b: int) -> _Edge:
        """How like two pieces are; measured once."""
        pair = (min(a, b), max(a, b))
        if pair not in self.edges:
            self.edges[pair] = _Edge(*shared(self.shingles(a), self.shingles(b)))
        return self.edges[pair]


def clusters(pieces: Iterable[Piece]) -> list[Cluster]:
    """The clusters of at least two pieces, in the order of their first member."""
    known = sorted(pieces, key=lambda piece: (piece.known_at, piece.id))
    texts = [letters(piece.key) for piece in known]
    kept = [number for number, text in enumerate(texts) if len(text) >= LEAST]
    graph = _Graph([known[n] for n in kept], [texts[n] for n in kept])
    prints = [winnowed(texts[n]) for n in kept]
    pairs = candidate_pairs(prints, [piece.bands for piece in graph.pieces])
    home = list(range(len(kept)))
    inside: dict[int, list[int]] = {}
    for a, b in pairs:
        edge = graph.compare(a, b)
        if edge.similarity >= COPY:
            _join(home, a, b)
        elif edge.containment >= EXCERPT:
            small, large = sorted((a, b), key=graph.size)
            inside.setdefault(small, []).append(large)
    _attach(graph, home, inside)
    groups: dict[int, list[int]] = {}
    for number in range(len(kept)):
        groups.setdefault(_root(home, number), []).append(number)
    made = [_cluster(graph, group) for group in groups.values() if len(group) > 1]
    return sorted(made, key=lambda cluster: cluster.first)


def _root(home: list[int], number: int) -> int:
    while home[number] != number:
        home[number] = home[home[number]]
        number = home[number]
    return number


def _join(home: list[int], a: int, b: int) -> None:
    a, b = _root(home, a), _root(home, b)
    home[max(a, b)] = min(a, b)


def _attach(graph: _Graph, home: list[int], inside: dict[int, list[int]]) -> None:
    """Put each excerpt into the cluster of the text that holds most of it.

    Nothing is joined through a compilation: pieces that have nothing in common but that they
    stand in one later text stay apart.
    """
    held: dict[int, list[int]] = {}
    for small, containers in inside.items():
        for large in containers:
            held.setdefault(large, []).append(small)
    compilations = {large for large, parts in held.items() if _compiles(graph, large, parts)}
    for small, containers in sorted(inside.items()):
        whole = [large for large in containers if large not in compilations]
        if whole:
            best = max(whole, key=lambda n: (graph.compare(small, n).containment, -n))
            _join(home, small, best)


def _compiles(graph: _Graph, large: int, parts: list[int]) -> bool:
    """Whether the text takes in two earlier pieces that have little in common."""
    earlier = [part for part in parts if part < large]
    return any(
        shared(graph.shingles(a), graph.shingles(b))[1] < EXCERPT / 2
        for a, b in combinations(earlier[:20], 2)
    )


def _cluster(graph: _Graph, group: list[int]) -> Cluster:
    members = set(group)
    earlier: dict[int, list[int]] = {}
    for a, b in graph.edges:
        if a in members and b in members:
            earlier.setdefault(b, []).append(a)
    links = [Link(graph.pieces[group[0]].id, "first")]
    links += [_link(graph, number, earlier.get(number, group[:1])) for number in group[1:]]
    return Cluster(tuple(links), _certain([graph.pieces[number] for number in group]))


def _link(graph: _Graph, number: int, earlier: list[int]) -> Link:
    of = min(earlier, key=lambda other: (-graph.compare(number, other).containment, other))
    edge = graph.compare(number, of)
    size, other = graph.size(number), graph.size(of)
    part = "excerpt" if size <= other else "extended"
    whole = edge.similarity >= COPY and min(size, other) >= _WHOLE * max(size, other)
    return Link(
        graph.pieces[number].id,
        "copy" if whole else part,
        graph.pieces[of].id,
        round(edge.similarity, 4),
        round(edge.containment, 4),
    )


def _certain(group: Sequence[Piece]) -> bool:
    """Whether the first was out before any other can have been."""
    first, *others = group
    if first.published_at is None:
        return False
    latest = first.published_at + _UNITS.get(first.precision or "second", timedelta(0))
    # A piece whose publication is unknown may have been out long before it was seen.
    return all(piece.published_at and latest <= piece.published_at for piece in others)
