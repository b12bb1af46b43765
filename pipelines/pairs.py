"""Pairs of characters with a number each, packed: two bytes a number and eight a pair.

A dict of ninety thousand short strings takes twelve megabytes, this takes one. Look-up is a
binary search: for what is asked rarely.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping

__all__ = ["Pairs"]


class Pairs:
    """Read-only; numbers are from 0 to 65,535."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        ordered = sorted((_key(pair), number) for pair, number in numbers.items())
        self._keys = array("Q", [key for key, _ in ordered])
        self._numbers = array("H", [number for _, number in ordered])

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, pair: str) -> int:
        """The number of a pair, 0 for one that is not known or is no pair."""
        if len(pair) != 2:
            return 0
        key = _key(pair)
        place = bisect_left(self._keys, key)
        known = place < len(self._keys) and self._keys[place] == key
        return self._numbers[place] if known else 0


def _key(pair: str) -> int:
    return ord(pair[0]) << 32 | ord(pair[1])
