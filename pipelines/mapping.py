"""Character-by-character maps over a text, fast for short texts and for long ones.

A short text goes through `str.translate` with a list (faster there than a dict). A long one goes
through Arrow: its code points become one integer column and the map one `take`, some eight times
faster. Both give the same; every map is 1:1 in code points.

The lists of all maps share their integers: a list of its own for each costs 36 MB more.
"""

import sys
from array import array
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["CharacterMap", "LetterMap"]

# Where the detour over Arrow begins to pay, in characters.
_LONG = 256
_SIZE = sys.maxunicode + 1
# `translate` leaves what is past a list's end as it is; nothing above holds letters.
_ASSIGNED = 0x40000


@cache
def _points() -> list[int]:
    """The code points that a map may name, each in its place."""
    return list(range(_ASSIGNED))


class CharacterMap:
    """Each character to one character; those that the map does not name stay as they are."""

    def __init__(self, changes: Mapping[str, str]) -> None:
        table = _points().copy()
        for source, target in changes.items():
            table[ord(source)] = ord(target)
        self._list = table
        self._column = _column(array("I", [*table, *range(_ASSIGNED, _SIZE)]), pa.uint32())

    def __call__(self, text: str) -> str:
        """The text mapped; lone surrogates included."""
        if len(text) < _LONG:
            return text.translate(self._list)
        return _taken(self._column, text).decode("utf-32-le", "surrogatepass")


class LetterMap:
    """Each character to one ASCII letter."""

    def __init__(self, letters: list[str]) -> None:
        self._list = letters
        self._column = _column("".join(letters).encode("ascii"), pa.uint8())

    def __call__(self, text: str) -> str:
        """The letters of the text, as many as it has characters."""
        if len(text) < _LONG:
            return text.translate(self._list)
        return _taken(self._column, text).decode("ascii")


def _column(values: "bytes | array[int]", kind: "pa.DataType") -> "pa.Array[Any]":
    """The values as a column over their own memory; `pa.array` would make each anew."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _taken(column: "pa.Array[Any]", text: str) -> bytes:
    """The bytes of the column's values at the code points of the text."""
    units = pa.py_buffer(text.encode("utf-32-le", "surrogatepass"))
    codes = pa.Array.from_buffers(pa.uint32(), len(text), [None, units])
    values = pc.take(column, codes, boundscheck=False).buffers()[1]
    return b"" if values is None else values.to_pybytes()
