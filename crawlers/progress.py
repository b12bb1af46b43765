"""A line on the terminal while a crawl goes on: what is done, what waits, how fast."""

import sys
import time
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.live import Live
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

__all__ = ["Progress"]

_EVERY = 0.5


class Progress:
    """Extension that redraws one line; off where stderr is no terminal (cron, pipes)."""

    def __init__(self, crawler: "Crawler") -> None:
        if not sys.stderr.isatty():
            raise NotConfigured
        self._crawler = crawler
        self._began = time.monotonic()
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
        self._loop = create_looping_call(self._draw)
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def _opened(self) -> None:
        self._live.start()
        self._loop.start(_EVERY, now=False)

    def _closed(self) -> None:
        if self._loop.running:
            self._loop.stop()
        self._live.stop()

    def _draw(self) -> None:
        engine: Any = self._crawler.engine
        session = engine.scheduler.session
        tally = session.tally()
        seconds = max(time.monotonic() - self._began, 1e-3)
        pages = tally.get("pages", 0)
        self._live.update(
            f"{session.plan.site}: {pages} pages ({pages / seconds:.1f}/s),"
            f" {session.open_pages()} waiting, {tally.get('threads', 0)} threads,"
            f" +{tally.get('articles.new', 0)} articles, +{tally.get('comments.new', 0)} comments,"
            f" {tally.get('errors', 0)} errors",
            refresh=True,
        )
