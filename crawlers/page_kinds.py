"""The shapes that most page objects of news sites have: a story, a list of links.

Each is a `Page` whose declarations say all that differs between sites. A site overrides a method
only for what cannot be declared.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from parsel import Selector

from archive.model import (
    Article,
    Comment,
    Kind,
    Link,
    PageClass,
    PageData,
    ThreadPage,
)
from crawlers.generic.around import Around
from crawlers.generic.byline import Credits, read_credits
from crawlers.generic.metadata import Metadata
from crawlers.generic.noise import ends_article, prose
from crawlers.page_object import Page
from crawlers.remarks import remark
from crawlers.rules import dig, each, hrefs_of
from pipelines.markup import Body, split_body
from pipelines.urls import canonical

__all__ = ["Listing", "Story"]


def _day(shown: str) -> str:
    """The date that a path spells: 19/0907, 2024-05/13, 20260101."""
    digits = re.sub(r"\D", "", shown)
    digits = f"20{digits}" if len(digits) == 6 else digits
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if len(digits) == 8 else ""


def _untitled(article: Article) -> Article:
    """The article without a headline, and what stands above it, that its box holds too."""
    lines = article.text.split("\n")
    key = "".join(article.title.split())
    for number, line in enumerate(lines[:4] if key else ()):
        if "".join(line.split()) == key and number + 1 < len(lines):
            return replace(article, text="\n".join(lines[number + 1 :]))
    return article


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
    talk: ClassVar[str] = ""
    """The address of the first page of its comments, `{}` being the article's id."""

    def comments(self, article: Article) -> Iterable[Comment]:
        """Remarks that stand on the page itself: `remarks` (CSS) each give their `fields`."""
        if not self.remarks:
            return ()
        thread = article.thread_id or article.article_id
        found = self.view.selector.css(self.remarks)
        return self.records(found, lambda node: remark(self, thread, node, self.fields))

    def links(self, article: Article) -> Iterable[Link]:
        """Where more of the piece is: its comment API, its next page."""
        if self.talk:
            thread = article.thread_id or article.article_id
            url = self.view.join(self.talk.format(thread))
            yield Link(url, PageClass.API, thread, meta={"thread": thread})

    def story(self) -> Article:
        """The article by rules and body; bylines and footers inside the body become fields."""
        node, text = self.node("text", *self.body, drop=self.drop)
        if self.noise:
            text = re.sub(rf"(?m)^(?:{self.noise})$\n?", "", text).strip()
        lines = [line for line in text.splitlines() if not ends_article(line)]
        footed = split_body("\n".join(lines))
        kept = prose(footed.text.splitlines())
        found = self.article(
            kind=Kind.NEWS,
            text="\n".join(kept),
            images=tuple(dict.fromkeys((*self.images(node, self.drop), *footed.images))),
        )
        return self._credited(_untitled(found), lines, footed)

    def _credited(self, found: Article, lines: list[str], footed: Body) -> Article:
        """The article with what its own text says of its makers, where no rule found them."""
        said_by = Credits()
        if not (found.authors and found.editor):
            said_by = read_credits(Around(tail=tuple(lines[-4:])), lines, Metadata(), "")
        said: dict[str, Any] = {
            "authors": said_by.authors or footed.authors,
            "editor": footed.editor or said_by.editor,
            "medium": footed.medium,
            "reprint_source": footed.reprint_source,
        }
        new = {name: value for name, value in said.items() if value and not getattr(found, name)}
        return replace(found, provenance=found.provenance | dict.fromkeys(new, "byline"), **new)

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
    (CSS, or `selector@attribute`) is what changes in a line when its target has news. `further`
    is CSS with `@href`, or an XPath, of the links to the next page or to all pages; a link with
    `walk` 0 in its meta does not lead there.
    """

    page_class = PageClass.LIST
    kind: ClassVar[PageClass] = PageClass.ARTICLE
    entries: ClassVar[str] = "a[href]"
    target: ClassVar[str] = ""
    hints: ClassVar[str] = ""
    further: ClassVar[str] = ""
    rows: ClassVar[tuple[str, str, str, str]] = ("", "", "", "")
    """For a list in JSON: the paths of its rows, and of a row's URL, time and hint."""
    rest: ClassVar[str] = ""
    """For a list in JSON: the path of the next page's URL, or of its number `in URL {}`."""

    def data(self) -> PageData:
        """Every target once, in page order, then the next page."""
        found: dict[str, Link] = {}
        if self.view.is_data:
            return PageData(PageClass.LIST, links=tuple(self.json_links()))
        for line in self.view.selector.css(self.entries):
            for anchor in line.root.iter("a"):
                url = self._target(anchor.get("href") or "")
                if url and url not in found and (match := re.search(self.target, url)):
                    found[url] = self.link(url, match.groupdict(), line)
                    break
        if self.further and self.view.meta.get("walk", 1):
            for href in hrefs_of(self.view, self.further):
                url = canonical(self.view.join(href))
                found.setdefault(url, Link(url, PageClass.LIST, priority=-1))
        return PageData(PageClass.LIST, links=tuple(found.values()))

    def _target(self, href: str) -> str:
        """The canonical URL of what may be a target; most links of a front page are none."""
        whole = href.startswith(("http", "/"))
        if (whole and not re.search(self.target, href)) or href.startswith(("#", "javascript:")):
            return ""
        url = self.view.join(href)
        return canonical(url) if re.search(self.target, url) else ""

    def json_links(self) -> Iterable[Link]:
        """The entries of a list in JSON or JSONP; `id in URL {}` makes an address of an id."""
        path, where, when, hint = self.rows
        for row in (path and dig(self.view.json, path)) or self.view.json:
            for way in where.split(" | "):
                name, _, template = way.partition(" in ")
                if value := dig(row, name):
                    url = canonical(self.view.join((template or "{}").format(value)))
                    raw = next((str(v) for w in when.split(" | ") if (v := dig(row, w))), "")
                    shown = dig(row, hint) if hint else None
                    at = self.time(raw).at if raw else None
                    given = value if template else dig(row, "id")
                    thread = str(given) if self.kind is PageClass.THREAD else None
                    yield Link(url, self.kind, thread, str(shown) if shown else None, at)
                    break
        if self.rest and self.view.meta.get("walk", 1):
            name, _, template = self.rest.partition(" in ")
            if value := dig(self.view.json, name):
                url = canonical(self.view.join((template or "{}").format(value)))
                yield Link(url, PageClass.LIST, priority=-1)

    def link(self, url: str, parts: Mapping[str, str | None], line: Selector) -> Link:
        """One entry; `parts` are the named groups of `target`."""
        hint = "|".join(each(line, self.hints)) if self.hints else None
        thread = parts.get("id") if self.kind is PageClass.THREAD else None
        raw = parts.get("epoch") or _day(parts.get("date") or "")
        return Link(url, self.kind, thread, hint, self.time(raw).at if raw else None)
