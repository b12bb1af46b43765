"""An Excel workbook: texts are written as texts, so that no id changes and no formula runs.

A sheet holds 1,048,576 rows and a cell 32,767 characters: rows go on in further sheets, longer
texts are cut, counted, and named on the sheet `notes`. Times are UTC, to the millisecond; whole
numbers beyond 15 digits, which Excel would round, are written as text.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.export import Notices, Rows, flat, needed
from archive.export_text import CELL, ROWS, units

__all__ = ["write_xlsx"]

_EXACT = 10**15
_FIRST_YEAR = 1901
_WIDTH = 14
_WIDTHS = {"text": 60, "text_hans": 40, "search_key": 40, "title": 40, "url": 40, "evidence": 30}
_WIDTHS |= {"published_at": 19, "observed_at": 19, "last_seen": 19, "comment_id": 24}
_TIME = {"num_format": "yyyy-mm-dd hh:mm:ss"}


def write_xlsx(rows: Rows, out: Path, notices: Notices) -> None:
    """Write a workbook; raises `UsageError` where XlsxWriter is missing."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with needed("xlsxwriter").Workbook(out, options) as book:
        sheets = _Sheets(book, rows.names)
        for batch in rows.batches:
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                cells = [
                    _cell(value, name, notices) for name, value in zip(rows.names, row, strict=True)
                ]
                sheets.write(cells)
        if sheets.number > 1:
            notices.count("sheets hold the rows: one sheet was not enough", "all", sheets.number)
        _notes(book, notices)
        if rows.docs:
            _columns(book, rows)


class _Sheets:
    """The sheet that is written to, and a new one whenever it is full."""

    def __init__(self, book: Any, names: list[str]) -> None:
        self.number = 0
        self._book, self._names = book, names
        self._bold = book.add_format({"bold": True})
        self._time = book.add_format(_TIME)
        self._begin()

    def _begin(self) -> None:
        self.number += 1
        self._sheet = self._book.add_worksheet(f"rows{self.number}")
        self._sheet.freeze_panes(1, 0)
        for at, name in enumerate(self._names):
            self._sheet.set_column(at, at, _WIDTHS.get(name, _WIDTH))
            self._sheet.write_string(0, at, name, self._bold)
        self._row = 1

    def write(self, cells: list[Any]) -> None:
        if self._row >= ROWS:
            self._begin()
        for at, value in enumerate(cells):
            self._writer(value)(at, value)
        self._row += 1

    def _writer(self, value: Any) -> Callable[[int, Any], object]:
        sheet, row = self._sheet, self._row
        if value is None:
            return lambda _at, _value: None
        if isinstance(value, bool):
            return lambda at, value: sheet.write_boolean(row, at, value)
        if isinstance(value, int | float):
            return lambda at, value: sheet.write_number(row, at, value)
        if isinstance(value, datetime):
            return lambda at, value: sheet.write_datetime(row, at, value, self._time)
        return lambda at, value: sheet.write_string(row, at, value)


def _cell(value: Any, name: str, notices: Notices) -> Any:
    if isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        if value == value and abs(value) < _EXACT:  # noqa: PLR0124 - NaN is not itself
            return value
        notices.count("numbers are written as text: Excel would round them", name)
        return str(value)
    text = str(flat(value))
    if len(text) * 2 <= CELL or units(text) <= CELL:
        return text
    notices.count(f"texts are cut to the {CELL:,} characters of a cell", name, cut=True)
    return _shortened(text)


def _shortened(text: str) -> str:
    """As many characters as a cell holds."""
    end = CELL
    while units(text[:end]) > CELL:
        end -= max(1, (units(text[:end]) - CELL) // 2)
    return text[:end]


def _notes(book: Any, notices: Notices) -> None:
    sheet = book.add_worksheet("notes")
    sheet.set_column(0, 0, 100)
    for at, line in enumerate(["Times are UTC.", *notices.lines()]):
        sheet.write_string(at, 0, line)


def _columns(book: Any, rows: Rows) -> None:
    """What each column means, on a sheet of its own."""
    sheet = book.add_worksheet("columns")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for at, name in enumerate(rows.names):
        sheet.write_string(at, 0, name)
        sheet.write_string(at, 1, rows.docs.get(name, ""))
