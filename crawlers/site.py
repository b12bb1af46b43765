"""A site: what is fetched, what reads it, how gently; and the spider that all sites share.

A subclass gives facts, never control flow: hosts, page objects, options, seeds. The only `start`
and the only `parse` are here. Every response becomes one `PageItem`, and everything found on it
(records, links, problems) travels in that item, so that the frontier can keep it whole.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import scrapy

from archive.errors import CaptureError
from archive.model import (
    Capture,
    Link,
    PageClass,
    PageData,
    Problem,
    WarcPointer,
)
from archive.query import connect, warc_resolver
from archive.queue import Lease, Validators
from archive.session import Plan
from archive.warc_read import read_capture
from crawlers.conditions import conditions, is_probe, misled
from crawlers.given import SiteFeed, given_links
from crawlers.guard import operator_hosts
from crawlers.options import CrawlOptions
from crawlers.page import Reading
from crawlers.page_object import Page
from crawlers.reader import (
    elsewhere,
    goes_on,
    not_fetched,
    policy,
    read_leased,
    text_facts,
    unreadable,
    validators_of,
)
from crawlers.traps import sift
from crawlers.view import View
from pipelines.identity import new_run_id
from pipelines.offload import beside
from pipelines.stages import Attempt, PageItem

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from crawlers.gates import Ended

__all__ = ["Link", "Site", "text_facts"]

_TARGETS = frozenset({PageClass.ARTICLE, PageClass.THREAD})
_SHOWN = 3  # traps of one page that go to quarantine; all are counted


class Site(scrapy.Spider):
    """One source, declared.

    `hosts` are the real hosts; `pages` the page objects in the order they are asked;
    `options` option name -> help; `looks` how many known pages a run looks at again for their age;
    `crawlable` False: saved pages only, no spider pretends.
    """

    hosts: ClassVar[tuple[str, ...]] = ()
    pages: ClassVar[tuple[type[Page], ...]] = ()
    options: ClassVar[Mapping[str, str]] = {}
    seed_kind: ClassVar[PageClass] = PageClass.LIST
    delay: ClassVar[float] = 1.0
    looks: ClassVar[int] = 1_000
    zone: ClassVar[str] = "Asia/Shanghai"
    cookies: ClassVar[Mapping[str, str]] = {}
    robots_note: ClassVar[str] = ""
    crawlable: ClassVar[bool] = True

    def __init__(self, name: str | None = None, **words: str) -> None:
        super().__init__(name)
        self.operator_hosts = operator_hosts(list(words.values()))
        self.asked = CrawlOptions.parse(self.name, self.options, words)
        self.started = False
        self.ended: Ended | None = None
        given = given_links(self.asked, self.pages, self.hosts)
        links = (*self.seeds(self.asked.given), *given)
        # An engine has no hosts of its own: those that the operator names stand for them.
        self._ours = frozenset(self.hosts or (urlsplit(link.url).hostname for link in links))
        self.links = [self.rebased(link) for link in links]
        feeds = (SiteFeed.of(self.pages),) if self.asked.sitemap else ()
        self.readers: tuple[type[Page], ...] = (*feeds, *self.pages)

    @classmethod
    def update_settings(cls, settings: "BaseSettings") -> None:
        """The site's own delay, unless the operator set one."""
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", cls.delay, priority="spider")
        settings.set("AUTOTHROTTLE_START_DELAY", cls.delay, priority="spider")

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The first links of a run for the options given."""
        del options
        return ()

    @classmethod
    def source(cls, url: str) -> str:
        """The `source` of rows from this URL; where any host may be one, each is its own source."""
        return cls.name if cls.hosts else f"{cls.name}:{urlsplit(url).hostname}"

    def plan(self, settings: "BaseSettings") -> Plan:
        """The run as the archive needs to know it; an engine's boards queue apart, by host."""
        sources = sorted({self.source(link.url) for link in self.links}) or [self.name]
        return Plan(
            archive=settings["SHENGLU_ARCHIVE"],
            site=sources[0] if len(sources) == 1 else self.name,
            scope=",".join(sources),
            command=self.asked.text(self.name),
            run_id=new_run_id(datetime.now(UTC)),
            user_agent=settings["USER_AGENT"],
            revisit=self.asked.revisit,
            limit=self.asked.limit,
            keep_names=self.asked.keep_names,
            join=self.asked.join,
            looks=self.asked.looks or self.looks,
        )

    def rebased(self, link: Link) -> Link:
        """The link on the replica or mirror that `--base-url` names, if it points to the site."""
        if not self.asked.base_url:
            return link
        parts = urlsplit(link.url)
        if parts.hostname not in self._ours:
            return link
        base = urlsplit(self.asked.base_url)
        return replace(link, url=urlunsplit(parts._replace(scheme=base.scheme, netloc=base.netloc)))

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """The seeds; the frontier knows which of them an interrupted run has done."""
        for link in self.links:
            yield scrapy.Request(link.url, meta={"link": link}, dont_filter=True)
        self.started = True

    def headers_for(self, lease: Lease) -> dict[str, str]:
        """The link's headers, and the conditions under which the answer may be "not modified"."""
        engine: Any = self.crawler.engine
        session = engine.scheduler.session
        host, kind = urlsplit(lease.link.url).netloc, lease.link.kind
        if is_probe(lease, session.run.run_id) or not session.believes(host, kind):
            return dict(lease.link.headers)
        return {**dict(lease.link.headers), **conditions(lease.validators)}

    async def parse(self, response: "Response") -> AsyncIterator[PageItem]:
        """Read one response, whatever it is, into one item."""
        lease: Lease = response.meta["lease"]
        attempt: Attempt = response.meta["exchanges"][-1]
        capture, view = attempt.capture, View(attempt.capture, lease.link.meta)
        if urlsplit(response.url).netloc != urlsplit(lease.link.url).netloc:
            reading = elsewhere(response.url, lease.link.url)
        else:
            try:
                size = len(capture.body)
                view, reading = await beside(
                    size, read_leased, lease, capture, self.readers, self._held
                )
                await beside(size, self._doubt, response.meta, view, reading)
            except CaptureError as error:
                # What we hold cannot be read: forget its validators, so that it is sent whole.
                lease = replace(lease, validators=Validators())
                response.meta["lease"] = lease
                reading = unreadable(error)
        yield self._item(response.meta, view, reading, replace(capture, body=view.capture.body))

    def _held(self, pointer: WarcPointer, capture: Capture) -> Capture:
        """The page's last good answer, from the WARC."""
        engine: Any = self.crawler.engine
        root = engine.scheduler.session.root

        def resolve(url: str, at: datetime) -> WarcPointer | None:
            with connect(root) as reader:
                return warc_resolver(reader)(url, at)

        held = read_capture(root, pointer, resolve)
        return replace(held, url=capture.url, fetch_id=capture.fetch_id)

    def _doubt(self, meta: dict[str, Any], view: View, reading: Reading) -> None:
        """Note the host if its validator did not change with the page."""
        lease: Lease = meta["lease"]
        pointer, capture = lease.validators.pointer, view.capture
        digest = meta["exchanges"][-1].digest
        if pointer is None or capture.status != HTTPStatus.OK:
            return
        copy = partial(self._held, pointer, capture)
        if not misled(lease, capture, reading.data, digest, (copy, self.readers)):
            return
        host = meta["misled_by"] = urlsplit(lease.link.url).netloc
        engine: Any = self.crawler.engine
        if engine.scheduler.session.believes(host, lease.link.kind):
            self.logger.warning(
                "%s: changed under the validator of before; such pages of its host are asked for"
                " without conditions from now on",
                capture.url,
            )

    async def failed(self, failure: "Failure") -> AsyncIterator[PageItem]:
        """A request without a response: the error is the record, under the URL asked for."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        asked = request.meta["lease"].link.url
        error = not_fetched(failure.value or Exception(), request.url, asked)
        attempts: list[Attempt] = request.meta["exchanges"]
        engine: Any = self.crawler.engine
        if engine.scheduler.stopping:
            return  # not asked for, cut off by us or not kept: the page waits for the next run
        fetch_id, now = engine.scheduler.fetch_id(), datetime.now(UTC)
        capture = Capture(asked, b"", now, status=0, fetch_id=fetch_id, error=error)
        attempts.append(Attempt(capture, request.meta.get("robots", "off"), len(attempts) + 1))
        data = PageData(PageClass.OTHER, error, problems=(Problem(error),))
        yield self._item(request.meta, View(capture), Reading(data, "none"), capture)

    def _item(
        self, meta: Mapping[str, Any], view: View, reading: Reading, capture: Capture
    ) -> PageItem:
        lease: Lease = meta["lease"]
        data = reading.data
        moved = "" if capture.url == lease.link.url else f"redirected from {lease.link.url}"
        reason = "; ".join(filter(None, (data.reason, policy(capture), moved)))
        listing = data.page_class in {PageClass.LIST, PageClass.FEED}
        links, traps = sift(self.wanted(data.links), capture.fetched_at)
        refused = tuple(Problem(f"trap: {why}", "link", k.url[:200]) for k, why in traps[:_SHOWN])
        shown = replace(
            data,
            links=tuple(map(self.rebased, links)),
            reason=reason,
            problems=(*data.problems, *refused),
        )
        return PageItem(
            lease=lease,
            source=lease.source,
            capture=capture,
            data=shown,
            parser=reading.parser,
            decoded=text_facts(view),
            attempts=tuple(meta["exchanges"]),
            validators=validators_of(lease, capture, data, meta["exchanges"][-1].digest),
            traps=len(traps),
            listed=sum(link.kind in _TARGETS for link in data.links) if listing else 0,
            further=goes_on(data),
            misled_by=meta.get("misled_by", ""),
        )

    def wanted(self, links: Iterable[Link]) -> tuple[Link, ...]:
        """The links inside `--since` and `--until`; list pages while they can hold any."""
        links = tuple(links)
        since, until = self.asked.since, self.asked.until
        dated = [k.published for k in links if k.kind in _TARGETS and k.published is not None]
        ended = since is not None and bool(dated) and all(when < since for when in dated)
        return tuple(
            link
            for link in links
            if not (ended and link.kind is PageClass.LIST)
            and not (link.published is not None and since is not None and link.published < since)
            and not (link.published is not None and until is not None and link.published >= until)
        )
