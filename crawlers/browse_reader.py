"""The connection that the browsing pages share: the newest snapshot, opened once for all requests.

Opening costs more than most questions do, and DuckDB keeps the files' footers with a connection. A
new commit is seen at the next request: the log is asked each time, and a number that moved on means
a new connection. Requests that still run keep theirs.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import duckdb

from archive.log import Log
from archive.query import connect, rows_as_dicts
from archive.root import Root
from archive.views import HISTORY, latest_of

__all__ = ["Reader", "picked"]

_MEMORY = "1GB"


class Reader:
    """Hands out cursors on the newest snapshot; they read nothing outside the archive."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._number = -1
        self._connection: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of this request's own."""
        with self._lock:
            snapshot = Log(self.root).snapshot()
            if self._connection is None or snapshot.number != self._number:
                self._connection = connect(
                    self.root, snapshot=snapshot, memory_limit=_MEMORY, sandbox=True
                )
                self._number = snapshot.number
            made = self._connection.cursor()
        try:
            yield made
        finally:
            made.close()

    def ask(self, sql: str, values: Any = None) -> list[dict[str, Any]]:
        """All rows of one SELECT."""
        with self.cursor() as cursor:
            return rows_as_dicts(cursor.execute(sql, values))


_CHOSEN: Final = {
    "comments": (
        "source IN (SELECT unnest($sources)) AND thread_id IN (SELECT unnest($threads)) AND "
        "comment_id IN (SELECT unnest($comments)) AND "
        "source || '/' || thread_id || '/' || comment_id IN (SELECT unnest($ids))"
    ),
    "articles": (
        "source IN (SELECT unnest($sources)) AND article_id IN (SELECT unnest($articles)) AND "
        "source || '/' || article_id IN (SELECT unnest($ids))"
    ),
}


def picked(cursor: duckdb.DuckDBPyConnection, table: str, ids: Sequence[str], columns: str) -> None:
    """Make the temporary view `picked_TABLE`: `articles` or `comments`, of these ids only.

    `columns` are those that are wanted, keys and times among them: each one costs. An id may be cut
    at any of its slashes: all cuts are looked up, then compared whole.
    """
    parts = [one.partition("/")[::2] for one in ids]
    cuts = [rest.split("/") for _, rest in parts]
    pairs = [("/".join(c[:at]), "/".join(c[at:])) for c in cuts for at in range(1, len(c))]
    values = {
        "ids": list(ids),
        "sources": [source for source, _ in parts],
        "articles": [rest for _, rest in parts],
        "threads": [thread for thread, _ in pairs],
        "comments": [comment for _, comment in pairs],
    }
    condition = _CHOSEN[table]
    given = {key: values[key] for key in values if f"${key})" in condition}
    made = f"picked_{table}_history", f"picked_{table}_sightings"
    for name, wanted, whole in (
        (made[0], columns, HISTORY[table]),
        (made[1], "*", f"{table[:-1]}_observations"),
    ):
        chosen = f"SELECT {wanted} FROM {whole} WHERE {condition}"  # noqa: S608 - names of our own
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {chosen}", given)
    cursor.execute(f"CREATE OR REPLACE TEMP VIEW picked_{table} AS {latest_of(table, *made)}")
