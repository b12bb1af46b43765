"""Central News Agency of Taiwan (cna.com.tw): Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/news/\w+/(?P<id>(?P<date>\d{8})\d{4})\.aspx"


class CnaArticle(Story):
    """An article; the hot list inside its box is left out."""

    url_pattern = _DOC
    marks = ("cna.com.tw", "centralContent")
    rules = rf"""article_id: url:{_DOC}; title: css:.centralContent h1 | css:h1 | meta:og:title;
        published: css:.updatetime span | meta:article:published_time | ld:datePublished;
        modified: css:.updatetime => （(.+?) ?更新; authors: css:.paragraph =>
        中央社記者([^\d、）]{{3}}(?:、[^\d、）]{{3}})*)[^\d）]{{2,6}}\d;
        medium: meta:og:site_name => 中央社; section: css:.breadcrumb a:last-of-type;
        editor: css:.paragraph => 編輯[:：]([^）)]+)"""
    body = (".centralContent .paragraph", ".paragraph")
    drop = ".moreArticle, .SubscriptionInner, .dictionary-box, .paragraph .media, .BtnShareGroup"


class CnaList(Listing):
    """A section's front page."""

    url_pattern = r"cna\.com\.tw/(?:list/\w+\.aspx)?$"
    target = _DOC


class Cna(Site):
    """Sections, or articles by URL."""

    name, pages = "cna", (CnaArticle, CnaList)
    hosts = ("www.cna.com.tw", "cna.com.tw")
    options: ClassVar = {"section": "lists such as aall, afe, ait", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://www.cna.com.tw/list/{}.aspx")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
