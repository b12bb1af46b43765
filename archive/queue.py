"""The crawl frontier's table of pages: what to fetch, what is in flight, what is done.

One row a request identity (scope, method, canonical URL, body), kept for good: a done row holds
the validators and the WARC pointer that the next conditional request needs. A page is
`PENDING`, `LEASED` (in flight; back to pending after a crash), `DONE` or `FAILED` (tried again by
the next run, at most `MAX_ATTEMPTS` times in all).
"""

import sqlite3
import time
from collections.abc import Iterable
from hashlib import blake2b

from archive.leases import Lease, Look, Offer, Revisit, Run
from archive.model import Link, PageClass
from archive.packing import (
    Names,
    Validators,
    pack_link,
    pack_validators,
    unpack_link,
    unpack_validators,
)

__all__ = ["DDL", "Lease", "Look", "Offer", "Queue", "Revisit", "Run", "Validators", "page_key"]

PENDING, LEASED, DONE, FAILED = range(4)
MAX_ATTEMPTS = 8

DDL = """
CREATE TABLE IF NOT EXISTS pages(
  key BLOB PRIMARY KEY, scope INTEGER NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL,
  ord INTEGER NOT NULL, run INTEGER NOT NULL, source INTEGER NOT NULL, link BLOB NOT NULL,
  listed INTEGER, hint TEXT, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER, visited INTEGER,
  seen INTEGER, validators BLOB, owner INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pages_ready ON pages(scope, priority DESC, ord) WHERE state = 0;
CREATE INDEX IF NOT EXISTS pages_open ON pages(scope, state) WHERE state <> 2;
CREATE INDEX IF NOT EXISTS pages_due ON pages(scope, due) WHERE due IS NOT NULL;
"""

# A thread's own pages first, so that its visit is short; lists last, so that the queue stays small.
_PRIORITY = {PageClass.API: 30, PageClass.THREAD: 20, PageClass.ARTICLE: 20}
_TARGETS = frozenset({PageClass.ARTICLE, PageClass.THREAD})
_NONE = Validators()

Place = tuple[str, str | None]
"""Source and thread of a page; None: it is no part of a thread."""


def page_key(scope: str, offer: Offer) -> bytes:
    """16 bytes that name a request: the same page offered twice has one key."""
    link = offer.link
    parts = (scope, link.method, offer.canonical, link.body)
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Queue:
    """The operations on `pages`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self._db = connection
        self._names = names
        self._last_order = 0

    def offer(self, run: Run, offer: Offer, *, follows: bool = False) -> bool:
        """Queue a link unless this run has had it or need not ask again; true if it was queued.

        `follows`: the link continues a thread that this run is walking, so it is never
        skipped for being known and does not count against the limit.
        """
        key = page_key(run.scope, offer)
        link, number = offer.link, self._names.number
        this = number(run.run_id)
        known = self._db.execute(
            "SELECT state, run, hint FROM pages WHERE key = ?", (key,)
        ).fetchone()
        if known is not None and not follows and link.kind in _TARGETS and run.looks_back:
            self._db.execute("UPDATE pages SET listed = ? WHERE key = ?", (this, key))
        if known is not None and not _wanted(run, link, known, this, follows=follows):
            return False
        if not follows and link.kind in _TARGETS:
            if run.limit is not None and run.taken >= run.limit:
                return False
            run.taken += 1
        priority = _PRIORITY.get(link.kind, 10) + (10 if follows else 0) + link.priority
        scope, source = number(run.scope), number(offer.source)
        row = (scope, PENDING, priority, self._order(), this, source)
        self._db.execute(
            "INSERT INTO pages(key, scope, state, priority, ord, run, source, link, hint, listed)"
            " VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(key) DO UPDATE SET state=excluded.state,"
            " priority=excluded.priority, ord=excluded.ord, run=excluded.run,"
            " source=excluded.source, link=excluded.link, attempts=0,"
            " hint=coalesce(excluded.hint, pages.hint)",
            (key, *row, pack_link(link), link.hint, None if follows else this),
        )
        return True

    def _order(self) -> int:
        # Sixteenths of a millisecond: six bytes in the file until the year 2248.
        self._last_order = max(self._last_order + 1, time.time_ns() // 62_500)
        return self._last_order

    def lease(self, run: Run, count: int) -> list[Lease]:
        """Take up to `count` pending pages of the run's scope, best first, and mark them leased."""
        rows = self._db.execute(
            "SELECT key, source, link, attempts, validators, visited, seen FROM pages"
            " WHERE scope = ? AND state = 0 ORDER BY priority DESC, ord LIMIT ?",
            (self._names.number(run.scope), count),
        ).fetchall()
        this, owner = self._names.number(run.run_id), self._names.number(run.owner)
        self._db.executemany(
            "UPDATE pages SET state = 1, run = ?, owner = ?, attempts = attempts + 1 WHERE key = ?",
            [(this, owner, row[0]) for row in rows],
        )
        return [
            Lease(
                key=key,
                source=self._names.name(source),
                link=unpack_link(link),
                attempt=attempts + 1,
                validators=self._unpacked(validators),
                look=Look(visited, seen),
            )
            for key, source, link, attempts, validators, visited, seen in rows
        ]

    def finish(self, key: bytes, validators: Validators | None, look: Look) -> None:
        """Mark a page done; without validators (it failed) mark it failed."""
        if validators is None:
            self._db.execute("UPDATE pages SET state = ? WHERE key = ?", (FAILED, key))
            return
        packed = pack_validators(validators, self._names) if validators != _NONE else None
        due, visited = (None if at is None else int(at) for at in (look.due, look.visited))
        self._db.execute(
            "UPDATE pages SET state = ?, attempts = 0, validators = ?, due = ?, visited = ?,"
            " seen = ?, owner = NULL WHERE key = ?",
            (DONE, packed, due, visited, look.seen, key),
        )

    def held(self, key: bytes) -> Validators:
        """What a page's last good answer left; empty for a page never fetched."""
        row = self._db.execute("SELECT validators FROM pages WHERE key = ?", (key,)).fetchone()
        return self._unpacked(row[0]) if row else Validators()

    def _unpacked(self, packed: bytes | None) -> Validators:
        return unpack_validators(packed, self._names) if packed else Validators()

    def metas(self) -> dict[str, dict[str, str | int]]:
        """URL -> what travelled with its link, of the pages whose link carried anything."""
        links = (unpack_link(row[0]) for row in self._db.execute("SELECT link FROM pages"))
        return {link.url: link.meta for link in links if link.meta}

    def vanished(self, run: Run, before: str) -> list[Place]:
        """Ask once more for the targets that the run `before` listed and this one did not.

        Deleted threads leave their list without a word, and old ones scroll off it: both get
        one last look, which alone tells them apart.
        """
        where = "scope = ? AND state = 2 AND listed = ? AND run <> ?"
        number = self._names.number
        return self._again(run, where, (number(run.scope), number(before), number(run.run_id)))

    def due(self, run: Run, most: int, now: float) -> list[Place]:
        """Ask again for the pages whose age or growth makes them worth it, `most` at most.

        The longest overdue go first, by the interval they were to have: young threads before
        old ones, and none for ever last.
        """
        where = (
            "key IN (SELECT key FROM pages WHERE scope = ? AND due <= ? AND state = 2 AND run <> ?"
            " ORDER BY (? - due) / max(60.0, due - visited) DESC LIMIT ?)"
        )
        scope, this = self._names.number(run.scope), self._names.number(run.run_id)
        return self._again(run, where, (scope, now, this, now, most))

    def _again(self, run: Run, where: str, values: tuple[float, ...]) -> list[Place]:
        """Let done pages wait again; source and thread of each."""
        rows = self._db.execute(
            f"UPDATE pages SET state = 0, run = ?, attempts = 0 WHERE {where}"  # noqa: S608 - our own words
            " RETURNING source, link",
            (self._names.number(run.run_id), *values),
        ).fetchall()
        return [(self._names.name(source), unpack_link(link).thread_id) for source, link in rows]

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
        ours = self._names.number(run.owner)
        return row is None or not (row[0] == PENDING or (row[0] == LEASED and row[1] == ours))

    def recover(self, scope: str, *, retry_failed: bool) -> int:
        """Give back what dead processes held (and what failed, when asked); how many pages."""
        states = (LEASED, FAILED) if retry_failed else (LEASED, LEASED)
        dead = (
            "(state <> 1 OR owner IS NULL OR owner NOT IN"
            " (SELECT id FROM names JOIN owners ON name = owner WHERE until > ?))"
        )
        now, place = time.time(), self._names.number(scope)
        self._db.execute(
            f"UPDATE pages SET state = 3 WHERE scope = ? AND state = 1 AND attempts >= ? AND {dead}",  # noqa: S608, E501 - our own words
            (place, MAX_ATTEMPTS, now),
        )
        return self._db.execute(
            f"UPDATE pages SET state = 0 WHERE scope = ? AND state IN (?, ?) AND attempts < ? AND {dead}",  # noqa: S608, E501 - our own words
            (place, *states, MAX_ATTEMPTS, now),
        ).rowcount

    def open_pages(self, scope: str) -> int:
        """How many pages of the scope wait or are in flight."""
        query = "SELECT count(*) FROM pages WHERE scope = ? AND state IN (0, 1)"
        return int(self._db.execute(query, (self._names.number(scope),)).fetchone()[0])


def _wanted(
    run: Run, link: Link, known: tuple[int, int, str | None], this: int, *, follows: bool
) -> bool:
    """Whether a known page (its state, last run, hint) is to be asked again by `this` run."""
    state, last_run, hint = known
    if state in {PENDING, LEASED} or last_run == this:
        return False
    if follows or state == FAILED or run.revisit is Revisit.ALL:
        return True
    if run.revisit is Revisit.NEVER:  # what a list leads to may be new, though the list is not
        return link.kind in {PageClass.LIST, PageClass.FEED}
    # What is due by its age was queued when the run began, as far as its budget went.
    return link.kind not in _TARGETS or (link.hint is not None and link.hint != hint)
