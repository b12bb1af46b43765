"""Hashes of all shingles of a text at once: XXH3 (64 bits) of 16 bytes each, in NumPy.

A shingle is four code points of four bytes. One call of the library for each costs a dozen times
as much as the arithmetic; the values are those of `xxhash.xxh3_64_intdigest`, which a test holds.

Source: XXH3_len_9to16_64b of the XXH3 specification, seed 0, default secret.
"""

from functools import cache
from typing import Any, TypeAlias

import numpy as np

from pipelines.mapping import END, Codes, codes_of

__all__ = ["WIDTH", "least_by_bin", "letters_of", "shingle_hashes"]

WIDTH = 4
"""Code points of a shingle."""

_Bools: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
_Longs: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
# Words 3 to 6 of the secret, folded in pairs.
_FLIP_LOW = np.uint64(0x1F67B3B7A4A44072 ^ 0x78E5C0CC4EE679CB)
_FLIP_HIGH = np.uint64(0x2172FFCC7DD05A82 ^ 0x8E2443F7744608B8)
_PRIME, _SHIFT = np.uint64(0x165667919E3779F9), np.uint64(37)
_BYTES = np.uint64(16)
_MOST = np.iinfo(np.uint64).max
_BLOCK = 3000


@cache
def _is_letter() -> _Bools:
    return np.fromiter((chr(code).isalnum() for code in range(END)), np.bool_, END)


def letters_of(text: str) -> Codes:
    """The code points of a text that are letters or digits."""
    codes = codes_of(text)
    try:
        return codes[_is_letter().take(codes)]
    except IndexError:  # emoji's tags, private use: rare
        return codes_of("".join(filter(str.isalnum, text)))


def shingle_hashes(letters: Codes) -> _Longs:
    """The hash of each run of `WIDTH` code points; there must be at least one."""
    codes = letters.astype(np.uint64)
    pairs = codes[:-1] | (codes[1:] << _HALF)
    low, high = pairs[:-2] ^ _FLIP_LOW, pairs[2:] ^ _FLIP_HIGH
    found = low.byteswap() + high + _folded(low, high) + _BYTES
    found ^= found >> _SHIFT
    found *= _PRIME
    found ^= found >> _HALF
    return found


def _folded(one: _Longs, other: _Longs) -> _Longs:
    """The upper half of each 128-bit product XOR the lower one."""
    one_low, one_high = one & _LOW, one >> _HALF
    other_low, other_high = other & _LOW, other >> _HALF
    least, crossed = one_low * other_low, one_high * other_low
    middle = (least >> _HALF) + (crossed & _LOW) + one_low * other_high
    upper: _Longs = (crossed >> _HALF) + (middle >> _HALF) + one_high * other_high
    upper ^= (middle << _HALF) | (least & _LOW)
    return upper


def least_by_bin(letters: Codes, bins: int) -> tuple[_Longs, _Bools]:
    """The least shingle hash of each bin (hash modulo `bins`, a power of two); which are filled."""
    least = np.full(bins, _MOST, np.uint64)
    filled = np.zeros(bins, np.bool_)
    last = np.uint64(bins - 1)
    # In blocks: larger arrays are given back to the system and fetched anew at every step.
    for start in range(0, len(letters) - WIDTH + 1, _BLOCK):
        hashes = shingle_hashes(letters[start : start + _BLOCK + WIDTH - 1])
        places = (hashes & last).astype(np.intp)
        np.minimum.at(least, places, hashes)
        filled[places] = True
    return least, filled
