"""What a process has read of the log, left for the next one. A cache, never the truth.

Reading a million small entries takes minutes; this file takes a second. It lies in `state/` and
may be deleted at any time. It counts only if its own checksum is right and the last entry that
it covers is still, byte for byte, in the log (a log restored from a backup makes it void).
`archive.check` never uses it.
"""

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from archive import files
from archive.errors import StorageError
from archive.root import Root

__all__ = ["Held", "LoggedFile", "load", "save"]

_NAME = "log-cache.msgpack"
_FORMAT = b"shenglu log cache 1\n"
_DIGEST = 32


class LoggedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One data file as the log vouches for it; `path` is below the root."""

    path: str
    table: str
    rows: int
    bytes: int
    sha256: str


class Held(msgspec.Struct, frozen=True):
    """The state of the log after commit `number`, and the SHA-256 of that entry's file."""

    number: int
    entry_sha256: str
    files: tuple[LoggedFile, ...]
    batches: tuple[str, ...]


def save(root: Root, held: Held, last_entry: Path) -> None:
    """Leave that state for the next process; a disk that refuses is no error."""
    with contextlib.suppress(StorageError):
        digest = files.sha256_file(last_entry)[0]
        body = msgspec.msgpack.encode(msgspec.structs.replace(held, entry_sha256=digest))
        checksum = hashlib.sha256(body).digest()
        files.write_atomic(root.state / _NAME, _FORMAT + checksum + body)


def load(root: Root, entry_path: Callable[[Root, int], Path]) -> Held | None:
    """The state that an earlier process left, or None where there is none to be trusted."""
    with contextlib.suppress(StorageError, msgspec.DecodeError):
        data = files.read_if_present(root.state / _NAME) or b""
        start = len(_FORMAT) + _DIGEST
        body = data[start:]
        if data[:start] != _FORMAT + hashlib.sha256(body).digest():
            return None
        held = msgspec.msgpack.decode(body, type=Held)
        if files.sha256_file(entry_path(root, held.number))[0] == held.entry_sha256:
            return held
    return None
