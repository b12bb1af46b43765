"""From an answer to what it holds: codings off, class, records, and what to remember of it.

Called in worker threads. Pure but for `held`, which brings back an earlier answer of the page:
a 304 stands for it, and a page that is gone now leaves tombstones of what it held. Nothing here
raises on bad input; a `CaptureError` of `held` is for the caller.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from archive.coding import decode_body
from archive.errors import CaptureError
from archive.model import Capture, PageClass, PageData, WarcPointer
from archive.queue import Lease, Validators
from crawlers.answer import Answer, broken, nothing, read_answer
from crawlers.page import Reading
from crawlers.page_object import Page
from crawlers.view import View
from pipelines.records import Reading as TextFacts

__all__ = [
    "MOST_BYTES",
    "elsewhere",
    "goes_on",
    "not_fetched",
    "policy",
    "read_leased",
    "text_facts",
    "unreadable",
    "validators_of",
]

MOST_BYTES = 32 << 20
"""Most bytes of a page, on the wire and unpacked; more is no page but an attack or a mistake."""

_CONTENT = frozenset(
    {PageClass.ARTICLE, PageClass.THREAD, PageClass.LIST, PageClass.FEED, PageClass.API}
)
_WALLS = frozenset({PageClass.BLOCKED, PageClass.CAPTCHA})
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_FAILURE = re.compile(r"Failure [\w.]*?(\w+): (.*?)>")
_META_ROBOTS = re.compile(
    rb"<meta\s[^>]*name\s*=\s*[\"']?robots[\"']?[^>]*content\s*=\s*[\"']?([^\"'>]+)", re.IGNORECASE
)
_POLICY = re.compile(r"\b(noarchive|nosnippet|noindex|none)\b", re.IGNORECASE)

Held = Callable[[WarcPointer, Capture], Capture]


def read_leased(
    lease: Lease, capture: Capture, pages: Sequence[type[Page]], held: Held
) -> tuple[View, Reading]:
    """Read the answer to a leased page, its content coding still on; the view of what was read.

    Raises:
        CaptureError: what we hold cannot be read back.
    """
    body, damage = decode_body(capture.body, capture.header("content-encoding"), limit=MOST_BYTES)
    capture = replace(capture, body=body)
    if capture.error is not None:
        return View(capture), broken(capture.error)
    pointer = lease.validators.pointer
    earlier = None if pointer is None else partial(held, pointer, capture)
    moved = {"requested_url": lease.link.url} if capture.url != lease.link.url else {}
    return read_answer(Answer(capture, damage, earlier, {**lease.link.meta, **moved}), pages)


def elsewhere(url: str, asked: str) -> Reading:
    """A redirect led to another site: its page is evidence, not content."""
    return nothing(f"redirected to another site: {url}", excerpt=asked)


def unreadable(error: CaptureError) -> Reading:
    """The server says "not modified", and our own copy is damaged."""
    return nothing(f"not modified, but the copy held cannot be read: {error}")


def not_fetched(error: BaseException, url: str, asked: str) -> str:
    """Why a request has no answer, in one line; says where it went if a redirect moved it."""
    text = str(error).strip()
    if found := _FAILURE.search(text):  # Twisted wraps failures in lists of failures
        text = f"{found[1]}: {found[2]}"
    if not text and type(error).__name__ == "DownloadCancelledError":
        text = f"the answer is larger than {MOST_BYTES} bytes"
    moved = f"redirected to {url}: " if url != asked else ""
    return f"{moved}{type(error).__name__}: {text or 'no reason given'}"[:500]


def text_facts(view: View) -> TextFacts | None:
    """The charset facts, if the page was read as text at all."""
    decoded = view.__dict__.get("decoded")
    if decoded is None:
        return None
    return TextFacts(decoded.declared, decoded.charset, decoded.replacements)


def goes_on(data: PageData) -> bool:
    """Whether the page leads to a further page of its list or thread."""
    thread = data.thread.thread_id if data.thread is not None else None
    return any(
        link.kind is PageClass.LIST
        if data.page_class is PageClass.LIST
        else thread is not None and link.thread_id == thread
        for link in data.links
    )


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
