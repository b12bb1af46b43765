"""Appends captures to WARC files: one gzip member a record, rolled by size.

A pointer is handed out once the bytes are with the operating system, so they outlive the death
of the process; `sync` makes them outlive the machine. A writer only ever appends to files that
it made itself: after kill -9 the next process starts a new file, and a torn tail stays where it
is, harmless, since no pointer to it was handed out.

Thread-safe: records are built and compressed outside the lock.
"""

import contextlib
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Self

from archive import cdxj, files
from archive.errors import CaptureError, StorageError
from archive.model import WarcPointer
from archive.root import Root
from archive.warc import (
    Exchange,
    Record,
    Revisit,
    SavedPage,
    encode,
    exchange_records,
    resource_record,
    warcinfo_record,
)

__all__ = ["DEFAULT_MAX_BYTES", "WarcWriter"]

DEFAULT_MAX_BYTES = 1 << 30
"""Size at which a file is closed and the next begun: 1 GiB, the size that archives exchange."""

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(slots=True)
class _OpenFile:
    path: Path
    name: str
    handle: int
    end: int = 0
    captures: int = 0


class WarcWriter:
    """The WARC files of one run.

    `info` goes into the warcinfo record at the head of each file: give at least `robots` (the
    policy followed) and `http-header-user-agent`. Use as a context manager, or call `close`.
    """

    def __init__(
        self,
        root: Root,
        run_id: str,
        *,
        prefix: str = "shenglu",
        max_bytes: int = DEFAULT_MAX_BYTES,
        info: Mapping[str, str] | None = None,
    ) -> None:
        for name in (run_id, prefix):
            if not _SAFE.fullmatch(name):
                raise CaptureError(f"{name!r} cannot be part of a WARC file name")
        self._root = root
        self._stem = f"{prefix}-{run_id}"
        self._max_bytes = max_bytes
        self._info = {**_default_info(run_id), **(info or {})}
        self._lock = threading.Lock()
        self._file: _OpenFile | None = None
        self._count = 0
        self._failure: StorageError | None = None

    def write(self, exchange: Exchange, revisit: Revisit | None = None) -> WarcPointer:
        """Append an exchange: its response, or a revisit of an earlier one, and its request.

        Raises `CaptureError` for an exchange that no record can carry, `StorageError` when the
        disk refuses; the file is then as it was before.
        """
        main, request = exchange_records(exchange, revisit)
        asked = [encode(request)] if exchange.asked else []
        return self._append(main, encode(main), *asked)

    def write_page(self, page: SavedPage) -> WarcPointer:
        """Append a saved page as a resource record; raises as `write` does."""
        record = resource_record(page)
        return self._append(record, encode(record))

    def sync(self) -> None:
        """Make everything written so far durable (fsync); raises `StorageError`.

        After a failed fsync the kernel may drop what it holds and report success the next
        time, so the failure is final: this writer writes and syncs no more. A new process
        fetches again what was not recorded as done.
        """
        with self._lock:
            self._refuse_broken()
            if self._file is None:
                return
            path = self._file.path
            handle = os.dup(self._file.handle)
        # Outside the lock: other threads go on appending while the disk works.
        try:
            with files.disk("sync", path):
                os.fsync(handle)
        except StorageError as error:
            with self._lock:
                self._break(error)
            raise
        finally:
            os.close(handle)

    def close(self) -> None:
        """Sync and close the current file and write its CDXJ index."""
        with self._lock:
            closed = self._finish()
        if closed is not None:
            cdxj.write_index(self._root, closed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _append(self, record: Record, first: bytes, rest: bytes = b"") -> WarcPointer:
        data = first + rest
        closed = None
        with self._lock:
            self._refuse_broken()
            full = self._file is not None and self._file.end + len(data) > self._max_bytes
            if full and self._file is not None and self._file.captures:
                closed = self._finish()
            current = self._file or self._begin()
            offset = current.end
            self._put(current, data)
            current.captures += 1
        if closed is not None:
            cdxj.write_index(self._root, closed)  # seconds of work: outside the lock
        return WarcPointer(current.name, offset, len(first), record.type)

    def _begin(self) -> _OpenFile:
        now = datetime.now(UTC)
        folder = self._root.warc / now.strftime("%Y/%m/%d")
        files.make_folder(folder)
        while True:
            path = folder / f"{self._stem}-{self._count:05d}.warc.gz"
            self._count += 1
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            with files.disk("create", path), contextlib.suppress(FileExistsError):
                handle = os.open(path, flags, 0o644)
                break
        self._file = _OpenFile(path, path.relative_to(self._root.warc).as_posix(), handle)
        try:
            with files.disk("create", path):
                files.sync_folder(folder)
            self._put(self._file, encode(warcinfo_record(path.name, now, self._info)))
        except StorageError:
            self._drop()  # a file without its head is not begun at all
            path.unlink(missing_ok=True)
            raise
        return self._file

    def _put(self, current: _OpenFile, data: bytes) -> None:
        try:
            with files.disk("append to", current.path):
                left = memoryview(data)
                while left:
                    left = left[os.write(current.handle, left) :]
        except StorageError:
            self._undo(current)
            raise
        current.end += len(data)

    def _undo(self, current: _OpenFile) -> None:
        """Cut a half-written record off; where even that fails, write no more."""
        try:
            with files.disk("cut", current.path):
                os.ftruncate(current.handle, current.end)
        except StorageError as error:
            self._break(error)

    def _finish(self) -> Path | None:
        if self._file is None:
            return None
        path = self._file.path
        try:
            with files.disk("sync", path):
                os.fsync(self._file.handle)
        except StorageError as error:
            self._break(error)
            raise
        self._drop()
        return path

    def _refuse_broken(self) -> None:
        if self._failure is not None:
            raise StorageError(f"{self._failure}; start the run again") from self._failure

    def _break(self, error: StorageError) -> None:
        self._failure = error
        self._drop()

    def _drop(self) -> None:
        if self._file is not None:
            os.close(self._file.handle)
            self._file = None


def _default_info(run_id: str) -> dict[str, str]:
    try:
        version = metadata.version("shenglu")
    except metadata.PackageNotFoundError:  # run from a source tree
        version = "source"
    return {
        "software": f"shenglu/{version}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": run_id,
    }
