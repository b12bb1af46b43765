"""Moves rows from the outbox into Parquet, one process at a time.

Rows of small runs wait for `DRAIN_SECONDS`, so that a slow crawl makes few large files; a batch
that is full goes at once. Whoever drains takes the rows of all processes that share the archive.
"""

import threading
import time

from archive.commit import commit
from archive.ledger import Ledger
from archive.lock import alone
from archive.log import Log
from archive.outbox import DRAIN_ROWS, Drain
from archive.root import Root

__all__ = ["DRAIN_ROWS", "DRAIN_SECONDS", "Drainer"]

DRAIN_SECONDS = 30.0
"""Rows wait this long for Parquet at most while a run goes on."""


class Drainer:
    """The only one who commits a session's rows."""

    def __init__(self, root: Root, log: Log, ledger: Ledger) -> None:
        self._root = root
        self._log = log
        self._ledger = ledger
        self._busy = threading.Lock()
        self._last = time.monotonic()

    def drain(self, *, only_if_due: bool = False) -> int:
        """Commit waiting rows to Parquet; rows written.

        `only_if_due`: not before `DRAIN_SECONDS` have passed or a batch is full, and then one
        batch only.
        """
        if only_if_due and not self._due():
            return 0
        locks, wait = self._root.state / "locks", not only_if_due
        with self._busy, alone(locks, "drain", wait=wait) as mine:
            if not mine:  # another process is at it, with our rows too
                return 0
            self._last = time.monotonic()
            total = 0
            while rows := self._ledger.drain(self._write, most=DRAIN_ROWS):
                total += rows
                if only_if_due:
                    break
            return total

    def _due(self) -> bool:
        waited = time.monotonic() - self._last
        with self._ledger.reading():
            return waited > DRAIN_SECONDS or self._ledger.outbox.is_full()

    def _write(self, drain: Drain) -> None:
        commit(self._log, drain.batch_id, drain.rows)
