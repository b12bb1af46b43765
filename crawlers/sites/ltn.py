"""Liberty Times (ltn.com.tw) and its sub-sites: Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:news|article)/(?:\w+/)?(?:breakingnews|paper)/(?P<id>\d+)"


class LtnArticle(Story):
    """An article of the front site, finance or another sub-site."""

    url_pattern = _DOC
    marks = ("ltn.com.tw", 'itemprop="articleBody"')
    rules = rf"""article_id: url:{_DOC}; title: css:.whitecon h1 | css:[itemprop=articleBody] h1
        | css:h1 | meta:og:title; published: css:.text .time | css:.time |
        meta:article:published_time | meta:pubdate; section: meta:section | css:.breadcrumbs
        a:last-of-type; medium: meta:og:site_name => 自由時報"""
    body = (".text[data-desc]", ".whitecon .text", "[itemprop=articleBody] .text", ".text")
    drop = """.appE1121, .before_ir, .after_ir, span.time, .photo, .related, .author, .function,
        .boxTitle.boxText, script"""
    noise = r"請繼續往下閱讀.*|不用抽 不用搶.*|點我訂閱.*|一手掌握經濟脈動.*"


class LtnList(Listing):
    """A section's front page."""

    url_pattern = r"ltn\.com\.tw/(?:list/\w+(?:/\w+)?)?$"
    target = _DOC


class Ltn(Site):
    """Sections, or articles by URL."""

    name, pages = "ltn", (LtnArticle, LtnList)
    hosts = ("news.ltn.com.tw", "ec.ltn.com.tw", "www.ltn.com.tw")
    options: ClassVar = {"section": "lists such as breakingnews/politics", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://news.ltn.com.tw/list/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
