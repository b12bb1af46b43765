"""Keeps every answer as it came off the wire, before anything reads it.

Nearest to the downloader, so it sees redirects, errors, retried and robots.txt answers too. Each
one becomes a WARC record in a worker thread; its place goes with the request. An answer equal to
what the archive holds for that page (304, or the same payload) becomes a revisit record.
"""

import logging
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from archive.errors import CaptureError
from archive.ledger import Completion
from archive.model import Capture, PageClass, PageData
from archive.queue import Lease, Validators
from archive.warc import IDENTICAL_PAYLOAD, NOT_MODIFIED, Exchange, Revisit
from crawlers.frontier import Frontier
from pipelines.records import Context, fetch_row
from pipelines.stages import Attempt

if TYPE_CHECKING:
    import scrapy
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

    from archive.session import Session

__all__ = ["CaptureMiddleware"]

logger = logging.getLogger(__name__)


class CaptureMiddleware:
    """Downloader middleware that turns answers into WARC records and `Attempt`s."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_response(
        self,
        request: "scrapy.Request",
        response: "Response",
        spider: Any = None,  # noqa: ARG002 - Scrapy's signature
    ) -> "Response":
        """Keep the answer; a WARC that cannot be written stops the run (`StorageError`)."""
        engine: Any = self._crawler.engine
        frontier: Frontier = engine.scheduler
        given = (frontier.session, request, response, frontier.fetch_id())
        capture, digest = await frontier.kept(len(response.body), _keep, *given)
        attempts: list[Attempt] | None = request.meta.get("exchanges")
        attempt = Attempt(
            capture, request.meta.get("robots", "off"), len(attempts or ()) + 1, digest
        )
        if attempts is None:
            frontier.note(_apart(attempt, frontier))
        else:
            attempts.append(attempt)
        return response


def _keep(
    session: "Session", request: "scrapy.Request", response: "Response", fetch_id: str
) -> tuple[Capture, str]:
    """Write the exchange; the capture with its place, and the digest of the payload as sent."""
    lease: Lease | None = request.meta.get("lease")
    held = lease.validators if lease else Validators()
    digest = sha256(response.body).hexdigest()
    broken = "dataloss" in response.flags
    headers = tuple(_pairs(response.headers))
    now = datetime.now(UTC)
    exchange = Exchange(
        url=response.url,
        status_line=_status_line(response),
        headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers],
        body=response.body,
        fetched_at=now,
        method=request.method,
        request_headers=[(k, v) for k, many in request.headers.items() for v in many],
        request_body=request.body,
        fetch_id=fetch_id,
        ip=str(response.ip_address) if response.ip_address else None,
        truncated="disconnect" if broken else None,
        payload_sha256=digest,
    )
    error = "the connection ended before the body did" if broken else None
    if response.status < HTTPStatus.CONTINUE:
        error = f"{response.status:03} is no status of HTTP"
    try:
        pointer = session.warc.write(exchange, _revisit(request.url, response, digest, held))
    except CaptureError as refused:
        logger.warning("no WARC record for %s: %s", response.url, refused)
        pointer, error = None, str(refused)
    return Capture(
        url=response.url,
        body=response.body,
        fetched_at=now,
        status=response.status,
        headers=headers,
        method=request.method,
        fetch_id=fetch_id,
        pointer=pointer,
        error=error,
    ), digest


def _revisit(url: str, response: "Response", digest: str, held: Validators) -> Revisit | None:
    """The earlier capture that this answer repeats, if it does."""
    if held.pointer is None or held.fetched_at is None:
        return None
    if response.status == HTTPStatus.NOT_MODIFIED:
        return Revisit(url, held.fetched_at, NOT_MODIFIED)
    if response.status == HTTPStatus.OK and response.body and digest == held.payload_sha256:
        return Revisit(url, held.fetched_at, IDENTICAL_PAYLOAD)
    return None


def _apart(attempt: Attempt, frontier: Frontier) -> Completion:
    """The record of an exchange that belongs to no page: robots.txt, what a page's scripts ask."""
    capture, session = attempt.capture, frontier.session
    source = frontier.spider.source(capture.url)
    context = Context(source, session.run.run_id, session.author_key)
    robots = urlsplit(capture.url).path == "/robots.txt"
    data = PageData(PageClass.OTHER, "robots.txt" if robots else "asked for by a page's script")
    row = fetch_row(capture, data, context, robots=attempt.robots)
    return Completion(
        lease=None,
        source=source,
        fetch_id=capture.fetch_id,
        observed_at=capture.fetched_at,
        rows={"fetches": [row]},
        tally={"exchanges": 1, "bytes": len(capture.body)},
    )


def _status_line(response: "Response") -> bytes:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    return f"{response.protocol or 'HTTP/1.1'} {response.status} {phrase}".strip().encode("ascii")


def _pairs(headers: "Headers") -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, many in headers.items()
        for value in many
    ]
