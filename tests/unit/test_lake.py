"""Delta and Iceberg over the archive's own files, read back by engines that are not ours."""

import json
import os

import duckdb
import polars as pl
import pytest
from archive_rows import article, comment
from click.testing import CliRunner

from archive.commit import commit
from archive.errors import StorageError, UsageError
from archive.lake import LAKES, lake
from archive.log import Log
from archive.partition import MONTH_KEY
from archive.root import Root
from archive.schema import TABLES
from crawlers.commands.export import command

pytest.importorskip("deltalake")
pytest.importorskip("pyiceberg")


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    log = Log(root)
    rows = [comment(n, minutes=n, quoted_ids=["c1", "007"]) for n in range(30)]
    commit(log, "b1", {"comments": rows, "articles": [article()]})
    commit(log, "b2", {"comments": [comment(n, thread="t2") for n in range(5)]})
    return root


def _read(form, out, name):
    """The rows by Polars: its own Parquet reader over the files that the format names."""
    if form == "delta":
        return pl.read_delta(str(out / name)).drop(MONTH_KEY)
    metadata = max((out / name / "metadata").glob("*.metadata.json"))
    return pl.scan_iceberg(str(metadata)).collect()


def _truth(root, name):
    paths = [str(root.path / file.path) for file in Log(root).snapshot().of(name)]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        read = "FROM read_parquet(?, hive_partitioning = false)"
        return connection.execute(read, [paths]).to_arrow_table()


def _sorted(rows):
    return sorted(json.dumps(row, default=str) for row in rows)


@pytest.mark.parametrize("form", LAKES)
def test_tables_read_back_by_another_engine_are_the_archive(root, tmp_path, form):
    out = tmp_path / "lake"
    rows = lake(root, form, out)
    assert rows == {name: Log(root).snapshot().rows(name) for name in TABLES}
    for name in ("comments", "articles"):
        found = _read(form, out, name)
        assert found.columns == [column.name for column in TABLES[name].columns]
        assert _sorted(found.to_dicts()) == _sorted(_truth(root, name).to_pylist())
        assert str(found.schema["observed_at"]) == "Datetime(time_unit='us', time_zone='UTC')"
    assert _read(form, out, "visits").height == 0


@pytest.mark.parametrize("form", LAKES)
def test_no_data_is_copied_and_the_archive_stays_as_it_was(root, tmp_path, form):
    before = sorted(root.tables.rglob("*"))
    lake(root, form, tmp_path / "lake", ["comments"])
    for file in Log(root).snapshot().of("comments"):
        ours = root.path / file.path
        theirs = tmp_path / "lake" / ours.relative_to(root.tables)
        assert ours.stat().st_ino == theirs.stat().st_ino
    assert sorted(root.tables.rglob("*")) == before
    assert json.loads((tmp_path / "lake/lake.json").read_text())["snapshot"] == 2


def test_files_are_copied_where_no_hard_link_reaches(root, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(18, os.strerror(18))

    monkeypatch.setattr("archive.files.os.link", refuse)
    lake(root, "delta", tmp_path / "lake", ["comments"])
    found = _read("delta", tmp_path / "lake", "comments")
    assert _sorted(found.to_dicts()) == _sorted(_truth(root, "comments").to_pylist())


def test_lake_is_replaced_on_request_only_and_nothing_else_is_ever(root, tmp_path):
    out = tmp_path / "lake"
    lake(root, "delta", out, ["comments"])
    with pytest.raises(UsageError, match="--force"):
        lake(root, "delta", out)
    commit(Log(root), "b3", {"comments": [comment(1, thread="t3")]})
    assert lake(root, "delta", out, ["comments"], replace=True) == {"comments": 36}
    assert _read("delta", out, "comments").height == 36
    other = tmp_path / "precious"
    other.mkdir()
    (other / "thesis.docx").write_bytes(b"x")
    with pytest.raises(UsageError, match="not made by"):
        lake(root, "delta", other, replace=True)
    assert (other / "thesis.docx").exists()
    for inside in (root.path, root.tables / "lake", tmp_path):
        with pytest.raises(UsageError, match="overlaps"):
            lake(root, "delta", inside, replace=True)


def test_lake_that_was_cut_short_is_made_anew(root, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("pyiceberg.table.Table.add_files", lambda *_: 1 / 0)
        with pytest.raises(StorageError, match="iceberg table"):
            lake(root, "iceberg", tmp_path / "lake")
    assert not (tmp_path / "lake/lake.json").exists()
    lake(root, "iceberg", tmp_path / "lake")
    assert _read("iceberg", tmp_path / "lake", "comments").height == 35


def test_verb_makes_it_and_refuses_sql(root, tmp_path):
    words = [str(tmp_path / "lake"), "--archive", str(root.path), "--format", "delta"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    assert "comments: 35 rows" in done.output
    refused = CliRunner().invoke(command, [*words, "--force", "--sql", "SELECT 1"])
    assert isinstance(refused.exception, UsageError)
