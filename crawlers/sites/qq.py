"""Tencent (qq.com): news of the present layout and of 2010-2018: Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:rain/a/|omn/(?:\d{8}/)?)(?P<id>\d{8}[A-Z]\w{7,9})|/a/(?P<date>\d{8})/(\d{6})\.htm"


class QqArticle(Story):
    """An article of either layout."""

    url_pattern = _DOC
    marks = ("qq.com", "Cnt-Main-Article-QQ")
    rules = r"""article_id: url:/(?:rain/a/|omn/(?:\d{8}/)?)(\w+) | url:/a/(\d{8}/\d{6}) => \d+/\d+;
        title: state:title | css:#C-Main-Article-QQ h1 | css:.content-article h1 | css:h1 |
        meta:og:title; published: state:pubtime | css:.pubTime | css:.article-time |
        meta:article:published_time | meta:apub:time; medium: state:media | css:.where |
        css:.media-name | meta:article:author; section: css:.catalog a"""
    body = (
        "state:originContent.text",
        "#Cnt-Main-Article-QQ",
        "#ArticleContent",
        ".rich_media_content",
        ".content-article",
    )
    drop = ".rv-root-v2, #rv-player, .mod-video, #related, .qq_articleFt, [class*=relInfo]"


class QqList(Listing):
    """A section's front page."""

    url_pattern = r"qq\.com/(?:ch/\w+/?)?$"
    target = _DOC


class Qq(Site):
    """Sections, or articles by URL."""

    name, pages = "qq", (QqArticle, QqList)
    hosts = ("new.qq.com", "news.qq.com", "tech.qq.com")
    options: ClassVar = {
        "section": "paths below news.qq.com such as ch/tech",
        "url": "article URLs",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://news.qq.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
