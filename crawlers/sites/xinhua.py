"""Xinhua (xinhuanet.com, news.cn): dates in pieces of markup: Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?P<date>\d{4}-?\d\d/?-?\d\d)/(?:c_)?(?P<id>[\da-f]{10,32})(?:/c\.html|\.htm)"


class XinhuaArticle(Story):
    """An article of any channel."""

    url_pattern = _DOC
    marks = ("xinhuanet", "p-detail")
    rules = rf"""article_id: url:{_DOC}; title: css:.head-line .title | css:h1 | css:#title |
        meta:og:title; published: words:.header-time | css:.h-time | css:.info =>
        \d{{4}}[年-].*\d\d:\d\d | meta:publishdate; medium: css:.source => 来源[:：]\s*(.+) |
        css:#source; editor: css:.editor => 责任编辑[:：]\s*([^】\]]+) |
        css:.p-jc => 责任编辑[:：]\s*(\S+)"""
    body = ("#detailContent", "#detail", "#p-detail", ".article", "#content")
    drop = ".editor, #articleEdit, .p-jc, .tiyi1, .zan-wap, .bookList"


class XinhuaList(Listing):
    """A section's front page."""

    url_pattern = r"(?:news\.cn|xinhuanet\.com)/(?:[\w/]*)(?:index\.html?)?$"
    target = _DOC


class Xinhua(Site):
    """Sections, or articles by URL."""

    name, pages = "xinhua", (XinhuaArticle, XinhuaList)
    hosts = ("www.news.cn", "www.xinhuanet.com", "news.xinhuanet.com")
    options: ClassVar = {"section": "paths below www.news.cn", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "http://www.news.cn/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
