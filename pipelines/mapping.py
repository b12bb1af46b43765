"""Character-by-character maps over a text: a gather from a table at its code points.

As UTF-32 a text is an array of numbers, the places where it looks up. Several maps lie side by
side in one table, so that one gather makes them all. Every map is 1:1 in code points; lone
surrogates pass. The codec's functions are called directly: by name they cost more than the work.
"""

import sys
from codecs import utf_32_le_decode, utf_32_le_encode
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["CharacterMap", "CharacterMaps", "Codes", "table"]

Codes = npt.NDArray[np.uint32]

_UNIT = np.dtype("<u4")


@cache
def _identity() -> Codes:
    return np.arange(sys.maxunicode + 1, dtype=_UNIT)


def _codes(text: str) -> Codes:
    return np.frombuffer(utf_32_le_encode(text, "surrogatepass")[0], _UNIT)


def table(changes: Mapping[str, str]) -> Codes:
    """A map's table: each character to one; those that are not named stay as they are."""
    made = _identity().copy()
    made[_codes("".join(changes))] = _codes("".join(changes.values()))
    return made


class CharacterMap:
    """One map."""

    def __init__(self, changes: Mapping[str, str]) -> None:
        self._take = table(changes).take

    def __call__(self, text: str) -> str:
        """The text mapped."""
        return utf_32_le_decode(self._take(_codes(text)).data, "surrogatepass")[0]


class CharacterMaps:
    """Four maps over the same text."""

    def __init__(self, *tables: Codes) -> None:
        self._take = np.stack(tables, axis=1).take

    def __call__(self, text: str) -> tuple[str, str, str, str]:
        """The text mapped by each of the four tables, in their order."""
        mapped = utf_32_le_decode(self._take(_codes(text), 0).data, "surrogatepass")[0]
        return mapped[::4], mapped[1::4], mapped[2::4], mapped[3::4]
