"""Coding sheets: what is written is what is read, and no cell is a formula."""

import csv
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from archive.errors import UsageError
from crawlers.survey_sheets import COLUMNS, read_sheet, write_csv, write_xlsx
from pipelines.survey import Camp, Topic, Unit

TOPIC = Topic("題", "詞", (Camp("a", "甲", "=1+1 之類"), Camp("b", "乙")))
ODD = [
    '=HYPERLINK("http://x.example")',
    "+886",
    "-1",
    "@某人",
    "第一行\n第二行",
    "響\x07鈴",
    "長" * 40_000,
]


def _units():
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    return [Unit(f"demo/{n}", "comment", "demo", text, None, at) for n, text in enumerate(ODD)]


def test_xlsx_holds_text_only_and_a_choice_of_codes(tmp_path):
    path = tmp_path / "sheet.xlsx"
    write_xlsx(path, TOPIC, _units())
    book = load_workbook(path)
    assert [cell.value for cell in book["units"][1]] == list(COLUMNS)
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert types <= {"s", "n"}
    filled = {c.data_type for sheet in book for row in sheet.iter_rows() for c in row if c.value}
    assert filled == {"s"}
    quotes = [row[COLUMNS.index("quote")].value for row in book["units"].iter_rows(min_row=2)]
    assert quotes[:5] == ODD[:5]
    assert quotes[5] == "響鈴"
    assert quotes[6].endswith("[…cut: see the permalink]")
    assert len(quotes[6]) < 32_767
    (choice,) = book["units"].data_validations.dataValidation
    assert (choice.formula1, str(choice.sqref)) == ("codebook!$A$2:$A$3", "C2:C8")
    assert book["codebook"]["C2"].value == "=1+1 之類"


def test_csv_is_inert_in_a_spreadsheet(tmp_path):
    path = tmp_path / "sheet.csv"
    write_csv(path, _units())
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    assert [row["quote"][:2] for row in rows[:4]] == ["'=", "'+", "'-", "'@"]
    assert rows[4]["quote"] == ODD[4]
    assert rows[0]["time"] == "2026-01-02 11:04 +08:00"


def test_codes_are_read_back_from_xlsx(tmp_path):
    path = tmp_path / "ming.xlsx"
    write_xlsx(path, TOPIC, _units())
    book = load_workbook(path)
    book["units"]["C2"] = "a"
    book["units"]["C4"] = " B "
    book.active = 1
    book.save(path)
    assert read_sheet(path) == {"demo/0": "a", "demo/2": "B"}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_codes_are_read_back_from_csv_of_any_locale(tmp_path, mark):
    path = tmp_path / "yun.csv"
    lines = [["Number", "Code", "Evidence"], ["1", "a", "demo/0"], ["2", "", "demo/1"], ["3"], []]
    path.write_text("\n".join(mark.join(line) for line in lines), "utf-8-sig")
    assert read_sheet(path) == {"demo/0": "a"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.csv", "a,b\n1,2", "no columns evidence and code"),
        ("x.csv", "", "no columns evidence and code"),
        ("x.csv", "evidence,code\ne,a\ne,b", "twice and differently"),
        ("x.xlsx", "not a workbook", "no xlsx workbook"),
    ],
)
def test_a_file_that_is_no_sheet_says_so(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_sheet(tmp_path / name)
