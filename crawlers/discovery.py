"""Finding articles on sites that nobody has described: feeds, sitemaps and lists.

A `Feed` is RSS, Atom, RDF or a sitemap (index, news, gzipped). An `AnyList` is a page of links.
Which of them a page is says the link that led to it (`meta` "as"), since an unknown site's
addresses say nothing.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import ClassVar

from archive.model import Article, Comment, Link, PageClass, PageData, Problem
from crawlers.finding import xpath
from crawlers.generic.article import site_of
from crawlers.listing import Anchor, boards, further, link_words, stories
from crawlers.page_object import FAR, Page
from crawlers.view import View
from pipelines.urls import canonical

__all__ = ["AnyList", "CommentFeed", "Feed", "made_id"]

_NUMBERED = re.compile(r"[?&;]p=(\d+)#comment-(\d+)")
_NESTED = 5  # an index of sitemaps may name sitemaps only; some name further indexes


def made_id(url: str) -> str:
    """The id of an article on a site without known ids: 16 hex digits of its address's hash."""
    return sha256(canonical(url).encode("utf-8", "replace")).hexdigest()[:16]


class Feed(Page):
    """RSS, Atom, RDF or a sitemap: links to what it names, and the sitemaps below a sitemap.

    `target` is a regex of wanted addresses (all, where it is empty); `kind` is what is there.
    """

    page_class = PageClass.FEED
    kind: ClassVar[PageClass] = PageClass.ARTICLE
    target: ClassVar[str] = ""

    @classmethod
    def matches(cls, view: View) -> bool:
        """By what it is; an address with the pattern need not be asked."""
        from crawlers.generic.feed import is_feed  # noqa: PLC0415 - only where asked

        return is_feed(view.text) and (not cls.url_pattern or super().matches(view))

    def read(self) -> tuple[tuple[Article, ...], tuple[Link, ...]]:
        """The entries that carry their text, and the links of all."""
        from crawlers.generic.feed import read_feed  # noqa: PLC0415 - only where asked

        return read_feed(self.view.text, self.view.now or FAR)

    def data(self) -> PageData:
        """Its links, each once, in its order; a sitemap that names sitemaps for ever is left."""
        from crawlers.generic.feed import breaks_off  # noqa: PLC0415 - only where asked

        found: dict[str, Link] = {}
        depth = int(self.view.meta.get("depth", 0)) + 1
        reason = breaks_off(self.view.text)
        for link in self.read()[1]:
            url = canonical(link.url)
            if link.kind is PageClass.FEED:
                if depth > _NESTED:
                    reason = f"sitemaps nested more than {_NESTED} deep"
                    continue
                found.setdefault(url, Link(url, PageClass.FEED, priority=-1, meta={"depth": depth}))
            elif match := re.search(self.target, url):
                thread = match.groupdict().get("id") if self.kind is PageClass.THREAD else None
                found.setdefault(url, Link(url, self.kind, thread, published=link.published))
        problems = (Problem(reason, "feed"),) if reason else ()
        return PageData(PageClass.FEED, "feed", links=tuple(found.values()), problems=problems)


class CommentFeed(Feed):
    """A feed that may be one of comments: each entry whose link ends in `#comment-N` is one.

    The thread is the post's number where the feed names it (`?p=N#comment-M`), else the id made
    of the post's address.
    """

    def data(self) -> PageData:
        """Its comments; of what is no comment, the link."""
        stories, links = self.read()
        posts = dict(map(reversed, _NUMBERED.findall(self.view.text)))
        found: dict[str, Comment] = {}
        for story in stories:
            url, _, name = story.url.partition("#comment-")
            if name.isdigit():
                found[name] = Comment(
                    posts.get(name) or made_id(url),
                    name,
                    story.text,
                    next(iter(story.authors), None),
                    published=story.published,
                    url=story.url,
                    provenance={"text": "feed"},
                )
        if not found:
            return super().data()
        rest = tuple(link for link in links if "#comment-" not in link.url)
        return PageData(PageClass.FEED, "feed", comments=tuple(found.values()), links=rest)


class AnyList(Page):
    """A page of links, or a list in JSON, of an unknown site."""

    page_class = PageClass.LIST
    url_pattern = "."

    @classmethod
    def matches(cls, view: View) -> bool:
        """Where the link that led here said so."""
        return view.meta.get("as") == "list"

    def data(self) -> PageData:
        """Links whose address and words are an article's, then the next page, or the boards."""
        return PageData(PageClass.LIST, links=tuple(self._links()))

    def _links(self) -> Iterator[Link]:
        if self.view.is_data:
            from crawlers.generic.page import read_generic  # noqa: PLC0415 - heavy, only for data

            for link in read_generic(self.view.capture, self.view.text).links:
                yield Link(canonical(self.view.join(link.url)), PageClass.ARTICLE)
            return
        here, home = site_of(self.view.url), canonical(self.view.url)
        anchors = [
            Anchor(url, link_words(element), element)
            for element in xpath(self.view.selector, "//a[@href]|//head/link[@rel='next'][@href]")
            if (url := canonical(self.view.join(element.get("href", "")))).startswith("http")
            and site_of(url) == here
        ]
        walking = "page" in self.view.meta
        onward = further(home, anchors, walking=walking)
        others = [anchor for anchor in anchors if anchor.url not in {home, onward}]
        found = [Link(url, PageClass.ARTICLE) for url in stories(others, home)]
        yield from found
        meta: dict[str, str | int] = {"as": "list", "page": 1}
        if onward:
            yield Link(onward, PageClass.LIST, priority=-1, meta=meta)
        elif not found and not walking:
            for url in boards(others, home):
                yield Link(url, PageClass.LIST, priority=-1, meta=meta)
