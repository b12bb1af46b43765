"""Identity: what makes two sightings the same content, and the ids of runs and exchanges.

A content hash answers one question: did what was published change? So it takes the published
words and whether they still stand, and leaves out votes, tool versions and derived text.
Hashes are part of the archive format: a change here raises `SCHEMA_VERSION`.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import count

import numpy as np
import xxhash

from archive.model import DeletionKind, State
from pipelines.shingles import least_by_bin, letters_of

__all__ = [
    "MINHASH_BANDS",
    "MINHASH_LEAST",
    "FetchIds",
    "article_sha256",
    "comment_sha256",
    "content_sha256",
    "minhash",
    "new_run_id",
]

_COMMENT = b"7:comment"

MINHASH_BANDS = 16
"""Bands of one signature; two texts that share a band are candidates."""

MINHASH_LEAST = 50
"""Letters and digits below which a text gets no signature: chance would decide."""

_BAND_ROWS = 8
_BINS = MINHASH_BANDS * _BAND_ROWS
# Where an empty bin borrows: it walks in an odd stride of its own. That reaches all bins, since
# their number is a power of two, and neighbours do not all borrow from the same place.
_STRIDES = 2 * (np.arange(_BINS) * 73 % (_BINS // 2)) + 1
_SOURCES = (np.arange(_BINS)[:, None] + _STRIDES[:, None] * np.arange(_BINS)) % _BINS


def content_sha256(parts: Iterable[str | None]) -> str:
    """SHA-256 (hex) of a sequence of strings, unambiguous and equal for canonical equivalents.

    Each part is NFC and goes in behind its length in bytes, so that no two sequences give the
    same input; None is not the empty string. Lone surrogates, which JSON can carry, hash too.
    """
    return sha256(b"".join(map(_piece, parts))).hexdigest()


def _piece(part: str | None) -> bytes:
    if part is None:
        return b"-;"
    data = unicodedata.normalize("NFC", part).encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(data), data)


def article_sha256(title: str, text: str, state: State, deletion_kind: DeletionKind | None) -> str:
    """The content hash of an article: title, text, and whether (and by whom) it was taken down.

    States other than deleted (locked, collapsed) are no content; sightings record them.
    """
    return content_sha256(("article", title, text, *_standing(state, deletion_kind)))


def comment_sha256(text: str, state: State, deletion_kind: DeletionKind | None) -> str:
    """The content hash of a comment: text, and whether (and by whom) it was taken down."""
    ended = _comment_end(state, deletion_kind)
    return sha256(_COMMENT + _piece(text) + ended).hexdigest()


@cache
def _comment_end(state: State, kind: DeletionKind | None) -> bytes:
    return b"".join(map(_piece, _standing(state, kind)))


def _standing(state: State, kind: DeletionKind | None) -> tuple[str, str | None]:
    if state is State.DELETED:
        return "deleted", str(kind) if kind else None
    return "present", None


def new_run_id(now: datetime) -> str:
    """A run id that sorts by start: UTC to the millisecond, then 24 random bits.

    The random part keeps two runs of one millisecond apart; it carries no order.
    """
    at = now.astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}-{secrets.token_hex(3)}"


class FetchIds:
    """Makes the fetch ids of one run: the run id and a counter, so that they sort in order.

    Holds for 10^9 exchanges a run; safe to call from several threads.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next id."""
        return f"{self._run_id}-{next(self._numbers):09d}"


def minhash(folded: str) -> tuple[str, ...]:
    """16 bands (hex) of a text already folded for search, or () below `MINHASH_LEAST` letters.

    One-permutation MinHash over 4-letter shingles, punctuation and spaces left out: one hash a
    shingle, the least in each of 128 bins, 8 bins a band. Two texts share a band with
    probability 1 - (1 - J^8)^16: 0.99 at a Jaccard similarity J of 0.85, 0.06 at 0.5.
    An empty bin borrows from another (Shrivastava 2017, arXiv:1703.04664).
    """
    letters = letters_of(folded)
    if len(letters) < MINHASH_LEAST:
        return ()
    least, filled = least_by_bin(letters, _BINS)
    empty = np.flatnonzero(~filled)
    if len(empty):
        tried = _SOURCES[empty]
        least[empty] = least[tried[np.arange(len(empty)), filled[tried].argmax(axis=1)]]
    signature = least.astype("<u8").tobytes()
    width = _BAND_ROWS * least.itemsize
    return tuple(
        xxhash.xxh3_64_hexdigest(signature[i : i + width]) for i in range(0, len(signature), width)
    )
