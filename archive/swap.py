"""Replaces files of the tables by others, in one step for each month's folder.

A swap is built in `retired/<batch>/tables/<table>/observed_month=.../`, and described there in
`plan.json`. Then, alone at the gate: hard links of the files that stay are added, the finished
folder and the live one exchange their names (`renameat2(RENAME_EXCHANGE)`: one step, so a
listing shows all old files or all new ones), and the log entry is made. The old files are then
below `retired/`, for readers who follow the log and have an older snapshot, until `purge`.

Killed before the plan: nothing has happened. Killed after it: `recover`, which every commit of
that kind and `shenglu doctor` call first, goes on to the end; until then readers of the log find
each file in its place or below `retired/` (`located`).

Limit: where the file system cannot exchange two names (NFS, some FUSE), the old folder is moved
out and the new one in: for the microseconds between, a listing shows no files of that month.
"""

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from time import time

import msgspec

from archive import files, gate
from archive.errors import CorruptError
from archive.log import Log, LoggedFile, Operation
from archive.partition import check_batch_id
from archive.root import Root

__all__ = ["GRACE", "Swap", "located", "pending", "purge", "recover"]

GRACE = 24 * 3600.0
"""Seconds for which replaced files are kept for readers of an older snapshot."""

_PLAN = "plan.json"
_AT_FDCWD, _EXCHANGE, _DARWIN_SWAP = -100, 2, 2
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


class _Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    batch_id: str
    operation: Operation
    add: tuple[LoggedFile, ...]
    remove: tuple[str, ...]
    delete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Swap:
    """One replacement under way: write the new files to `place`, then `finish`."""

    log: Log
    batch_id: str
    operation: Operation

    @property
    def folder(self) -> Path:
        """Where the new files are built and the old ones end up."""
        return _retired(self.log.root) / check_batch_id(self.batch_id)

    def begin(self) -> None:
        """Make room; what an earlier attempt under the same name left is removed."""
        files.remove_tree(self.folder)
        files.make_folder(self.folder)

    def place(self, path: str | PurePosixPath) -> Path:
        """Where to write the new file that is to be `path` below the root."""
        return self.folder / path

    def finish(
        self, add: Sequence[LoggedFile], remove: Iterable[str], delete: Iterable[str] = ()
    ) -> None:
        """Exchange the folders and commit; the new files must be durable.

        `delete` names further files below the root that `purge` is to delete. Raises
        `LockedError` when a file to be removed is no longer part of the archive: then nothing
        has changed, and the swap is given up.
        """
        paths = tuple(sorted(remove)), tuple(delete)
        plan = _Plan(self.batch_id, self.operation, tuple(add), *paths)
        self.log.catch_up()
        self.log.send((file.path, self.place(file.path)) for file in plan.add)
        with gate.alone(self.log.root):
            live = {file.path for file in self.log.snapshot().files}
            self.log.refuse_gone(plan.remove)
            files.write_atomic(self.folder / _PLAN, msgspec.json.encode(plan))
            _carry_out(self.log, self.folder, plan, live)


def recover(log: Log) -> int:
    """Finish the swaps that a dead process left half done; returns how many.

    Folders without a plan belong to a process that is still building, or to a dead one: they
    are left to `purge`. Raises `CorruptError` for a damaged plan.
    """
    done = 0
    log.catch_up()
    for folder in _folders(log.root):
        plan = _read(folder)
        if plan is None or log.has(plan.batch_id):
            continue
        with gate.alone(log.root):
            if not log.has(plan.batch_id):
                live = {file.path for file in log.snapshot().files}
                log.refuse_gone(plan.remove)
                _carry_out(log, folder, plan, live)
                done += 1
    return done


def pending(log: Log) -> list[Path]:
    """The swaps that a dead process left half done (or a living one is just carrying out)."""
    plans = [(folder, _read(folder)) for folder in _folders(log.root)]
    return [folder for folder, plan in plans if plan and not log.has(plan.batch_id)]


def purge(log: Log, older_than: float = GRACE) -> list[Path]:
    """Delete replaced files, and unfinished swaps, that are older than that (seconds)."""
    gone = []
    for folder in _folders(log.root):
        plan = _read(folder)
        if plan is not None and not log.has(plan.batch_id):
            continue  # half done: `recover` needs it
        mark = folder / _PLAN if plan else folder
        with contextlib.suppress(FileNotFoundError):
            if mark.stat().st_mtime <= time() - older_than:
                for name in plan.delete if plan else ():
                    files.remove(log.root.path / name)
                files.remove_tree(folder)
                gone.append(folder)
    return gone


def located(root: Root, path: str) -> Path:
    """Where a file of a snapshot lies: in its place, or among the files replaced since."""
    there = root.path / path
    if there.exists():
        return there
    for folder in _folders(root):
        if (folder / _PLAN).exists() and (folder / path).exists():
            return folder / path
    return there


def _retired(root: Root) -> Path:
    return root.path / "retired"


def _folders(root: Root) -> list[Path]:
    home = _retired(root)
    return sorted(p for p in home.iterdir() if p.is_dir()) if home.is_dir() else []


def _read(folder: Path) -> _Plan | None:
    data = files.read_if_present(folder / _PLAN)
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=_Plan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptError(
            f"{folder / _PLAN} is damaged ({error}); if `shenglu check` finds nothing else, "
            f"delete {folder}"
        ) from error


def _carry_out(log: Log, folder: Path, plan: _Plan, live: set[str]) -> None:
    """Exchange each folder that still has its old files, then make the entry; repeatable."""
    root = log.root
    for month in sorted({PurePosixPath(path).parent for path in plan.remove}):
        old = [path for path in plan.remove if PurePosixPath(path).parent == month]
        new = {f.path for f in plan.add if PurePosixPath(f.path).parent == month}
        # A file to be removed may be missing (a repair): the new ones decide, if there are any.
        here = [not (root.path / p).exists() for p in new] or [(root.path / old[0]).exists()]
        if any(here):
            stay = {p for p in live - set(plan.remove) if PurePosixPath(p).parent == month}
            _fill(root, folder, month, (new, stay))
            _exchange(folder / month, root.path / month)
    log.append(plan.batch_id, plan.add, plan.remove, plan.operation)


def _fill(root: Root, folder: Path, month: PurePosixPath, names: tuple[set[str], set[str]]) -> None:
    """Make the folder to be: the new files, and hard links of those that stay."""
    new, stay = names
    target = folder / month
    files.make_folder(target)
    with files.disk("fill", target):
        wanted = {PurePosixPath(path).name for path in new}
        for stale in [p for p in target.iterdir() if p.name not in wanted]:
            stale.unlink()  # a link that an earlier attempt made
        for path in stay:
            with contextlib.suppress(FileNotFoundError):  # missing before: `check` says so
                os.link(root.path / path, folder / path)
        files.sync_folder(target)


def _exchange(built: Path, live: Path) -> None:
    with files.disk("exchange", live):
        if not _exchanged(built, live):
            aside = built.with_name(f".{built.name}.old.tmp")
            live.rename(aside)
            built.rename(live)
            aside.rename(built)
        files.sync_folder(live.parent)
        files.sync_folder(built.parent)


def _exchanged(built: Path, live: Path) -> bool:
    """Exchange two names in one step; False where the system or file system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(built), os.fsencode(live)
    if sys.platform == "darwin":
        code = libc.renamex_np(*names, ctypes.c_uint(_DARWIN_SWAP))
    elif hasattr(libc, "renameat2"):
        here = ctypes.c_int(_AT_FDCWD)
        code = libc.renameat2(here, names[0], here, names[1], ctypes.c_uint(_EXCHANGE))
    else:
        return False
    if code == 0:
        return True
    reason = ctypes.get_errno()
    if reason in _CANNOT:
        return False
    raise OSError(reason, os.strerror(reason))
