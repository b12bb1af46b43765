import json
import multiprocessing
import time

import pytest
from archive_rows import comment

from archive import files
from archive.commit import commit
from archive.errors import CorruptError, LockedError
from archive.log import Log, LoggedFile, entry_path
from archive.root import Root


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def _file(name):
    path = f"tables/comments/observed_month=2024-01/{name}.parquet"
    return LoggedFile(path=path, table="comments", rows=1, bytes=1, sha256="0" * 64)


def test_empty_log_is_snapshot_0(root):
    assert Log(root).snapshot().number == 0
    assert Log(root).snapshot().files == ()


def test_entry_has_the_documented_fields(root):
    Log(root).append("b1", [_file("b1")])
    entry = json.loads(entry_path(root, 1).read_text())
    assert list(entry) == [
        "version",
        "batch_id",
        "committed_at",
        "schema_version",
        "operation",
        "add",
        "remove",
    ]
    assert sorted(entry["add"][0]) == ["bytes", "path", "rows", "sha256", "table"]


def test_snapshot_follows_additions_and_removals_of_other_writers(root):
    ours, theirs = Log(root), Log(root)
    ours.append("b1", [_file("b1")])
    theirs.append("b2", [_file("b2")])
    theirs.append("c1", [_file("c1")], [_file("b1").path, _file("b2").path], "compact")
    assert [f.path for f in ours.snapshot().files] == [_file("c1").path]
    assert ours.snapshot().number == 3


def test_batch_is_committed_once(root):
    log = Log(root)
    assert log.append("b1", [_file("b1")]) is not None
    assert log.append("b1", [_file("b1")]) is None
    assert Log(root).append("b1", [_file("b1")]) is None
    assert Log(root).has("b1")


def test_replacing_files_that_another_process_replaced_is_refused(root):
    log, late = Log(root), Log(root)
    log.append("b1", [_file("b1")])
    late.refresh()
    log.append("c1", [_file("c1")], [_file("b1").path], "compact")
    with pytest.raises(LockedError, match="again"):
        late.append("c2", [_file("c2")], [_file("b1").path], "compact")
    assert Log(root).snapshot().number == 2


def test_gap_is_named(root):
    log = Log(root)
    for name in ("b1", "b2", "b3"):
        log.append(name, [_file(name)])
    entry_path(root, 2).unlink()
    with pytest.raises(CorruptError, match=entry_path(root, 2).name) as caught:
        Log(root).snapshot()
    assert "backup" in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'{"version": 1}', b'{"version": "x"}']
)
def test_malformed_entry_is_named(root, content):
    Log(root).append("b1", [_file("b1")])
    entry_path(root, 1).write_bytes(content)
    with pytest.raises(CorruptError, match=entry_path(root, 1).name):
        Log(root).snapshot()


def test_entry_of_a_newer_version_is_not_guessed_at(root):
    Log(root).append("b1", [_file("b1")])
    path = entry_path(root, 1)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 2}))
    with pytest.raises(CorruptError, match="newer"):
        Log(root).snapshot()


def test_removal_of_an_unknown_file_is_a_contradiction(root):
    log = Log(root)
    log.append("b1", [_file("b1")])
    log.append("c1", [_file("c1")], [_file("b1").path], "compact")
    path = entry_path(root, 1)
    entry = json.loads(path.read_text())
    entry["add"][0]["path"] = _file("other").path
    path.write_text(json.dumps(entry))
    with pytest.raises(CorruptError, match="contradicts"):
        Log(root).snapshot()


@pytest.fixture
def long_log(root, monkeypatch):
    monkeypatch.setattr("archive.log._SAVE_EVERY", 5)
    log = Log(root)
    for number in range(12):
        log.append(f"b{number}", [_file(f"b{number}")])
    return root, root.state / "log-cache.msgpack"


def _count_reads(monkeypatch):
    read = []
    true = files.read_if_present

    def counted(path):
        data = true(path)
        read.extend([path.name] if data and path.suffix == ".json" else [])
        return data

    monkeypatch.setattr("archive.files.read_if_present", counted)
    return read


def test_next_process_reads_only_what_the_cache_lacks(long_log, monkeypatch):
    root, cache = long_log
    assert cache.exists()
    whole = Log(root, cached=False).snapshot()
    read = _count_reads(monkeypatch)
    log = Log(root)
    assert log.snapshot() == whole
    assert log.has("b0")
    assert 0 < len(read) < 5


@pytest.mark.parametrize("place", [0, 30, 80, -1])
def test_damaged_cache_is_not_believed(long_log, monkeypatch, place):
    root, cache = long_log
    whole = Log(root).snapshot()
    data = bytearray(cache.read_bytes())
    data[place] ^= 1
    cache.write_bytes(data)
    read = _count_reads(monkeypatch)
    assert Log(root).snapshot() == whole
    assert len(read) == 12


def test_cache_of_another_log_is_not_believed(long_log, monkeypatch):
    root, _ = long_log
    path = entry_path(root, 10)
    path.write_text(path.read_text().replace('"b9"', '"other"'))
    _count_reads(monkeypatch)
    log = Log(root)
    assert log.has("other")
    assert not log.has("b9")


def test_cache_that_cannot_be_written_is_no_error(root, monkeypatch):
    monkeypatch.setattr("archive.log._SAVE_EVERY", 1)
    root.state.parent.mkdir(exist_ok=True)
    root.state.write_text("a file where the folder belongs")
    log = Log(root)
    log.append("b1", [_file("b1")])
    log.append("b2", [_file("b2")])
    assert Log(root).snapshot().number == 2


def _writer(path, name, count):
    log = Log(Root.open(path))
    for number in range(count):
        commit(log, f"{name}-{number}", {"comments": [comment(number, thread=name)]})


def test_processes_that_write_at_once_lose_nothing(root):
    method = multiprocessing.get_context("spawn")
    writers = [method.Process(target=_writer, args=(root.path, f"w{n}", 15)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    snapshot = Log(root).snapshot()
    assert snapshot.number == 60
    assert snapshot.rows("comments") == 60
    assert len({f.path for f in snapshot.files}) == 60


def test_commit_costs_the_same_after_a_thousand_entries(root):
    log = Log(root)

    def cost(first, count):
        start = time.process_time()
        for number in range(first, first + count):
            log.append(f"b{number}", [_file(f"b{number}")])
        return (time.process_time() - start) / count

    early = cost(0, 100)
    for number in range(100, 1100):
        log.append(f"b{number}", [_file(f"b{number}")])
    assert cost(1100, 100) < 3 * early
