"""Guangming Online (gmw.cn): Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?P<date>\d{4}-\d\d/\d\d)/content_(?P<id>\d+)\.htm"


class GmwArticle(Story):
    """An article of any channel."""

    url_pattern = _DOC
    marks = ("gmw.cn", "u-mainText")
    rules = rf"""article_id: url:{_DOC}; title: css:h1.u-title | css:h1 | css:.u-reading |
        meta:og:title; published: css:.m-con-time | css:#pubTime; medium: css:.m-con-source a |
        css:.m-con-source => 来源：\s*(.+);
        editor: css:.m-zbTool .liability => [:：]\s*([^\s\]]+)"""
    body = (".u-mainText", "#contentMain", "#ArticleContent")
    drop = ".liability, .m-zbTool, #contentLiability"


class GmwList(Listing):
    """A section's front page."""

    url_pattern = r"gmw\.cn/(?:[\w/]*)(?:node_\d+\.htm)?$"
    target = _DOC


class Gmw(Site):
    """Sections, or articles by URL."""

    name, pages = "gmw", (GmwArticle, GmwList)
    hosts = ("www.gmw.cn", "gmw.cn")
    options: ClassVar = {"section": "paths below www.gmw.cn", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://www.gmw.cn/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
