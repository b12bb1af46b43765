"""Exports: what other programs get is what the archive holds, or they are told what is not."""

import csv
import json
import shutil
import subprocess

import pyarrow.parquet as pq
import pytest
from archive_rows import START, article, comment
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from archive.commit import commit
from archive.export import FORMATS
from archive.export_text import CELL, inert
from archive.log import Log
from archive.root import Root
from crawlers.commands import export as export_command

TEXTS = ["=1+1", "+86", "-1", "@所有人", "\t=1", "007", "33810128840123456789", "1-2", "TRUE"]
PLAIN = ["昇騰", 'a,b\n"c"', "𠮷野家", "'quoted'", "", "1月的事", "第1樓"]
LONG = "長" * 40_000


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    rows = [comment(n, text=text) for n, text in enumerate([*TEXTS, *PLAIN])]
    made = {"comments": rows, "articles": [article(text=LONG, images=["a", "b"])]}
    commit(Log(root), "b1", made)
    return root


def _export(root, name, *words):
    out = root.path.parent / name
    words = [str(out), *words, "--archive", str(root.path)]
    return out, CliRunner().invoke(export_command.command, words, standalone_mode=False)


SQL = "SELECT comment_id, text, floor, published_at, quoted_ids FROM comments ORDER BY floor"


def test_csv_opens_in_excel_and_no_text_is_a_formula_or_number(root):
    out, done = _export(root, "c.csv", "--sql", SQL)
    assert done.return_value == 0, done.output
    data = out.read_bytes()
    assert data.startswith("\ufeffcomment_id,".encode())
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [row["text"] for row in rows]
    assert shown[: len(TEXTS)] == [f"'{text}" for text in TEXTS]
    assert [text.removeprefix("'") for text in shown[: len(TEXTS)]] == TEXTS
    assert shown[len(TEXTS) :] == [
        "昇騰",
        'a,b\n"c"',
        "𠮷野家",
        "''quoted'",
        "",
        "1月的事",
        "第1樓",
    ]
    assert rows[3]["floor"] == "3"
    assert rows[0]["published_at"] == "2024-01-31T23:50:00Z"
    assert f"text: {len(TEXTS) + 1} texts have an apostrophe in front" in done.output


@given(st.text())
def test_taking_one_apostrophe_away_gives_the_text_back(text):
    safe = inert(text)
    assert safe[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert (safe.removeprefix("'") if safe.startswith("'") else safe) == text


@pytest.mark.parametrize(
    "text", ["1/2", "2026-01-02", "1e5", "12%", "3:15", "Mar 1", "true", " =x"]
)
def test_what_a_spreadsheet_would_change_is_marked(text):
    assert inert(text) == f"'{text}"


def test_long_text_is_whole_in_csv_and_told(root):
    out, done = _export(root, "a.csv", "--table", "articles")
    assert LONG in out.read_text("utf-8-sig")
    assert "text: 1 texts are longer than the 32,767 characters of a cell" in done.output


def test_jsonl_is_lossless(root):
    out, done = _export(root, "c.jsonl", "--sql", SQL)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["text"] for row in rows] == [*TEXTS, *PLAIN]
    assert rows[0]["quoted_ids"] == []
    assert done.stdout.splitlines() == [str(out)]
    assert done.stderr.splitlines() == [f"{len(TEXTS) + len(PLAIN)} rows"]


def test_workbook_keeps_texts_as_texts_and_tells_what_it_cut(root):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    out, done = _export(root, "c.xlsx", "--sql", SQL)
    assert done.return_value == 0, done.output
    sheet = openpyxl.load_workbook(out)["rows1"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("comment_id", "text", "floor", "published_at", "quoted_ids")
    assert [row[1] or "" for row in rows[1:]] == [*TEXTS, *PLAIN]
    assert {cell.data_type for cell in sheet["B"]} <= {"s", "n"}  # n: an empty cell
    assert rows[1][3] == START.replace(tzinfo=None)
    out, done = _export(root, "a.xlsx", "--table", "articles")
    assert done.return_value == 3
    assert "text: 1 texts are cut to the 32,767 characters of a cell" in done.output
    book = openpyxl.load_workbook(out)
    column = [cell.value for cell in book["rows1"][1]].index("text")
    assert book["rows1"].cell(2, column + 1).value == LONG[:CELL]
    assert any("cut" in str(row[0]) for row in book["notes"].iter_rows(values_only=True))


def test_rows_beyond_a_sheet_go_on_in_the_next(root, monkeypatch):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr("archive.export_sheet.ROWS", 11)
    out, done = _export(root, "c.xlsx", "--sql", SQL)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["rows1", "rows2", "notes"]
    assert [book["rows1"].max_row, book["rows2"].max_row] == [11, len(TEXTS + PLAIN) - 10 + 1]
    assert "2 sheets hold the rows" in done.output


@pytest.mark.parametrize(("name", "cut"), [("c.dta", False), ("c.sav", True)])
def test_statistics_programs_get_every_row_and_whole_texts_or_a_count(root, name, cut):
    pyreadstat = pytest.importorskip("pyreadstat")
    read = {"c.dta": pyreadstat.read_dta, "c.sav": pyreadstat.read_sav}[name]
    out, done = _export(root, name, "--sql", SQL)
    assert done.return_value == 0, done.output
    frame, _ = read(str(out))
    assert list(frame["text"]) == [*TEXTS, *PLAIN]
    assert frame["published_at"][0].to_pydatetime() == START.replace(tzinfo=None)
    assert list(frame["floor"]) == list(range(len(TEXTS + PLAIN)))
    sql = 'SELECT text AS "long", 2::BIGINT**53 + 1 AS n, modified_at, true AS b FROM articles'
    out, done = _export(root, name, "--sql", sql, "--force")
    frame, _ = read(str(out))
    assert frame["v_long"][0] == (LONG[: 32_767 // 3] if cut else LONG)
    assert ("texts are cut to 32,767 bytes" in done.output) == cut
    assert "is called v_long here" in done.output
    assert frame["b"][0] == 1


@pytest.mark.skipif(not shutil.which("Rscript"), reason="needs R")
def test_r_reads_the_data_frame(root):
    out, done = _export(root, "c.rds", "--sql", SQL.replace(" FROM", ", NULL::BIGINT AS none FROM"))
    assert done.return_value == 0, done.output
    code = (
        f"d <- readRDS('{out}'); stopifnot(is.character(d$comment_id), is.integer(d$floor));"
        "cat(nrow(d), ncol(d), all(is.na(d$none)), format(d$published_at[1], '%F %T'), '\\n');"
        "cat(d$text, sep='\\x1f')"
    )
    env = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        ["Rscript", "-e", code], capture_output=True, check=True, env=env
    ).stdout.decode()
    head, _, texts = told.partition("\n")
    assert head.split() == ["16", "6", "TRUE", "2024-01-31", "23:50:00"]
    assert texts.split("\x1f") == [*TEXTS, *PLAIN]


def test_data_frame_of_r_is_the_same_bytes_each_time_and_tells_what_it_rounds(root):
    sql = "SELECT 9007199254740993 AS n, 1.5::DOUBLE AS f, true AS b, NULL AS t"
    first, done = _export(root, "x.rds", "--sql", sql)
    assert done.return_value == 3
    assert "n: 1 numbers are rounded" in done.output
    second, _ = _export(root, "y.rds", "--sql", sql)
    assert first.read_bytes() == second.read_bytes()


def test_parquet_keeps_values_and_types_and_the_rows_are_counted(root):
    out, done = _export(root, "c.parquet", "--sql", SQL)
    assert done.return_value == 0, done.output
    read = pq.read_table(out)
    assert read["text"].to_pylist() == [*TEXTS, *PLAIN]
    assert str(read.schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    assert str(read.schema.field("floor").type) == "int32"
    assert f"{len(TEXTS) + len(PLAIN)} rows" in done.output


@pytest.mark.parametrize("form", FORMATS)
def test_empty_result_is_a_file_with_its_columns(root, form):
    for module in ("xlsxwriter", "pyreadstat"):
        pytest.importorskip(module)
    sql = "SELECT source, floor, published_at FROM comments WHERE false"
    out, done = _export(root, f"none{FORMATS[form].suffix}", "--sql", sql)
    assert done.exception is None, done.exception
    assert out.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("x.csv",),
        ("x.csv", "--table", "nothing"),
        ("x.csv", "--table", "comments", "--sql", "SELECT 1"),
        ("x.csv", "--sql", "DROP VIEW comments"),
        ("x.csv", "--sql", "SELECT 1; SELECT 2"),
        ("x.odt", "--table", "comments"),
        ("a", "--table", "comments"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_told_and_leaves_nothing(root, words):
    before = sorted(path.name for path in root.path.parent.iterdir())
    _, done = _export(root, *words)
    assert done.exception.exit_code == 2
    assert sorted(path.name for path in root.path.parent.iterdir()) == before


def test_file_is_replaced_only_by_force(root):
    out, _ = _export(root, "c.csv", "--table", "comments")
    before = out.read_bytes()
    _, done = _export(root, "c.csv", "--table", "articles")
    assert "--force" in str(done.exception)
    assert out.read_bytes() == before
    _, done = _export(root, "c.csv", "--table", "articles", "--force")
    assert out.read_bytes() != before


def test_missing_library_is_told_with_the_extra(root, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    _, done = _export(root, "c.xlsx", "--table", "comments")
    assert "shenglu[export]" in str(done.exception)


def test_formats_of_the_command_are_those_of_the_table():
    assert tuple(FORMATS) == export_command._FORMATS


def test_columns_of_a_view_bring_their_meaning_with_them(root):
    pyreadstat, openpyxl = (pytest.importorskip(name) for name in ("pyreadstat", "openpyxl"))
    for suffix, read in (("dta", pyreadstat.read_dta), ("sav", pyreadstat.read_sav)):
        out, _ = _export(root, f"c.{suffix}", "--table", "comments")
        labels = read(out)[1].column_names_to_labels
        assert labels["comment_id"] == "The site's id; unique within source and thread."
        assert all(labels.values())
    out, _ = _export(root, "c.xlsx", "--table", "comments")
    sheet = openpyxl.load_workbook(out)["columns"]
    shown = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert shown["votes_up"] == "Approving votes when last seen."
    assert all(shown.values())
    out, _ = _export(root, "sql.xlsx", "--sql", SQL)
    assert "columns" not in openpyxl.load_workbook(out).sheetnames
