"""Yahoo News of Hong Kong and Taiwan: Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"(?:yahoo\.com|/news|/realtime)/[^?#]*-(?P<id>\d{9})\.html"


class YahooArticle(Story):
    """An article; the page appends other stories, only the first one counts."""

    url_pattern = _DOC
    marks = ("yahoo.com", "caas-body")
    rules = rf"""article_id: url:{_DOC}; title: css:.caas-title-wrapper h1 | css:h1 | meta:og:title;
        published: css:.caas-attr-time-style time@datetime | css:time@datetime | ld:datePublished;
        medium: css:.caas-attr-provider | css:.caas-logo img@alt | ld:provider.name;
        authors: css:.caas-attr-item-author .caas-author-byline-collapse => ^(?!.*(?:報|社|台)).+"""
    body = (".caas-body", "[data-testid=article-content-wrapper]", "article .body")
    drop = ".caas-readmore, .caas-iframe, .caas-figure, figure, .link-yahoo-link, .caas-carousel"


class YahooList(Listing):
    """A section's front page."""

    url_pattern = r"yahoo\.com/(?:[\w-]*/?)(?:archive/?)?$"
    target = _DOC


class Yahoo(Site):
    """Sections, or articles by URL."""

    name, pages = "yahoo", (YahooArticle, YahooList)
    hosts = ("hk.news.yahoo.com", "tw.news.yahoo.com", "hk.finance.yahoo.com", "tw.stock.yahoo.com")
    options: ClassVar = {"section": "paths below hk.news.yahoo.com", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://hk.news.yahoo.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
