"""Lianhe Zaobao (zaobao.com, zaobao.com.sg), Singapore: Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:[\w-]+/)+story(?P<date>\d{8})-(?P<id>\d+)"
_STATE = "state:loaderData.0-0.context.payload.article."
_DROP = """.bff-google-ad, .bff-recommend-article, .bff-inline-image-expand-icon, button, figure,
    astro-island, .further-reading, .read-on-app-cover, .overlay-microtransaction"""


class ZaobaoArticle(Story):
    """A page of zaobao.com."""

    url_pattern = _DOC
    marks = ("zaobao.com", "article-body")
    rules = rf"""article_id: url:{_DOC}; title: ld:headline | css:h1 | meta:og:title;
        published: ld:datePublished | css:.date-published; modified: ld:dateModified;
        authors: css:.article-byline a | css:.author-name | ld:author.name => ^(?!.*早报).+;
        section: meta:article:section | css:.breadcrumb a:last-of-type;
        medium: css:.article-source => 来源[：:]?\s*(\S+)"""
    body = (".article-body", ".article-content-rawhtml", "#FineDining")
    drop = _DROP


class ZaobaoSingapore(Story):
    """A page of zaobao.com.sg: its text stands in the state of the page's scripts."""

    url_pattern = rf"zaobao\.com\.sg{_DOC}"
    marks = ("zaobao.com.sg", "__staticRouterHydrationData", "body_cn")
    rules = rf"""article_id: url:{_DOC}; title: {_STATE}headline | ld:headline | meta:og:title;
        published: {_STATE}create_time | ld:datePublished; modified: {_STATE}update_time;
        authors: {_STATE}byline | {_STATE}authors | ld:author.name => ^(?!.*早报).+;
        section: meta:article:section"""
    body = (f"{_STATE}body_cn", ".article-body", "article")
    drop = _DROP


class ZaobaoList(Listing):
    """A section of either edition."""

    url_pattern = r"zaobao\.com(?:\.sg)?/(?:[\w-]+/?){0,3}$"
    target = _DOC


class Zaobao(Site):
    """Sections, or articles by URL."""

    name, pages = "zaobao", (ZaobaoSingapore, ZaobaoArticle, ZaobaoList)
    hosts = ("www.zaobao.com", "www.zaobao.com.sg", "zaobao.com", "zaobao.com.sg")
    options: ClassVar = {"section": "paths such as realtime/china", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://www.zaobao.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
