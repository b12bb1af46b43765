"""Several processes on one run: signs of life, and a rate that they share.

Each process leases its own pages from the state file. One that is killed is not heard of for
`LEASE_SECONDS`, and the others fetch what it held. Together they keep to the site's delay: each
waits as many times longer as there are processes. Limits: one machine; pauses that a server asks
for are learned by each process for itself.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scrapy.utils.asyncio import create_looping_call

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from archive.session import Session

__all__ = ["BEAT", "LOOK", "Pulse"]

BEAT = 2.0
"""Seconds between two signs of life."""
LOOK = 0.5
"""Seconds after which a process without work looks whether another one has left some."""


class Pulse:
    """The heartbeat of one process; does nothing for a run that is not shared."""

    def __init__(self, crawler: "Crawler", session: "Session", idle: Callable[[], bool]) -> None:
        self._crawler = crawler
        self._session = session
        self._idle = idle
        self._looks = 0
        self._loop = create_looping_call(self._look)
        if session.plan.join:
            self._loop.start(LOOK, now=False)

    def stop(self) -> None:
        """No more signs of life."""
        if self._loop.running:
            self._loop.stop()

    def _look(self) -> None:
        engine: Any = self._crawler.engine
        self._looks += 1
        if self._looks * LOOK >= BEAT:
            self._looks = 0
            self._beat(engine)
        if engine is not None and self._idle():
            engine._slot.nextcall.schedule()  # noqa: SLF001 - the engine looks by itself each 5 s

    def _beat(self, engine: Any) -> None:
        sharers = self._session.beat()
        if engine is None:
            return
        settings = self._crawler.settings
        least = settings.getfloat("DOWNLOAD_DELAY") * sharers
        most = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        for slot in engine.downloader.slots.values():
            slot.delay = max(slot.delay, least)
            slot.concurrency = max(1, most // sharers)
