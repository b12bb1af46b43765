"""The tables as plain readers see them, with what crashes leave lying there.

Six readers, none given an option (a folder or a plain glob), over a month that was compacted, rows
that came later, and the debris of writers that died: half a Parquet file under its temporary name,
a folder that was spilled to, a half-built replacement, a log entry that was never linked. Debris
lies in a release's folder, too.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from archive_rows import article, comment, visit

from archive.commit import commit
from archive.compact import compact
from archive.log import Log
from archive.partition import MONTH_KEY
from archive.release import release
from archive.release_schema import RELEASED
from archive.root import Root
from archive.schema import TABLES

READERS = ("duckdb", "polars", "pandas", "pyarrow", "datasets", "fastparquet")
FILLED = ("articles", "comments", "visits")


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    root = Root.open(tmp_path_factory.mktemp("readers") / "a", create=True)
    log = Log(root)
    for batch, thread in (("b1", "t1"), ("b2", "t2")):
        rows = [comment(n, thread=thread, minutes=n, quoted_ids=["007", ""]) for n in range(30)]
        more = {"articles": [article(thread=thread)], "visits": [visit(thread=thread)]}
        commit(log, batch, {"comments": rows, **more})
    compact(root)
    late = {"comments": [comment(n, thread="t3") for n in range(9)], "articles": [article(2)]}
    commit(log, "b3", late)
    folder = release(root, "r1")
    for parquet in [*root.tables.rglob("*.parquet"), *folder.rglob("*.parquet")]:
        half = parquet.read_bytes()[:-200]
        parquet.with_name(f".{parquet.name}.deadbeef.tmp").write_bytes(half)
        parquet.with_name(f".{parquet.name}.00000000.tmp").write_bytes(b"")
    spilled = root.path / ".query-1.tmp"
    spilled.mkdir()
    (spilled / "block").write_bytes(b"x")
    built = root.path / "retired/compact-dead" / Log(root).snapshot().files[0].path
    built.parent.mkdir(parents=True)
    built.write_bytes(half)
    (root.log / f".{4:020d}.json.deadbeef.tmp").write_bytes(b'{"version"')
    return root, folder


def _read(reader, folder, home):
    """The rows by that reader as plain dicts, and what it says of types."""
    glob = f"{folder}/**/*.parquet"
    if reader == "duckdb":
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            table = connection.sql(f"FROM '{glob}'").to_arrow_table()
    elif reader == "polars":
        table = pl.read_parquet(glob).to_arrow()
    elif reader == "datasets":
        library = pytest.importorskip("datasets")
        library.disable_progress_bars()
        loaded = library.load_dataset("parquet", data_files=glob, cache_dir=str(home))
        table = loaded["train"].with_format("arrow")[:]
    elif reader == "pyarrow":
        assert ds.dataset(folder).count_rows() == pq.read_table(folder).num_rows
        table = pq.read_table(folder)
    else:
        # fastparquet does not look into folders of folders by itself, so it is given the files.
        files = sorted(map(str, folder.glob("**/[!.]*.parquet")))
        made = fastparquet.ParquetFile(files) if reader == "fastparquet" else None
        return made.to_pandas() if made else pd.read_parquet(folder)
    kinds = {field.name: str(field.type) for field in table.schema}
    return table.to_pylist(), kinds


def _plain(row):
    return json.dumps({k: row[k] for k in sorted(row) if k != MONTH_KEY}, default=str)


def _frame_rows(frame):
    """A pandas frame's rows with its spellings of "no value" undone."""
    made = []
    for row in frame.to_dict("records"):
        clean = {}
        for name, value in row.items():
            if hasattr(value, "tolist"):
                value = value.tolist()  # noqa: PLW2901 - a numpy array of ids
            absent = not isinstance(value, list) and pd.isna(value)
            clean[name] = None if absent else value
        made.append(clean)
    return made


def _expected(root, name):
    rows = []
    for file in Log(root).snapshot().of(name):
        rows += pq.read_table(root.path / file.path, partitioning=None).to_pylist()
    return rows


def _same_kind(ours, theirs):
    plain = theirs.replace("large_", "").replace("_view", "").replace("tz=Etc/UTC", "tz=UTC")
    for odd in ("element", "l"):
        plain = plain.replace(f"<{odd}: ", "<item: ")
    return plain == ours.replace("<l: ", "<item: ").replace("<element: ", "<item: ")


@pytest.mark.parametrize("place", ["tables", "release"])
@pytest.mark.parametrize("reader", READERS)
def test_reader_sees_the_rows_the_columns_and_the_types_and_no_debris(
    crashed, reader, place, tmp_path, monkeypatch
):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    root, released = crashed
    for name in FILLED:
        made = (TABLES if place == "tables" else RELEASED)[name]
        folder = root.tables / name if place == "tables" else released / "data" / name
        found = _read(reader, folder, tmp_path)
        wanted = _expected(root, name)
        columns = [column.name for column in made.columns]
        if reader in {"pandas", "fastparquet"}:
            assert [c for c in found.columns if c != MONTH_KEY] == columns
            assert str(found["observed_at"].dtype).startswith("datetime64[")
            # fastparquet drops the zone: its times are UTC without saying so.
            assert ("UTC" in str(found["observed_at"].dtype)) == (reader == "pandas")
            counted = _frame_rows(found)
            if reader == "fastparquet":
                _fast(counted, wanted)
                continue
            key = [(r["observed_at"], r["fetch_id"], r.get("comment_id")) for r in counted]
            truth = [(r["observed_at"], r["fetch_id"], r.get("comment_id")) for r in wanted]
            assert sorted(key) == sorted(truth)
            continue
        rows, kinds = found
        assert [c for c in kinds if c != MONTH_KEY] == columns
        derived = {column.name for column in made.columns} - {c.name for c in TABLES[name].columns}
        rows = [{key: value for key, value in row.items() if key not in derived} for row in rows]
        assert sorted(map(_plain, rows)) == sorted(map(_plain, wanted))
        for column in made.columns:
            assert _same_kind(str(made.schema.field(column.name).type), kinds[column.name]), column


def test_polars_refuses_a_bare_folder_with_debris_rather_than_misread_it(crashed):
    """The one reader that wants a glob: it takes hidden files for data when given a folder."""
    root, _ = crashed
    with pytest.raises(pl.exceptions.InvalidOperationError, match="glob"):
        pl.read_parquet(root.tables / "comments")


def _fast(found, wanted):
    """fastparquet: the flat columns, value by value."""
    flat = [name for name, value in wanted[0].items() if isinstance(value, str)]
    assert "observed_at" in found[0]
    assert sorted(str([row[n] for n in flat]) for row in found) == sorted(
        str([row[n] for n in flat]) for row in wanted
    )


SPARK = """
import json, sys
from datetime import UTC, datetime
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").getOrCreate()
told = []
for folder in sys.argv[2:]:
    frame = spark.read.parquet(folder)
    rows = [row.asDict() for row in frame.collect()]
    for row in rows:
        for name, value in row.items():
            if isinstance(value, datetime):
                row[name] = str(value.replace(tzinfo=UTC))
    told.append({"types": dict(frame.dtypes), "rows": rows})
open(sys.argv[1], "w").write(json.dumps(told, default=str))
"""
SPARK_TYPES = {
    "string": "string",
    "int64": "bigint",
    "int32": "int",
    "bool": "boolean",
    "timestamp[us, tz=UTC]": "timestamp",
    "list<item: string>": "array<string>",
}


@pytest.fixture(scope="module")
def spark(request):
    """PySpark in an environment of its own: it weighs half a gigabyte, and needs Java."""
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    home = Path(request.config.cache.mkdir("pyspark"))
    python = home / "bin" / "python"
    if not any(home.glob("lib/*/site-packages/pyspark")):
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        words = [home / "bin" / "pip", "install", "-q", "pyspark>=4"]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        if said.returncode:
            pytest.skip(f"PySpark cannot be installed here: {said.stderr[-300:]}")
    return python


@pytest.mark.trials
@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", ["tables", "release"])
def test_spark_sees_the_rows_the_columns_and_the_types(crashed, spark, place, tmp_path):
    root, released = crashed
    out = tmp_path / "told.json"
    home = root.tables if place == "tables" else released / "data"
    environment = os.environ | {"TZ": "UTC", "SPARK_LOCAL_IP": "127.0.0.1"}
    words = [spark, "-c", SPARK, out, *(home / name for name in FILLED)]
    subprocess.run(words, check=True, env=environment, cwd=tmp_path, capture_output=True)
    for name, told in zip(FILLED, json.loads(out.read_text()), strict=True):
        made = (TABLES if place == "tables" else RELEASED)[name]
        assert [c for c in told["types"] if c != MONTH_KEY] == [c.name for c in made.columns]
        for column in made.columns:
            kind = str(made.schema.field(column.name).type)
            if kind in SPARK_TYPES:  # all but the lists of records that releases add
                assert told["types"][column.name] == SPARK_TYPES[kind], column.name
        columns = {c.name for c in TABLES[name].columns}
        rows = [{key: row[key] for key in row if key in columns} for row in told["rows"]]
        assert sorted(map(_plain, rows)) == sorted(map(_plain, _expected(root, name)))


@pytest.mark.trials
@pytest.mark.parametrize("place", ["tables", "release"])
def test_r_sees_the_rows_and_the_columns(crashed, place, tmp_path):
    """What R's arrow reads, it writes to a file of its own, which is compared."""
    program = shutil.which("Rscript")
    if not program or subprocess.run([program, "-e", "library(arrow)"], check=False).returncode:
        pytest.skip("needs R with its package arrow")
    root, released = crashed
    for name in FILLED:
        folder = root.tables / name if place == "tables" else released / "data" / name
        out = tmp_path / f"{name}.parquet"
        code = f'library(arrow); write_parquet(as.data.frame(open_dataset("{folder}")), "{out}")'
        subprocess.run([program, "-e", code], check=True)
        found = pq.read_table(out).to_pylist()
        columns = {c.name for c in TABLES[name].columns}
        rows = [{key: row[key] for key in row if key in columns} for row in found]
        assert sorted(map(_plain, rows)) == sorted(map(_plain, _expected(root, name)))
