"""Which processes share a run, and until when each of them counts as alive.

A lease (`archive.queue`) names its owner; it holds as long as the owner is heard of. Times are
Unix seconds by this machine's clock: processes on several machines would need the database's.
"""

import sqlite3
import time

from archive.queue import Run

__all__ = ["DDL", "Owners"]

DDL = """
CREATE TABLE IF NOT EXISTS owners(
  owner TEXT PRIMARY KEY, scope TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
"""


class Owners:
    """The operations on `owners`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def alive(self, run: Run, seconds: float) -> None:
        """Say that this process lives: its leases hold for so many seconds more."""
        self._db.execute(
            "INSERT INTO owners VALUES(?,?,?) ON CONFLICT DO UPDATE SET until = excluded.until",
            (run.owner, run.scope, time.time() + seconds),
        )

    def sharers(self, scope: str) -> int:
        """How many processes live that share the scope."""
        query = "SELECT count(*) FROM owners WHERE scope = ? AND until > ?"
        return int(self._db.execute(query, (scope, time.time())).fetchone()[0])

    def leave(self, scope: str, owner: str | None = None) -> None:
        """Forget a process, or (None) all of the scope: what they hold is free."""
        self._db.execute(
            "DELETE FROM owners WHERE scope = ? AND owner = coalesce(?, owner)", (scope, owner)
        )
