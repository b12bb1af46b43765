"""Walks through threads: which pages are still open, which comments were met, why it ended.

A visit is one thread in one run. It opens with the first page queued for it, and ends when its
last open page is done or has failed; only then is `declared` against `fetched` known, and only a
visit that ended at the thread's end may call a comment missing.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from archive.model import StopReason, ThreadPage

__all__ = ["DDL", "IDLE_PAGES", "MOST_PAGES", "Ended", "Visits", "collapsed"]

MOST_PAGES = 2_000
IDLE_PAGES = 40
_MANY = 5  # comments that do not vanish from a thread all at once, as far as we believe

_CUT = 2  # a bit of the column `shrunk`

DDL = """
CREATE TABLE IF NOT EXISTS visits(
  visit TEXT PRIMARY KEY, source TEXT NOT NULL, thread_id TEXT NOT NULL, run TEXT NOT NULL,
  open INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0, declared INTEGER,
  stop TEXT, started REAL, shrunk INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS visit_seen(
  visit TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(visit, id)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished walk; `shrunk`: the thread declared less on a later page than on an earlier one.

    Then something was deleted meanwhile, and what followed moved up, from a page not yet read to
    one that was: what the walk did not meet need not be gone. `cut`: a page broke off.
    """

    visit: str
    source: str
    thread_id: str
    declared: int | None
    fetched: int
    pages: int
    stop: StopReason
    started_at: datetime
    shrunk: bool = False
    cut: bool = False


class Visits:
    """The operations on `visits`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @staticmethod
    def name(run_id: str, source: str, thread_id: str) -> str:
        """The key of a visit."""
        return f"{run_id}/{source}/{thread_id}"

    def opened(self, run_id: str, source: str, thread_id: str) -> None:
        """One more page of the thread is queued."""
        self._db.execute(
            "INSERT INTO visits(visit, source, thread_id, run, open) VALUES(?,?,?,?,1)"
            " ON CONFLICT DO UPDATE SET open = open + 1",
            (self.name(run_id, source, thread_id), source, thread_id, run_id),
        )

    def read(
        self, run_id: str, source: str, page: ThreadPage, ids: Iterable[str], when: datetime
    ) -> bool:
        """A page of the thread was read: note its comments, its claim, and a stop it announced.

        Whether the walk may go on: some threads link to a next page for ever. A walk ends as
        `cap` after `MOST_PAGES`, or after `IDLE_PAGES` with fewer comments than pages.
        """
        visit = self.name(run_id, source, page.thread_id)
        self._db.execute(
            "INSERT INTO visits(visit, source, thread_id, run) VALUES(?,?,?,?)"
            " ON CONFLICT DO NOTHING",
            (visit, source, page.thread_id, run_id),
        )
        self._db.execute(
            "UPDATE visits SET pages = pages + 1, declared = coalesce(?, declared),"
            " stop = coalesce(stop, ?), started = coalesce(started, ?),"
            " shrunk = shrunk | coalesce(? < declared, 0) | ? WHERE visit = ?",
            (
                *(page.declared, page.stop, when.timestamp(), page.declared),
                _CUT if page.cut else 0,
                visit,
            ),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO visit_seen VALUES(?,?)", [(visit, one) for one in ids]
        )
        return not self._endless(visit)

    def _endless(self, visit: str) -> bool:
        pages = self._db.execute("SELECT pages FROM visits WHERE visit = ?", (visit,)).fetchone()[0]
        if pages < IDLE_PAGES:
            return False
        seen = self._db.execute(
            "SELECT count(*) FROM visit_seen WHERE visit = ?", (visit,)
        ).fetchone()[0]
        if pages < MOST_PAGES and seen >= pages:
            return False
        self._db.execute(
            "UPDATE visits SET stop = coalesce(stop, ?) WHERE visit = ?", (StopReason.CAP, visit)
        )
        return True

    def closed(
        self, run_id: str, source: str, thread_id: str, stop: StopReason | None
    ) -> Ended | None:
        """One page less is open; the finished walk when it was the last, else None."""
        visit = self.name(run_id, source, thread_id)
        self._db.execute(
            "UPDATE visits SET open = open - 1, stop = coalesce(stop, ?) WHERE visit = ?",
            (stop, visit),
        )
        return self.finish(visit)

    def finish(self, visit: str) -> Ended | None:
        """End the visit if none of its pages is open; forget it with `forget` once recorded."""
        row = self._db.execute(
            "SELECT source, thread_id, declared, pages, stop, started, shrunk FROM visits"
            " WHERE visit = ? AND open <= 0",
            (visit,),
        ).fetchone()
        if row is None:
            return None
        source, thread_id, declared, pages, stop, started, shrunk = row
        seen = self._db.execute("SELECT count(*) FROM visit_seen WHERE visit = ?", (visit,))
        began = datetime.now(UTC) if started is None else datetime.fromtimestamp(started, UTC)
        return Ended(
            visit=visit,
            source=source,
            thread_id=thread_id,
            declared=declared,
            fetched=int(seen.fetchone()[0]),
            pages=pages,
            stop=StopReason.END if stop is None else StopReason(stop),
            started_at=began,
            shrunk=bool(shrunk & ~_CUT),
            cut=bool(shrunk & _CUT),
        )

    def forget(self, visit: str) -> None:
        """Drop the working rows of a visit that has been recorded."""
        self._db.execute("DELETE FROM visit_seen WHERE visit = ?", (visit,))
        self._db.execute("DELETE FROM visits WHERE visit = ?", (visit,))


def collapsed(ended: Ended, gone: int) -> bool:
    """Whether a walk found so little that its reading is in doubt, not the comments.

    A new template hides every comment at once. A thread that declares none is believed. A page that
    broke off is in doubt as long as the thread does not itself declare that much less.
    """
    if not gone:
        return False
    if ended.cut and (ended.declared is None or ended.declared - ended.fetched >= gone):
        return True
    if not ended.fetched:
        return ended.declared != 0
    return gone >= _MANY and (ended.declared or 0) > 2 * ended.fetched
