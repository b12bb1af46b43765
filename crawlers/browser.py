"""Pages that need scripts, drawn by a Chromium that has no network of its own (`--browser`).

The page comes through the crawl as any other; the browser is given its bytes, runs its scripts, and
what then stands in the document is what is read. Scripts and data that the page asks its own host
for are fetched by the crawl too: robots.txt, delay, address checks, size limit and WARC hold for
them. All else (other hosts, images, frames, sockets, forms) is refused, and Chromium resolves no
name. What was drawn is kept as a WARC resource record beside the response.
"""

import asyncio
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import scrapy
from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive.coding import decode_body
from archive.errors import UsageError
from archive.model import Capture
from archive.warc import SavedPage
from crawlers.reader import MOST_BYTES
from pipelines.stages import Attempt

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawlers.frontier import Frontier

__all__ = ["Browser", "program"]

MOST_REQUESTS = 40
"""Requests that the scripts of one page may make."""
PATIENCE = 30.0
"""Seconds that drawing a page may take, its requests included."""

_FLAGS = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking")
_KINDS = frozenset({"script", "xhr", "fetch"})
_KEPT = ("ETag", "Last-Modified", "X-Robots-Tag")
_PAGE = "text/html; charset=utf-8"

logger = logging.getLogger(__name__)


def program() -> str:
    """The Chromium to use.

    Raises:
        UsageError: there is none, or the extra is not installed.
    """
    try:
        import playwright  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise UsageError("--browser needs the extra: pip install 'shenglu[browser]'") from error
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise UsageError("--browser needs Chromium: apt-get install chromium")
    return found


@dataclass
class _Drawing:
    """One page in the browser; `left` counts the requests that it may still make."""

    url: str
    html: bytes
    left: int = MOST_REQUESTS


class Browser:
    """Downloader middleware that draws the HTML pages of a run; off without `SHENGLU_BROWSER`."""

    def __init__(self, crawler: "Crawler") -> None:
        if not crawler.settings.getbool("SHENGLU_BROWSER"):
            raise NotConfigured
        self._crawler = crawler
        self._program = program()
        self._running: asyncio.Task[Any] | None = None
        self._playwright: Any = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware._close, signal=signals.spider_closed)
        return middleware

    async def process_response(
        self,
        request: scrapy.Request,
        response: "Response",
        spider: Any = None,  # noqa: ARG002 - Scrapy's signature
    ) -> "Response":
        """Add what the browser draws as the exchange that is read; in trouble, what was sent is."""
        kind = (response.headers.get("Content-Type") or b"").lower()
        if "lease" not in request.meta or response.status != HTTPStatus.OK or b"html" not in kind:
            return response
        coding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
        html, damage = decode_body(response.body, coding, limit=MOST_BYTES)
        if damage:
            return response
        try:
            async with asyncio.timeout(PATIENCE):
                drawn = await self._draw(_Drawing(response.url, html), kind.decode("latin-1"))
        except Exception as error:  # noqa: BLE001 - whatever a browser does, the page as sent is there
            logger.warning(
                "%s is read as it was sent: %s", response.url, str(error)[:300] or "slow"
            )
            return response
        if len(drawn) <= MOST_BYTES:
            await self._keep(request, response, drawn)
        return response

    async def _draw(self, page: _Drawing, content_type: str) -> bytes:
        browser = await self._browser()
        agent = self._crawler.settings["USER_AGENT"]
        context = await browser.new_context(
            user_agent=agent, service_workers="block", accept_downloads=False
        )
        try:
            tab = await context.new_page()

            async def route(route: Any) -> None:
                await self._answer(page, content_type, route)

            await context.route("**/*", route)
            await context.route_web_socket("**/*", lambda socket: socket.close())
            await tab.goto(page.url, wait_until="networkidle", timeout=PATIENCE * 1000)
            return str(await tab.content()).encode("utf-8", "replace")
        finally:
            await context.close()

    async def _answer(self, page: _Drawing, content_type: str, route: Any) -> None:
        """Give a request of the browser its answer: the page itself, one by the crawl, or none."""
        asked = route.request
        if asked.is_navigation_request():
            if asked.url == page.url and asked.frame.parent_frame is None:
                await route.fulfill(status=200, content_type=content_type, body=page.html)
            else:
                await route.abort()
            return
        own = urlsplit(asked.url).netloc == urlsplit(page.url).netloc
        if not own or asked.method != "GET" or asked.resource_type not in _KINDS or page.left <= 0:
            await route.abort()
            return
        page.left -= 1
        engine: Any = self._crawler.engine
        try:
            answer = await engine.download_async(scrapy.Request(asked.url, dont_filter=True))
        except Exception as error:  # noqa: BLE001 - refused or failed: the script has to live with it
            logger.info("%s, for %s: %s", asked.url, page.url, error)
            await route.abort()
            return
        coding = (answer.headers.get("Content-Encoding") or b"").decode("latin-1")
        body, _ = decode_body(answer.body, coding, limit=MOST_BYTES)
        kind = (answer.headers.get("Content-Type") or b"text/plain").decode("latin-1")
        await route.fulfill(status=answer.status, content_type=kind, body=body)

    async def _keep(self, request: scrapy.Request, response: "Response", drawn: bytes) -> None:
        """Write what was drawn, and make it the exchange that is read."""
        engine: Any = self._crawler.engine
        frontier: Frontier = engine.scheduler
        fetch_id = frontier.fetch_id()
        now = datetime.now(UTC)
        saved = SavedPage(response.url, drawn, now, _PAGE, fetch_id)
        pointer = await frontier.kept(len(drawn), frontier.session.warc.write_page, saved)
        # The server's validators are for what it sent, which is what it will be asked about.
        sent = ((name, response.headers.get(name)) for name in _KEPT)
        headers = [("Content-Type", _PAGE)]
        headers += [(name, value.decode("latin-1")) for name, value in sent if value]
        capture = Capture(
            response.url, drawn, now, 200, tuple(headers), fetch_id=fetch_id, pointer=pointer
        )
        before: list[Attempt] = request.meta["exchanges"]
        digest = sha256(drawn).hexdigest()
        robots = request.meta.get("robots", "off")
        before.append(Attempt(capture, robots, len(before) + 1, digest))

    async def _browser(self) -> Any:
        """The browser, started with the first page; several pages wait for one start."""
        if self._running is None:
            self._running = asyncio.ensure_future(self._start())
        return await asyncio.shield(self._running)

    async def _start(self) -> Any:
        from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra

        self._playwright = await async_playwright().start()
        return await self._playwright.chromium.launch(
            executable_path=self._program,
            args=list(_FLAGS),
            chromium_sandbox=os.geteuid() != 0,  # Chromium's sandbox refuses to run as root
        )

    async def _close(self) -> None:
        if self._running is not None and self._running.done() and not self._running.exception():
            await self._running.result().close()
        if self._playwright is not None:
            await self._playwright.stop()
