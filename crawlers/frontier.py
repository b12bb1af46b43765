"""The crawl frontier as a Scrapy scheduler over the archive's state file.

Requests live in SQLite, never only in memory: a page is leased, fetched, and handed back whole
(`complete`), with its rows, its children and its "done" mark in one transaction. Completions are
committed in groups of `GROUP` pages or after `WAIT` seconds, whichever comes first, in a worker
thread; the same transaction leases the next pages. Redirects and retries of a leased request pass
through memory: their lease is still open, so a crash brings the original request back.
"""

import asyncio
import logging
from collections import Counter, deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy.core.scheduler import BaseScheduler

from archive.errors import ShengluError
from archive.ledger import Completion
from archive.model import Link
from archive.queue import Lease, Offer
from archive.session import Session
from crawlers.gates import HISTORY, Ended, Gate, failures
from crawlers.limits import Watch
from crawlers.sharing import Pulse
from pipelines.identity import FetchIds
from pipelines.urls import canonical

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.site import Site

__all__ = ["GROUP", "READY", "WAIT", "Frontier"]

GROUP = 64
"""Completions that are committed together at most."""
WAIT = 0.25
"""Seconds that a completion waits for others at most."""
READY = 48
"""Leases held in memory, so that the downloader never waits for the disk."""

logger = logging.getLogger(__name__)

Work = tuple[Completion | Offer, asyncio.Future[None] | None]


class Frontier(BaseScheduler):
    """Scheduler of one spider; `session` is the run in the archive."""

    session: Session
    watch: Watch
    spider: "Site"
    fetch_id: FetchIds
    stopping = False  # the operator asked to stop: failures from now on are ours, not the site's

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._ready: deque[scrapy.Request] = deque()
        self._work: list[Work] = []
        self._in_flight = 0
        self._more = True
        self._looked_back = False
        self._flusher: asyncio.Task[None] | None = None
        self._drainer: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._error: Exception | None = None
        self._closed = False

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def open(self, spider: scrapy.Spider) -> None:
        """Open the archive, take the site's lock, start or resume the run.

        Raises:
            LockedError: another run of the same scope is under way.
            StorageError: the archive cannot be opened or written.
        """
        self.spider = spider  # type: ignore[assignment]
        self.session = Session.begin(self.spider.plan(self._crawler.settings))
        least = self._crawler.settings.getint("SHENGLU_MIN_FREE_MB") << 20
        limits = replace(self.spider.asked.limits, min_free=least)
        self.watch = Watch(limits, self.spider.zone, self.session.root.path)
        run = self.session.run
        # A resumed run counts anew, so its part is in the prefix: no id is given twice.
        self.fetch_id = FetchIds(f"{run.run_id}-{run.part:02d}")
        self._pulse = Pulse(self._crawler, self.session, self._idle)

    def close(self, reason: str) -> None:
        """Commit what is left, drain the outbox into Parquet, and end the run.

        A run that was stopped early stays open: the next one goes on where it stopped.
        """
        if self._closed:
            return
        self._closed = True
        self._pulse.stop()
        if self._error is None:
            self._flush_now(lease=0)
        if self._error is None:
            self.session.give_back([r.meta["lease"].key for r in self._ready if _unasked(r)])
        # Pages still open: somebody dropped a request without an answer or an error.
        finished = reason == "finished" and self._error is None and not self.session.open_pages()
        gates: tuple[Gate, ...] = ()
        tally: dict[str, int] = {}
        try:
            try:
                tally = self.session.tally()
                if finished:
                    gates = tuple(failures(tally, self.session.history(3 * HISTORY)))
                    self.session.count(Counter(f"gates.{gate.name}" for gate in gates))
                    reason = "; ".join((reason, *sorted({f"gate {gate.name}" for gate in gates})))
            finally:
                self.session.end(reason, finished=finished)
        except ShengluError as error:
            self._error, finished = self._error or error, False
        run, failed = self.session.run, self._error or self.watch.full
        paused = self.watch.paused
        self.spider.ended = Ended(run.run_id, finished, run.resumed, tally, gates, paused, failed)

    def has_pending_requests(self) -> bool:
        """Whether anything waits, here or in the state file."""
        waiting = self._ready or self._work or self._more
        return bool(waiting or self._flushing() or self._shared() or self._lists_walked())

    def __len__(self) -> int:
        """Requests that wait in memory and in the state file."""
        return len(self._ready) + self.session.open_pages()

    def enqueue_request(self, request: scrapy.Request) -> bool:
        """Take a seed, or a redirect or retry of a page in flight."""
        if "lease" in request.meta:
            self._ready.appendleft(request)
            return True
        link = request.meta.get("link") or Link(request.url, self.spider.seed_kind)
        self._work.append((self.offer(link), None))
        self._more = True
        return True

    def next_request(self) -> scrapy.Request | None:
        """The next page to fetch, or None while there is none."""
        if self.watch.pause():
            self._stop("paused")
        if self.watch.paused:
            return None
        if not self._ready and not self._flushing():
            if self._more:
                self._flush_now(lease=READY)
            elif self._lists_walked():
                self._looked_back = True
                if self.session.requeue_vanished():
                    self._flush_now(lease=READY)
        if not self._ready:
            self._hurry.set()
            return None
        request = self._ready.popleft()
        self.watch.spent += 1
        if "counted" not in request.meta:
            request.meta["counted"] = True
            self._in_flight += 1
        return request

    async def complete(self, completion: Completion) -> None:
        """Hand a page back; returns when it is durably recorded.

        Raises:
            StorageError: the state file or the WARC could not be written; the run stops.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._work.append((completion, future))
        if not self._flushing():
            self._flusher = asyncio.ensure_future(self._flush())
        elif not self._may_wait():
            self._hurry.set()
        await future

    def note(self, completion: Completion) -> None:
        """Record an exchange that belongs to no page (robots.txt) with the next group."""
        self._work.append((completion, None))
        self.watch.spent += 1

    def _stop(self, reason: str) -> None:
        engine = self._crawler.engine
        if engine is not None:
            asyncio.ensure_future(engine.close_spider_async(reason=reason))  # noqa: RUF006

    def offer(self, link: Link) -> Offer:
        """The link with its identity."""
        return Offer(link, self.spider.source(link.url), canonical(link.url))

    def _lists_walked(self) -> bool:
        """Whether all is done but the look back at what left the lists."""
        done = self.spider.started and not self._in_flight and not self._work
        return done and not self._looked_back and self._error is None and not self._shared()

    def _shared(self) -> bool:
        """Whether other processes of the run hold pages, which may bring work for this one."""
        joined = self.session.plan.join and not self._closed and self._error is None
        return joined and not self._in_flight and self.session.open_pages() > 0

    def _idle(self) -> bool:
        """Whether there is nothing to do but what another process of the run may have left."""
        idle = not self._in_flight and not self._ready
        self._more = self._more or idle
        return idle

    def _flushing(self) -> bool:
        return self._flusher is not None and not self._flusher.done()

    async def _flush(self) -> None:
        """Commit groups until nothing waits."""
        while self._work:
            if self._may_wait():
                self._hurry.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), WAIT)
            work, self._work = self._work[:GROUP], self._work[GROUP:]
            want = max(0, READY - len(self._ready))
            try:
                leases = await asyncio.to_thread(
                    self.session.apply, [one for one, _ in work], lease=want
                )
            except Exception as error:  # noqa: BLE001 - each page's owner must hear of it
                self._fail(work, error)
                return
            self._accept(work, leases, want)
            if self.watch.fill():
                logger.error("the run stops: %s", self.watch.full)
                self._stop("disk")
            # Not waited for here: whoever waits for these pages must find the flusher done.
            if self._drainer is None or self._drainer.done():
                self._drainer = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        """Commit rows to Parquet when enough of them wait."""
        try:
            await asyncio.to_thread(self.session.drain, only_if_due=True)
        except ShengluError as error:
            self._fail([], error)

    def _may_wait(self) -> bool:
        """Whether waiting can bring company: other pages are under way, and leases are at hand."""
        return len(self._work) < GROUP and self._in_flight > len(self._work) and bool(self._ready)

    def _flush_now(self, *, lease: int) -> None:
        work, self._work = self._work, []
        try:
            leases = self.session.apply([one for one, _ in work], lease=lease)
        except ShengluError as error:
            self._fail(work, error)
        else:
            self._accept(work, leases, lease)

    def _accept(self, work: list[Work], leases: list[Lease], want: int) -> None:
        self._ready.extend(self._request(lease) for lease in leases)
        done = [future for _, future in work if future is not None]
        self._in_flight -= len(done)
        # Fewer than asked for: nothing waits in the file until a page in flight brings children.
        self._more = len(leases) == want
        for future in done:
            if not future.done():
                future.set_result(None)

    def _fail(self, work: list[Work], error: Exception) -> None:
        """Nothing can be recorded any more: tell the pages that wait, and stop the run."""
        first, self._error, self._more = self._error is None, error, False
        for _, future in [*work, *self._work]:
            if future is not None and not future.done():
                future.set_exception(error)
        self._work = []
        self._ready.clear()
        if first:
            logger.error("the run stops: %s", error)
            self._stop("storage")

    def _request(self, lease: Lease) -> scrapy.Request:
        link = lease.link
        cookies: Any = dict(self.spider.cookies)
        return scrapy.Request(
            link.url,
            method=link.method,
            body=link.body,
            headers=self.spider.headers_for(lease),
            cookies=cookies,
            callback=self.spider.parse,
            errback=self.spider.failed,
            dont_filter=True,
            meta={"lease": lease, "exchanges": []},
        )


def _unasked(request: scrapy.Request) -> bool:
    """Whether no exchange of the page has taken place: it can be given back as if never leased."""
    return not request.meta["exchanges"]
