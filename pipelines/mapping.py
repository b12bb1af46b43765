"""Character-by-character maps over a text: a gather from a table at its code points.

As UTF-32 a text is an array of numbers, the places where it looks up. Several maps lie side by
side in one table, so that one gather makes them all. Every map is 1:1 in code points; lone
surrogates pass. The codec's functions are called directly: by name they cost more than the work.
Tables end behind the last plane of Han; what lies beyond (tags, private use) stays as it is, and
is looked for only in the rare text that has it.
"""

from codecs import utf_32_le_decode, utf_32_le_encode
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["END", "CharacterMap", "CharacterMaps", "Codes", "codes_of", "table"]

Codes = npt.NDArray[np.uint32]

_UNIT = np.dtype("<u4")
END = 0x32400
"""The first code point beyond the tables."""


@cache
def _identity() -> Codes:
    return np.arange(END, dtype=_UNIT)


def codes_of(text: str) -> Codes:
    """The code points of a text."""
    return np.frombuffer(utf_32_le_encode(text, "surrogatepass")[0], _UNIT)


def table(changes: Mapping[str, str]) -> Codes:
    """A map's table: each character to one; those that are not named stay as they are."""
    made = _identity().copy()
    made[codes_of("".join(changes))] = codes_of("".join(changes.values()))
    return made


def _text(codes: Codes) -> str:
    return utf_32_le_decode(codes.data, "surrogatepass")[0]


class CharacterMap:
    """One map."""

    def __init__(self, changes: Mapping[str, str]) -> None:
        self._take = table(changes).take

    def __call__(self, text: str) -> str:
        """The text mapped."""
        codes = codes_of(text)
        try:
            return _text(self._take(codes))
        except IndexError:
            return _text(np.where(codes < END, self._take(codes, mode="clip"), codes))


class CharacterMaps:
    """Four maps over the same text; `beyond` is what each makes of a character past the tables.

    None: the character itself.
    """

    def __init__(self, *tables: Codes, beyond: tuple[int | None, ...]) -> None:
        self._take = np.stack(tables, axis=1).take
        self._beyond = beyond

    def __call__(self, text: str) -> tuple[str, str, str, str]:
        """The text mapped by each of the four tables, in their order."""
        codes = codes_of(text)
        try:
            taken = self._take(codes, 0)
        except IndexError:
            taken = self._take(codes, 0, mode="clip")
            for column, made in enumerate(self._beyond):
                other = codes if made is None else np.uint32(made)
                taken[:, column] = np.where(codes < END, taken[:, column], other)
        mapped = _text(taken)
        return mapped[::4], mapped[1::4], mapped[2::4], mapped[3::4]
