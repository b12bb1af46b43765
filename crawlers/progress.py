"""A line on the terminal while a crawl goes on: what is done, what waits, how fast, how long."""

import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.live import Live
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

__all__ = ["Progress", "time_left"]

_EVERY = 0.5
_RECENT = 120  # draws that the pace is taken from: a pause long ago says nothing of what is to come


def time_left(waiting: int, marks: Sequence[tuple[float, int]]) -> str:
    """How long what waits will take at the pace between the first and the last (second, pages).

    What lists will still lead to is not known, so it is "at least"; empty without a pace.
    """
    if not waiting or len(marks) < 2:
        return ""
    (began, before), *_, (now, after) = marks
    if after <= before or now <= began:
        return ""
    seconds = round(waiting * (now - began) / (after - before))
    hours, minutes = divmod(seconds // 60, 60)
    shown = f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds % 60:02d} s"
    return f", at least {shown} to go"


class Progress:
    """Extension that redraws one line; off where stderr is no terminal (cron, pipes)."""

    def __init__(self, crawler: "Crawler") -> None:
        if not sys.stderr.isatty():
            raise NotConfigured
        self._crawler = crawler
        self._marks = deque[tuple[float, int]](maxlen=_RECENT)
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
        now, pages, waiting = time.monotonic(), tally.get("pages", 0), session.open_pages()
        self._marks.append((now, pages))
        before, seconds = self._marks[0][1], now - self._marks[0][0]
        pace = (pages - before) / seconds if seconds else 0.0
        left = time_left(waiting, self._marks)
        self._live.update(
            f"{session.plan.site}: {pages} pages ({pace:.1f}/s),"
            f" {waiting} waiting{left}, {tally.get('threads', 0)} threads,"
            f" +{tally.get('articles.new', 0)} articles, +{tally.get('comments.new', 0)} comments,"
            f" {tally.get('errors', 0)} errors",
            refresh=True,
        )
