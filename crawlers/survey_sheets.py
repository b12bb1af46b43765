"""Coding sheets: written for coders as xlsx and CSV, and read back with what they decided.

Cells are text, never formulas: a quote that begins with = stays a quote. CSV has a BOM, so that
spreadsheets read it as UTF-8, and an apostrophe before such a quote. Excel holds 32,767 characters
a cell; a longer quote is cut, and says so.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from archive import files
from archive.errors import UsageError
from crawlers.options import CHINA
from pipelines.survey import Topic, Unit

__all__ = ["COLUMNS", "read_sheet", "write_csv", "write_xlsx"]

COLUMNS = (
    *("number", "evidence", "code", "note", "quote", "answers_to", "title", "site", "time"),
    *("permalink", "found", "by_alias", "copies", "state"),
)
_WIDTHS = {"quote": 60, "answers_to": 36, "title": 30, "note": 24, "evidence": 30, "code": 14}
_CELL = 32_000
_CUT = " […cut: see the permalink]"
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_BARRED = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def _rows(units: Iterable[Unit]) -> list[tuple[str, ...]]:
    return [
        tuple(
            map(
                _cell,
                (
                    *(str(number), unit.evidence, "", "", unit.text, unit.context),
                    *(unit.title or "", unit.source),
                    f"{unit.time.astimezone(CHINA):%Y-%m-%d %H:%M} +08:00",
                    *(unit.url or "", unit.found, "yes" if unit.by_alias else ""),
                    *(str(len(unit.copies)), unit.state or ""),
                ),
            )
        )
        for number, unit in enumerate(units, 1)
    ]


def _cell(text: str) -> str:
    # XML has no place for control characters; no quote has a use for them.
    text = text.translate(_BARRED)
    return text if len(text) <= _CELL else text[:_CELL] + _CUT


def write_csv(path: Path, units: Sequence[Unit]) -> None:
    """Write a sheet as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(units):
        writer.writerow(["'" + value if value.startswith(_RISKY) else value for value in row])
    files.write_atomic(path, out.getvalue().encode("utf-8-sig"))


def write_xlsx(path: Path, topic: Topic, units: Sequence[Unit]) -> None:
    """Write a workbook: the sheet, with a list to choose codes from, and the codebook."""
    from openpyxl import Workbook  # noqa: PLC0415 - an optional library
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - the same
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - the same
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 - the same

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "units"
    _fill(sheet, [COLUMNS, *_rows(units)])
    for at, name in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(name, 12)
        sheet.cell(1, at).font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "E2"
    codebook: Any = book.create_sheet("codebook")
    lines = [(camp.code, camp.label, camp.rule) for camp in topic.camps]
    question = ("question", topic.question or topic.title, "")
    _fill(codebook, [("code", "camp", "rule"), *lines, (), question])
    last = len(topic.camps) + 1
    choice = DataValidation("list", formula1=f"codebook!$A$2:$A${last}", allow_blank=True)
    column = get_column_letter(COLUMNS.index("code") + 1)
    choice.add(f"{column}2:{column}{max(2, len(units) + 1)}")
    sheet.add_data_validation(choice)
    out = io.BytesIO()
    book.save(out)
    files.write_atomic(path, out.getvalue())


def _fill(sheet: Any, rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate(rows, 1):
        for at, value in enumerate(row, 1):
            if value:
                cell = sheet.cell(number, at, value)
                cell.data_type = "s"


def read_sheet(path: Path) -> dict[str, str]:
    """What a coder decided: evidence id -> code as written; rows without a code are left out.

    Raises `UsageError` where the file is no sheet, or codes one unit twice.
    """
    rows = _read_xlsx(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    head = [str(name or "").strip().lower() for name in (rows[0] if rows else ())]
    if "evidence" not in head or "code" not in head:
        raise UsageError(f"{path} is no coding sheet: it has no columns evidence and code")
    at, code_at = head.index("evidence"), head.index("code")
    found: dict[str, str] = {}
    for row in rows[1:]:
        cells = [str(value if value is not None else "").strip() for value in row]
        cells += [""] * (len(head) - len(cells))
        if not (cells[at] and cells[code_at]):
            continue
        if found.setdefault(cells[at], cells[code_at]) != cells[code_at]:
            raise UsageError(f"{path} codes {cells[at]} twice and differently")
    return found


def _read_csv(path: Path) -> list[list[str]]:
    text = files.read(path).decode("utf-8-sig", "replace")
    first = text.split("\n", 1)[0]
    # Spreadsheets of some locales write semicolons or tabs.
    mark = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=mark))


def _read_xlsx(path: Path) -> list[tuple[Any, ...]]:
    from zipfile import BadZipFile  # noqa: PLC0415 - only for workbooks

    from openpyxl import load_workbook  # noqa: PLC0415 - an optional library
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - the same

    try:
        book = load_workbook(io.BytesIO(files.read(path)), read_only=True, data_only=True)
        name = "units" if "units" in book.sheetnames else book.sheetnames[0]
        return [tuple(row) for row in book[name].iter_rows(values_only=True)]
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UsageError(f"{path} is no xlsx workbook: {error}") from None
