"""Fingerprints of folded texts: which texts may share a passage, and how much they share.

Winnowing (Schleimer, Wilkerson, Aiken 2003, doi:10.1145/872757.872770): of each 8 neighbouring
hashes of 6 letters the least is kept, so two texts that share 13 letters in a row share a
fingerprint, wherever the passage stands. MinHash bands tell near copies only: at 5 % of changed
characters they find six pairs in ten. Letters and digits count; the rest is left out.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Hashes", "candidate_pairs", "letters", "shared", "shingles", "winnowed"]

Hashes = NDArray[np.uint64]

_NO_LETTER = re.compile(r"[\W_]+")
_LENGTH, _WINDOW = 6, 8
_SHINGLE = 4
_FEW = 8
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def letters(folded: str) -> str:
    """The letters and digits of a folded text."""
    return _NO_LETTER.sub("", folded)


def _hashes(text: str, length: int) -> Hashes:
    """A hash of each run of `length` letters, by a polynomial modulo 2**64, then mixed."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if len(codes) < length:
        return np.empty(0, np.uint64)
    count = len(codes) - length + 1
    made = np.zeros(count, np.uint64)
    for offset in range(length):
        made = made * _BASE + codes[offset : offset + count].astype(np.uint64)
    made = (made ^ (made >> np.uint64(30))) * _MIX
    return made ^ (made >> np.uint64(31))


def winnowed(text: str) -> Hashes:
    """The fingerprints of a text of letters, each once; none below 6 letters."""
    hashes = _hashes(text, _LENGTH)
    if len(hashes) <= _WINDOW:
        return np.unique(hashes[hashes == hashes.min()]) if len(hashes) else hashes
    windows = np.lib.stride_tricks.sliding_window_view(hashes, _WINDOW)
    return np.unique(windows.min(axis=1))


def shingles(text: str) -> Hashes:
    """All runs of 4 letters, hashed, each once."""
    return np.unique(_hashes(text, _SHINGLE))


def shared(one: Hashes, other: Hashes) -> tuple[float, float]:
    """How like two sets of shingles are: Jaccard similarity, and the part of the smaller shared."""
    if not len(one) or not len(other):
        return 0.0, 0.0
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both), both / min(len(one), len(other))


def candidate_pairs(
    prints: Sequence[Hashes], bands: Iterable[Sequence[str]] = ()
) -> list[tuple[int, int]]:
    """Pairs of texts, by index, that share a fingerprint or a band, each once, in order.

    Where many share one, each is paired with the first and with the next: enough to connect
    them, and no square of the number of copies.
    """
    sizes = [len(one) for one in prints]
    if not sum(sizes):
        return []
    owners = np.repeat(np.arange(len(prints), dtype=np.int64), sizes)
    values = np.concatenate(prints)
    order = np.lexsort((owners, values))
    values, owners = values[order], owners[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    groups = np.split(owners, starts[1:])
    pairs: set[tuple[int, int]] = set()
    for group in groups:
        if len(group) > 1:
            pairs |= _linked(group.tolist())
    by_band: dict[str, list[int]] = {}
    for number, row in enumerate(bands):
        for band in row:
            by_band.setdefault(band, []).append(number)
    for members in by_band.values():
        pairs |= _linked(members)
    return sorted(pairs)


def _linked(group: list[int]) -> set[tuple[int, int]]:
    if len(group) <= _FEW:
        return {(a, b) for at, a in enumerate(group) for b in group[at + 1 :] if a != b}
    first = {(group[0], other) for other in group[1:] if other != group[0]}
    return first | {(a, b) for a, b in pairwise(group) if a != b}
