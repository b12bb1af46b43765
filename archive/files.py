"""The only disk access for tables, log and meta: durable, atomic, never half visible.

A file appears under its name complete or not at all: it is written as `.<name>.<token>.tmp` in
the same folder, synced, renamed, and the folder synced. Readers of every kind skip names with a
leading dot, so a crash leaves nothing that a plain glob could pick up.

`OSError` becomes `StorageError` with a remedy. Three errnos are tried again, from the first
byte and with a new temporary file: EINTR and EAGAIN (the call was not carried out) and ESTALE
(an NFS handle that a new open replaces). EIO is never retried: after a failed fsync the kernel
may drop the dirty pages and report success the second time (the "fsyncgate" of PostgreSQL).
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import tenacity

from archive.errors import StorageError

__all__ = [
    "DEBRIS_AGE",
    "create_exclusive",
    "debris",
    "disk",
    "link_or_copy",
    "make_folder",
    "publish_folder",
    "read",
    "read_if_present",
    "remove",
    "remove_tree",
    "replacing",
    "sha256_file",
    "sweep",
    "sweep_except",
    "sync_folder",
    "write_atomic",
]

DEBRIS_AGE = 3600.0
"""Seconds after which a temporary file is taken to be left over from a dead process."""

_TRANSIENT = frozenset({errno.EINTR, errno.EAGAIN, errno.ESTALE})

_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK})

_REMEDIES = {
    errno.ENOSPC: "the disk is full: free space, then run the same command again",
    errno.EDQUOT: "the disk quota is used up: raise it or free space, then run again",
    errno.EFBIG: "the limit on file size is reached: raise `ulimit -f`, then run again",
    errno.EROFS: "the file system is read-only: remount it, or give another --archive",
    errno.EACCES: "permission refused: run as the owner of the archive or mend its permissions",
    errno.EPERM: "operation refused: check ownership, and that the file system has hard links",
    errno.ENOTSUP: "the file system lacks an operation (hard links): use a POSIX file system",
    errno.ENOENT: "a file or folder is gone: `shenglu check` tells what is missing",
    errno.ENOTDIR: "a file stands where a folder belongs: move it away",
    errno.EIO: "the device failed: check the disk (dmesg, SMART) before writing any more",
    errno.EMFILE: "too many open files: raise `ulimit -n`",
    errno.ENAMETOOLONG: "the name is too long for this file system: use a shorter run or batch id",
}


def _transient(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in _TRANSIENT


_again = tenacity.retry(
    retry=tenacity.retry_if_exception(_transient),
    stop=tenacity.stop_after_attempt(5),
    wait=tenacity.wait_random_exponential(multiplier=0.02, max=0.5),
    reraise=True,
)


@contextlib.contextmanager
def disk(doing: str, path: Path) -> Iterator[None]:
    """Turn an `OSError` inside the block into a `StorageError` that names path and remedy."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "mend the cause and run the same command again")
        reason = error.strerror or str(error)
        raise StorageError(f"cannot {doing} {path}: {reason}; {remedy}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (fsync of the directory); raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each name durable; raises `StorageError`."""
    with disk("create folder", folder):
        _make_folder(folder)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):  # another writer made it just now
        folder.mkdir()
    sync_folder(folder.parent)


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A binary file that takes the name `path`, durably, when the block ends without error.

    After an error nothing is left. Raises `StorageError`; not retried, since the block has
    already consumed its input.
    """
    make_folder(path.parent)
    with disk("write", path), _temporary(path, mode) as (temporary, out):
        yield out
        _sync(out)
        temporary.replace(path)
        sync_folder(path.parent)


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a small file whole or not at all, replacing what was there."""
    make_folder(path.parent)
    with disk("write", path):
        _write_atomic(path, data, mode)


@_again
def _write_atomic(path: Path, data: bytes, mode: int) -> None:
    with _temporary(path, mode) as (temporary, out):
        out.write(data)
        _sync(out)
        temporary.replace(path)
    sync_folder(path.parent)


def create_exclusive(path: Path, data: bytes, mode: int = 0o644) -> bool:
    """Create a file with its whole content, or return False because the name is taken.

    link(2) publishes a complete, synced file in one step and fails where the name exists, so
    two writers can never both win and no reader sees half an entry. Needs hard links.
    """
    make_folder(path.parent)
    with disk("create", path):
        return _create_exclusive(path, data, mode)


@_again
def _create_exclusive(path: Path, data: bytes, mode: int) -> bool:
    with _temporary(path, mode) as (temporary, out):
        out.write(data)
        _sync(out)
        try:
            os.link(temporary, path)
        except FileExistsError:
            # A resent NFS request can fail although the first one made the link.
            if temporary.stat().st_nlink < 2:
                return False
    sync_folder(path.parent)
    return True


@contextlib.contextmanager
def _temporary(path: Path, mode: int) -> Iterator[tuple[Path, BinaryIO]]:
    temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}.tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as out:
            yield temporary, out
    finally:
        temporary.unlink(missing_ok=True)


def _sync(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def read(path: Path) -> bytes:
    """The content of a file; raises `StorageError`."""
    with disk("read", path):
        try:
            return path.read_bytes()
        except OSError as error:
            if not _transient(error):
                raise
        return _read(path)  # only now: the retry machinery costs five times the read


def read_if_present(path: Path) -> bytes | None:
    """The content of a file, or None where there is no such file; raises `StorageError`."""
    try:
        return read(path)
    except StorageError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


@_again
def _read(path: Path) -> bytes:
    return path.read_bytes()


def sha256_file(path: Path) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes of a file, read in blocks; raises `StorageError`."""
    with disk("read", path), path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest(), source.tell()


def remove(path: Path) -> None:
    """Delete a file and make that durable; a file that is gone already is no error."""
    with disk("delete", path):
        if path.parent.is_dir():
            path.unlink(missing_ok=True)
            sync_folder(path.parent)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a finished file a second name, or copy it where no hard link reaches.

    Raises `StorageError`; the copy is whole or not there.
    """
    make_folder(target.parent)
    with disk("link", target):
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
        else:
            return
    with disk("copy", source), source.open("rb") as data, replacing(target) as out:
        shutil.copyfileobj(data, out, 1 << 20)


def publish_folder(built: Path, target: Path) -> None:
    """Give a finished folder its name, durably; fails where the name is taken by content.

    The files in it must have been written with this module; raises `StorageError`.
    """
    with disk("publish", target):
        built.rename(target)
        sync_folder(target.parent)


def remove_tree(folder: Path) -> None:
    """Delete a folder of work in progress, if it is there; raises `StorageError`."""
    with disk("delete", folder), contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def debris(folder: Path, older_than: float = DEBRIS_AGE) -> list[Path]:
    """Temporary files and folders below a folder that no living writer can still be filling.

    Age in seconds decides: a process id says nothing on a disk that several machines share.
    """
    limit = time.time() - older_than
    found = []
    for path in sorted(folder.rglob(".*.tmp")):
        with contextlib.suppress(FileNotFoundError):  # its writer finished meanwhile
            if path.stat().st_mtime <= limit:
                found.append(path)
    return found


def sweep(folder: Path, older_than: float = DEBRIS_AGE) -> list[Path]:
    """Delete such debris, files and folders; returns what was deleted."""
    found = debris(folder, older_than)
    for path in found:
        if path.is_dir():
            remove_tree(path)
        else:
            remove(path)
    return found


def sweep_except(folder: Path, keep: frozenset[Path], older_than: float = DEBRIS_AGE) -> list[Path]:
    """Delete the files below a folder that are older than that and not to be kept."""
    limit = time.time() - older_than
    swept = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p not in keep):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime <= limit:
                remove(path)
                swept.append(path)
    return swept
