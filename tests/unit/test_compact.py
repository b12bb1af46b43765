import json
import random
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from archive_rows import START, article, comment
from click.testing import CliRunner

from archive import swap
from archive.commit import commit
from archive.compact import compact, jobs
from archive.errors import CorruptError, LockedError, StorageError
from archive.lock import Lock
from archive.log import Log
from archive.query import connect, run
from archive.root import Root
from crawlers.commands.compact import command
from tests.nursery import Nursery

LATER = datetime(2024, 3, 5, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def fill(root, batches=6, rows=20, first=0):
    log = Log(root)
    for batch in range(first, first + batches):
        some = [comment(n, thread=f"t{batch % 3}-{batch}", minutes=n) for n in range(rows)]
        commit(log, f"b{batch}", {"comments": some, "articles": [article(batch)]})
    return log


def table_rows(root, table="comments"):
    with connect(root) as connection:
        return sorted(map(str, connection.sql(f"FROM {table[:-1]}_history").fetchall()))


def glob_count(root):
    pattern = root.tables / "comments" / "**" / "*.parquet"
    sql = "SELECT count(*), count(DISTINCT (thread_id, comment_id)) FROM read_parquet($1)"
    return duckdb.connect().execute(sql, [str(pattern)]).fetchone()


def live(root, table="comments"):
    return [f.path for f in Log(root).snapshot().of(table)]


def test_closed_months_become_one_sorted_file_each_with_the_same_rows(root):
    fill(root)
    before, pieces = table_rows(root), table_rows(root, "articles")
    done = compact(root, now=LATER)
    assert table_rows(root) == before
    assert table_rows(root, "articles") == pieces
    assert done.rows == len(before) + len(pieces)
    assert len(live(root)) == 2
    on_disk = sorted(p.relative_to(root.path).as_posix() for p in root.tables.rglob("*.parquet"))
    assert on_disk == sorted(live(root) + live(root, "articles"))
    assert glob_count(root) == (len(before), len(before))
    for path in live(root):
        keys = pq.read_table(root.path / path, columns=["thread_id", "floor"]).to_pylist()
        assert keys == sorted(keys, key=lambda row: (row["thread_id"], row["floor"]))
        with pq.ParquetFile(root.path / path) as opened:
            assert opened.metadata.row_group(0).column(0).has_offset_index
    assert compact(root, now=LATER).jobs == 0


def test_closed_days_of_an_open_month_only(root):
    log = Log(root)
    for batch in range(6):
        rows = [comment(n, thread=f"t{batch}", minutes=60 * 24 * (batch // 2)) for n in range(5)]
        commit(log, f"b{batch}", {"comments": rows})
    now = START + timedelta(days=1, hours=3)
    # 31 January alone in its (closed) month; 1 February closed; 2 February open.
    compact(root, now=now)
    names = [Path(path).name.partition("-comments-")[0] for path in live(root)]
    assert names == ["compact-month", "b4.parquet", "b5.parquet", "compact-day"]
    assert len(table_rows(root)) == 30


def test_late_rows_are_gathered_until_they_are_worth_a_rewrite(root):
    fill(root, batches=8, rows=50)
    compact(root, now=LATER)
    commit(root, "late1", {"comments": [comment(1, thread="x")]})
    commit(root, "late2", {"comments": [comment(2, thread="x")]})
    (job,) = jobs(Log(root).snapshot(), root, LATER)
    assert job.label == "2024-01-late"
    compact(root, now=LATER)
    assert len([p for p in live(root) if "2024-01" in p]) == 2
    some = [comment(n, thread="y") for n in range(40)]
    commit(root, "late3", {"comments": some})
    compact(root, now=LATER)
    assert len([p for p in live(root) if "2024-01" in p]) == 1
    assert len(table_rows(root)) == 442


def test_reader_of_an_older_snapshot_finds_its_files_until_they_are_deleted(root):
    log = fill(root)
    old = log.snapshot()
    compact(root, now=LATER)
    with connect(root, snapshot=old, sandbox=True) as connection:
        assert run(connection, "SELECT count(*) FROM comment_history").fetchone() == (120,)
        compact(root, now=LATER, keep=-1)
        with pytest.raises(LockedError, match="open the archive again"):
            run(connection, "SELECT sum(length(text)) FROM comment_history")
    assert list((root.path / "retired").iterdir()) == []


def test_open_connection_survives_a_compaction_only_by_opening_again(root):
    fill(root)
    with connect(root) as connection:
        compact(root, now=LATER)
        with pytest.raises(LockedError):
            run(connection, "SELECT sum(length(text)) FROM comment_history")
    with connect(root) as connection:
        run(connection, "SELECT sum(length(text)) FROM comment_history")


def test_damaged_input_is_refused_and_nothing_changes(root):
    fill(root)
    path = root.path / live(root)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    before = live(root)
    with pytest.raises(CorruptError, match="not the file that the log names"):
        compact(root, now=LATER)
    assert live(root) == before


def test_lost_row_is_noticed_before_anything_is_exchanged(root, monkeypatch):
    fill(root)
    before = live(root)
    monkeypatch.setattr(
        "archive.compact.sorted_rows",
        lambda c, m: c.sql(f"FROM {m.name.removesuffix('s')}_history LIMIT 3").to_arrow_reader(10),
    )
    with pytest.raises(CorruptError, match="nothing was changed"):
        compact(root, now=LATER)
    assert live(root) == before


def test_month_larger_than_the_memory_for_it(root, monkeypatch):
    """Rows that are mostly text: 86 MB of them, sorted and checked in 64 MB."""
    log, dice = Log(root), random.Random(4)  # noqa: S311 - repeatable, no secret
    for batch in range(4):
        some = [
            comment(n, thread=f"t{dice.randrange(99)}", text=f"{batch}.{n}" + "長文" * 300)
            for n in range(4000)
        ]
        commit(log, f"b{batch}", {"comments": some})
    monkeypatch.setattr("archive.compact._MEMORY", "64MB")
    monkeypatch.setattr("archive.parts.RANGE_BYTES", 8 << 20)
    assert compact(root, now=LATER).rows == 16_000
    (path,) = live(root)
    found = pq.read_table(
        root.path / path, columns=["thread_id", "floor", "comment_id"]
    ).to_pylist()
    keys = [tuple(row.values()) for row in found]
    assert keys == sorted(keys)
    late = [comment(n, thread="t9", text="長文" * 300) for n in range(2990)]
    commit(log, "b9", {"comments": late})
    monkeypatch.setattr("archive.parts.RANGE_BYTES", 1 << 40)
    with pytest.raises(StorageError, match="memory"):
        compact(root, now=LATER)
    assert Log(root).snapshot().rows("comments") == 16_000 + 2990


def test_two_compactions_at_once_are_refused(root):
    fill(root, batches=1)
    held = Lock(root.state / "locks", "rewrite", "somebody")
    with pytest.raises(LockedError, match="somebody"):
        compact(root)
    held.release()


def test_file_system_without_exchange_ends_in_the_same_state(root, monkeypatch):
    fill(root)
    before = table_rows(root)
    monkeypatch.setattr("archive.swap._exchanged", lambda *_: False)
    compact(root, now=LATER)
    assert table_rows(root) == before
    assert glob_count(root)[0] == len(before)


@pytest.mark.parametrize("stage", ["_fill", "_exchange", "append"])
def test_swap_cut_short_is_readable_and_is_finished_later(root, monkeypatch, stage):
    fill(root)
    before = table_rows(root)

    def cut(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Log if stage == "append" else swap, stage, cut)
        with pytest.raises(KeyboardInterrupt):
            compact(root, now=LATER)
    assert table_rows(root) == before
    assert glob_count(root)[0] == len(before)
    commit(root, "between", {"comments": [comment(1, thread="new", minutes=60)]})
    assert compact(root, now=LATER).recovered == 1
    assert len(table_rows(root)) == len(before) + 1
    assert glob_count(root)[0] == len(before) + 1


WORK = """
from datetime import UTC, datetime
from archive.compact import compact
from archive.root import Root
compact(Root.open({root!r}), now=datetime(2024, 3, 5, tzinfo=UTC))
"""


def watch(root, least, stop, seen):
    """What a plain glob sees, over and over: rows and distinct rows, "moved", or what is wrong."""
    while not stop.is_set():
        known = least[0]
        try:
            rows, distinct = glob_count(root)
        except duckdb.IOException as error:
            gone = "No such file" in str(error) or "Cannot open" in str(error)
            seen.append("moved" if gone else f"wrong: {error}")
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is the test's business
            seen.append(f"wrong: {error}")
        else:
            good = rows == distinct >= known
            seen.append("good" if good else f"wrong: {rows} rows, {distinct} distinct, of {known}")


def test_kills_beside_a_writer_lose_and_double_nothing(root):
    dice = random.Random(11)  # noqa: S311 - a repeatable test, no secret
    log = fill(root, batches=10, rows=40)
    total, batch = [400], 10
    seen, stop = [], threading.Event()
    reader = threading.Thread(target=watch, args=(root, total, stop, seen))
    reader.start()
    killed, took = 0, 60.0
    try:
        with Nursery() as nursery:
            for trial in range(60):
                nursery.start(WORK.format(root=str(root.path)))
                began = time.monotonic()
                # The first shows how long a whole one takes here; later ones have less to do, and
                # each that came to its end before its moment shows how long they take now.
                until = began + (dice.uniform(0, took) if trial else took)
                while time.monotonic() < until and nursery.running():
                    some = [comment(n, thread=f"w{batch}", minutes=n) for n in range(40)]
                    commit(log, f"b{batch}", {"comments": some})
                    batch, total[0] = batch + 1, total[0] + 40
                    time.sleep(0.01)
                if nursery.kill():
                    killed += 1
                else:
                    took = min(took, time.monotonic() - began)
                assert len(table_rows(root)) == total[0]
                if killed == 8:
                    break
        while compact(root, now=LATER, keep=-1).jobs:
            pass
    finally:
        stop.set()
        reader.join()
    assert [one for one in seen if one.startswith("wrong")] == []
    assert seen.count("good") > max(10, seen.count("moved"))
    assert killed == 8
    assert len(table_rows(root)) == total[0]
    assert glob_count(root) == (total[0], total[0])
    # One file a month, and perhaps one more of what came late and is not worth a rewrite yet.
    assert list(jobs(Log(root).snapshot(), root, LATER)) == []
    assert 2 <= len(live(root)) <= 4
    assert not list((root.path / "retired").iterdir())


def test_command(root):
    fill(root)
    words = ["--archive", str(root.path), "--keep", "0"]
    done = CliRunner().invoke(command, words, standalone_mode=False)
    assert done.exception is None
    assert "with 126 rows" in done.output
    again = CliRunner().invoke(command, [*words, "--json"], standalone_mode=False)
    assert json.loads(again.output)["jobs"] == 0
