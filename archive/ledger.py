"""The state file of an archive: frontier, known items, visits and outbox in one SQLite database.

`Ledger.apply` is the only writer. It takes what pages gave (`Completion`) and what starts a run
(`Offer`), and in ONE transaction queues the children, compares the records with what is known,
puts the news into the outbox, closes visits and marks the pages done. A process killed at any
moment leaves either all of a page or nothing of it.

The file is a cache of the archive, never the truth: `archive.rebuild` makes it anew.
SQLite runs in WAL mode with synchronous=FULL, one fsync a group of pages.
"""

import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import distrust, known, outbox, owners, packing, queue, runs, visits
from archive.distrust import Distrust
from archive.known import Known
from archive.model import StopReason, ThreadPage
from archive.outbox import DRAIN_ROWS, Drain, Outbox
from archive.owners import Owners
from archive.packing import Names
from archive.queue import Lease, Look, Offer, Queue, Run, Validators
from archive.refusal import refused
from archive.removal import Suppressed
from archive.runs import Runs
from archive.state_upgrade import upgrade
from archive.visits import Ended, Visits, collapsed

__all__ = ["Completion", "Ledger"]

Row = Mapping[str, Any]

_META = "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
_DDL = (
    _META,
    packing.DDL,
    owners.DDL,
    queue.DDL,
    known.DDL,
    visits.DDL,
    outbox.DDL,
    runs.DDL,
    distrust.DDL,
)


@dataclass(frozen=True, slots=True)
class Completion:
    """All that one page hands over, kept or lost as a whole.

    `rows` go to their tables as they are (fetches, quarantine); articles, comments and their
    observations are compared with what is known first. `validators` None: the page failed;
    `misled_by`: the host whose validators hid a change.
    """

    lease: Lease | None
    source: str
    fetch_id: str
    observed_at: datetime
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    articles: Sequence[Row] = ()
    comments: Sequence[Row] = ()
    article_observations: Sequence[Row] = ()
    comment_observations: Sequence[Row] = ()
    thread: ThreadPage | None = None
    offers: Sequence[Offer] = ()
    validators: Validators | None = None
    look: Look = field(default_factory=Look)
    misled_by: str = ""
    tally: Mapping[str, int] = field(default_factory=dict)


class Ledger:
    """One open state file; safe to call from several threads, one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=60, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            upgrade(self._db)
            for ddl in _DDL:
                self._db.executescript(ddl)
        except (sqlite3.Error, OSError) as error:
            raise refused(path, error) from error
        self.names = Names(self._db)
        self.owners = Owners(self._db)
        self.queue = Queue(self._db, self.names)
        self.known = Known(self._db)
        self.visits = Visits(self._db)
        self.runs = Runs(self._db)
        self.distrust = Distrust(self._db)
        self.outbox = Outbox(self._db, self._name())
        self.suppressed = Suppressed((), b"")

    def _name(self) -> str:
        with self.transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO meta VALUES('name', ?)", (uuid.uuid4().hex[:12],)
            )
        return str(self._db.execute("SELECT value FROM meta WHERE name = 'name'").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; SQLite's refusal (full disk, read-only) becomes a `StorageError`."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    self.names.forget()
                    if self._db.in_transaction:  # a full disk makes SQLite roll back by itself
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise refused(self.path, error) from error

    def reading(self) -> AbstractContextManager[object]:
        """To read in: SQLite refuses writes over a half-read query that others have overtaken."""
        return self._lock

    def apply(
        self,
        run: Run,
        work: Sequence[Completion | Offer],
        *,
        lease: int = 0,
        holds: float = 0.0,
        before: Callable[[], None] | None = None,
    ) -> list[Lease]:
        """Record work in order and take up to `lease` pages to fetch next.

        `holds`: seconds that a process which shares the run holds them without a sign of life.
        `before` runs before anything is written: it makes the evidence durable (WARC fsync).
        """
        if before is not None:
            before()
        with self.transaction():
            taken = run.taken = max(run.taken, self.runs.taken(run.run_id))
            tally: Counter[str] = Counter()
            for one in work:
                if isinstance(one, Offer):
                    self._offer(run, one, None)
                else:
                    self._complete(run, one, tally)
            self.runs.count(run.run_id, tally, taken=run.taken if run.taken != taken else None)
            if holds:  # a process that was kept waiting may count as dead by now
                self.owners.alive(run, holds)
            return self.queue.lease(run, lease) if lease else []

    def _offer(self, run: Run, offer: Offer, walked: str | None) -> None:
        if self.suppressed and self.suppressed.link(offer):
            return
        thread_id = offer.link.thread_id
        follows = thread_id is not None and thread_id == walked
        if self.queue.offer(run, offer, follows=follows) and thread_id is not None:
            self.visits.opened(run.run_id, offer.source, thread_id)

    def _complete(self, run: Run, page: Completion, tally: Counter[str]) -> None:
        if page.lease is not None and self.queue.taken_over(run, page.lease.key):
            # The lease ran out and another process has the page: keep the evidence, no more.
            self.outbox.put({"fetches": page.rows.get("fetches", ())})
            tally["leases.lost"] += 1
            return
        page = self.suppressed.page(page)
        walked = page.thread.thread_id if page.thread else None
        goes_on = page.thread is None or self._read(run, page, page.thread)
        for offer in page.offers:
            if goes_on or offer.link.thread_id != walked:
                self._offer(run, offer, walked)
        rows: dict[str, list[Row]] = {table: list(some) for table, some in page.rows.items()}
        articles = self.known.compare(page.articles, page.article_observations, "article_id")
        comments = self.known.compare(page.comments, page.comment_observations, "comment_id")
        rows |= {
            "articles": list(articles.versions),
            "article_observations": list(articles.sightings),
            "comments": list(comments.versions),
            "comment_observations": list(comments.sightings),
        }
        for ended in self._ended(run, page):
            self._record(run, page, ended, rows, tally)
        if page.lease is not None:
            self.queue.finish(page.lease.key, page.validators, page.look)
            if page.misled_by:
                self.distrust.add(page.misled_by, page.lease.link.kind)
        self.outbox.put(rows)
        tally.update(page.tally)
        for kind, some in (("articles", articles), ("comments", comments)):
            tally.update(f"{kind}.{row['change']}" for row in some.versions)
            tally.update(f"script.{row['script']}" for row in some.versions if row.get("script"))
        tally["quarantined"] += len(rows.get("quarantine", ()))

    def _read(self, run: Run, page: Completion, thread: ThreadPage) -> bool:
        """Note the page in its walk; whether the walk may go on."""
        ids = [row["comment_id"] for row in page.comments]
        return self.visits.read(run.run_id, page.source, thread, ids, page.observed_at)

    def _ended(self, run: Run, page: Completion) -> list[Ended]:
        """The walks that this page ends: its link's thread, and the thread it turned out to be."""
        ended = []
        linked = page.lease.link.thread_id if page.lease else None
        if linked is not None and page.lease is not None:
            stop = StopReason.ERROR if page.validators is None else None
            ended.append(self.visits.closed(run.run_id, page.lease.source, linked, stop))
        if page.thread is not None and page.thread.thread_id != linked:
            visit = self.visits.name(run.run_id, page.source, page.thread.thread_id)
            ended.append(self.visits.finish(visit))
        return [one for one in ended if one is not None]

    def _missing(self, ended: Ended) -> list[str]:
        """What the walk did not meet, less what a removal cut short has still to take."""
        gone = self.known.missing(ended.source, ended.thread_id, ended.visit)
        place = {"source": ended.source, "thread_id": ended.thread_id}
        holds = self.suppressed.holds
        return [one for one in gone if not (self.suppressed and holds(place | {"comment_id": one}))]

    def _record(
        self,
        run: Run,
        page: Completion,
        ended: Ended,
        rows: dict[str, list[Row]],
        tally: Counter[str],
    ) -> None:
        """Write the walk's row, and a sighting for each comment that it proved missing."""
        origin = {
            "run_id": run.run_id,
            "fetch_id": page.fetch_id,
            "observed_at": page.observed_at,
        }
        visit: dict[str, Any] = {
            "source": ended.source,
            "thread_id": ended.thread_id,
            "declared": ended.declared,
            "fetched": ended.fetched,
            "pages": ended.pages,
            "stop_reason": str(ended.stop),
            "started_at": ended.started_at,
            **origin,
        }
        rows.setdefault("visits", []).append(visit)
        if ended.stop is StopReason.END and ended.pages:
            gone = self._missing(ended)
            states = {row.get("state") for row in (*page.articles, *page.article_observations)}
            if "deleted" not in states and collapsed(ended, len(gone)):
                visit["stop_reason"] = str(StopReason.ERROR)
                tally["threads.collapsed"] += 1
                gone = []
            if gone and ended.shrunk:  # the next walk tells which of them are gone
                tally["threads.shifted"] += 1
                gone = []
            place = {"source": ended.source, "thread_id": ended.thread_id, "state": "missing"}
            sightings = [{**place, "comment_id": one, **origin} for one in gone]
            news = self.known.compare((), sightings, "comment_id").sightings
            rows["comment_observations"] = [*rows["comment_observations"], *news]
            tally["comments.missing"] += len(news)
        self.visits.forget(ended.visit)
        tally["threads"] += 1
        tally[f"stop.{ended.stop}"] += 1
        tally["declared"] += ended.declared if ended.declared is not None else ended.fetched
        tally["fetched"] += ended.fetched

    def drain(self, write: Callable[[Drain], object], *, most: int = DRAIN_ROWS) -> int:
        """Hand the next range of the outbox to `write` and forget it; returns rows written.

        `write` commits the rows under `Drain.batch_id` and must treat a batch id that is
        already committed as done. 0: nothing waits.
        """
        with self.transaction():
            plan = self.outbox.plan(most)
        if plan is None:
            return 0
        with self.reading():
            drain = self.outbox.read(*plan)
        write(drain)
        with self.transaction():
            self.outbox.done(drain)
        return sum(len(rows) for rows in drain.rows.values())

    def close(self) -> None:
        """Close the file; everything acknowledged is already on disk."""
        with self._lock:
            self._db.close()
