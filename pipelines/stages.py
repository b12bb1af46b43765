"""The Scrapy item pipelines: a page becomes records, and the records are kept.

One item is one page, with everything found on it. `RecordStage` normalises in a worker thread;
`StoreStage` hands the page to the frontier and waits until it is durably recorded. Nothing of a
page is kept before all of it is.
"""

import logging
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

from archive.ledger import Completion
from archive.model import (
    Article,
    Capture,
    Comment,
    Link,
    Moment,
    PageClass,
    PageData,
    Problem,
    State,
)
from archive.queue import Lease, Look, Offer, Validators
from archive.session import Session
from pipelines.normalise import normalise
from pipelines.offload import beside
from pipelines.records import Context, Reading, Records, fetch_row
from pipelines.revisits import next_look
from pipelines.text import ready

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

__all__ = ["Attempt", "PageItem", "RecordStage", "StoreStage", "completion_of", "tally_of"]

logger = logging.getLogger(__name__)

_LISTS = frozenset({PageClass.LIST, PageClass.FEED})
_ARTICLE_FIELDS = (
    *("title", "text", "published", "authors", "author_id", "editor", "section", "medium"),
    *("modified", "thread_id", "images", "ip_region", "reply_count", "votes_up"),
)
_COMMENT_FIELDS = (
    *("text", "author", "author_id", "published", "floor", "parent_id", "quoted_ids"),
    *("votes_up", "votes_down", "ip_region", "reaction", "reply_count"),
)
_SHAPED = ("comment_id", "author", "author_id", "published", "ip_region")
_PAGED = frozenset({PageClass.LIST, PageClass.THREAD, PageClass.API})
_NOTHING: tuple[object, ...] = (None, "", ())


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP exchange of a page's fetch: redirects and retries are exchanges too.

    `digest` is the SHA-256 (hex) of the payload as sent, its content coding still on.
    """

    capture: Capture
    robots: str = "off"
    number: int = 1
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PageItem:
    """One page on its way into the archive.

    `traps` counts links that were not followed, `listed` the articles and threads that a list
    shows, wanted or not; `further`: the page has a next page, wanted or not; `misled_by`: the
    host, where its validator stayed and the page did not.
    """

    lease: Lease | None
    source: str
    capture: Capture
    data: PageData
    parser: str
    decoded: Reading | None
    attempts: tuple[Attempt, ...]
    validators: Validators | None
    traps: int = 0
    listed: int = 0
    further: bool = False
    misled_by: str = ""

    def __repr__(self) -> str:
        """Its address: Scrapy logs an item that fails, and logs hold nobody's words."""
        return f"{type(self).__name__}({self.capture.url})"


class _Frontier(Protocol):
    """What a stage needs of the crawl's scheduler."""

    session: Session

    def offer(self, link: Link) -> Offer: ...

    async def complete(self, completion: Completion) -> None: ...


class _Stage:
    """A pipeline that works through the crawl's frontier."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def frontier(self) -> _Frontier:
        """The scheduler of the running crawl."""
        engine: Any = self._crawler.engine
        scheduler: _Frontier = engine.scheduler
        return scheduler


class RecordStage(_Stage):
    """Page to records, off the event loop."""

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        ready()

    async def process_item(self, item: PageItem) -> Completion:
        """The page's completion."""
        frontier = self.frontier
        offers = [frontier.offer(link) for link in item.data.links]
        try:
            size = len(item.capture.body)
            return await beside(size, completion_of, item, offers, frontier.session)
        except Exception as error:
            # A fault of ours must cost one page, never the run, and never in silence.
            logger.exception("normalising failed: %s", item.capture.url)
            reason = f"normalising failed: {type(error).__name__}: {error}"
            bare = PageData(PageClass.OTHER, reason, problems=(Problem(reason),))
            failed = replace(item, data=bare, validators=None)
            return completion_of(failed, [], frontier.session)


class StoreStage(_Stage):
    """Records into the state file, as a whole."""

    async def process_item(self, item: Completion) -> Completion:
        """Wait until the page is durably recorded."""
        await self.frontier.complete(item)
        return item


def completion_of(item: PageItem, offers: list[Offer], session: Session) -> Completion:
    """Normalise a page and gather all that the archive keeps of it."""
    context = Context(
        source=item.source,
        run_id=session.run.run_id,
        author_key=session.author_key,
        keep_names=session.plan.keep_names,
        parser=item.parser,
        known_tree=_known(item, session),
    )
    records = normalise(item.data, item.capture, context)
    # Redirects may end elsewhere: what was refused is filed under the page that was asked for.
    asked = {"url": item.lease.link.url} if item.lease is not None else {}
    return Completion(
        lease=item.lease,
        source=item.source,
        fetch_id=item.capture.fetch_id,
        observed_at=item.capture.fetched_at,
        rows={
            "fetches": _fetches(item, context),
            "quarantine": [{**row, **asked} for row in records.quarantine],
        },
        articles=records.articles,
        comments=records.comments,
        article_observations=records.article_observations,
        comment_observations=records.comment_observations,
        thread=records.thread,
        offers=offers,
        validators=item.validators,
        look=_look(item, records),
        misled_by=item.misled_by,
        tally=tally_of(item),
    )


def _known(item: PageItem, session: Session) -> dict[str, tuple[str, int | None]]:
    """The places of parents that earlier pages of the thread brought."""
    comments = item.data.comments
    here = {comment.comment_id for comment in comments}
    parents = {c.parent_id for c in comments if c.parent_id and c.parent_id not in here}
    if not parents:
        return {}
    return session.places(item.source, comments[0].thread_id, sorted(parents))


def _fetches(item: PageItem, context: Context) -> list[dict[str, Any]]:
    """A row for each exchange; the last one, which was read, says what the page was."""
    *before, last = item.attempts
    rows = [
        fetch_row(one.capture, None, context, robots=one.robots, attempt=one.number)
        for one in before
    ]
    rows.append(
        fetch_row(
            item.capture,
            item.data,
            context,
            reading=item.decoded,
            robots=last.robots,
            attempt=last.number,
        )
    )
    return rows


def _look(item: PageItem, records: Records) -> Look:
    """This look at an article or thread, and when the next is due; what is gone needs none."""
    page, articles = item.data, records.articles
    if page.page_class not in {PageClass.THREAD, PageClass.ARTICLE} or not articles:
        return Look()
    if articles[0]["state"] == State.DELETED:
        return Look()
    declared = page.thread.declared if page.thread is not None else page.articles[0].reply_count
    seen = declared if declared is not None else len(page.comments)
    before = item.lease.look if item.lease is not None else Look()
    return next_look(item.capture.fetched_at, articles[0].get("published_at"), seen, before)


def tally_of(item: PageItem) -> Counter[str]:
    """The page's share of the run's counters."""
    tally = Counter({f"pages.{item.data.page_class}": 1, "pages": 1})
    tally["exchanges"] = len(item.attempts)
    tally["bytes"] = sum(len(one.capture.body) for one in item.attempts)
    tally["items"] = len(item.data.articles) + len(item.data.comments)
    broken = [problem for problem in item.data.problems if problem.where != "link"]
    tally["unreadable"] = int(bool(broken) and not tally["items"])
    tally["traps"] = item.traps
    tally["errors"] = int(item.validators is None)
    tally["forbidden"] = int(item.attempts[-1].robots == "deny")
    listing = item.lease is not None and item.lease.link.kind in _LISTS
    tally["lists.failed"] = int(listing and item.data.page_class not in _LISTS)
    tally["not_modified"] = int(item.capture.status == 304)
    tally["listed"] = item.listed
    tally["validators.wrong"] = int(bool(item.misled_by))
    held = item.lease is not None and item.lease.validators.pointer is not None
    tally["known"] = int(held)
    tally["gone"] = int(held and item.data.page_class is PageClass.SOFT404)
    pointer = item.capture.pointer
    tally["revisits"] = int(pointer is not None and pointer.record_type == "revisit")
    if item.data.page_class in _PAGED:
        tally[f"of.{item.data.page_class}.page"] = 1
        tally[f"has.{item.data.page_class}.page.further"] = int(item.further)
    return tally + _fields(item.data)


def _fields(data: PageData) -> Counter[str]:
    """How many items the page gave, and how many of them have each field (see crawlers.gates)."""
    tally: Counter[str] = Counter()
    for kind, items, names in (
        ("article", data.articles, _ARTICLE_FIELDS),
        ("comment", data.comments, _COMMENT_FIELDS),
    ):
        place = f"{data.page_class}.{kind}"
        shown = [one for one in items if one.state is State.VISIBLE]
        for one in items:
            if one.state is not State.VISIBLE:  # else a lost mark of deletion is not noticed
                tally[f"has.{place}.state {one.state}"] += 1
        tally[f"of.{place}"] = len(shown)
        for name in names:
            tally[f"has.{place}.{name}"] = sum(1 for one in shown if _has(one, name))
    for comment in (one for one in data.comments if one.state is State.VISIBLE):
        for name in _SHAPED:
            if shape := _shape(getattr(comment, name)):
                tally[f"has.{data.page_class}.comment.{name} by {shape}"] += 1
    for article in (one for one in data.articles if one.state is State.VISIBLE):
        # Which rule found a field: another one that stands in hides that the first found nothing.
        for name, rule in article.provenance.items():
            tally[f"has.{data.page_class}.article.{name} by {rule[:60]}"] += 1
    return tally


def _has(item: Article | Comment, name: str) -> bool:
    value = getattr(item, name)
    return value.at is not None if isinstance(value, Moment) else value not in _NOTHING


def _shape(value: object) -> str:
    """What kind of value it is: a field read from another place seldom looks the same."""
    if isinstance(value, Moment):
        return f"{value.method}, {value.precision}"
    if not isinstance(value, str) or not value:
        return ""
    if value.isdigit():
        return "digits"
    # A long name and a short one are different ids; names of people are not told by length.
    return f"ascii below {1 << len(value).bit_length()}" if value.isascii() else "text"
