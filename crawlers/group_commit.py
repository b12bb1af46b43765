"""Group commit: pages that end at about the same time are recorded in one transaction.

Completions wait for company until `GROUP` of them are there or `WAIT` seconds have passed,
whichever comes first; the same transaction leases the next pages. The disk works in a worker
thread meanwhile. One fsync a group instead of one a page is what makes a durable frontier cheap.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.errors import ShengluError
from archive.ledger import Completion
from archive.queue import Lease, Offer
from crawlers.limits import Watch

if TYPE_CHECKING:
    import scrapy

    from archive.session import Session

__all__ = ["GROUP", "READY", "SHARED_READY", "WAIT", "GroupCommit"]

GROUP = 64
"""Completions that are committed together at most."""
WAIT = 0.25
"""Seconds that a completion waits for others at most."""
READY = 48
"""Leases held in memory, so that the downloader never waits for the disk."""
SHARED_READY = 6
"""The same where several processes share the run: the rest of a list is for the others."""

logger = logging.getLogger(__name__)

Work = tuple[Completion | Offer, asyncio.Future[None] | None]


class GroupCommit:
    """What one process has leased and what it has to record.

    `ready` are requests to make next, `in_flight` counts those made and not yet recorded, `more`
    tells whether the state file may have pages that wait, `error` why nothing can be recorded,
    `most` how many leases are held at a time.
    """

    def __init__(
        self,
        session: "Session",
        request: Callable[[Lease], "scrapy.Request"],
        watch: Watch,
        stop: Callable[[str], None],
    ) -> None:
        self.ready: deque[scrapy.Request] = deque()
        self.most = SHARED_READY if session.plan.join else READY
        self.work: list[Work] = []
        self.in_flight = 0
        self.more = True
        self.hurry = asyncio.Event()
        self.error: Exception | None = None
        self._session = session
        self._request = request
        self._watch = watch
        self._stop = stop
        self._flusher: asyncio.Task[None] | None = None
        self._drainer: asyncio.Task[None] | None = None

    @property
    def flushing(self) -> bool:
        """Whether a group is on its way to the disk."""
        return self._flusher is not None and not self._flusher.done()

    def idle(self) -> bool:
        """Whether there is nothing to do but what another process of the run may have left."""
        idle = not self.in_flight and not self.ready
        self.more = self.more or idle
        return idle

    def add(self, one: Completion | Offer) -> None:
        """Record this with the next group; nobody waits for it."""
        self.work.append((one, None))

    async def complete(self, completion: Completion) -> None:
        """Record a page; returns when it is durable."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.work.append((completion, future))
        if not self.flushing:
            self._flusher = asyncio.ensure_future(self._flush())
        elif not self._may_wait():
            self.hurry.set()
        await future

    def now(self, *, lease: int) -> None:
        """Record all that waits, here and now, and lease up to so many pages."""
        work, self.work = self.work, []
        try:
            leases = self._session.apply([one for one, _ in work], lease=lease)
        except ShengluError as error:
            self.fail(work, error)
        else:
            self._accept(work, leases, lease)

    async def _flush(self) -> None:
        """Commit groups until nothing waits."""
        while self.work:
            if self._may_wait():
                self.hurry.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.hurry.wait(), WAIT)
            work, self.work = self.work[:GROUP], self.work[GROUP:]
            want = max(0, self.most - len(self.ready))
            try:
                leases = await asyncio.to_thread(
                    self._session.apply, [one for one, _ in work], lease=want
                )
            except Exception as error:  # noqa: BLE001 - each page's owner must hear of it
                self.fail(work, error)
                return
            self._accept(work, leases, want)
            if self._watch.fill():
                logger.error("the run stops: %s", self._watch.full)
                self._stop("disk")
            # Not waited for here: whoever waits for these pages must find the flusher done.
            if self._drainer is None or self._drainer.done():
                self._drainer = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        """Commit rows to Parquet when enough of them wait."""
        try:
            await asyncio.to_thread(self._session.drain, only_if_due=True)
        except ShengluError as error:
            self.fail([], error)

    def _may_wait(self) -> bool:
        """Whether waiting can bring company: other pages are under way, and leases are at hand."""
        return len(self.work) < GROUP and self.in_flight > len(self.work) and bool(self.ready)

    def _accept(self, work: list[Work], leases: list[Lease], want: int) -> None:
        self.ready.extend(self._request(lease) for lease in leases)
        done = [future for _, future in work if future is not None]
        self.in_flight -= len(done)
        # Fewer than asked for: nothing waits in the file until a page in flight brings children.
        self.more = len(leases) == want
        for future in done:
            if not future.done():
                future.set_result(None)

    def fail(self, work: list[Work], error: Exception) -> None:
        """Nothing can be recorded any more: tell the pages that wait, and stop the run."""
        first, self.error, self.more = self.error is None, error, False
        for _, future in [*work, *self.work]:
            if future is not None and not future.done():
                future.set_exception(error)
        self.work = []
        self.ready.clear()
        if first:
            logger.error("the run stops: %s", error)
            self._stop("storage")
