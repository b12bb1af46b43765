"""Hosts whose validators do not tell whether a page has changed.

Some servers send one ETag for whatever a feed holds, and answer 304 for ever. Once a page is seen
to differ under a validator that does not, its host and kind of page are asked without conditions,
for `FORGIVEN` seconds: servers are mended too.
"""

import sqlite3
import time

from archive.model import PageClass

__all__ = ["DDL", "FORGIVEN", "Distrust"]

DDL = """
CREATE TABLE IF NOT EXISTS distrust(
  host TEXT NOT NULL, kind TEXT NOT NULL, since REAL NOT NULL,
  PRIMARY KEY(host, kind)) WITHOUT ROWID;
"""
FORGIVEN = 30 * 86_400


class Distrust:
    """The operations on `distrust`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, host: str, kind: PageClass) -> None:
        """From now on this host's pages of the kind are asked for without conditions."""
        self._db.execute(
            "INSERT INTO distrust VALUES(?,?,?) ON CONFLICT DO UPDATE SET since = excluded.since",
            (host, kind, time.time()),
        )

    def all(self) -> set[tuple[str, str]]:
        """The hosts and kinds that are not believed today."""
        query = "SELECT host, kind FROM distrust WHERE since > ?"
        return set(self._db.execute(query, (time.time() - FORGIVEN,)).fetchall())
