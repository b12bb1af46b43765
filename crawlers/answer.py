"""What one answer gives, from a crawl or from the WARC: the same function reads both.

A 304 stands for the page that is held; an error page or a notice in place of a page that is held
leaves a tombstone of its article; a body that breaks off is no page. No network; the disk only
through `Answer.held`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from archive.model import (
    Capture,
    DeletionKind,
    PageClass,
    PageData,
    Problem,
    State,
    ThreadPage,
)
from crawlers.page import Reading, read_page
from crawlers.page_object import Page
from crawlers.view import View

__all__ = ["Answer", "broken", "nothing", "read_answer"]

_BROKEN = ("breaks off", "break off", "bytes")
_EDGE = 3_000
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its content coding off, and what is needed to understand it.

    `damage` says what was wrong with the coding; `held` gives the page's last good answer (as of
    the day it came), where there is one; `meta` travelled with the link.
    """

    capture: Capture
    damage: str = ""
    held: Callable[[], Capture] | None = None
    meta: Mapping[str, str | int] = field(default_factory=dict)


def read_answer(
    answer: Answer, pages: Sequence[type[Page]], *, generic: bool = False
) -> tuple[View, Reading]:
    """Read it; the view is of the bytes that were read.

    Raises:
        CaptureError: the answer says "not modified", and what is held cannot be read.
    """
    capture, damage = answer.capture, answer.damage
    if damage.endswith(_BROKEN):
        return View(capture), broken(damage)
    again = answer.held is not None and capture.status == HTTPStatus.NOT_MODIFIED
    if capture.status == HTTPStatus.PARTIAL_CONTENT:
        return View(capture), broken("status 206: a part that nobody asked for breaks off")
    if HTTPStatus.MULTIPLE_CHOICES <= capture.status < HTTPStatus.BAD_REQUEST and not again:
        return View(capture), _unfollowed(capture)
    source = answer.held() if answer.held is not None and again else capture
    view = View(source, answer.meta)
    reading = read_page(view, pages, generic=generic)
    if damage := damage or _unsaid(view):
        problems = (Problem(damage, "content coding"), *reading.data.problems)
        reading = replace(reading, data=replace(reading.data, problems=problems))
    thread = reading.data.thread
    if thread is not None and _cut(view):
        reading = replace(reading, data=replace(reading.data, thread=replace(thread, cut=True)))
    soft = reading.data.page_class is PageClass.SOFT404
    if answer.held is not None and (soft or capture.status in _GONE):
        before = read_page(View(answer.held()), pages, generic=False)
        reading = replace(reading, data=_tombstones(reading.data, before.data))
    return view, reading


def _unsaid(view: View) -> str:
    """What a page is to be noted for that came gzipped without a word; a `.gz` file may be so."""
    html = "html" in view.capture.header("content-type").lower()
    return "gzip that no header announces" if html and view.payload is not view.capture.body else ""


def _cut(view: View) -> bool:
    """Whether a whole page of HTML ends without closing anything that encloses it."""
    text = view.text
    head, tail = text[:_EDGE].lower(), text[-_EDGE:].lower()
    return ("<html" in head or "<!doctype html" in head) and not (
        "</html" in tail or "</body" in tail
    )


def nothing(reason: str, where: str = "page", excerpt: str = "") -> Reading:
    """An answer that gives no records, and why."""
    problem = Problem(reason, where, excerpt[:200])
    return Reading(PageData(PageClass.OTHER, reason, problems=(problem,)), "none")


def broken(damage: str) -> Reading:
    """A body that breaks off, or opens into too much: a part of a page is no page."""
    return nothing(damage, "content coding")


def _unfollowed(capture: Capture) -> Reading:
    """A redirect to where no crawler goes (file:, nowhere), or a 304 that nobody asked for."""
    where = capture.header("location")
    return nothing(f"status {capture.status} leads nowhere: {where or 'no Location'}"[:200])


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
