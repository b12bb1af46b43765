import errno
import os
import time

import pytest

from archive import files
from archive.errors import StorageError


def _names(folder):
    return [path.name for path in folder.iterdir()]


def test_write_replaces_whole_and_leaves_no_debris(tmp_path):
    target = tmp_path / "x" / "a.json"
    files.write_atomic(target, b"old")
    files.write_atomic(target, b"new")
    assert target.read_bytes() == b"new"
    assert _names(target.parent) == ["a.json"]


def test_exclusive_creation_is_won_once(tmp_path):
    target = tmp_path / "a.json"
    assert files.create_exclusive(target, b"first")
    assert not files.create_exclusive(target, b"second")
    assert target.read_bytes() == b"first"
    assert _names(tmp_path) == ["a.json"]


def test_failed_block_leaves_the_old_file(tmp_path):
    target = tmp_path / "a"
    files.write_atomic(target, b"old")
    with pytest.raises(TypeError), files.replacing(target) as out:
        out.writelines([b"half", None])
    assert target.read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission"),
        (errno.EIO, "check the disk"),
    ],
)
def test_disk_error_names_path_and_remedy_and_is_not_retried(tmp_path, monkeypatch, number, remedy):
    calls = []

    def refuse(handle):
        calls.append(handle)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "fsync", refuse)
    with pytest.raises(StorageError, match=remedy) as caught:
        files.write_atomic(tmp_path / "a.json", b"x")
    assert str(tmp_path / "a.json") in str(caught.value)
    assert len(calls) == 1
    assert _names(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EINTR, errno.EAGAIN, errno.ESTALE])
def test_passing_error_is_tried_again_from_the_first_byte(tmp_path, monkeypatch, number):
    true_fsync, failures = os.fsync, [1, 2]

    def falter(handle):
        if failures:
            failures.pop()
            raise OSError(number, os.strerror(number))
        true_fsync(handle)

    monkeypatch.setattr(files.os, "fsync", falter)
    files.write_atomic(tmp_path / "a.json", b"whole")
    assert (tmp_path / "a.json").read_bytes() == b"whole"
    assert _names(tmp_path) == ["a.json"]


def test_sweep_takes_old_debris_only(tmp_path):
    old, young, data = (tmp_path / n for n in (".a.1.tmp", ".b.2.tmp", "c.parquet"))
    for path in (old, young, data):
        path.write_bytes(b"")
        past = time.time() - 7200
        os.utime(path, (past, past))
    os.utime(young)
    spilled = tmp_path / ".query-1.tmp"
    spilled.mkdir()
    (spilled / "block").write_bytes(b"")
    os.utime(spilled, (past, past))
    assert files.sweep(tmp_path) == [old, spilled]
    assert young.exists()
    assert data.exists()
