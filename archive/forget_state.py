"""The state file without what was taken down, and with the evidence's new places."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.errors import StorageError
from archive.forget_warc import Place, Places
from archive.known import ARTICLES
from archive.model import WarcPointer
from archive.packing import Names, Validators, pack_validators, unpack_link, unpack_validators
from archive.state_upgrade import upgrade

__all__ = ["clean_state", "move_pointers"]


def clean_state(
    path: Path,
    items: Iterable[tuple[str, str | None, str]],
    *,
    unwanted: Callable[[Mapping[str, Any]], bool],
    moved: Places,
    gone: Collection[Place],
) -> None:
    """Delete items (source, thread, id) and pages, move pointers, and overwrite what was there.

    `unwanted` is asked about each page's source, thread and URL. Raises `StorageError`.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as db:
            db.execute("PRAGMA secure_delete = ON")
            upgrade(db)
            db.execute("BEGIN IMMEDIATE")
            for source, thread, item in items:
                place = (source, ARTICLES if thread is None else thread, item)
                db.execute("DELETE FROM known WHERE source=? AND thread_id=? AND id=?", place)
            db.execute("DELETE FROM visit_seen")  # walks under way begin anew
            db.execute("DELETE FROM visits")
            _pages(db, unwanted, moved, gone)
            db.execute("COMMIT")
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise StorageError(f"state file {path}: {error}; run `shenglu doctor --rebuild`") from error
    for old in path.parent.glob(f"{path.name}*.old"):
        old.unlink()


def move_pointers(path: Path, moved: Places) -> None:
    """Give pages the new places of their evidence, nothing else; raises `StorageError`."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as db:
            upgrade(db)
            db.execute("BEGIN IMMEDIATE")
            _pages(db, lambda _page: False, moved, ())
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise StorageError(f"state file {path}: {error}; run `shenglu doctor --rebuild`") from error


def _pages(
    db: sqlite3.Connection,
    unwanted: Callable[[Mapping[str, Any]], bool],
    moved: Places,
    gone: Collection[Place],
) -> None:
    names = Names(db)
    rows = db.execute("SELECT key, source, link, validators FROM pages").fetchall()
    for key, source, packed, validators in rows:
        link = unpack_link(packed)
        if unwanted({"source": names.name(source), "thread_id": link.thread_id, "url": link.url}):
            db.execute("DELETE FROM pages WHERE key = ?", (key,))
        elif validators:
            held = unpack_validators(validators, names)
            now = _after(held, moved, gone)
            if now is not held:
                db.execute(
                    "UPDATE pages SET validators = ? WHERE key = ?",
                    (pack_validators(now, names), key),
                )


def _after(held: Validators, moved: Places, gone: Collection[Place]) -> Validators:
    """The validators with the pointer moved; empty where the evidence is gone: fetch it whole."""
    pointer = held.pointer
    if pointer is None:
        return held
    place = (pointer.filename, pointer.offset)
    if place in gone:
        return Validators()
    if place not in moved:
        return held
    return replace(held, pointer=WarcPointer(*moved[place], pointer.record_type))
