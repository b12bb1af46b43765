"""The commit log: which files the archive consists of, one commit at a time.

`log/<20 digits>.json`, numbered from 1 without gaps, each written once by exclusive creation
and never changed: the file that exists decides, so two writers need no lock. The snapshot after
commit N is the sum of entries 1..N; a data file that no entry adds does not exist for readers.

A `Log` keeps what it has read, so a commit costs the same however long the log is; and now and
then it leaves that in `state/` for the next process (`archive.log_cache`). One `Log` belongs to
one thread.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from archive import files, log_cache
from archive.bound import Bound
from archive.errors import CorruptError, LockedError
from archive.log_cache import LoggedFile
from archive.root import Root
from archive.schema import SCHEMA_VERSION

__all__ = [
    "ENTRY_VERSION",
    "Commit",
    "Entry",
    "Log",
    "LoggedFile",
    "Operation",
    "Snapshot",
    "decode_entry",
    "entry_path",
    "numbers",
]

ENTRY_VERSION = 1
"""Version of the entry format."""

_SAVE_EVERY = 500

Operation = Literal["append", "compact", "forget", "repair"]
"""What a commit does: add rows, or put files in place of others."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One commit: files that appear and files that go, in one step."""

    version: int
    batch_id: str
    committed_at: datetime
    schema_version: int
    operation: Operation
    add: tuple[LoggedFile, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """An entry and the number it got."""

    number: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files that make up the archive after commit `number` (0: none yet)."""

    number: int
    files: tuple[LoggedFile, ...]

    def of(self, table: str) -> tuple[LoggedFile, ...]:
        """The files of one table, in path order."""
        return tuple(f for f in self.files if f.table == table)

    def rows(self, table: str) -> int:
        """Rows of one table, all versions counted."""
        return sum(f.rows for f in self.of(table))


def entry_path(root: Root, number: int) -> Path:
    """The file of commit `number`."""
    return root.log / f"{number:020d}.json"


def decode_entry(path: Path, data: bytes) -> Entry:
    """The entry in a log file; raises `CorruptError` that names the file and the remedy."""
    try:
        entry = msgspec.json.decode(data, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptError(
            f"{path} is no log entry ({error}); restore it from a backup: "
            "commits after it cannot be read without it"
        ) from error
    if entry.version != ENTRY_VERSION:
        raise CorruptError(
            f"{path} has entry version {entry.version}, this shenglu reads {ENTRY_VERSION}; "
            "use a newer shenglu"
        )
    return entry


def numbers(root: Root) -> list[int]:
    """The commit numbers present, ascending; raises `StorageError`.

    Names that are no commit number are left to `archive.check`.
    """
    if not root.log.exists():
        return []
    with files.disk("list", root.log):
        names = [path.name for path in root.log.iterdir()]
    stems = [name.removesuffix(".json") for name in names if name.endswith(".json")]
    return sorted(
        int(stem) for stem in stems if len(stem) == 20 and stem.isascii() and stem.isdigit()
    )


class Log:
    """The log of one archive, read on demand and appended to.

    `cached` False reads every entry, whatever an earlier process left behind.
    """

    def __init__(self, root: Root, *, cached: bool = True) -> None:
        self.root = root
        self._number = 0
        self._live: dict[str, LoggedFile] = {}
        self._batches: set[str] = set()
        self._listed = False
        self._cached = cached
        self._saved = 0
        self._bound = Bound.of(root)
        self._pulled = self._bound is None

    def refresh(self) -> None:
        """Read the entries that were added since; raises `CorruptError`, `StorageError`.

        The first call lists the folder, and so notices a gap; later calls only ask for the
        next number.
        """
        if not self._listed:
            self._refuse_gap()
            self._listed = True
            if self._cached:
                self._load()
        path = entry_path(self.root, self._number + 1)
        while (data := files.read_if_present(path)) is not None:
            self._apply(decode_entry(path, data), path)
            path = entry_path(self.root, self._number + 1)
        if self._cached and self._number - self._saved >= _SAVE_EVERY:
            self._save()

    def catch_up(self) -> None:
        """Of an archive in a bucket: take the entries that its folder lacks. Once is enough."""
        if not self._pulled and self._bound is not None:
            self.refresh()
            last = entry_path(self.root, self._number)
            for number, data in self._bound.pull(self._number, last):
                decode_entry(entry_path(self.root, number), data)
                files.create_exclusive(entry_path(self.root, number), data)
            self._pulled = True

    def send(self, added: Iterable[tuple[str, Path]]) -> None:
        """Of an archive in a bucket: copy large files ahead of the entry that will name them."""
        if self._bound is not None:
            self._bound.send(added)

    def _create(self, path: Path, data: bytes, entry: Entry) -> bool:
        """Make the next entry; False where its number is taken. In a bucket, there first."""
        if self._bound is None:
            return files.create_exclusive(path, data)
        held = self._bound.publish(self._number + 1, data, entry.add)
        decode_entry(path, held)
        # Another process may have copied our own entry from the bucket meanwhile.
        files.create_exclusive(path, held)
        return held == data

    def _load(self) -> None:
        held = log_cache.load(self.root, entry_path)
        if held is not None:
            self._number = self._saved = held.number
            self._live = {file.path: file for file in held.files}
            self._batches = set(held.batches)

    def _save(self) -> None:
        self._saved = self._number
        last = entry_path(self.root, self._number)
        live = tuple(self._live.values())
        log_cache.save(
            self.root, log_cache.Held(self._number, "", live, tuple(self._batches)), last
        )

    def has(self, batch_id: str) -> bool:
        """Whether that batch has been committed, by any process, up to now."""
        self.refresh()
        return batch_id in self._batches

    def snapshot(self) -> Snapshot:
        """The archive as it stands now."""
        self.refresh()
        live = tuple(self._live[path] for path in sorted(self._live))
        return Snapshot(self._number, live)

    def append(
        self,
        batch_id: str,
        add: Iterable[LoggedFile],
        remove: Iterable[str] = (),
        operation: Operation = "append",
    ) -> Commit | None:
        """Commit files under the next free number; None where the batch is in the log already.

        The files must be durable before. When another writer takes the number, the entries
        that it wrote are read and the next number is tried. Raises `LockedError` when a file
        to be removed is no longer part of the archive: another process has replaced it.
        """
        entry = Entry(
            version=ENTRY_VERSION,
            batch_id=batch_id,
            committed_at=datetime.now(UTC),
            schema_version=SCHEMA_VERSION,
            operation=operation,
            add=tuple(add),
            remove=tuple(remove),
        )
        data = msgspec.json.encode(entry) + b"\n"
        self.catch_up()
        while True:
            if self.has(batch_id):
                return None
            self._refuse_conflict(entry)
            path = entry_path(self.root, self._number + 1)
            if self._create(path, data, entry):
                self._apply(entry, path)
                return Commit(self._number, entry)

    def _apply(self, entry: Entry, path: Path) -> None:
        unknown = [name for name in entry.remove if name not in self._live]
        doubled = [f.path for f in entry.add if f.path in self._live]
        if unknown or doubled or entry.batch_id in self._batches:
            about = (unknown or doubled or [entry.batch_id])[0]
            raise CorruptError(
                f"{path} contradicts the entries before it ({about}); restore the log folder "
                "from one backup"
            )
        for name in entry.remove:
            del self._live[name]
        self._live.update({f.path: f for f in entry.add})
        self._batches.add(entry.batch_id)
        self._number += 1

    def refuse_gone(self, paths: Iterable[str]) -> None:
        """Raise `LockedError` unless all of these files are part of the archive, as last read."""
        gone = [name for name in paths if name not in self._live]
        if gone:
            raise LockedError(
                f"{gone[0]} was replaced by another process meanwhile; run the command again"
            )

    def _refuse_conflict(self, entry: Entry) -> None:
        self.refuse_gone(entry.remove)
        doubled = [f.path for f in entry.add if f.path in self._live]
        if doubled:
            raise CorruptError(
                f"batch {entry.batch_id} would add {doubled[0]} a second time; "
                "batch ids must be unique for good"
            )

    def _refuse_gap(self) -> None:
        present = numbers(self.root)
        if present and present[-1] != len(present):
            missing = next(n for n, found in enumerate(present, 1) if n != found)
            raise CorruptError(
                f"{entry_path(self.root, missing)} is missing although {present[-1]} exists; "
                "restore it from a backup: later commits cannot be read without it"
            )
