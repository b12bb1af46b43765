import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from archive_rows import START, article, comment

from archive import gate
from archive.batch import Batch
from archive.commit import commit, sweep_uncommitted
from archive.errors import SchemaError, StorageError
from archive.log import Log
from archive.root import Root
from archive.schema import SCHEMA_VERSION, table

REPO = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def _ids(root):
    paths = [root.path / f.path for f in Log(root).snapshot().of("comments")]
    return sorted(i for p in paths for i in pq.read_table(p)["comment_id"].to_pylist())


def test_rows_come_back_sorted_typed_and_split_by_month(root):
    rows = [comment(n, minutes=n) for n in (12, 3, 11, 1)]
    done = commit(root, "b1", {"comments": rows, "articles": [article()], "visits": []})
    assert done.number == 1
    assert [f.path for f in done.entry.add] == [
        "tables/articles/observed_month=2024-01/b1.parquet",
        "tables/comments/observed_month=2024-01/b1.parquet",
        "tables/comments/observed_month=2024-02/b1.parquet",
    ]
    january = pq.read_table(root.path / done.entry.add[1].path, partitioning=None)
    assert january.schema.equals(table("comments").schema, check_metadata=False)
    assert january["floor"].to_pylist() == [1, 3]
    february = pq.read_table(root.path / done.entry.add[2].path, partitioning=None)
    assert february["floor"].to_pylist() == [11, 12]
    assert february["observed_at"][0].as_py() == START + timedelta(minutes=11)


def test_file_has_the_promised_layout(root):
    done = commit(root, "b1", {"comments": [comment(n) for n in range(50)]})
    path = root.path / done.entry.add[0].path
    with pq.ParquetFile(path) as opened:
        column = opened.metadata.row_group(0).column(0)
        assert column.compression == "ZSTD"
        assert column.has_offset_index
        assert column.has_column_index
        assert opened.schema_arrow.metadata[b"shenglu.schema_version"] == b"%d" % SCHEMA_VERSION
        assert opened.metadata.row_group(0).sorting_columns
    probe = "SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, 'thread_id', ?)"
    asked = [duckdb.execute(probe, [str(path), value]).fetchone()[0] for value in ("t1", "zz")]
    assert asked == [False, True]


def test_same_batch_gives_the_same_bytes(tmp_path):
    rows = {"comments": [comment(n) for n in range(200)]}
    sums = [
        commit(Root.open(tmp_path / name, create=True), "b1", rows).entry.add[0].sha256
        for name in "ab"
    ]
    assert sums[0] == sums[1]


def test_committed_batch_and_empty_batch_are_no_commit(root):
    log = Log(root)
    assert commit(log, "b1", {"comments": [comment(1)]}) is not None
    assert commit(log, "b1", {"comments": [comment(2)]}) is None
    assert commit(log, "b2", {"comments": []}) is None
    assert commit(log, "b3", {}) is None
    assert _ids(root) == ["c1"]
    assert log.snapshot().number == 1


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"comments": [comment(1, votes_up=3)]}, "votes_up"),
        ({"comments": [comment(1, floor="three")]}, "floor"),
        ({"comments": [comment(1, floor=2**40)]}, "floor"),
        ({"comments": [comment(1, observed_at=None)]}, "observed_at"),
        ({"comments": [comment(1, observed_at=datetime(2024, 1, 1))]}, "observed_at"),  # noqa: DTZ001 - naive on purpose
        ({"nonsense": [comment(1)]}, "nonsense"),
    ],
)
def test_row_that_does_not_fit_is_named_and_nothing_is_written(root, rows, named):
    with pytest.raises(SchemaError, match=named):
        commit(root, "b1", {"articles": [article()], **rows})
    assert not root.tables.exists()
    assert Log(root).snapshot().number == 0


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "x" * 200])
def test_batch_id_that_cannot_name_a_file_is_refused(root, name):
    with pytest.raises(SchemaError, match="batch id"):
        commit(root, name, {"comments": [comment(1)]})


def test_failed_write_commits_nothing_and_can_be_repeated(root, monkeypatch):
    def full(*_):
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("archive.files.create_exclusive", full)
        with pytest.raises(StorageError):
            commit(root, "b1", {"comments": [comment(1)]})
    assert _ids(root) == []
    assert commit(root, "b1", {"comments": [comment(1)]}) is not None
    assert _ids(root) == ["c1"]


def test_sweep_takes_what_no_commit_names_once_it_is_old(root):
    log = Log(root)
    commit(log, "b1", {"comments": [comment(1)]})
    kept = root.path / log.snapshot().files[0].path
    orphan = kept.with_name("outbox-5a8444263d57-8-9.parquet")
    orphan.write_bytes(kept.read_bytes())
    for name in ("my analysis.parquet", "subset.parquet", "README.md"):
        kept.with_name(name).write_bytes(b"a person's")
    assert sweep_uncommitted(log) == []
    assert sweep_uncommitted(log, older_than=-1) == [orphan]
    assert kept.exists()
    assert len(list(kept.parent.iterdir())) == 4


def test_batch_is_full_at_either_limit_and_empty_after_taking():
    batch = Batch(max_rows=3, max_bytes=1 << 20)
    assert not batch.add("comments", [comment(1)])
    assert batch.add("comments", [comment(2), comment(3)])
    assert {name: len(rows) for name, rows in batch.take().items()} == {"comments": 3}
    assert len(batch) == batch.bytes == 0
    assert not batch.full
    assert Batch(max_bytes=1000).add("comments", [comment(1, text="字" * 400)])
    with pytest.raises(SchemaError):
        batch.add("nonsense", [])


KILLED = """
import sys
sys.path[:0] = [{repo!r}, {tests!r}]
from archive.commit import commit
from archive.log import Log
from archive.root import Root
from archive_rows import comment
log = Log(Root.open({root!r}))
print("ready", flush=True)
for batch in range({batches}):
    rows = [comment(n, thread=f"t{{batch}}", minutes=n * 3) for n in range({rows})]
    commit(log, f"b{{batch}}", {{"comments": rows}})
"""
BATCHES, ROWS = 12, 40


def _glob_rows(root):
    found = list(root.tables.glob("**/*.parquet"))
    return sum(pq.read_table(path, partitioning=None).num_rows for path in found)


def test_killed_writer_leaves_readable_files_and_replay_neither_loses_nor_doubles(root):
    code = KILLED.format(
        repo=str(REPO),
        tests=str(Path(__file__).parent),
        root=str(root.path),
        batches=BATCHES,
        rows=ROWS,
    )
    dice = random.Random(7)  # noqa: S311 - a repeatable test, no secret
    stopped = 0
    for trial in range(11):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        child.stdout.readline()
        if trial < 10:
            time.sleep(dice.uniform(0, 0.06))
            child.send_signal(signal.SIGKILL)
        stopped += child.wait() != 0
        child.stdout.close()
        _glob_rows(root)  # raises for a file that cannot be read
        for file in Log(root).snapshot().files:
            assert pq.read_table(root.path / file.path, partitioning=None).num_rows == file.rows
    assert stopped >= 5, "the writer was too fast to be killed at work"
    assert Log(root).snapshot().rows("comments") == BATCHES * ROWS
    assert _glob_rows(root) == BATCHES * ROWS


def test_observation_at_the_edge_of_a_month_goes_by_utc(root):
    taipei = datetime.fromisoformat("2024-03-01T07:59:59+08:00")
    done = commit(root, "b1", {"comments": [comment(1, observed_at=taipei)]})
    assert "observed_month=2024-02" in done.entry.add[0].path
    read = pq.read_table(root.path / done.entry.add[0].path, partitioning=None)
    assert read["observed_at"][0].as_py() == taipei.astimezone(UTC)


def test_sweep_spares_a_writer_that_was_stopped_between_files_and_entry(root):
    """Its files may look hours old: the process slept, or the clock leapt."""
    log = Log(root)
    commit(log, "b1", {"comments": [comment(1)]})
    kept = root.path / log.snapshot().files[0].path
    waiting = kept.with_name("outbox-5a8444263d57-8-9.parquet")
    waiting.write_bytes(kept.read_bytes())
    with gate.together(root):
        assert sweep_uncommitted(log, older_than=-1) == []
    assert waiting.exists()
    assert sweep_uncommitted(log, older_than=-1) == [waiting]
