"""One run writing to one archive: its lock, state file, WARC writer and Parquet commits.

The same session serves a live crawl, a backfill from files and a replay: what differs is only
where captures come from. Order of durability: WARC record, then state file, then Parquet; each
step can be repeated after a crash without losing or doubling a row.
"""

import json
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from archive.again import look_at_due, look_at_vanished
from archive.bound import segment_bytes
from archive.drainer import Drainer
from archive.errors import LockedError
from archive.ledger import Completion, Ledger
from archive.lock import Lock, alone
from archive.log import Log
from archive.mirror import settle
from archive.queue import Lease, Offer, Revisit, Run
from archive.rebuild import make_state
from archive.root import Root
from archive.suppressed import suppressed
from archive.warc_write import WarcWriter

__all__ = ["STATE_FILE", "Plan", "Session", "product_version"]

STATE_FILE = "frontier.db"
LEASE_SECONDS = 30.0
"""A process that has not been heard of for so long has lost its leases."""


def product_version() -> str:
    """The installed version, or `0+source` in a bare checkout."""
    try:
        return version("shenglu")
    except PackageNotFoundError:
        return "0+source"


def _warcinfo(plan: "Plan") -> dict[str, str]:
    """What the head of a WARC file says of how its pages came: fetched, or brought as files."""
    if plan.user_agent:
        return {"robots": "obeyed (RFC 9309)", "http-header-user-agent": plan.user_agent}
    return {"description": "pages brought as files; this run fetched nothing"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do, as far as the archive needs to know.

    `scope` is what may run only once at a time and shares a queue; `command` tells whether an
    interrupted run is the same as this one; `run_id` is used only if a new run begins;
    `user_agent` is empty where nothing is fetched.
    `join`: other processes may share the run; leases then tell who fetches what. `looks`: most
    known pages that a run with `Revisit.DUE` asks for again for their age.
    """

    archive: Path
    site: str
    scope: str
    command: str
    run_id: str
    user_agent: str = ""
    revisit: Revisit = Revisit.ALL
    limit: int | None = None
    keep_names: bool = False
    join: bool = False
    looks: int = 1_000


class Session:
    """An open run; made by `begin`, closed by `end`."""

    def __init__(self, plan: Plan, root: Root, lock: Lock) -> None:
        self.plan = plan
        self.root = root
        self._lock = lock
        self.author_key = root.author_key()
        self.log = Log(root)
        path = root.state / STATE_FILE
        if not path.exists():
            with alone(root.state / "locks", "rebuild", wait=True):
                if not path.exists() and self.log.snapshot().files:
                    make_state(root, path)
        self.ledger = Ledger(path)
        self.ledger.suppressed = suppressed(root, self.log, self.author_key)
        owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        run = Run(plan.run_id, plan.scope, plan.revisit, plan.limit, owner=owner)
        owners = self.ledger.owners
        with self.ledger.transaction():
            self.ledger.runs.refuse_past(datetime.now(UTC))
            if not plan.join:  # the lock says that nobody else is there
                owners.leave(plan.scope)
            others = owners.sharers(plan.scope)
            self.run = self.ledger.runs.begin(run, plan.command)
            if others and not self.run.resumed:
                raise LockedError(
                    f"{plan.scope}: {others} processes share another run; join it with the same"
                    " command, or wait for its end"
                )
            owners.alive(self.run, LEASE_SECONDS)
            self.ledger.queue.recover(plan.scope, retry_failed=not self.run.resumed)
            if not self.run.resumed:
                look_at_due(self.ledger, self.run, plan.looks)
            self._distrusted = self.ledger.distrust.all()
        self.warc = WarcWriter(
            root, self.run.run_id, max_bytes=segment_bytes(root), info=_warcinfo(plan)
        )
        self._drainer = Drainer(root, self.log, self.ledger)
        self.drain()

    @classmethod
    def begin(cls, plan: Plan) -> "Session":
        """Open the archive, take the lock, start or resume the run, and finish old commits.

        Raises:
            LockedError: another run of the scope is under way.
            StorageError, UsageError: the archive cannot be used; the message says why.
        """
        root = Root.open(plan.archive, create=True)
        lock = Lock(root.state / "locks", plan.scope, plan.command, shared=plan.join)
        try:
            return cls(plan, root, lock)
        except BaseException:
            lock.release()
            raise

    def apply(self, work: Sequence[Completion | Offer], *, lease: int = 0) -> list[Lease]:
        """Record work and lease the next pages; evidence reaches the disk first."""
        leases = self.ledger.apply(
            self.run,
            work,
            lease=lease,
            holds=LEASE_SECONDS if self.plan.join else 0.0,
            before=self.warc.sync,
        )
        for one in work:
            if isinstance(one, Completion) and one.misled_by and one.lease is not None:
                self._distrusted.add((one.misled_by, one.lease.link.kind))
        return leases

    def believes(self, host: str, kind: str) -> bool:
        """Whether a host's validators tell if its pages of a kind have changed."""
        return (host, kind) not in self._distrusted

    def requeue_vanished(self) -> int:
        """Queue the last looks at what left the lists; how many (none when a limit was reached)."""
        return look_at_vanished(self.ledger, self.run)

    def open_pages(self) -> int:
        """Pages that wait or are in flight."""
        with self.ledger.reading():
            return self.ledger.queue.open_pages(self.run.scope)

    def places(
        self, source: str, thread_id: str, ids: Sequence[str]
    ) -> dict[str, tuple[str, int | None]]:
        """Root and depth of comments that earlier pages of a thread brought."""
        if not ids:
            return {}
        with self.ledger.reading():
            return self.ledger.known.places(source, thread_id, ids)

    def drain(self, *, only_if_due: bool = False) -> int:
        """Commit waiting rows to Parquet; rows written. See `Drainer.drain`."""
        return self._drainer.drain(only_if_due=only_if_due)

    def tally(self) -> dict[str, int]:
        """The run's counters so far, those of its interrupted part included."""
        with self.ledger.reading():
            return self.ledger.runs.tally(self.run.run_id)

    def give_back(self, keys: Iterable[bytes]) -> None:
        """Let pages wait again that were leased and never asked for."""
        with self.ledger.transaction():
            self.ledger.queue.give_back(keys)

    def beat(self) -> int:
        """Renew our leases, free those of dead processes; how many processes share the run."""
        owners, scope = self.ledger.owners, self.run.scope
        with self.ledger.transaction():
            owners.alive(self.run, LEASE_SECONDS)
            if self.plan.join:
                self.ledger.queue.recover(scope, retry_failed=False)
            return owners.sharers(scope)

    def history(self, most: int) -> list[dict[str, int]]:
        """The counters of the last finished runs that this one is held against, newest first."""
        with self.ledger.reading():
            return self.ledger.runs.history(self.run, most)

    def count(self, tally: Mapping[str, int]) -> None:
        """Add to the run's counters outside of any page."""
        with self.ledger.transaction():
            self.ledger.runs.count(self.run.run_id, tally, taken=None)

    def end(self, reason: str, *, finished: bool) -> dict[str, Any]:
        """Close the WARC, drain the outbox, write the run's row if it finished; its row or {}."""
        row: dict[str, Any] = {}
        try:
            self.warc.close()
            if finished:
                with self.ledger.transaction():
                    if self.ledger.runs.is_open(self.run.run_id):
                        row = self._row(reason)
                        self.ledger.outbox.put({"runs": [row]})
                        self.ledger.runs.finish(self.run.run_id, row["observed_at"])
            with self.ledger.transaction():
                self.ledger.owners.leave(self.run.scope, self.run.owner)
            self.drain()
            settle(self.root)
        finally:
            self.ledger.close()
            self._lock.release()
        return row

    def _row(self, reason: str) -> dict[str, Any]:
        return {
            "run_id": self.run.run_id,
            "source": self.plan.site,
            "command": self.plan.command,
            "version": product_version(),
            "started_at": self.ledger.runs.started_at(self.run.run_id),
            "observed_at": datetime.now(UTC),
            "outcome": reason,
            "summary": json.dumps(self.tally(), sort_keys=True),
        }
