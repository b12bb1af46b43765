"""CSV for spreadsheets, JSON lines and Parquet for programs; Parquet keeps every value as it is.

CSV: UTF-8 with a byte order mark (Excel takes it for a local charset otherwise), RFC 4180 quoting
and line ends. A text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a
line end) or change into a number, date or truth value (007, 33810128840, 1-2, TRUE) gets an
apostrophe in front; so does a text that begins with one, hence taking one leading apostrophe away
gives the text back. Every such value is counted.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from archive.export import Notices, Rows, flat

__all__ = ["CELL", "ROWS", "inert", "units", "write_csv", "write_jsonl", "write_parquet"]

CELL: Final = 32_767
"""Characters (UTF-16 code units) that a cell of Excel can hold."""
ROWS: Final = 1_048_576
"""Rows of a sheet of Excel, the header included."""

_FORMULA = re.compile(r"[\s]*[=+\-@＝＋－＠|%]|[\t\r\n']")
_CHANGED = re.compile(
    r"\s*(?:"
    r"[\d.,]*\d[\d.,]*(?:e[+-]?\d+)?\s*%?"  # 007, 1.5, 1e5, 12%
    r"|[$¥€£￥]\s*[\d.,]+"
    r"|\d{1,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?(?:[ T]\d{1,2}:\d{2}.*)?"  # dates
    r"|\d{1,2}[-/ ]?[a-z]{3,9}[-/ ]?\d{0,4}|[a-z]{3,9}[-/ ]\d{1,4}"  # 1-Mar, Sept 2
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?"
    r"|\d{1,2}月(?:\d{1,2}日)?"
    r"|true|false"
    r")\s*",
    re.IGNORECASE,
)


def inert(text: str) -> str:
    """A text that a spreadsheet shows as it is: with an apostrophe where it would not."""
    return f"'{text}" if _FORMULA.match(text) or _CHANGED.fullmatch(text) else text


def write_csv(rows: Rows, out: Path, notices: Notices) -> None:
    """Write CSV for spreadsheets."""
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(rows.names)
        count = 0
        for batch in rows.batches:
            columns = [
                [_cell(value, name, notices) for value in column.to_pylist()]
                for name, column in zip(rows.names, batch.columns, strict=True)
            ]
            writer.writerows(zip(*columns, strict=True))
            count += batch.num_rows
    if count >= ROWS:
        what = f"rows are in the file, Excel opens only the first {ROWS - 1:,}"
        notices.count(what, "all columns", count)


def _cell(value: Any, name: str, notices: Notices) -> Any:
    """A cell: only texts can be dangerous, numbers are numbers."""
    if not isinstance(value, str):
        value = flat(value)
        return "" if value is None else value
    safe = inert(value)
    if safe is not value:
        notices.count("texts have an apostrophe in front, to stay the text they are", name)
    if len(safe) * 2 > CELL and units(safe) > CELL:
        what = f"texts are longer than the {CELL:,} characters of a cell; whole here, not in Excel"
        notices.count(what, name)
    return safe


def units(text: str) -> int:
    """The length of a text as Excel counts it, in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def write_jsonl(rows: Rows, out: Path, notices: Notices) -> None:
    """Write one JSON object a line; nothing is lost and nothing to tell."""
    del notices
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for batch in rows.batches:
            for row in batch.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=flat) + "\n")


def write_parquet(rows: Rows, out: Path, _notices: Notices) -> None:
    """Write one Parquet file with the types that the query gives."""
    with pq.ParquetWriter(out, rows.schema, compression="zstd") as writer:
        for batch in rows.batches:
            writer.write_batch(batch)
