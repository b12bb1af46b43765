"""The crawl frontier as a Scrapy scheduler over the archive's state file.

Requests live in SQLite, never only in memory: a page is leased, fetched, and handed back whole
(`complete`), with its rows, its children and its "done" mark in one transaction, which also
leases the next pages (`crawlers.group_commit`). Redirects and retries of a leased request pass
through memory: their lease is still open, so a crash brings the original request back.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, TypeVarTuple

import scrapy
from scrapy.core.scheduler import BaseScheduler

from archive.errors import ShengluError, StorageError
from archive.ledger import Completion
from archive.model import Link
from archive.queue import Lease, Offer
from archive.session import Session
from crawlers.gates import HISTORY, Ended, Gate, failures
from crawlers.group_commit import GroupCommit
from crawlers.limits import Watch
from crawlers.logs import hush_false_start
from crawlers.sharing import Pulse
from pipelines.identity import FetchIds
from pipelines.offload import beside
from pipelines.urls import canonical

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.site import Site

__all__ = ["Frontier"]

Given = TypeVarTuple("Given")
Kept = TypeVar("Kept")


class Frontier(BaseScheduler):
    """Scheduler of one spider; `session` is the run in the archive."""

    session: Session
    watch: Watch
    spider: "Site"
    fetch_id: FetchIds
    stopping = False  # failures from now on are ours, not the site's: pages wait for the next run

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._looked_back = False
        self._closed = False
        self._closing: asyncio.Task[None] | None = None

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
        try:
            self.session = Session.begin(self.spider.plan(self._crawler.settings))
        except ShengluError:
            self._closed = True  # there is nothing to close
            hush_false_start()
            raise
        least = self._crawler.settings.getint("SHENGLU_MIN_FREE_MB") << 20
        limits = replace(self.spider.asked.limits, min_free=least)
        self.watch = Watch(limits, self.spider.zone, self.session.root.path)
        run = self.session.run
        # A resumed run counts anew, so its part is in the prefix: no id is given twice.
        self.fetch_id = FetchIds(f"{run.run_id}-{run.part:02d}")
        self._group = GroupCommit(
            self.session, partial(_request, self.spider), self.watch, self._stop
        )
        self._pulse = Pulse(self._crawler, self.session, self._group.idle)

    def close(self, reason: str) -> None:
        """Commit what is left, drain the outbox into Parquet, and end the run.

        A run that was stopped early stays open: the next one goes on where it stopped.
        """
        if self._closed:
            return
        self._closed = True
        self._pulse.stop()
        if self._group.error is None:
            self._group.now(lease=0)
        if self._group.error is None:
            self.session.give_back([r.meta["lease"].key for r in self._group.ready if _unasked(r)])
        # Pages still open: somebody dropped a request without an answer or an error.
        finished = (
            reason == "finished" and self._group.error is None and not self.session.open_pages()
        )
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
            self._group.error, finished = self._group.error or error, False
        run, failed = self.session.run, self._group.error or self.watch.full
        paused = self.watch.paused
        self.spider.ended = Ended(run.run_id, finished, run.resumed, tally, gates, paused, failed)

    def has_pending_requests(self) -> bool:
        """Whether anything waits, here or in the state file."""
        waiting = self._group.ready or self._group.work or self._group.more
        return bool(waiting or self._group.flushing or self._shared() or self._lists_walked())

    def __len__(self) -> int:
        """Requests that wait in memory and in the state file."""
        return len(self._group.ready) + self.session.open_pages()

    def enqueue_request(self, request: scrapy.Request) -> bool:
        """Take a seed, or a redirect or retry of a page in flight."""
        if "lease" in request.meta:
            self._group.ready.appendleft(request)
            return True
        link = request.meta.get("link") or Link(request.url, self.spider.seed_kind)
        self._group.add(self.offer(link))
        self._group.more = True
        return True

    def next_request(self) -> scrapy.Request | None:
        """The next page to fetch, or None while there is none."""
        if self.watch.pause():
            self._stop("paused")
        if self.watch.paused:
            return None
        if not self._group.ready and not self._group.flushing:
            if self._group.more:
                self._group.now(lease=self._group.most)
            if not self._group.ready and not self._group.more and self._lists_walked():
                self._looked_back = True
                if self.session.requeue_vanished():
                    self._group.now(lease=self._group.most)
        if not self._group.ready:
            self._group.hurry.set()
            return None
        request = self._group.ready.popleft()
        self.watch.spent += 1
        if "counted" not in request.meta:
            request.meta["counted"] = True
            self._group.in_flight += 1
        return request

    async def complete(self, completion: Completion) -> None:
        """Hand a page back; returns when it is durably recorded.

        Raises:
            StorageError: the state file or the WARC could not be written; the run stops.
        """
        await self._group.complete(completion)

    def note(self, completion: Completion) -> None:
        """Record an exchange that belongs to no page (robots.txt) with the next group."""
        self._group.add(completion)
        self.watch.spent += 1

    async def kept(self, size: int, write: Callable[[*Given], Kept], *given: *Given) -> Kept:
        """Write evidence of that many bytes.

        Raises:
            StorageError: it cannot be kept; the run stops, and pages in flight wait for the next.
        """
        try:
            return await beside(size, write, *given)
        except StorageError as error:
            self._group.fail([], error)
            raise

    def _stop(self, reason: str) -> None:
        self.stopping = True
        engine = self._crawler.engine
        if engine is not None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason=reason))

    def offer(self, link: Link) -> Offer:
        """The link with its identity."""
        return Offer(link, self.spider.source(link.url), canonical(link.url))

    def _lists_walked(self) -> bool:
        """Whether all is done but the look back at what left the lists."""
        done = self.spider.started and not self._group.in_flight and not self._group.work
        return done and not self._looked_back and self._group.error is None and not self._shared()

    def _shared(self) -> bool:
        """Whether other processes of the run hold pages, which may bring work for this one."""
        joined = self.session.plan.join and not self._closed and self._group.error is None
        return joined and not self._group.in_flight and self.session.open_pages() > 0


def _request(spider: "Site", lease: Lease) -> scrapy.Request:
    link = lease.link
    cookies: Any = dict(spider.cookies)
    return scrapy.Request(
        link.url,
        method=link.method,
        body=link.body,
        headers=spider.headers_for(lease),
        cookies=cookies,
        callback=spider.parse,
        errback=spider.failed,
        dont_filter=True,
        meta={"lease": lease, "exchanges": []},
    )


def _unasked(request: scrapy.Request) -> bool:
    """Whether no exchange of the page has taken place: it can be given back as if never leased."""
    return not request.meta["exchanges"]
