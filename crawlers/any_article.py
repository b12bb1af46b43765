"""Reading the articles and threads of sites that nobody has described.

An article is read by the generic reader under the address that the page gives itself, its id
being made of that address; an article in pages is read on its one-page form where there is one,
else followed and stored once, whole, from its last page. A thread in pages is walked page by
page, each giving its remarks under the id of the first.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from archive.model import Article, Comment, Link, PageClass, PageData, ThreadPage
from crawlers.discovery import made_id
from crawlers.finding import xpath
from crawlers.flow import squash, text_of
from crawlers.generic.article import site_of
from crawlers.listing import link_words
from crawlers.page_object import FAR, Page
from crawlers.paging import NEXT, bare, page_number, thread_pages
from crawlers.remarks import remark
from pipelines.urls import canonical

__all__ = ["AnyArticle"]

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
_PARTS = 30
_LONGEST = 200_000  # characters that are carried from page to page


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
        if thread := self._further(found):
            return thread
        if not found.articles or found.page_class not in {PageClass.ARTICLE, PageClass.THREAD}:
            reason = f"no article: {found.reason}"
            return PageData(PageClass.OTHER, reason, problems=found.problems)
        first = str(self.view.meta.get("first") or self._address())
        before = str(self.view.meta.get("before") or "")
        article = self._under(found.articles[0], first, before)
        in_pages = found.page_class is PageClass.ARTICLE
        link = self._rest(article, first) if in_pages else None
        if link is not None and not self._below(link.url, found.comments):
            reason = f"page {_number(self.view.url)} of an article in pages"
            part = ThreadPage(article.article_id, page=_number(self.view.url))
            return PageData(PageClass.ARTICLE, reason, links=(link,), thread=part)
        if named := self.get("article_id"):
            origin = {**article.provenance, **self.provenance}
            article = replace(article, article_id=named, provenance=origin)
        said = self._said(article.article_id) if self.remarks else found.comments
        comments = tuple(replace(one, thread_id=article.article_id) for one in said)
        walked = bool(found.thread or self.view.meta.get("first"))
        declared = found.thread.declared if found.thread else None
        walk = ThreadPage(article.article_id, declared) if walked else None
        pages = self._pages if comments else self._without_scripts
        links = tuple(pages(article.article_id, first))
        return PageData(
            PageClass.ARTICLE, found.reason, (article,), comments, links, walk, found.problems
        )

    def _further(self, found: PageData) -> PageData | None:
        """The remarks of a page of a thread after its first; None where it is no such page."""
        first, thread = self.view.meta.get("first"), self.view.meta.get("thread")
        if not thread:
            here = canonical(self.view.url)
            if not found.comments or bare(here) == here or self.view.meta.get("first"):
                return None
            first, thread = bare(here), made_id(bare(here))
        said = self._said(str(thread)) if self.remarks else found.comments
        comments = tuple(replace(one, thread_id=str(thread)) for one in said)
        number = page_number(canonical(self.view.url))
        declared = found.thread.declared if found.thread else None
        walk = ThreadPage(str(thread), declared, number)
        links = tuple(self._pages(str(thread), str(first)))
        if self.view.meta.get("plain") and not comments:
            links = (Link(str(first), PageClass.ARTICLE, str(thread)),)  # it has none, and is read
        reason = f"page {number} of a thread"
        return PageData(PageClass.ARTICLE, reason, (), comments, links, walk, found.problems)

    def _pages(self, thread: str, first: str) -> Iterator[Link]:
        """The thread's other pages."""
        anchors = xpath(self.view.selector, "//a[@href]|//head/link[@rel='next'][@href]")
        links = ((canonical(self.view.join(a.get("href", ""))), link_words(a)) for a in anchors)
        here = canonical(self.view.url)
        meta: dict[str, str | int] = {"first": first, "thread": thread}
        if not self.view.meta.get("thread") and bare(here) != here:
            yield Link(bare(here), PageClass.ARTICLE, thread)
        for url in thread_pages(here, links, walking="thread" in self.view.meta):
            yield Link(url, PageClass.ARTICLE, thread, meta=meta)

    def _without_scripts(self, thread: str, first: str) -> Iterator[Link]:
        """The form of the page for readers without scripts, where its remarks may stand."""
        here, path = canonical(self.view.url), urlsplit(self.view.url).path
        meta: dict[str, str | int] = {"first": first, "thread": thread}
        for anchor in xpath(self.view.selector, "//noscript//a[@href]"):
            url = canonical(self.view.join(anchor.get("href", "")))
            if url != here and urlsplit(url).path == path and "thread" not in self.view.meta:
                yield Link(url, PageClass.ARTICLE, thread, meta=meta | {"plain": 1})

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
        here = canonical(self.view.url)
        said = xpath(self.view.selector, '//link[@rel="canonical"]/@href')
        metas = self.view.embedded.metas
        for given in (*map(str, said), metas.get("og:url", "")):
            url = canonical(self.view.join(given)) if given.strip() else ""
            path = urlsplit(url).path.strip("/")
            if path and url.startswith("http") and site_of(url) == site_of(self.view.url):
                # WordPress calls the newest page of comments the canonical one; it changes.
                return here if bare(url) == here else url
        return here

    def _under(self, article: Article, url: str, before: str) -> Article:
        text = f"{before}\n{article.text}" if before else article.text
        origin = dict(article.provenance) | {"article_id": "hash of the address"}
        return replace(
            article, article_id=made_id(url), url=url, text=text, thread_id=None, provenance=origin
        )

    def _below(self, url: str, comments: tuple[Comment, ...]) -> bool:
        """Whether a link to another page stands below the remarks, and so leads to more of them."""
        if not comments:
            return False
        anchors = xpath(self.view.selector, "//a[@href]")
        same = [a for a in anchors if canonical(self.view.join(a.get("href", ""))) == url]
        above = "".join("".join(same[-1].xpath("preceding::text()")).split()) if same else ""
        return "".join(comments[-1].text.partition("\n")[0].split()) in above

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
            if NEXT.fullmatch(words) and follows and len(article.text) < _LONGEST:
                meta = carried | {"before": article.text}
                return Link(canonical(url), PageClass.ARTICLE, article.article_id, meta=meta)
        return None
