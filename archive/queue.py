"""The crawl frontier's table of pages: what to fetch, what is in flight, what is done.

One row a request identity (scope, method, canonical URL, body), kept for good: a done row holds
the validators and the WARC pointer that the next conditional request needs. A page is
`PENDING`, `LEASED` (in flight; back to pending after a crash), `DONE` or `FAILED` (tried again by
the next run, at most `MAX_ATTEMPTS` times in all).
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

import msgspec

from archive.model import Link, PageClass, WarcPointer

__all__ = ["DDL", "Lease", "Offer", "Queue", "Revisit", "Run", "Validators", "page_key"]

PENDING, LEASED, DONE, FAILED = range(4)
MAX_ATTEMPTS = 8

DDL = """
CREATE TABLE IF NOT EXISTS pages(
  key BLOB PRIMARY KEY, scope TEXT NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL,
  ord INTEGER NOT NULL, run TEXT NOT NULL, source TEXT NOT NULL, link BLOB NOT NULL,
  listed TEXT, hint TEXT, attempts INTEGER NOT NULL DEFAULT 0, due REAL,
  validators BLOB, owner TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pages_ready ON pages(scope, priority DESC, ord) WHERE state = 0;
CREATE INDEX IF NOT EXISTS pages_open ON pages(scope, state) WHERE state <> 2;
"""

# A thread's own pages first, so that its visit is short; lists last, so that the queue stays small.
_PRIORITY = {PageClass.API: 30, PageClass.THREAD: 20, PageClass.ARTICLE: 20}
_TARGETS = frozenset({PageClass.ARTICLE, PageClass.THREAD})


class Revisit(StrEnum):
    """Which known pages a run asks for again."""

    ALL = "all"
    DUE = "due"
    NEVER = "never"


@dataclass(slots=True)
class Run:
    """The run in hand; `taken` counts articles and threads against `limit`.

    `part` is 1, and one more each time that the run was taken up again after an interruption.
    `owner` names the process that holds the run's leases; several may share a run.
    """

    run_id: str
    scope: str
    revisit: Revisit = Revisit.ALL
    limit: int | None = None
    taken: int = 0
    part: int = 1
    owner: str = ""

    @property
    def resumed(self) -> bool:
        """Whether an interrupted run goes on."""
        return self.part > 1


@dataclass(frozen=True, slots=True)
class Validators:
    """What a page's last good answer left for the next conditional request."""

    etag: str = ""
    last_modified: str = ""
    payload_sha256: str = ""
    fetched_at: datetime | None = None
    pointer: WarcPointer | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """One page to fetch now."""

    key: bytes
    source: str
    link: Link
    attempt: int
    validators: Validators


@dataclass(frozen=True, slots=True)
class Offer:
    """A link with its identity and source, as it is offered to the queue.

    `canonical` is the URL that tells one page from another; `due` (Unix seconds) is when a
    page already known is worth a new look.
    """

    link: Link
    source: str
    canonical: str


_LINK = msgspec.msgpack.Decoder(Link)
_VALIDATORS = msgspec.msgpack.Decoder(Validators)
_PLAIN = {Link: Link("", PageClass.OTHER), Validators: Validators()}
_pack = msgspec.msgpack.Encoder().encode


def _encode(one: Link | Validators) -> bytes:
    """Without the fields that are as by default: of a usual link, most of its bytes."""
    plain = _PLAIN[type(one)]
    values = ((name, getattr(one, name)) for name in one.__dataclass_fields__)
    keep = {"url", "kind"}
    return _pack({k: v for k, v in values if k in keep or v != getattr(plain, k)})


def page_key(scope: str, offer: Offer) -> bytes:
    """16 bytes that name a request: the same page offered twice has one key."""
    link = offer.link
    parts = (scope, link.method, offer.canonical, link.body)
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Queue:
    """The operations on `pages`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._last_order = 0
        columns = {row[1] for row in connection.execute("PRAGMA table_info(pages)")}
        if "owner" not in columns:  # a state file of before several processes could share a run
            connection.execute("ALTER TABLE pages ADD COLUMN owner TEXT")

    def offer(self, run: Run, offer: Offer, *, follows: bool = False) -> bool:
        """Queue a link unless this run has had it or need not ask again; true if it was queued.

        `follows`: the link continues a thread that this run is walking, so it is never
        skipped for being known and does not count against the limit.
        """
        key = page_key(run.scope, offer)
        link = offer.link
        known = self._db.execute(
            "SELECT state, run, hint, due FROM pages WHERE key = ?", (key,)
        ).fetchone()
        if known is not None and not follows and link.kind in _TARGETS:
            self._db.execute("UPDATE pages SET listed = ? WHERE key = ?", (run.run_id, key))
        if known is not None and not self._wanted(run, link, known, follows=follows):
            return False
        if not follows and link.kind in _TARGETS:
            if run.limit is not None and run.taken >= run.limit:
                return False
            run.taken += 1
        priority = _PRIORITY.get(link.kind, 10) + (10 if follows else 0) + link.priority
        row = (run.scope, PENDING, priority, self._order(), run.run_id, offer.source)
        self._db.execute(
            "INSERT INTO pages(key, scope, state, priority, ord, run, source, link, hint, listed)"
            " VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(key) DO UPDATE SET state=excluded.state,"
            " priority=excluded.priority, ord=excluded.ord, run=excluded.run,"
            " source=excluded.source, link=excluded.link, attempts=0,"
            " hint=coalesce(excluded.hint, pages.hint)",
            (key, *row, _encode(link), link.hint, None if follows else run.run_id),
        )
        return True

    @staticmethod
    def _wanted(
        run: Run, link: Link, known: tuple[int, str, str | None, float | None], *, follows: bool
    ) -> bool:
        state, last_run, hint, due = known
        if state in {PENDING, LEASED} or last_run == run.run_id:
            return False
        if follows or state == FAILED or run.revisit is Revisit.ALL:
            return True
        if run.revisit is Revisit.NEVER:  # what a list leads to may be new, though the list is not
            return link.kind in {PageClass.LIST, PageClass.FEED}
        changed = link.hint is not None and link.hint != hint
        return link.kind not in _TARGETS or changed or (due is not None and due <= time.time())

    def _order(self) -> int:
        self._last_order = max(self._last_order + 1, time.time_ns())
        return self._last_order

    def lease(self, run: Run, count: int) -> list[Lease]:
        """Take up to `count` pending pages of the run's scope, best first, and mark them leased."""
        rows = self._db.execute(
            "SELECT key, source, link, attempts, validators FROM pages"
            " WHERE scope = ? AND state = 0 ORDER BY priority DESC, ord LIMIT ?",
            (run.scope, count),
        ).fetchall()
        self._db.executemany(
            "UPDATE pages SET state = 1, run = ?, owner = ?, attempts = attempts + 1 WHERE key = ?",
            [(run.run_id, run.owner, row[0]) for row in rows],
        )
        return [
            Lease(
                key=key,
                source=source,
                link=_LINK.decode(link),
                attempt=attempts + 1,
                validators=_VALIDATORS.decode(validators) if validators else Validators(),
            )
            for key, source, link, attempts, validators in rows
        ]

    def finish(self, key: bytes, validators: Validators | None, due: float | None) -> None:
        """Mark a page done; without validators (it failed) mark it failed."""
        if validators is None:
            self._db.execute("UPDATE pages SET state = ? WHERE key = ?", (FAILED, key))
            return
        self._db.execute(
            "UPDATE pages SET state = ?, attempts = 0, validators = ?, due = ? WHERE key = ?",
            (DONE, _encode(validators), due, key),
        )

    def held(self, key: bytes) -> Validators:
        """What a page's last good answer left; empty for a page never fetched."""
        row = self._db.execute("SELECT validators FROM pages WHERE key = ?", (key,)).fetchone()
        return _VALIDATORS.decode(row[0]) if row and row[0] else Validators()

    def metas(self) -> dict[str, dict[str, str | int]]:
        """URL -> what travelled with its link, of the pages whose link carried anything."""
        links = (_LINK.decode(row[0]) for row in self._db.execute("SELECT link FROM pages"))
        return {link.url: link.meta for link in links if link.meta}

    def requeue_vanished(self, run: Run) -> int:
        """Ask once more for the targets that the run before this one listed and this one did not.

        Deleted threads leave their list without a word, and old ones scroll off it: both get
        one last look, which alone tells them apart.
        """
        before = self._db.execute(
            "SELECT max(run) FROM runs WHERE scope = ? AND finished > 0 AND run < ?",
            (run.scope, run.run_id),
        ).fetchone()[0]
        if before is None:
            return 0
        return self._db.execute(
            "UPDATE pages SET state = 0, run = ?, attempts = 0 WHERE scope = ? AND state = 2"
            " AND listed = ? AND run <> ?",
            (run.run_id, run.scope, before, run.run_id),
        ).rowcount

    def give_back(self, keys: Iterable[bytes]) -> None:
        """Pages that were leased and never asked for: they wait again, and no try is counted."""
        self._db.executemany(
            "UPDATE pages SET state = 0, attempts = attempts - 1 WHERE key = ? AND state = 1",
            [(key,) for key in keys],
        )

    def taken_over(self, run: Run, key: bytes) -> bool:
        """Whether another process holds or has finished the page, our lease having run out.

        A page that waits again is still ours to finish, and so is one never leased (an import).
        """
        row = self._db.execute("SELECT state, owner FROM pages WHERE key = ?", (key,)).fetchone()
        return row is None or not (
            row[0] == PENDING or (row[0] == LEASED and (row[1] or "") == run.owner)
        )

    def recover(self, scope: str, *, retry_failed: bool) -> int:
        """Give back what dead processes held (and what failed, when asked); how many pages."""
        states = (LEASED, FAILED) if retry_failed else (LEASED, LEASED)
        dead = (
            "(state <> 1 OR owner IS NULL OR owner NOT IN"
            " (SELECT owner FROM owners WHERE until > ?))"
        )
        now = time.time()
        self._db.execute(
            f"UPDATE pages SET state = 3 WHERE scope = ? AND state = 1 AND attempts >= ? AND {dead}",  # noqa: S608, E501 - our own words
            (scope, MAX_ATTEMPTS, now),
        )
        return self._db.execute(
            f"UPDATE pages SET state = 0 WHERE scope = ? AND state IN (?, ?) AND attempts < ? AND {dead}",  # noqa: S608, E501 - our own words
            (scope, *states, MAX_ATTEMPTS, now),
        ).rowcount

    def open_pages(self, scope: str) -> int:
        """How many pages of the scope wait or are in flight."""
        query = "SELECT count(*) FROM pages WHERE scope = ? AND state IN (0, 1)"
        return int(self._db.execute(query, (scope,)).fetchone()[0])
