"""An R data frame in R's own format (RDS), for `readRDS`.

Written here and not by a library: pyreadr is under the AGPL, and rdata 1.1 turns a whole number
beyond 32 bits into 0 and cannot write times (docs/decisions/0040-own-rds-writer.md). The format is
serialization version 2 in XDR, gzip-compressed, as in "R Internals", section 1.8. Whole numbers
of 32 bits stay integers, longer ones become doubles (exact to 2**53); times become POSIXct in
UTC; lists become JSON. The table must fit into memory; a column has at most 2**31 - 1 rows.
"""

import gzip
import math
import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from archive.export import Notices, Rows, flat

__all__ = ["write_rds"]

_NIL, _SYMBOL, _PAIRLIST, _CHAR = 254, 1, 2, 9
_LOGICAL, _INTEGER, _REAL, _STRING, _VECTOR = 10, 13, 14, 16, 19
_HAS_ATTRIBUTES, _HAS_TAG, _IS_OBJECT = 0x200, 0x400, 0x100
_UTF8 = 1 << 15  # bit 3 of the level field, which begins at bit 12
_NA_INTEGER: Final = -(2**31)
_NA_REAL: Final = struct.pack(">Q", 0x7FF00000000007A2)
_EXACT: Final = 2**53
_R_2_3_0: Final = 0x00020300


def write_rds(rows: Rows, out: Path, notices: Notices) -> None:
    """Write a data frame; `readRDS(file)` gives it back."""
    table = rows.table()
    # No file name and no time in the head: equal rows give equal bytes.
    with out.open("wb") as plain, gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as file:
        file.write(b"X\n" + struct.pack(">iii", 2, _R_2_3_0, _R_2_3_0))
        _begin(file, _VECTOR | _HAS_ATTRIBUTES | _IS_OBJECT, table.num_columns)
        for name, column in zip(rows.names, table.columns, strict=True):
            _column(file, column, name, notices)
        _attribute(file, "names")
        _strings(file, rows.names)
        _attribute(file, "row.names")
        # R's short form of 1..n: (NA, -n).
        _begin(file, _INTEGER, 2)
        file.write(struct.pack(">ii", _NA_INTEGER, -table.num_rows))
        _attribute(file, "class")
        _strings(file, ["data.frame"])
        file.write(struct.pack(">i", _NIL))


def _column(file: BufferedIOBase, column: Any, name: str, notices: Notices) -> None:
    kind, values = column.type, column.to_pylist()
    if pa.types.is_boolean(kind):
        _begin(file, _LOGICAL, len(values))
        _integers(file, [None if v is None else int(v) for v in values])
    elif pa.types.is_integer(kind) and all(v is None or abs(v) < 2**31 for v in values):
        _begin(file, _INTEGER, len(values))
        _integers(file, values)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        large = sum(1 for v in values if v is not None and math.isfinite(v) and abs(v) > _EXACT)
        if pa.types.is_integer(kind):
            notices.count("numbers are rounded: they are beyond 2**53", name, large, cut=True)
        _begin(file, _REAL, len(values))
        _reals(file, values)
    elif pa.types.is_timestamp(kind):
        _begin(file, _REAL | _HAS_ATTRIBUTES | _IS_OBJECT, len(values))
        _reals(file, [None if v is None else _seconds(v) for v in values])
        _attribute(file, "class")
        _strings(file, ["POSIXct", "POSIXt"])
        _attribute(file, "tzone")
        _strings(file, ["UTC"])
        file.write(struct.pack(">i", _NIL))
    else:
        _strings(file, [flat(value) for value in values])


def _begin(file: BufferedIOBase, flags: int, length: int) -> None:
    file.write(struct.pack(">ii", flags, length))


def _attribute(file: BufferedIOBase, name: str) -> None:
    """The head of a pair list cell with that tag; its value follows."""
    file.write(struct.pack(">ii", _PAIRLIST | _HAS_TAG, _SYMBOL))
    _text(file, name)


def _strings(file: BufferedIOBase, values: Iterable[Any]) -> None:
    listed = list(values)
    _begin(file, _STRING, len(listed))
    for value in listed:
        if value is None:
            file.write(struct.pack(">ii", _CHAR, -1))
        else:
            _text(file, str(value))


def _text(file: BufferedIOBase, value: str) -> None:
    # R's strings end at a zero byte; U+FFFD stands where one was.
    data = value.replace("\0", "\ufffd").encode("utf-8", "replace")
    file.write(struct.pack(">ii", _CHAR | _UTF8, len(data)) + data)


def _integers(file: BufferedIOBase, values: list[int | None]) -> None:
    filled = [_NA_INTEGER if v is None else v for v in values]
    file.write(struct.pack(f">{len(filled)}i", *filled))


def _reals(file: BufferedIOBase, values: Iterable[Any]) -> None:
    file.write(b"".join(_NA_REAL if v is None else struct.pack(">d", float(v)) for v in values))


def _seconds(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
