"""Sohu (sohu.com): news and accounts: Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/a/(?P<id>\d+_\d+)"


class SohuArticle(Story):
    """An article of an account or of the newsroom."""

    url_pattern = _DOC
    marks = ("sohu.com", "mp-editor")
    rules = rf"""article_id: url:{_DOC}; title: css:.text-title h1 | css:h1 | meta:og:title;
        published: css:#news-time | meta:dateupdate | meta:og:release_date;
        medium: css:[data-role=original-link] a | css:#user-info h4 a | css:.name a;
        section: css:.location a:last-of-type"""
    body = ("#mp-editor", ".article-text", "article.article")
    drop = "[data-role=editor-name], .backword, #backsohucom, .statement, .bottom-relate-wrap"
    noise = r"责任编辑：.*|返回搜狐.*|平台声明.*|原标题：.*"


class SohuList(Listing):
    """A section's front page."""

    url_pattern = r"sohu\.com/(?:c/\d+)?$"
    target = _DOC


class Sohu(Site):
    """Sections, or articles by URL."""

    name, pages = "sohu", (SohuArticle, SohuList)
    hosts = ("www.sohu.com", "m.sohu.com")
    options: ClassVar = {"section": "paths below www.sohu.com such as c/8", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://www.sohu.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
