"""An archive that works in a bucket: broken lines, lost answers, two writers, a lost machine."""

import random
import shutil
import threading
import time

import pytest
from archive_rows import comment, exchange, fetch

from archive import bucket_place
from archive.bound import log_key
from archive.bucket import Bucket
from archive.check import check
from archive.commit import commit
from archive.compact import compact
from archive.errors import CorruptError, LockedError, StorageError, UsageError
from archive.forget import forget
from archive.log import Log, decode_entry, entry_path
from archive.mirror import bind, mirror, take_over
from archive.query import connect
from archive.remote import check_remote, connect_remote, remote_snapshot
from archive.removal import Target
from archive.root import Root
from archive.warc_write import WarcWriter
from tests.faulty_store import FAULTS, PATIENCE, faulty
from tests.nursery import Nursery

IDS = "SELECT thread_id, comment_id, text FROM comment_history ORDER BY ALL"
WORK = """
from archive.commit import commit
from archive.log import Log
from archive.root import Root
from archive.warc_write import WarcWriter
import sys
sys.path.insert(0, {here!r})
from archive_rows import comment, exchange, fetch
root = Root.open({archive!r})
log = Log(root)
with WarcWriter(root, {run!r}) as writer, open({acks!r}, "a") as acks:
    for n in range({first}, {first} + 40):
        name = f"f{{n}}"
        pointer = writer.write(exchange(fetch_id=name))
        rows = [comment(i, thread=f"t{{n}}", fetch_id=name) for i in range(5)]
        commit(log, f"b{{n}}", {{"comments": rows, "fetches": [fetch(pointer, fetch_id=name)]}})
        acks.write(f"b{{n}}\\n")
        acks.flush()
"""


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


@pytest.fixture
def line(endpoint, bucket, monkeypatch):
    """The bucket through a line that breaks as it is told; retries do not wait."""
    delay = "botocore.retries.standard.ExponentialBackoff.delay_amount"
    monkeypatch.setattr(delay, lambda *_: 0.01)
    monkeypatch.setattr(bucket_place, "_PATIENCE", PATIENCE)
    with faulty(endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        proxy.bucket = Bucket(bucket.name, bucket.prefix)
        yield proxy


def _rows(connection):
    with connection:
        return connection.execute(IDS).fetchall()


def _batches(bucket):
    """Every batch id in the bucket's log, in order."""
    names = sorted(bucket.sizes("log/"))
    return [decode_entry(name, bucket.get(name)).batch_id for name in names]


def _write(log, number, writer=None):
    name = f"f{number}"
    rows = {"comments": [comment(i, thread=f"t{number}", fetch_id=name) for i in range(5)]}
    if writer is not None:
        rows["fetches"] = [fetch(writer.write(exchange(fetch_id=name)), fetch_id=name)]
    return commit(log, f"b{number}", rows)


def test_commit_counts_once_the_bucket_has_it_with_its_evidence(root, bucket):
    bind(root, bucket)
    log = Log(root)
    with WarcWriter(root, "run1") as writer:
        for number in range(3):
            assert _write(log, number, writer).number == number + 1
            assert _batches(bucket)[-1] == f"b{number}"
            report = check_remote(bucket)  # the WARC file is still open here
            assert report.findings == []
            assert report.captures == number + 1
    assert _write(log, 2, None) is None
    assert _rows(connect_remote(bucket)) == _rows(connect(root))
    assert check(root).findings == []


def test_broken_line_repeats_what_it_must_and_doubles_nothing(root, line):
    bind(root, line.bucket)
    log = Log(root)
    with WarcWriter(root, "run1") as writer:
        for number, fault in enumerate(FAULTS, 1):
            line.plan(fault, "PUT", "/log/")
            line.plan(fault, "PUT", "/tables/")
            line.plan(fault, "PUT", "/warc/")
            line.plan(fault, "GET", "writer.json")
            assert _write(log, number, writer) is not None
            assert line.taken == [fault] * 4
            line.taken.clear()
    for number, fault in enumerate(FAULTS, 6):
        line.plan(fault, "GET", "/log/", times=2)
        assert _write(Log(root), number) is not None  # reads the log's end in the bucket first
        assert line.planned == []
    assert _batches(line.bucket) == [f"b{number}" for number in range(1, 11)]
    assert check_remote(line.bucket).findings == []
    assert check(root).findings == []


def test_line_that_breaks_at_any_time(root, line):
    bind(root, line.bucket)
    line.dice = random.Random(5)  # noqa: S311 - repeatable, no secret
    log, acknowledged = Log(root), []
    for number in range(10):
        while f"b{number}" not in acknowledged:
            try:
                _write(log, number)
                acknowledged.append(f"b{number}")
            except StorageError:
                log = Log(root)
    assert len(line.taken) > 10
    assert len(set(line.taken)) == len(FAULTS)
    line.dice = None
    assert _batches(line.bucket) == acknowledged
    assert _rows(connect_remote(line.bucket)) == _rows(connect(root))


def test_store_that_stays_away_acknowledges_nothing_and_the_work_goes_on_later(root, line):
    bind(root, line.bucket)
    log = Log(root)
    _write(log, 1)
    line.plan("busy", "PUT", "/log/", times=30)
    with pytest.raises(StorageError, match="run the same command again"):
        _write(log, 2)
    assert not entry_path(root, 2).exists()
    # Carried out each time, or refused since it was: no answer and no look at it comes through.
    line.planned.clear()
    line.plan("lost", "PUT", "/log/", times=30)
    line.plan("reset", "GET", "/log/", times=30)
    with pytest.raises(StorageError):
        _write(log, 2)
    line.planned.clear()
    assert _batches(line.bucket) == ["b1", "b2"]
    assert not entry_path(root, 2).exists()
    _write(log, 2)
    assert Log(root).snapshot().number == 2
    assert check_remote(line.bucket).findings == []
    assert _rows(connect_remote(line.bucket)) == _rows(connect(root))


def test_writers_that_are_killed_lose_no_acknowledged_row_and_double_none(root, bucket, tmp_path):
    bind(root, bucket)
    acks = tmp_path / "acks"
    acks.touch()
    dice = random.Random(7)  # noqa: S311 - repeatable, no secret
    died = 0
    words = {"archive": str(root.path), "acks": str(acks)}
    words["here"] = __file__.rpartition("/")[0]
    with Nursery() as nursery:
        for run in range(6):
            before = len(acks.read_text().split())
            code = WORK.format(first=max(0, before - 1), run=f"run{run}", **words)
            nursery.start(code)
            while len(told := acks.read_text().split()) == before and nursery.running():
                time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.3))
            died += nursery.kill()
            told = acks.read_text().split()
            held = _batches(bucket)
            assert set(told) <= set(held)
            assert len(held) == len(set(held))
            number = remote_snapshot(bucket)[0].number
            assert number == len(held)
    assert died >= 4
    assert len(told) > 6
    log = Log(root)
    log.catch_up()
    assert {f.kind for f in check_remote(bucket).findings} <= {"orphan"}
    shown = _rows(connect_remote(bucket))
    assert shown == _rows(connect(root))
    assert len(shown) == len(set(shown)) == 5 * len(held)


def test_two_processes_of_a_machine_take_numbers_in_turn(root, bucket):
    bind(root, bucket)
    failed = []

    def work(first):
        try:
            log = Log(root)
            for number in range(first, first + 6):
                _write(log, number)
        except Exception as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(set(_batches(bucket))) == 18
    assert Log(root).snapshot().number == 18
    assert check_remote(bucket).findings == check(root).findings == []


def test_lost_machine_is_taken_over_and_the_old_one_refused(root, bucket, tmp_path):
    bind(root, bucket)
    with WarcWriter(root, "run1") as writer:
        _write(Log(root), 1, writer)
    other = tmp_path / "b"
    with pytest.raises(UsageError, match="author_key"):
        take_over(bucket, other)
    (other / "meta").mkdir(parents=True)
    shutil.copy2(root.key_file, other / "meta")
    made = take_over(bucket, other)
    assert check(made).findings == []
    assert _rows(connect(made)) == _rows(connect(root))
    with pytest.raises(LockedError, match=str(other)):
        _write(Log(root), 2)
    with pytest.raises(LockedError, match="take"):
        mirror(root, bucket)
    _write(Log(made), 2)
    compact(made, keep=-1)
    assert _batches(bucket)[:2] == ["b1", "b2"]
    assert _rows(connect_remote(bucket)) == _rows(connect(made))


def test_compaction_and_removal_reach_the_bucket(root, bucket):
    bind(root, bucket)
    log = Log(root)
    with WarcWriter(root, "run1") as writer:
        for number in (1, 2):
            _write(log, number, writer)
    compact(root, keep=-1)
    assert {f.kind for f in check_remote(bucket).findings} <= {"orphan"}  # kept for a day
    assert _rows(connect_remote(bucket)) == _rows(connect(root))
    forget(root, [Target("thread", ("demo", "t1"))], run_id="run9")
    assert _rows(connect_remote(bucket)) == _rows(connect(root))
    assert len(_rows(connect(root))) == 5
    live = {file.path for file in Log(root).snapshot().files}
    assert set(bucket.sizes("tables/")) == live
    assert check_remote(bucket).findings == []


def test_bucket_that_lost_or_changed_a_commit_is_refused(root, bucket):
    bind(root, bucket)
    for number in (1, 2):
        _write(Log(root), number)
    held = bucket.get(log_key(2))
    bucket.delete([log_key(2)])
    with pytest.raises(CorruptError, match="is missing"):
        _write(Log(root), 3)
    mirror(root, bucket)
    assert bucket.get(log_key(2)) == held
    bucket.put(log_key(2), held.replace(b"b2", b"x2"))
    with pytest.raises(CorruptError, match="another commit"):
        _write(Log(root), 3)
    (root.meta / "bucket.json").write_text("{")
    with pytest.raises(CorruptError, match="--bind"):
        Log(root)
