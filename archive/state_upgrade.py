"""A state file of an earlier layout, brought to today's in one transaction.

Before names were numbered and links packed, a row of `pages` held both as text. What it knew is
kept, what waits too; a process killed on the way leaves the old layout, and the next one begins
anew. The file needs room for both layouts meanwhile.
"""

import sqlite3
from contextlib import suppress

import msgspec

from archive import packing, queue
from archive.model import Link
from archive.packing import Names, Validators, pack_link, pack_validators

__all__ = ["upgrade"]

_OLD = (
    "key, scope, state, priority, ord, run, source, link, listed, hint, attempts, due, validators"
)
_NEW = f"INSERT INTO pages({_OLD}) VALUES({','.join('?' * 13)})"
_link = msgspec.msgpack.Decoder(Link).decode
_validators = msgspec.msgpack.Decoder(Validators).decode


def _is_old(db: sqlite3.Connection) -> bool:
    kinds = {row[1]: row[2] for row in db.execute("PRAGMA table_info(pages)")}
    return kinds.get("scope") == "TEXT"


def _add_columns(db: sqlite3.Connection) -> None:
    """Columns that later layouts have at the end of a table."""
    held = {row[1] for row in db.execute("PRAGMA table_info(visits)")}
    if held and "shrunk" not in held:
        with suppress(sqlite3.OperationalError):  # another process may have been faster
            db.execute("ALTER TABLE visits ADD COLUMN shrunk INTEGER NOT NULL DEFAULT 0")


def upgrade(db: sqlite3.Connection) -> bool:
    """Rewrite the table of pages if it is of the old layout; whether it was.

    Raises:
        sqlite3.Error: the file cannot be read or written.
    """
    _add_columns(db)
    if not _is_old(db):
        return False
    db.execute("BEGIN IMMEDIATE")
    try:
        if found := _is_old(db):  # another process may have been faster
            _rewrite(db)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return found


def _rewrite(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE pages RENAME TO pages_before")
    for index in ("pages_ready", "pages_open"):
        db.execute(f"DROP INDEX IF EXISTS {index}")
    for statement in (packing.DDL + queue.DDL).split(";"):
        db.execute(statement)
    names = Names(db)
    for row in db.execute(f"SELECT {_OLD} FROM pages_before"):  # noqa: S608 - our own words
        db.execute(_NEW, _converted(names, row))
    db.execute("DROP TABLE pages_before")


def _converted(names: Names, row: tuple[object, ...]) -> tuple[object, ...]:
    key, scope, state, priority, order, run, source, link, listed, hint, tries, due, held = row
    return (
        key,
        names.number(str(scope)),
        state,
        priority,
        int(str(order)) // 62_500,
        names.number(str(run)),
        names.number(str(source)),
        pack_link(_link(link)),  # type: ignore[arg-type]  # the column holds bytes
        None if listed is None else names.number(str(listed)),
        hint,
        tries,
        None if due is None else int(float(str(due))),
        pack_validators(_validators(held), names) if held else None,  # type: ignore[arg-type]  # as above
    )
