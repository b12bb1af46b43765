"""Files of Stata and SPSS, through pyreadstat.

Both know no null text, no list and no truth value: a null text becomes an empty one (counted),
lists become JSON, truth values 1 and 0. Whole numbers become floating point, exact to 2**53.
Times are UTC without a zone. SPSS holds 32,767 bytes in a text: longer ones are cut between
characters and counted. Stata holds texts of any length. The table must fit into memory.
"""

import re
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from archive.export import Notices, Rows, flat, needed

__all__ = ["write_spss", "write_stata"]

_SPSS_BYTES: Final = 32_767
_EXACT: Final = 2**53
_LABEL: Final = 80
_STATA_WORDS: Final = frozenset(
    {"byte", "double", "float", "if", "in", "int", "long", "str", "strL", "using", "with"}
)
Column = Any
"""A chunked array of Arrow."""


def write_stata(rows: Rows, out: Path, notices: Notices) -> None:
    """Write a Stata file (format 118); raises `UsageError` where pyreadstat is missing."""
    pyreadstat, (frame, labels) = needed("pyreadstat"), _frame(rows, notices, (32, None))
    pyreadstat.write_dta(frame, str(out), version=15, column_labels=labels)


def write_spss(rows: Rows, out: Path, notices: Notices) -> None:
    """Write an SPSS file (.sav); raises `UsageError` where pyreadstat is missing."""
    pyreadstat, (frame, labels) = needed("pyreadstat"), _frame(rows, notices, (64, _SPSS_BYTES))
    pyreadstat.write_sav(frame, str(out), row_compress=True, column_labels=labels)


def _frame(rows: Rows, notices: Notices, limits: tuple[int, int | None]) -> tuple[Any, list[str]]:
    """A Polars frame whose columns both programs can hold, and the columns' labels."""
    width, length = limits
    table = rows.table()
    columns: dict[str, Any] = {}
    for name, column in zip(rows.names, table.columns, strict=True):
        known = _name(name, width, columns)
        if known != name:
            notices.counts[f"is called {known} here: the name is not allowed", name] = 0
        columns[known] = _column(column, name, notices, length)
    labels = [_label(rows.docs.get(name, "")) for name in rows.names]
    return needed("polars").from_arrow(pa.table(columns)), labels


def _label(doc: str) -> str:
    """What a column means, in the 80 characters that Stata shows."""
    return doc if len(doc) <= _LABEL else doc[: _LABEL - 1] + "…"


def _name(name: str, width: int, taken: dict[str, Any]) -> str:
    known = re.sub(r"[^A-Za-z0-9_]", "_", name)[:width]
    if not re.match(r"[A-Za-z]", known) or known in _STATA_WORDS or re.match(r"str\d", known):
        known = f"v_{known}"[:width]
    plain, number = known, 1
    while known.lower() in {one.lower() for one in taken}:
        number += 1
        known = f"{plain[: width - 4]}_{number}"
    return known


def _column(column: Column, name: str, notices: Notices, length: int | None) -> Column:
    kind = column.type
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _numbers(column, name, notices)
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz)).cast(pa.timestamp("us"))
    texts = column
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        values = [flat(value) for value in column.to_pylist()]
        texts = pa.chunked_array([pa.array(values, pa.string())])
    notices.count("nulls are empty texts here: the format has no null text", name, texts.null_count)
    return _fitting(texts.fill_null(""), name, notices, length)


def _numbers(column: Column, name: str, notices: Notices) -> Column:
    found = column.cast(pa.float64(), safe=False)
    large = sum(1 for value in found.to_pylist() if value is not None and abs(value) > _EXACT)
    notices.count("numbers are rounded: they are beyond 2**53", name, large, cut=True)
    return found


def _fitting(texts: Column, name: str, notices: Notices, length: int | None) -> Column:
    if length is None:
        return texts
    sizes: Any = pc.binary_length(texts)
    long = sum(1 for size in sizes.to_pylist() if size > length)
    if not long:
        return texts
    notices.count(f"texts are cut to {length:,} bytes", name, long, cut=True)
    values = [v.encode()[:length].decode("utf-8", "ignore") for v in texts.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.string())])
