"""From an answer to what it holds: codings off, class, records, and what to remember of it.

Called in worker threads. Pure but for `held`, which brings back an earlier answer of the page:
a 304 stands for it, and a page that is gone now leaves tombstones of what it held. Nothing here
raises on bad input; a `CaptureError` of `held` is for the caller.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus

from archive.coding import decode_body
from archive.errors import CaptureError
from archive.model import (
    Capture,
    DeletionKind,
    PageClass,
    PageData,
    Problem,
    State,
    ThreadPage,
    WarcPointer,
)
from archive.queue import Lease, Validators
from crawlers.page import Reading, read_page
from crawlers.page_object import Page
from crawlers.view import View
from pipelines.records import Reading as TextFacts

__all__ = [
    "MOST_BYTES",
    "elsewhere",
    "not_fetched",
    "policy",
    "read_answer",
    "text_facts",
    "unreadable",
    "validators_of",
]

MOST_BYTES = 32 << 20
"""Most bytes of a page, on the wire and unpacked; more is no page but an attack or a mistake."""

_CONTENT = frozenset(
    {PageClass.ARTICLE, PageClass.THREAD, PageClass.LIST, PageClass.FEED, PageClass.API}
)
_BROKEN = ("breaks off", "break off", "bytes")
_WALLS = frozenset({PageClass.BLOCKED, PageClass.CAPTCHA})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_FAILURE = re.compile(r"Failure [\w.]*?(\w+): (.*?)>")
_META_ROBOTS = re.compile(
    rb"<meta\s[^>]*name\s*=\s*[\"']?robots[\"']?[^>]*content\s*=\s*[\"']?([^\"'>]+)", re.IGNORECASE
)
_POLICY = re.compile(r"\b(noarchive|nosnippet|noindex|none)\b", re.IGNORECASE)

Held = Callable[[WarcPointer, Capture], Capture]


def read_answer(
    lease: Lease, capture: Capture, pages: Sequence[type[Page]], held: Held
) -> tuple[View, Reading]:
    """Read the answer; a 304 stands for the bytes that we hold, read as of the day they came.

    A page that we hold and that is gone now (404, 410, or a notice that says so) leaves a
    tombstone of its article.

    Raises:
        CaptureError: what we hold cannot be read back.
    """
    body, damage = decode_body(capture.body, capture.header("content-encoding"), limit=MOST_BYTES)
    capture = replace(capture, body=body)
    if capture.error is not None or damage.endswith(_BROKEN):
        return View(capture), _broken(capture.error or damage)
    pointer = lease.validators.pointer
    again = pointer is not None and capture.status == HTTPStatus.NOT_MODIFIED
    if capture.status == HTTPStatus.PARTIAL_CONTENT:
        return View(capture), _broken("status 206: a part that nobody asked for breaks off")
    if HTTPStatus.MULTIPLE_CHOICES <= capture.status < HTTPStatus.BAD_REQUEST and not again:
        return View(capture), _unfollowed(capture)
    source = held(pointer, capture) if pointer is not None and again else capture
    moved = {"requested_url": lease.link.url} if capture.url != lease.link.url else {}
    view = View(source, {**lease.link.meta, **moved})
    reading = read_page(view, pages, generic=False)
    if damage:
        problems = (Problem(damage, "content coding"), *reading.data.problems)
        reading = replace(reading, data=replace(reading.data, problems=problems))
    soft = reading.data.page_class is PageClass.SOFT404
    if pointer is not None and (soft or capture.status in _GONE):
        before = read_page(View(held(pointer, capture)), pages, generic=False)
        reading = replace(reading, data=_tombstones(reading.data, before.data))
    return view, reading


def _none(reason: str, where: str = "page", excerpt: str = "") -> Reading:
    problem = Problem(reason, where, excerpt[:200])
    return Reading(PageData(PageClass.OTHER, reason, problems=(problem,)), "none")


def _broken(damage: str) -> Reading:
    """A body that breaks off, or opens into too much: a part of a page is no page."""
    return _none(damage, "content coding")


def _unfollowed(capture: Capture) -> Reading:
    """A redirect to where no crawler goes (file:, nowhere), or a 304 that nobody asked for."""
    where = capture.header("location")
    return _none(f"status {capture.status} leads nowhere: {where or 'no Location'}"[:200])


def elsewhere(url: str, asked: str) -> Reading:
    """A redirect led to another site: its page is evidence, not content."""
    return _none(f"redirected to another site: {url}", excerpt=asked)


def unreadable(error: CaptureError) -> Reading:
    """The server says "not modified", and our own copy is damaged."""
    return _none(f"not modified, but the copy held cannot be read: {error}")


def not_fetched(error: BaseException, url: str, asked: str) -> str:
    """Why a request has no answer, in one line; says where it went if a redirect moved it."""
    text = str(error).strip()
    if found := _FAILURE.search(text):  # Twisted wraps failures in lists of failures
        text = f"{found[1]}: {found[2]}"
    if not text and type(error).__name__ == "DownloadCancelledError":
        text = f"the answer is larger than {MOST_BYTES} bytes"
    moved = f"redirected to {url}: " if url != asked else ""
    return f"{moved}{type(error).__name__}: {text or 'no reason given'}"[:500]


def _tombstones(now: PageData, before: PageData) -> PageData:
    """The page's articles as deleted: their ids and titles are known from what we hold.

    The thread counts as walked to its end, where nothing is left: its comments are missing.
    """
    gone = tuple(
        replace(a, text="", state=State.DELETED, deletion_kind=DeletionKind.UNKNOWN)
        for a in before.articles
    )
    thread = before.thread and ThreadPage(before.thread.thread_id)
    return replace(now, articles=gone, thread=thread)


def text_facts(view: View) -> TextFacts | None:
    """The charset facts, if the page was read as text at all."""
    decoded = view.__dict__.get("decoded")
    if decoded is None:
        return None
    return TextFacts(decoded.declared, decoded.charset, decoded.replacements)


def policy(capture: Capture) -> str:
    """What header or markup ask of those who keep copies (noarchive, nosnippet, noindex).

    It is noted with the exchange, for whoever publishes; the crawl goes on.
    """
    said = [v for k, v in capture.headers if k.lower() == "x-robots-tag"]
    said += [m.decode("latin-1") for m in _META_ROBOTS.findall(capture.body[:65_536])]
    asked = {word.lower() for text in said for word in _POLICY.findall(text)}
    return f"asks for {', '.join(sorted(asked))}" if asked else ""


def validators_of(lease: Lease, capture: Capture, data: PageData, digest: str) -> Validators | None:
    """What the next conditional request needs; None for a failure, which is tried again.

    Only an answer with content replaces what we hold: a 304, a 404 or a notice does not.
    """
    status, held = capture.status, lease.validators
    if capture.error is not None or status >= 500 or status in _BUSY:
        return None
    broken = bool(data.problems) and data.problems[0].where == "content coding"
    if data.page_class in _WALLS or (broken and data.page_class is PageClass.OTHER):
        return None
    if status != HTTPStatus.OK or data.page_class not in _CONTENT:
        return held
    same = capture.pointer is not None and capture.pointer.record_type == "revisit"
    return Validators(
        etag=capture.header("etag"),
        last_modified=capture.header("last-modified"),
        payload_sha256=digest,
        fetched_at=held.fetched_at if same else capture.fetched_at,
        pointer=held.pointer if same else capture.pointer,
    )
