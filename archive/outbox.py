"""Rows that are safe in the state file and wait for their Parquet commit.

A page's rows enter the outbox in the transaction that marks the page done. The writer takes a
range of the outbox, names it before touching Parquet (`drains`), commits it under that name,
and only then deletes it. After a crash at any point the same range is committed under the same
name again, which the log answers with "already there": no row is lost and none doubled.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

__all__ = ["DDL", "DRAIN_BYTES", "DRAIN_ROWS", "Drain", "Outbox"]

DRAIN_ROWS = 5_000
"""Rows that one Parquet commit takes at most, about."""

DRAIN_BYTES = 8 << 20
"""The same in bytes as they wait: five thousand long articles are some 100 MB of objects."""

DDL = """
CREATE TABLE IF NOT EXISTS outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, rows BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS drains(batch_id TEXT PRIMARY KEY, lo INTEGER, hi INTEGER);
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, list[dict[str, Any]]]).decode


@dataclass(frozen=True, slots=True)
class Drain:
    """A named range of the outbox and its rows by table."""

    batch_id: str
    lo: int
    hi: int
    rows: dict[str, list[dict[str, Any]]]


class Outbox:
    """The operations on `outbox`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._db = connection
        self._name = name

    def put(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Queue rows by table; empty tables cost nothing."""
        full = {table: some for table, some in rows.items() if some}
        if full:
            size = sum(len(some) for some in full.values())
            self._db.execute("INSERT INTO outbox(size, rows) VALUES(?,?)", (size, _encode(full)))

    def waiting(self) -> int:
        """Rows that wait."""
        return int(self._db.execute("SELECT coalesce(sum(size), 0) FROM outbox").fetchone()[0])

    def is_full(self) -> bool:
        """Whether what waits is enough for a commit."""
        query = "SELECT coalesce(sum(size), 0), coalesce(sum(length(rows)), 0) FROM outbox"
        rows, length = self._db.execute(query).fetchone()
        return bool(rows >= DRAIN_ROWS or length >= DRAIN_BYTES)

    def plan(self, most: int) -> tuple[str, int, int] | None:
        """Name the next range: one entry at least, about `most` rows at most; None when empty.

        A range that was named before and not finished is given again, unchanged.
        """
        old = self._db.execute("SELECT batch_id, lo, hi FROM drains ORDER BY lo").fetchone()
        if old is not None:
            return str(old[0]), int(old[1]), int(old[2])
        total, held, first, last = 0, 0, None, None
        for one, size, length in self._db.execute(
            "SELECT id, size, length(rows) FROM outbox ORDER BY id"
        ):
            total, held = total + size, held + length
            if first is not None and (total > most or held > DRAIN_BYTES):
                break
            first, last = (one if first is None else first), one
        if first is None or last is None:
            return None
        batch_id = f"outbox-{self._name}-{first}-{last}"
        self._db.execute("INSERT INTO drains VALUES(?,?,?)", (batch_id, first, last))
        return batch_id, first, last

    def read(self, batch_id: str, lo: int, hi: int) -> Drain:
        """The rows of a named range, by table, in outbox order."""
        rows: dict[str, list[dict[str, Any]]] = {}
        entries = self._db.execute(
            "SELECT rows FROM outbox WHERE id BETWEEN ? AND ? ORDER BY id", (lo, hi)
        )
        for (blob,) in entries:
            for table, some in _decode(blob).items():
                rows.setdefault(table, []).extend(some)
        return Drain(batch_id, lo, hi, rows)

    def done(self, drain: Drain) -> None:
        """Forget a range whose commit is in the log."""
        self._db.execute("DELETE FROM outbox WHERE id BETWEEN ? AND ?", (drain.lo, drain.hi))
        self._db.execute("DELETE FROM drains WHERE batch_id = ?", (drain.batch_id,))
