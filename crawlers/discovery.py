"""Finding articles on sites that nobody has described: feeds, sitemaps, lists; and reading them.

A `Feed` is RSS, Atom, RDF or a sitemap (index, news, gzipped). An `AnyList` is a page of links.
An `AnyArticle` is read by the generic reader under the address that the page gives itself, its
id being made of that address; an article in pages is read on its one-page form where there is
one, else followed and stored once, whole, from its last page.

Which of them a page is says the link that led to it (`meta` "as"), since an unknown site's
addresses say nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import ClassVar
from urllib.parse import urlsplit

from archive.model import Article, Comment, Link, PageClass, PageData, ThreadPage
from crawlers.finding import xpath
from crawlers.flow import squash, text_of
from crawlers.generic.article import site_of
from crawlers.page_object import FAR, Page
from crawlers.remarks import remark
from crawlers.view import View
from pipelines.urls import canonical

__all__ = ["AnyArticle", "AnyList", "CommentFeed", "Feed", "made_id"]

_ARTICLE_LIKE = re.compile(r"\d{4,}|\d{2,}\.s?html?$|(?:[^/-]+-){3,}[^/-]+/?$|[?&](?:id|p|aid)=\d+")
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|author|category|search|login|about|contact|user|page)(?:/|$)"
    r"|\.(?:jpe?g|png|gif|webp|mp[34]|pdf|zip|apk|css|js)$",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"[\[【(（]?\s*(?:下一?[页頁]|后一页|後一頁|next(?: page)?)\s*[\]】)）»›>→]*", re.IGNORECASE
)
_WHOLE = re.compile(
    r"[\[【(（]?\s*(?:(?:点击|點擊)?(?:阅读|閱讀|查看|显示|顯示|浏览|瀏覽)?全文|单页(?:阅读|显示)?|單頁(?:閱讀)?"
    r"|在本页(?:浏览|阅读|显示)全文|view as a single page|single page)\s*[\]】)）»›>]*",
    re.IGNORECASE,
)
# The number of a page in an address: a_2.html, a-2.html, a/2, a/page/2, ?page=2.
_NUMBER = re.compile(
    r"(?:[_-]|/page/|/)(\d{1,2})(?=(?:\.s?html?|/)?$)|[?&](?:page|p|pn)=(\d{1,2})$"
)
_WHOLE_MARK = re.compile(
    r"(?:[_-](?:s|all|full))(?=\.s?html?$)|/all/?$|[?&](?:page|full|all|single)=(?:all|1|true|full)$"
)
_NUMBERED = re.compile(r"[?&;]p=(\d+)#comment-(\d+)")
_PARTS = 30
_LONGEST = 200_000  # characters that are carried from page to page
_SHORTEST = 6  # characters of a headline


def made_id(url: str) -> str:
    """The id of an article on a site without known ids: 16 hex digits of its address's hash."""
    return sha256(canonical(url).encode("utf-8", "replace")).hexdigest()[:16]


def _stem(url: str) -> tuple[str, str]:
    """Host and path of an article without the number of the page or the mark of the whole."""
    parts = urlsplit(url)
    whole = _WHOLE_MARK.sub("", parts.path + (f"?{parts.query}" if parts.query else ""))
    bare = _NUMBER.sub("", whole).rstrip("/?")
    return parts.netloc, re.sub(r"\.s?html?$", "", bare)


def _number(url: str) -> int:
    parts = urlsplit(url)
    found = _NUMBER.search(parts.path + (f"?{parts.query}" if parts.query else ""))
    return int(found[1] or found[2]) if found else 1


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
        """Its links, each once, in its order."""
        found: dict[str, Link] = {}
        for link in self.read()[1]:
            url = canonical(link.url)
            if link.kind is PageClass.FEED:
                found.setdefault(url, Link(url, PageClass.FEED, priority=-1))
            elif match := re.search(self.target, url):
                thread = match.groupdict().get("id") if self.kind is PageClass.THREAD else None
                found.setdefault(url, Link(url, self.kind, thread, published=link.published))
        return PageData(PageClass.FEED, "feed", links=tuple(found.values()))


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
        """Links whose address and words are an article's, then the next page of the list."""
        return PageData(PageClass.LIST, links=tuple(self._links()))

    def _links(self) -> Iterator[Link]:
        if self.view.is_data:
            from crawlers.generic.page import read_generic  # noqa: PLC0415 - heavy, only for data

            for link in read_generic(self.view.capture, self.view.text).links:
                yield Link(canonical(self.view.join(link.url)), PageClass.ARTICLE)
            return
        here, seen, further = site_of(self.view.url), {canonical(self.view.url)}, ""
        for anchor in xpath(self.view.selector, "//a[@href]"):
            url = canonical(self.view.join(anchor.get("href", "")))
            words = text_of(anchor)
            if url in seen or site_of(url) != here or not url.startswith("http"):
                continue
            if _NEXT.fullmatch(words) or anchor.get("rel") == "next":
                further = further or url
            elif _is_article(url) and len(words) >= _SHORTEST:
                seen.add(url)
                yield Link(url, PageClass.ARTICLE)
        if further:
            yield Link(further, PageClass.LIST, priority=-1, meta={"as": "list"})


def _is_article(url: str) -> bool:
    parts = urlsplit(url)
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    return bool(_ARTICLE_LIKE.search(where)) and not _NO_ARTICLE.search(parts.path)


class AnyArticle(Page):
    """An article of an unknown site, whole.

    Where an engine is known, its own markup of comments is declared: each node of `remarks` (CSS)
    gives its `fields`, and answers the node that it stands in. A rule `article_id` then names it.
    """

    page_class = PageClass.ARTICLE
    url_pattern = "."
    remarks: ClassVar[str] = ""
    fields: ClassVar[str] = ""

    def data(self) -> PageData:
        """The article under its own address, its remarks, and where the rest of it is."""
        from crawlers.generic.page import read_generic  # noqa: PLC0415 - heavy, only here

        capture = self.view.capture if self.view.now else replace(self.view.capture, fetched_at=FAR)
        found = read_generic(capture, self.view.text)
        if not found.articles or found.page_class not in {PageClass.ARTICLE, PageClass.THREAD}:
            reason = f"no article: {found.reason}"
            return PageData(PageClass.OTHER, reason, problems=found.problems)
        first = str(self.view.meta.get("first") or self._address())
        before = str(self.view.meta.get("before") or "")
        article = self._under(found.articles[0], first, before)
        if (link := self._rest(article, first)) is not None:
            reason = f"page {_number(self.view.url)} of an article in pages"
            part = ThreadPage(article.article_id, page=_number(self.view.url))
            return PageData(PageClass.ARTICLE, reason, links=(link,), thread=part)
        if named := self.get("article_id"):
            origin = {**article.provenance, **self.provenance}
            article = replace(article, article_id=named, provenance=origin)
        said = self._said(article.article_id) if self.remarks else found.comments
        comments = tuple(replace(one, thread_id=article.article_id) for one in said)
        walked = bool(found.thread or self.view.meta.get("first"))
        walk = ThreadPage(article.article_id) if walked else None
        return PageData(
            PageClass.ARTICLE, found.reason, (article,), comments, (), walk, found.problems
        )

    def _said(self, thread: str) -> tuple[Comment, ...]:
        nodes = {node.root: node for node in self.view.selector.css(self.remarks)}
        found = self.records(nodes.values(), lambda n: remark(self, thread, n, self.fields))
        ids = {node: remark(self, thread, nodes[node], self.fields).comment_id for node in nodes}
        above = {
            ids[node]: next((ids[e] for e in node.iterancestors() if e in ids), None)
            for node in nodes
        }
        return tuple(replace(c, parent_id=c.parent_id or above.get(c.comment_id)) for c in found)

    def _address(self) -> str:
        """The address that the page gives itself, if it is one of this very site's pages."""
        said = xpath(self.view.selector, '//link[@rel="canonical"]/@href')
        metas = self.view.embedded.metas
        for given in (*map(str, said), metas.get("og:url", "")):
            url = canonical(self.view.join(given)) if given.strip() else ""
            path = urlsplit(url).path.strip("/")
            if path and url.startswith("http") and site_of(url) == site_of(self.view.url):
                return url
        return canonical(self.view.url)

    def _under(self, article: Article, url: str, before: str) -> Article:
        text = f"{before}\n{article.text}" if before else article.text
        origin = dict(article.provenance) | {"article_id": "hash of the address"}
        return replace(
            article, article_id=made_id(url), url=url, text=text, thread_id=None, provenance=origin
        )

    def _rest(self, article: Article, first: str) -> Link | None:
        """The one-page form, else the next page; None on the last page or a page of its own."""
        here, number = _stem(self.view.url), _number(self.view.url)
        carried: dict[str, str | int] = {"first": first}
        for anchor in xpath(self.view.selector, "//a[@href]"):
            words = squash(text_of(anchor))
            url = self.view.join(anchor.get("href", ""))
            if not words or _stem(url) != here or canonical(url) == canonical(self.view.url):
                continue
            if _WHOLE.fullmatch(words) and "whole" not in self.view.meta:
                meta = carried | {"whole": 1}
                return Link(canonical(url), PageClass.ARTICLE, article.article_id, meta=meta)
            follows = _number(url) == number + 1 <= _PARTS
            if _NEXT.fullmatch(words) and follows and len(article.text) < _LONGEST:
                meta = carried | {"before": article.text}
                return Link(canonical(url), PageClass.ARTICLE, article.article_id, meta=meta)
        return None
