"""Pointers: good for ever once handed out, refused when wrong, followed through revisits."""

import gzip
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from archive_rows import PAGE, START, exchange

from archive.errors import CaptureError, StorageError
from archive.model import WarcPointer
from archive.root import Root
from archive.warc import NOT_MODIFIED, Revisit, digest
from archive.warc_read import iter_captures, read_capture, read_record
from archive.warc_write import WarcWriter

REPO = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def _only(root):
    (path,) = root.warc.rglob("*.warc.gz")
    return path


def test_identical_revisit_stores_no_body_and_is_followed(root):
    later = START + timedelta(hours=1)
    with WarcWriter(root, "run1") as writer:
        first = writer.write(exchange())
        again = writer.write(exchange(fetched_at=later), Revisit("https://forum.example/t1", START))
    assert again.record_type == "revisit"
    raw = read_record(root, again)
    assert digest(gzip.compress(PAGE, mtime=0)).encode() in raw
    assert gzip.compress(PAGE, mtime=0) not in raw
    asked = []

    def resolve(url, at):
        asked.append((url, at))
        return first

    capture = read_capture(root, again, resolve)
    assert asked == [("https://forum.example/t1", START)]
    assert capture.body == PAGE
    assert capture.fetched_at == later
    assert [c.body for c in iter_captures(_only(root))] == [PAGE, b""]


def test_not_modified_revisit_keeps_the_earlier_headers(root):
    body = gzip.compress(PAGE, mtime=0)
    with WarcWriter(root, "run1") as writer:
        first = writer.write(exchange())
        answer = exchange(
            status_line=b"HTTP/1.1 304 Not Modified",
            headers=[(b"X-Odd", b"new"), (b"ETag", b'"a"')],
            body=b"",
            coded=False,
        )
        again = writer.write(
            answer,
            Revisit("https://forum.example/t1", START, NOT_MODIFIED, digest(body)),
        )
    capture = read_capture(root, again, lambda *_: first)
    assert capture.status == 304
    assert capture.body == PAGE
    assert capture.header("Content-Type") == "text/html; charset=utf-8"
    assert [v for k, v in capture.headers if k == "X-Odd"] == ["new"]


def test_revisit_without_its_original_is_an_error_that_names_the_record(root):
    with WarcWriter(root, "run1") as writer:
        again = writer.write(exchange(), Revisit("https://forum.example/t1", START))
    with pytest.raises(CaptureError, match="resolver"):
        read_capture(root, again)
    with pytest.raises(CaptureError, match=r"run1-00000.* not in the archive"):
        read_capture(root, again, lambda *_: None)
    with pytest.raises(CaptureError, match="not in the archive"):
        read_capture(root, again, lambda *_: again)


@pytest.mark.parametrize(
    "change",
    [
        {"offset": 7},
        {"offset": 10**9},
        {"length": 20},
        {"length": 10**6},
        {"filename": "x.warc.gz"},
    ],
)
def test_wrong_pointer_is_an_error_that_names_the_place(root, change):
    with WarcWriter(root, "run1") as writer:
        good = writer.write(exchange())
    values = {"filename": good.filename, "offset": good.offset, "length": good.length} | change
    with pytest.raises(CaptureError, match=r"warc\.gz"):
        read_capture(root, WarcPointer(**values))


def test_pointer_cannot_leave_the_archive(root):
    (root.path / "secret.warc.gz").write_bytes(b"")
    for name in ("../secret.warc.gz", "/etc/passwd"):
        with pytest.raises(CaptureError, match="leaves"):
            read_record(root, WarcPointer(name, 0, 10))


def _refuse(*_):
    raise OSError(5, "Input/output error")


def test_failed_sync_is_final(root, monkeypatch):
    writer = WarcWriter(root, "run1")
    writer.write(exchange())
    with monkeypatch.context() as patch:
        patch.setattr("archive.warc_write.os.fsync", _refuse)
        with pytest.raises(StorageError, match="check the disk"):
            writer.sync()
    for call in (writer.sync, lambda: writer.write(exchange())):
        with pytest.raises(StorageError, match="start the run again"):
            call()
    writer.close()


def test_sync_of_a_new_file_does_not_vouch_for_a_rolled_one_that_failed(root, monkeypatch):
    writer = WarcWriter(root, "run1", max_bytes=1)
    writer.write(exchange())
    with monkeypatch.context() as patch:
        patch.setattr("archive.warc_write.os.fsync", _refuse)
        with pytest.raises(StorageError):
            writer.write(exchange())
    with pytest.raises(StorageError, match="start the run again"):
        writer.sync()


def test_file_whose_head_cannot_be_written_is_not_begun(root, monkeypatch):
    with WarcWriter(root, "run1") as writer:
        with monkeypatch.context() as patch:
            patch.setattr("archive.warc_write.os.write", _refuse)
            with pytest.raises(StorageError):
                writer.write(exchange())
        assert list(root.warc.rglob("*.gz")) == []
        pointer = writer.write(exchange())
    assert read_capture(root, pointer).body == PAGE


KILLED = """
import sys, os
sys.path[:0] = [{repo!r}, {tests!r}]
from archive.root import Root
from archive.warc_write import WarcWriter
from archive_rows import exchange
writer = WarcWriter(Root.open({root!r}), "run1")
n = 0
while True:
    p = writer.write(exchange(f"https://forum.example/n{{n}}", os.urandom(20000), coded=False))
    sys.stdout.write(f"{{p.filename}} {{p.offset}} {{p.length}} {{n}}\\n")
    sys.stdout.flush()
    n += 1
"""


def test_every_pointer_handed_out_before_a_kill_is_good(root):
    code = KILLED.format(repo=str(REPO), tests=str(Path(__file__).parent), root=str(root.path))
    pointers = []
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        lines = [child.stdout.readline() for _ in range(40)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
        child.wait()
        child.stdout.close()
        pointers += [line.split() for line in lines if line.endswith("\n")]
    assert len(pointers) >= 200
    assert len({p[0] for p in pointers}) == 5
    for filename, offset, length, number in pointers:
        capture = read_capture(root, WarcPointer(filename, int(offset), int(length)))
        assert capture.url == f"https://forum.example/n{number}"
