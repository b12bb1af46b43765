"""What can be wrong with an installation or an archive, and what mends it."""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from archive import cdxj, swap
from archive.commit import commit, sweep_uncommitted
from archive.compact import REWRITE_LOCK
from archive.errors import ShengluError
from archive.ledger import Ledger
from archive.lock import all_locks
from archive.log import Log
from archive.rebuild import make_state
from archive.root import Root
from archive.session import STATE_FILE

__all__ = ["Finding", "examine", "mend", "rebuild"]

_LOG = logging.getLogger(__name__)
_PACKAGES = ("crawlers", "pipelines", "archive")
_LEAST_FREE = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was found, what mends it."""

    ok: bool
    what: str
    found: str
    remedy: str = ""


def examine(archive: Path) -> Iterator[Finding]:
    """Look at the installation, then at the archive; never raises for what it finds."""
    owners = metadata.packages_distributions()
    for name in _PACKAGES:
        yield _sole_owner(name, owners.get(name, []))
    yield _opencc(owners.get("opencc", []))
    yield _free_space(archive)
    if (archive / "meta" / "archive.json").exists():
        yield _attempt("archive", lambda: _archive(archive), "run `shenglu check` for details")
        yield _attempt(
            "state file", lambda: _state(archive), "run `shenglu doctor --rebuild` to remake it"
        )
    else:
        yield Finding(ok=True, what="archive", found=f"none yet at {archive}")


def mend(archive: Path) -> Iterator[str]:
    """Finish and clean up what dead processes left; what was done, a line each.

    Raises:
        UsageError, CorruptError, StorageError: the archive cannot be used.
    """
    root = Root.open(archive)
    log = Log(root)
    if finished := swap.recover(log):
        yield f"{finished} unfinished exchanges of files were finished"
    if swept := sweep_uncommitted(log):
        yield f"{len(swept)} files of no commit, older than an hour, were deleted"
    if indexed := cdxj.rebuild(root):
        yield f"{len(indexed)} missing CDXJ indexes were written"


def rebuild(archive: Path, progress: Callable[[int], None] | None = None) -> int:
    """Remake the state file from the archive; the old one is kept beside it as `.old`.

    Rows that wait in it are committed first, as far as it can be read.

    Raises:
        UsageError, CorruptError: there is no archive, or its log cannot be read.
        LockedError: something is under way: it would go on with the old file, and what it and
            the next run record would stand there twice.
    """
    root = Root.open(archive)
    locks = all_locks(root.state / "locks", "doctor --rebuild", REWRITE_LOCK)
    try:
        return _rebuilt(root, progress)
    finally:
        for lock in locks:
            lock.release()


def _rebuilt(root: Root, progress: Callable[[int], None] | None) -> int:
    state = root.state / STATE_FILE
    _empty(root, state)
    return make_state(root, state, progress=progress)


def _empty(root: Root, state: Path) -> None:
    """Commit what the old file has acknowledged; a damaged one keeps it, as `.old`."""
    if not state.exists():
        return
    try:
        ledger, log = Ledger(state), Log(root)
        try:
            while ledger.drain(lambda one: commit(log, one.batch_id, one.rows)):
                pass
        finally:
            ledger.close()
    except (ShengluError, sqlite3.Error) as error:
        _LOG.warning(
            "the old state file cannot be read (%s); pages whose rows waited in it are in the"
            " WARC: `shenglu backfill --from-warc %s` brings them back",
            error,
            root.warc,
        )


def _sole_owner(name: str, owners: list[str]) -> Finding:
    spec = util.find_spec(name)
    where = spec.origin if spec is not None and spec.origin else "not found"
    others = sorted(set(owners) - {"shenglu"})
    return Finding(
        ok=spec is not None and not others,
        what=f"package {name}",
        found=f"{where}; also from {', '.join(others)}" if others else where,
        remedy="install shenglu in an environment of its own",
    )


def _opencc(owners: list[str]) -> Finding:
    others = sorted(set(owners) - {"opencc", "OpenCC"})
    found = ", ".join(f"{one} {metadata.version(one)}" for one in owners) or "not installed"
    return Finding(
        ok=bool(owners) and not others,
        what="module opencc",
        found=found,
        remedy=f"pip uninstall {' '.join(others)}; pip install --force-reinstall opencc",
    )


def _free_space(archive: Path) -> Finding:
    there = next(p for p in (archive, *archive.absolute().parents) if p.exists())
    free = shutil.disk_usage(there).free
    return Finding(
        ok=free >= _LEAST_FREE,
        what="free space",
        found=f"{free / 1e9:.1f} GB at {there}",
        remedy="free at least 1 GB, or move the archive",
    )


def _attempt(what: str, look: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(ok=True, what=what, found=look())
    except ShengluError as error:
        return Finding(ok=False, what=what, found=str(error), remedy=remedy)


def _archive(archive: Path) -> str:
    root = Root.open(archive)
    files = Log(root).snapshot().files
    return f"{len(files)} files in the snapshot of {root.path}"


def _state(archive: Path) -> str:
    path = archive / "state" / STATE_FILE
    if not path.exists():
        return "none; the next run makes it from the archive"
    ledger = Ledger(path)
    try:
        return f"{ledger.outbox.waiting()} rows wait for Parquet; the next run commits them"
    finally:
        ledger.close()
