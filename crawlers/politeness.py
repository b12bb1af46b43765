"""Manners on the wire: robots.txt by RFC 9309, and pauses that a server asks for.

Scrapy alone reads a robots.txt that answered 503 as "all allowed", ignores Crawl-delay and
Retry-After, and gives a banned page up after three quick tries. Here a ban pauses the whole host
and costs no attempt.
"""

import asyncio
import logging
import random
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.defer import _schedule_coro
from scrapy.utils.httpobj import urlparse_cached

from archive.coding import decode_body
from crawlers.breaker import Breaker
from crawlers.reader import not_fetched

if TYPE_CHECKING:
    import scrapy
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

__all__ = ["LONGEST_PAUSE", "PatientRetry", "PerHost", "Robots", "retry_after"]

LONGEST_PAUSE = 3600.0
"""Seconds; a server that asks for more ends the try, and the next run asks again."""
_LONGEST_DELAY = 60.0
_PAUSES = 12
_UNCLEAR_PAUSE = 5.0
_BUSY = frozenset({429, 503})

logger = logging.getLogger(__name__)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3); None if unreadable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


class Robots(RobotsTxtMiddleware):
    """robots.txt with the rules of RFC 9309, the decision noted on each request.

    4xx: everything is allowed; 5xx or no answer: nothing is (2.3.1.3 and 2.3.1.4).
    `Crawl-delay` lengthens the site's own delay, never shortens it.
    """

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._slow: set[str] = set()
        self._why: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware._crawl_delay, signal=signals.robots_parsed)
        return middleware

    async def process_request(self, request: "scrapy.Request", spider: Any = None) -> None:  # noqa: ARG002 - Scrapy's signature
        """Let the request pass or raise `IgnoreRequest`; note which on the request."""
        if request.meta.get("dont_obey_robotstxt"):
            request.meta["robots"] = "off"
            return
        await self.robot_parser(request)
        # Not what it returns: of several requests that wait for one robots.txt, Scrapy 2.19 gives
        # the parser to the first and None, which it takes for "all allowed", to the others.
        parser: Any = self._parsers.get(urlparse_cached(request).netloc)
        if parser is None:
            request.meta["robots"] = "unknown"
            why = self._why.get(urlparse_cached(request).netloc, "no answer")
            raise IgnoreRequest(
                f"robots.txt cannot be reached: nothing is fetched (RFC 9309); {why}"
            )
        request.meta["robots"] = "deny"
        self.process_request_2(parser, request)
        request.meta["robots"] = "allow"
        # Autothrottle would go below the delay that robots.txt asks for.
        slowed = urlparse_cached(request).netloc in self._slow
        request.meta["autothrottle_dont_adjust_delay"] = slowed

    async def _parse_robots(
        self, response: "Response", netloc: str, request: "scrapy.Request"
    ) -> None:
        if response.status >= 500:
            response = response.replace(body=b"User-agent: *\nDisallow: /\n")
        elif response.status >= 400:
            response = response.replace(body=b"")
        coding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
        if coding:
            response = response.replace(body=decode_body(response.body, coding)[0])
        if response.body[:2] in {BOM_UTF16_LE, BOM_UTF16_BE}:  # not as RFC 9309 has it, but clear
            text = response.body.decode("utf-16", "replace")
            response = response.replace(body=text.encode())
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        robots = f"http://{netloc}/robots.txt"
        self._why[netloc] = not_fetched(exc, robots, robots)
        super()._robots_error(exc, netloc)

    def _crawl_delay(self, robotparser: "RobotParser", request: "scrapy.Request") -> None:
        protego = getattr(robotparser, "rp", None)
        wished = protego.crawl_delay(self._default_useragent) if protego is not None else None
        if not wished:
            return
        engine: Any = self.crawler.engine
        host = urlparse_cached(request).hostname or ""
        _, slot = engine.downloader._get_slot(request)  # noqa: SLF001 - no public way to a host's delay
        slot.delay = max(slot.delay, min(float(wished), _LONGEST_DELAY))
        self._slow.add(urlparse_cached(request).netloc)
        logger.info("%s asks for %s s between requests", host, wished)


class PerHost(Downloader):
    """Scrapy's downloader, with its limit of requests to one host kept without a delay too.

    Scrapy 2.19 takes requests off a host's queue while fewer than the limit are under way, but
    counts one as under way only when its coroutine starts, a turn of the loop later: without a
    delay the whole queue goes out at once (measured: 16 at a time, limit 4).
    """

    def _process_queue(self, slot: Slot) -> None:
        if slot.latercall or slot.download_delay():
            super()._process_queue(slot)
            return
        while slot.queue and slot.free_transfer_slots() > 0:
            request, answer = slot.queue.popleft()
            slot.lastseen = monotonic()
            slot.transferring.add(request)
            _schedule_coro(self._wait_for_download(slot, request, answer))


class PatientRetry(RetryMiddleware):
    """Retries as Scrapy's, but a busy or banning server (429, 503) pauses the whole host.

    Every request to the host waits until the pause is over; a pause is no lost attempt, and a
    request is put back at most `_PAUSES` times. Without Retry-After the pause doubles from 5 s.
    """

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._until: dict[str, float] = {}
        self._breaker = Breaker(settings.getfloat("SHENGLU_BREAKER_PAUSE", 15.0))

    async def process_request(self, request: "scrapy.Request", spider: Any = None) -> None:  # noqa: ARG002 - Scrapy's signature
        """Wait while the host is paused; a little apart, so that not all come back at once."""
        host = urlparse_cached(request).netloc
        # Looked at again after each sleep: another answer may have made the pause longer.
        while (wait := self._wait(host)) > 0:  # noqa: ASYNC110 - a clock
            await asyncio.sleep(wait + random.uniform(0, 0.2))  # noqa: S311 - no secret

    def _wait(self, host: str) -> float:
        now = asyncio.get_running_loop().time()
        if (asked := self._until.get(host, 0.0) - now) > 0:
            return asked
        wait = self._breaker.wait(host, now)
        if wait is None:
            raise IgnoreRequest("circuit open: the host failed again and again and is given up")
        return wait

    def process_exception(
        self,
        request: "scrapy.Request",
        exception: Exception,
        spider: Any = None,
    ) -> "scrapy.Request | Response | None":
        """Count a failure of the host; whether to try again is Scrapy's rule."""
        del spider  # passed by older Scrapy; 2.19 warns where it is handed on
        if not isinstance(exception, IgnoreRequest):  # what we refuse says nothing of the host
            failed = isinstance(exception, self.exceptions_to_retry)
            self._count(urlparse_cached(request).netloc, failed=failed)
        return super().process_exception(request, exception)

    def _count(self, host: str, *, failed: bool) -> None:
        if not failed:
            if self._breaker.worked(host):
                logger.warning("%s answers again", host)
            return
        pause = self._breaker.failed(host, asyncio.get_running_loop().time())
        if pause is not None:
            logger.warning("%s fails again and again: one request in %.0f s", host, pause)

    def process_response(
        self,
        request: "scrapy.Request",
        response: "Response",
        spider: Any = None,  # noqa: ARG002 - Scrapy's signature
    ) -> "scrapy.Request | Response":
        """Put a busy answer's request back after its pause; the rest is Scrapy's rule."""
        self._count(
            urlparse_cached(request).netloc,
            failed=response.status >= 500 and response.status not in _BUSY,
        )
        if "dataloss" in response.flags and not request.meta.get("dont_retry"):
            return self._retry(request, "the body breaks off") or response
        if response.status not in _BUSY or request.meta.get("dont_obey_robotstxt"):
            return super().process_response(request, response)
        pauses = request.meta.get("pauses", 0)
        header = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = retry_after(header, datetime.now(UTC)) if header else None
        if wait is None:
            wait = _UNCLEAR_PAUSE * 2**pauses
        if (
            wait > LONGEST_PAUSE
            or pauses >= _PAUSES
            or (not header and pauses >= self.max_retry_times)
        ):
            return response
        self._pause(urlparse_cached(request).netloc, wait)
        again = request.copy()
        again.meta["pauses"] = pauses + 1
        again.dont_filter = True
        return again

    def _pause(self, host: str, wait: float) -> None:
        until = asyncio.get_running_loop().time() + wait
        if until > self._until.get(host, 0.0):
            self._until[host] = until
            logger.warning("%s asks for a pause: nothing is sent to it for %.0f s", host, wait)
