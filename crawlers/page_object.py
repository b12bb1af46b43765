"""Page objects: a decoded capture in, `PageData` out; no network, no state between pages.

A page object declares which pages it reads (`url_pattern`, or `marks` for a saved page whose
URL nobody knows) and what it takes from them (`rules`, see `crawlers.rules`). Where a value came
from is recorded per field. What rules cannot say is code in `data`.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from archive.model import (
    Article,
    Comment,
    Link,
    Moment,
    PageClass,
    PageData,
    Problem,
    StopReason,
    ThreadPage,
)
from crawlers.dates import CHINA, read_time
from crawlers.flow import html, text_of
from crawlers.leaving_out import leaves_out
from crawlers.people import masked, names
from crawlers.plain_times import plain_time
from crawlers.rules import declared, dig, number, read_rule
from crawlers.view import View
from pipelines.urls import canonical

__all__ = ["FAR", "Page", "unhung"]

if TYPE_CHECKING:
    from crawlers.finding import Finder

_Item = TypeVar("_Item")
_LAZY = ("zoomfile", "file", "data-original", "data-src", "data-lazy-src", "original", "src")
_PLACEHOLDER = re.compile(
    r"^(?:data:|about:)|(?:none|blank|spacer|loading|grey)\.(?:gif|png)|/smil(?:ey|ies)/|/emot"
)
_STATES = ("state:", "json:")
_YEAR = timedelta(days=364)
_FIELDS = frozenset(Article.__dataclass_fields__) - {"article_id", "images", "provenance"}
_TIMES = frozenset({"published", "modified"})
_NUMBERS = frozenset({"votes_up", "votes_down", "reply_count"})
_OPTIONAL = frozenset({"thread_id", "author_id", "editor", "medium", "section", "reprint_source"})
FAR = datetime(2100, 1, 1, tzinfo=UTC)
"""Stands in for an unknown fetch time; whatever was counted from it is taken back."""


def unhung(found: Moment, *, inferred: bool = False) -> Moment:
    """The moment unread where it was counted from a fetch time that nobody knows."""
    if found.method == "relative" or (found.method == "year_inferred" and not inferred):
        return Moment(at=None, raw=found.raw)
    return found


def _unwrapped(url: str) -> str:
    """The image that a resizing service wraps as `?url=<address>`, or the URL itself."""
    query = urlsplit(url).query
    inner = parse_qs(query).get("url", [""])[0] if "url=" in query else ""
    return inner if inner.startswith(("http://", "https://")) else url


class Page:
    """Base of all page objects; made for one view, used once.

    `gate` pages are asked before the classifier: a site's own message page that says more
    than a class (which thread, why). `since` and `until` bound the fetch dates of a layout.
    """

    page_class: ClassVar[PageClass] = PageClass.OTHER
    version: ClassVar[str] = "1"
    url_pattern: ClassVar[str] = ""
    marks: ClassVar[tuple[str, ...]] = ()
    since: ClassVar[date | None] = None
    until: ClassVar[date | None] = None
    zone: ClassVar[tzinfo] = CHINA
    gate: ClassVar[bool] = False
    rules: ClassVar[str] = ""

    def __init__(self, view: View) -> None:
        self.view = view
        self.provenance: dict[str, str] = {}
        self.finders: dict[Any, Finder] = {}
        self.problems: list[Problem] = []

    @classmethod
    def parser(cls) -> str:
        """`site.Class@version`: what the archive stores beside every row."""
        return f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}@{cls.version}"

    @classmethod
    def matches(cls, view: View) -> bool:
        """By URL; else by marks that all stand in the text, so that saved pages are known too."""
        day = view.now.date() if view.now else None
        if day and ((cls.since and day < cls.since) or (cls.until and day > cls.until)):
            return False
        if cls.url_pattern and view.url and re.search(cls.url_pattern, view.url):
            return True
        return bool(cls.marks) and view.has(*cls.marks)

    def data(self) -> PageData:
        """Everything that the page gives; each page object says how."""
        return PageData(self.page_class)

    def pick(self, field: str, *rules: str) -> str:
        """The first non-empty value of the rules (see `crawlers.rules`), or an empty string."""
        for rule in rules:
            value, provenance = read_rule(rule, self.view)
            if value:
                self.provenance[field] = provenance
                return value
        return ""

    def moment(self, field: str, *rules: str, after: datetime | None = None) -> Moment | None:
        """The first readable time of the rules; else the first unread one; else None."""
        unread: Moment | None = None
        for rule in rules:
            raw, provenance = read_rule(rule, self.view)
            if not raw:
                continue
            found = self.time(raw, after=after)
            if found.at is not None:
                self.provenance[field] = provenance
                return found
            unread = unread or found
        return unread

    def time(self, raw: str, *, after: datetime | None = None) -> Moment:
        """A time as shown on this page, in the site's zone where it names none.

        Where the fetch time is unknown, times that hang on it stay unread; a time without a
        year then falls in the year that follows `after`.
        """
        now = self.view.now or (after + _YEAR if after else FAR)
        found = plain_time(raw, now, self.zone, after)
        found = found or read_time(raw, now=now, zone=self.zone, after=after)
        return found if self.view.now else unhung(found, inferred=after is not None)

    def get(self, field: str) -> str:
        """The value of a field by this class's own rules."""
        return self.pick(field, *declared(self.rules).get(field, ()))

    def article(self, article_id: str = "", **facts: Any) -> Article:
        """The page's article: what the rules find, under what the caller already knows."""
        for field, rules in declared(self.rules).items():
            known = field in facts or (
                field == "url" and self.view.address and not self.view.is_data
            )
            if known or field not in _FIELDS:
                continue
            if field in _TIMES:
                after = getattr(facts.get("published"), "at", None)
                facts[field] = self.moment(field, *rules, after=after)
            elif field in _NUMBERS:
                facts[field] = number(self.pick(field, *rules))
            elif field == "authors":
                facts[field] = names(self.pick(field, *rules))
            elif field == "ip_region":
                facts[field] = masked(self.pick(field, *rules))
            else:
                facts[field] = self.pick(field, *rules) or (None if field in _OPTIONAL else "")
        facts["url"] = canonical(facts.get("url") or self.view.address)
        name = article_id or self.get("article_id") or facts.get("thread_id") or ""
        return Article(name, provenance=dict(self.provenance), **facts)

    def thread(
        self,
        article: Article,
        comments: Iterable[Comment],
        links: Iterable[Link] = (),
        stop: StopReason | None = None,
    ) -> PageData:
        """A thread that stands whole on this page, its opening post included."""
        walk = ThreadPage(article.thread_id or article.article_id, article.reply_count, stop=stop)
        found = tuple(comments)
        return PageData(PageClass.THREAD, "", (article,), found, tuple(links), walk)

    def records(
        self, items: Iterable[_Item], read: Callable[[_Item], Comment | None]
    ) -> tuple[Comment, ...]:
        """Each item read by itself: one that cannot be read is a problem, the others stay.

        Pages repeat remarks (hot and newest lists): the first of an id stays.
        """
        kept: dict[str, Comment] = {}
        items = list(items)
        nodes = [item for item in items if isinstance(item, Selector)]
        self.finders = self.view.finder.parts(nodes) if nodes else {}
        for place, item in enumerate(items, 1):
            try:
                found = read(item)
            except Exception as error:  # noqa: BLE001 - one odd item must not cost the page
                reason = f"unreadable item ({type(error).__name__}: {error})"
                shown = item.get() if isinstance(item, Selector) else str(item)
                self.problems.append(Problem(reason[:200], f"comment {place}", shown[:200]))
                continue
            if found is not None:
                kept.setdefault(found.comment_id or f"\0{place}", found)
        return tuple(kept.values())

    def node(
        self, field: str, *selectors: str, drop: str = "", pre: bool = False
    ) -> tuple[Selector | None, str]:
        """(node, its text) of the first match that has text or an image.

        A selector is CSS, or `state:path` for HTML in the state of the page's scripts, or
        `json:path` for HTML in a JSON body. What a `textarea` holds is read as HTML.
        """
        for css in selectors:
            for node in self._nodes(css):
                text = text_of(node, drop, pre=pre)
                if text or next(node.root.iter("img"), None) is not None:
                    self.provenance[field] = css if css.startswith(_STATES) else f"css:{css}"
                    return node, text
        return None, ""

    def _nodes(self, selector: str) -> Iterable[Selector]:
        if selector.startswith("textarea"):
            found: Any = self.view.selector.css(f"{selector}::text").getall()
        elif selector.startswith(_STATES):
            kind, _, path = selector.partition(":")
            asked = kind == "state" or self.view.is_data
            state = self.view.embedded.state if kind == "state" else asked and self.view.json
            found = self.pieces(dig(state, path))
        else:
            return self.view.finder.css(selector)
        blocks = found if isinstance(found, list) else [found]
        joined = "\n".join(block for block in blocks if isinstance(block, str))
        return [html(f"<div>{joined}</div>")] if joined else []

    def pieces(self, value: Any) -> Any:
        """What `state:` or `json:` found as HTML, or a list of pieces of it."""
        return value

    def images(self, node: Selector | None, drop: str = "") -> tuple[str, ...]:
        """Absolute URLs of the images below a node, lazy ones included, each once."""
        found: dict[str, None] = {}
        if node is None:
            return ()
        gone = leaves_out(node.root, drop) if drop else None
        for img in node.root.iter("img"):
            above = itertools.takewhile(lambda e: e is not node.root, img.iterancestors())
            if gone and any(map(gone, itertools.chain([img], above))):
                continue
            tried = ((img.get(name) or "").strip() for name in _LAZY)
            source = next((s for s in tried if s and not _PLACEHOLDER.search(s)), "")
            if url := source and self.view.join(source):
                found[_unwrapped(url)] = None
        return tuple(found)
