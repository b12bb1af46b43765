"""The three shapes that most page objects have: a story, a list of links, a comment API.

Each is a `Page` whose declarations say all that differs between sites. A site overrides a method
only for what cannot be declared.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from parsel import Selector

from archive.model import Article, Comment, Kind, Link, PageClass, PageData, Problem, ThreadPage
from crawlers.flow import text_of
from crawlers.page_object import Page
from crawlers.remarks import Item, remark
from crawlers.rules import dig, number

__all__ = ["CommentApi", "Listing", "Story"]


def _day(shown: str) -> str:
    """The date that a path spells: 19/0907, 2024-05/13, 20260101."""
    digits = re.sub(r"\D", "", shown)
    digits = f"20{digits}" if len(digits) == 6 else digits
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if len(digits) == 8 else ""


class Story(Page):
    """A publisher's piece: `rules` for the fields, `body` and `drop` for the text.

    `body` are CSS selectors, best first; `noise` is a regex of lines that are no text (bylines
    repeated, 责任编辑, related links).
    """

    page_class = PageClass.ARTICLE
    body: ClassVar[tuple[str, ...]] = ()
    remarks: ClassVar[str] = ""
    fields: ClassVar[str] = ""
    drop: ClassVar[str] = ""
    noise: ClassVar[str] = ""

    def comments(self, article: Article) -> Iterable[Comment]:
        """Remarks that stand on the page itself: `remarks` (CSS) each give their `fields`."""
        if not self.remarks:
            return ()
        thread = article.thread_id or article.article_id
        found = self.view.selector.css(self.remarks)
        return self.records(found, lambda node: remark(self, thread, node, self.fields))

    def links(self, article: Article) -> Iterable[Link]:
        """Where more of the piece is: its comment API, its next page."""
        del article
        return ()

    def story(self) -> Article:
        """The article by rules and body; a class with more to say adds to it."""
        node, text = self.node("text", *self.body, drop=self.drop)
        if self.noise:
            text = re.sub(rf"(?m)^(?:{self.noise})$\n?", "", text).strip()
        images = self.images(node, self.drop)
        return self.article(kind=Kind.NEWS, text=text, images=images)

    def data(self) -> PageData:
        """The article, its comments and its links."""
        article = self.story()
        comments, links = tuple(self.comments(article)), tuple(self.links(article))
        walk = ThreadPage(article.thread_id or article.article_id, article.reply_count)
        thread = walk if comments else None
        return PageData(PageClass.ARTICLE, "", (article,), comments, links, thread)


class Listing(Page):
    """Links to articles or threads, and the next list page.

    `entries` (CSS) are the lines of the list, or the links themselves; `target` is a regex on a
    link's URL whose groups may be named `id` (thread), `epoch` or `date` (publication). `hints`
    (CSS) is what changes in a line when its target has news. `further` is an XPath of the link to
    the next page; a link with `walk` 0 in its meta does not lead there.
    """

    page_class = PageClass.LIST
    kind: ClassVar[PageClass] = PageClass.ARTICLE
    entries: ClassVar[str] = "a[href]"
    target: ClassVar[str] = ""
    hints: ClassVar[str] = ""
    further: ClassVar[str] = ""
    rows: ClassVar[tuple[str, str, str]] = ("", "", "")
    """For a list in JSON: the path of its rows, of a row's URL, and of its publication time."""

    def data(self) -> PageData:
        """Every target once, in page order, then the next page."""
        found: dict[str, Link] = {}
        if self.view.is_data:
            return PageData(PageClass.LIST, links=tuple(self.json_links()))
        for line in self.view.selector.css(self.entries):
            for href in line.xpath("descendant-or-self::a/@href").getall():
                url = self.view.join(href)
                if url not in found and (match := re.search(self.target, url)):
                    found[url] = self.link(url, match.groupdict(), line)
                    break
        further = self.view.selector.xpath(self.further).get() if self.further else None
        if further and self.view.meta.get("walk", 1):
            found[""] = Link(self.view.join(further), PageClass.LIST, priority=-1)
        return PageData(PageClass.LIST, links=tuple(found.values()))

    def json_links(self) -> Iterable[Link]:
        """The entries of a list in JSON or JSONP; `URL {}` in `rows` makes an address of an id."""
        path, where, when = self.rows
        for row in (path and dig(self.view.json, path)) or self.view.json:
            for way in where.split(" | "):
                name, _, template = way.partition(" in ")
                if value := dig(row, name):
                    url = self.view.join(template.format(value) if template else str(value))
                    raw = str(dig(row, when) or "") if when else ""
                    yield Link(url, self.kind, published=self.time(raw).at if raw else None)
                    break

    def link(self, url: str, parts: Mapping[str, str | None], line: Selector) -> Link:
        """One entry; `parts` are the named groups of `target`."""
        hint = "|".join(text_of(part) for part in line.css(self.hints)) if self.hints else None
        thread = parts.get("id") if self.kind is PageClass.THREAD else None
        raw = parts.get("epoch") or _day(parts.get("date") or "")
        return Link(url, self.kind, thread, hint, self.time(raw).at if raw else None)


class CommentApi(Page):
    """A page of comments as JSON or JSONP.

    `items` is the path of the list (or of an object of id -> comment; the id is then `_key`),
    `total` of the declared number; `fields` say where a comment has what. `paging` is the query
    parameter that counts on and its step; the walk ends at an empty page or at the total.
    """

    page_class = PageClass.API
    items: ClassVar[str] = ""
    total: ClassVar[str] = ""
    fields: ClassVar[str] = ""
    paging: ClassVar[tuple[str, int, int]] = ("page", 1, 20)
    """Query parameter, its step, and how many comments a page has."""

    def fixed(self, found: Comment, item: Item) -> Comment | None:
        """What `fields` cannot say; None leaves the item out."""
        del item
        return found

    def data(self) -> PageData:
        """The comments, the thread's state, and the next page while there is one."""
        thread = str(self.view.meta.get("thread", "")) or self.get("thread_id")
        rows = dig(self.view.json, self.items) if self.items else self.view.json
        if isinstance(rows, dict):
            rows = [{"_key": key, **row} for key, row in rows.items()]
        if not isinstance(rows, list):
            problem = Problem(f"no comments at {self.items!r}", "json", self.view.text[:200])
            return PageData(PageClass.API, problems=(problem,))
        comments = self.records(rows, lambda row: self._read(thread, row))
        declared = number(str(dig(self.view.json, self.total))) if self.total else None
        name, step, size = self.paging
        at = int(self.pick("at", rf"url:[?&]{name}=(\d+)") or (0 if step > 1 else 1))
        done = at + step if step > 1 else at * size
        more = rows and f"{name}=" in self.view.url and (declared is None or done < declared)
        links: tuple[Link, ...] = ()
        if more:
            url = re.sub(rf"([?&]{name}=)\d+", rf"\g<1>{at + step}", self.view.url)
            links = (Link(url, PageClass.API, thread, meta={"thread": thread}),)
        walk = ThreadPage(thread, declared, done // (step if step > 1 else size))
        return PageData(PageClass.API, "", (), comments, links, walk)

    def _read(self, thread: str, row: dict[str, Any]) -> Comment | None:
        return self.fixed(remark(self, thread, row, self.fields), row)
