"""One run at a time for one scope: an advisory lock that dies with its process.

`flock(2)` on a file below `state/locks/`; the file's text names the holder, for the message. A
killed process leaves the file but not the lock. Works on local disks; NFS before v4 has no flock.
"""

import fcntl
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from archive import files
from archive.errors import LockedError

__all__ = ["Lock", "all_locks", "alone", "holder"]

_UNSAFE = re.compile(r"[^\w.@-]+")


def _file(folder: Path, scope: str) -> Path:
    return folder / f"{_UNSAFE.sub('_', scope)}.lock"


def holder(folder: Path, scope: str) -> dict[str, Any]:
    """Who took the lock last, as it wrote itself down; empty when nobody did."""
    try:
        found: dict[str, Any] = json.loads(_file(folder, scope).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


class Lock:
    """A held lock; `release` or the end of the process frees it."""

    def __init__(self, folder: Path, scope: str, command: str, *, shared: bool = False) -> None:
        """Take the lock; `shared` with others that share it, too, but with nobody else.

        Raises:
            LockedError: somebody else holds it; the message names the holder.
            StorageError: the lock file cannot be made.
        """
        path = _file(folder, scope)
        with files.disk("make the lock", path):
            folder.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = path.open("a+", encoding="utf-8")
        try:
            how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            other = holder(folder, scope)
            who = f"process {other.get('pid', '?')} on {other.get('host', '?')}"
            raise LockedError(
                f"{scope}: another run holds the lock: {who}, started {other.get('started', '?')}"
                f" ({other.get('command', '?')}); wait for it or stop it"
            ) from None
        self._write(command)

    def _write(self, command: str) -> None:
        """Name the holder in the file, for the message that others get."""
        facts = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": command,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        # A full disk must not keep anybody from freeing space: the name is for a message only.
        with suppress(OSError):
            self._file.truncate(0)
            self._file.write(json.dumps(facts, ensure_ascii=False))
            self._file.flush()

    def release(self) -> None:
        """Free the lock."""
        with suppress(OSError):  # what is buffered still does not fit on the disk
            self._file.close()


def all_locks(folder: Path, command: str, also: str) -> list[Lock]:
    """Every lock of an archive, `also` among them: no run and no rewrite is under way meanwhile.

    Raises `LockedError` that names who holds one; none is held then.
    """
    names = {path.stem for path in folder.glob("*.lock")} if folder.is_dir() else set()
    taken: list[Lock] = []
    try:
        taken.extend(Lock(folder, name, command) for name in sorted({*names, also} - {"tables"}))
    except LockedError:
        for lock in taken:
            lock.release()
        raise
    return taken


@contextmanager
def alone(folder: Path, name: str, *, wait: bool) -> Iterator[bool]:
    """Do something that only one process at a time may do; False if it is taken and not waited for.

    Raises:
        StorageError: the lock file cannot be made.
    """
    path = _file(folder, name)
    with files.disk("make the lock", path):
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
