"""Conditional requests, and whether a server's validators deserve them.

A validator that stays while the page changes would hide the change for ever: so now and then a
page is asked for without conditions, lists and feeds more often, and what comes is compared with
what is held. Only what is read counts: a form's token or a counter of views is no change.
Pure but for the `held` answer that the comparison reads.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from zlib import crc32

from archive.errors import CaptureError
from archive.model import Capture, PageClass, PageData
from archive.queue import Lease, Validators
from crawlers.answer import Answer, read_answer
from crawlers.page_object import Page

__all__ = ["conditions", "is_probe", "misled"]

_LISTS = frozenset({PageClass.LIST, PageClass.FEED})
_READ = _LISTS | {PageClass.ARTICLE, PageClass.THREAD, PageClass.API}
_OFTEN, _SELDOM = 4, 128  # a visit of an unchanged site is to bring 304s for nine pages in ten

Earlier = tuple[Callable[[], Capture], Sequence[type[Page]]]


def conditions(held: Validators) -> dict[str, str]:
    """The headers under which the answer may be "not modified"; none where nothing is held."""
    if held.pointer is None or not (held.etag or held.last_modified):
        return {}
    headers = {"Cache-Control": "max-age=0"}
    if held.etag:
        headers["If-None-Match"] = held.etag
    if held.last_modified:
        headers["If-Modified-Since"] = held.last_modified
    return headers


def is_probe(lease: Lease, run_id: str) -> bool:
    """Whether this run asks without conditions for this page, to see what the validators hide.

    By page and run, so that a run taken up again asks the same way.
    """
    one_in = _OFTEN if lease.link.kind in _LISTS else _SELDOM
    return crc32(lease.key + run_id.encode()) % one_in == 0


def misled(lease: Lease, capture: Capture, data: PageData, digest: str, earlier: Earlier) -> bool:
    """Whether the answer holds other things than our copy under the very same validator.

    `earlier` gives our copy, and the page objects that read it.
    """
    held, etag = lease.validators, capture.header("etag")
    modified = capture.header("last-modified")
    # Where there is an ETag it alone decides (RFC 9110, 13.1.3).
    same = (
        etag == held.etag
        if etag or held.etag
        else bool(modified) and (modified == held.last_modified)
    )
    if not same or capture.status != HTTPStatus.OK or digest == held.payload_sha256:
        return False
    if held.pointer is None or data.page_class not in _READ:
        return False
    copy, pages = earlier
    try:
        before = read_answer(Answer(copy(), meta=lease.link.meta), pages)[1].data
    except CaptureError:
        return False
    return _said(before) != _said(data)


def _said(data: PageData) -> tuple[object, ...]:
    """What a page says, without what differs from one request to the next."""
    items = [(a.article_id, a.title, a.text, a.state) for a in data.articles]
    items += [(c.comment_id, "", c.text, c.state) for c in data.comments]
    links = sorted(link.url for link in data.links) if data.page_class in _LISTS else []
    return data.page_class, items, links
