"""BBC News Chinese (bbc.com/zhongwen): each story in simplified and traditional script.

The two are pages of one story: their `thread_id` is its id, and each leads to the other. Times
are in UTC.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Article, Link, PageClass
from crawlers.page import Feed, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/zhongwen/(?:articles/(?P<id>c\w{8,})|(?:simp|trad)/[\w-]+-\d{6,})(?:/(?:simp|trad))?"
_OLD = r"/zhongwen/(?:simp|trad)/([\w-]+-\d{6,})"
_TWIN = {"/simp": "/trad", "/trad": "/simp"}


class BbcArticle(Story):
    """A story in one of the two scripts."""

    url_pattern = _DOC
    marks = ("bbc.com/zhongwen", "<main", '"firstPublished"')
    rules = rf"""article_id: url:/articles/(\w+/(?:simp|trad)) |
        url:/zhongwen/((?:simp|trad)/[\w-]+-\d{{6,}}) | url:/articles/(\w+);
        thread_id: url:/articles/(\w+) | url:{_OLD}; title: css:h1#content | css:h1 |
        meta:og:title => ^(.*?)(?: - BBC.*)?$; published: meta:article:published_time |
        ld:datePublished | css:main time@datetime; modified: meta:article:modified_time |
        ld:dateModified; section: meta:article:section; authors:
        css:[data-testid=byline-name] |
        xpath://*[@aria-labelledby="article-byline"]//li[1]//span[last()]/text() => (?:作者, )?(.+)
        | xpath://*[@aria-labelledby="article-byline"]//span[1]/text();
        medium: ld:publisher.name => BBC"""
    body = ("main[role=main]", "main")
    drop = """h1, section, figure, time, nav, aside, noscript, [data-testid^=byline], [role=region],
        [data-e2e], .bbc-promo"""

    def links(self, article: Article) -> Iterable[Link]:
        """The same story in the other script."""
        for here, there in _TWIN.items():
            if f"{here}/" in f"{article.url}/":
                yield Link(article.url.replace(here, there), PageClass.ARTICLE, article.thread_id)


class BbcFeed(Feed):
    """The newest in one script."""

    url_pattern, target = r"/zhongwen/(?:simp|trad)/(?:[\w/-]+/)?(?:index|rss)\.xml", _DOC


class BbcTopic(Listing):
    """A topic's page."""

    url_pattern, target = r"/zhongwen/(?:topics/\w+/)?(?:simp|trad)(?:\?page=\d+)?$", _DOC


class Bbc(Site):
    """The feed of a script, topics, or stories by URL."""

    name, pages = "bbc", (BbcFeed, BbcArticle, BbcTopic)
    hosts = ("www.bbc.com", "www.bbc.co.uk")
    options: ClassVar = {
        "script": "simp or trad",
        "topic": "topics with their script, such as c77jz3md4rwt/trad",
        "url": "URLs of stories",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Feeds, topics, then single stories."""
        return starts(
            options,
            script=(PageClass.FEED, "https://www.bbc.co.uk/zhongwen/{}/index.xml"),
            topic=(PageClass.LIST, "https://www.bbc.com/zhongwen/topics/{}"),
            url=(PageClass.ARTICLE, "{}"),
        )
