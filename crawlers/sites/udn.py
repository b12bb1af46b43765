"""United Daily News (udn.com, money.udn.com): Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/story/(?:\w+/)?(?P<id>\d{4,}(?:/\d+)?)"


class UdnArticle(Story):
    """An article of the news or the money site."""

    url_pattern = _DOC
    marks = ("udn.com", "story")
    rules = r"""article_id: url:/story/(?:\w+/)?(?:\d+/)?(\d+); title:
        css:h1.article-content__title | css:#story_art_title | css:.article-head__title |
        meta:og:title => ^(.*?)(?: \| |$); published: css:time.article-content__time |
        css:.shareBar__info--author span | css:.article-body__time | meta:article:published_time
        | meta:date;
        medium: css:.shareBar__info--author => \d\d:\d\d\s*(\S+?)\s | meta:og:site_name;
        authors: css:.shareBar__info--author => 記者(.+?)／ | css:.article-content__author a |
        css:.article-body__info a;
        section: css:a.breadcrumb-items:last-of-type | css:#nav a:last-of-type"""
    body = (
        ".article-content__editor",
        ".article-body__editor",
        "#article_body",
        "#story_body_content",
    )
    drop = """.article-content__ads, .inline-ads, figure, .photo_center, .only_web, #story_tags,
        .related"""


class UdnList(Listing):
    """A section's front page."""

    url_pattern = r"udn\.com/(?:\w+/)?(?:breaknews|cate|index)[\w/]*$"
    target = _DOC


class Udn(Site):
    """Sections, or articles by URL."""

    name, pages = "udn", (UdnArticle, UdnList)
    hosts = ("udn.com", "money.udn.com")
    options: ClassVar = {
        "section": "paths below udn.com such as news/breaknews/1",
        "url": "article URLs",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://udn.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
