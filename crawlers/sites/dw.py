"""Deutsche Welle in Chinese (dw.com/zh, zh-hant): pages and the JSON behind them; UTC."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:zh|zh-hant)/[^?#]*\ba-(?P<id>\d{6,})"
_API = r"/graph-api/(?:zh|zh-hant)/content/\w+/(?P<id>\d+)"


class DwContent(Story):
    """An article as JSON."""

    url_pattern, zone = _API, UTC
    marks = ('"firstPersonArray"', '"contentDate"')
    rules = rf"""article_id: json:data.content.id | url:{_API}; title: json:data.content.title |
        json:data.content.name; published: json:data.content.contentDate |
        json:data.content.firstPublicationDate; url: json:data.content.canonicalUrl;
        authors: json:data.content.firstPersonArray.0.fullName"""
    body = ("json:data.content.text",)
    drop = "figure, .embed, .externalImage, .further-reading"


class DwArticle(Story):
    """An article's page."""

    url_pattern, zone = _DOC, UTC
    marks = ("dw.com", "rich-text")
    rules = rf"""article_id: url:{_DOC}; title: css:article h1 | css:h1 | meta:og:title;
        published: ld:datePublished | css:time@datetime | css:.date; modified: ld:dateModified;
        authors: css:.author-link | css:.author-details .author | ld:author.name => ^(?!.*DW).+;
        section: ld:articleSection | css:.kicker"""
    body = (".rich-text", ".longText")
    drop = "figure, .embed, .externalImage, .further-reading, .advertisement, .sharing-bar, h1"
    noise = r"[（(]?(?:DW中文有Instagram|德國之聲致力於|©).*|© ?\d{4}年德国之声.*"


class DwList(Listing):
    """A section's page, or the JSON of its navigation."""

    url_pattern = r"/(?:zh|zh-hant)/(?:[^/]+/s-\d+)?$|/content/navigation/\d+"
    target = _DOC
    rows = (
        "data.content.contentComposition.informationSpaces.0.compositionComponents.0.contents",
        "namedUrl in https://www.dw.com{}",
        "contentDate",
        "",
    )


class Dw(Site):
    """Sections by the end of their URL, or articles by URL."""

    name, pages = "dw", (DwContent, DwArticle, DwList)
    hosts = ("www.dw.com", "dw.com", "amp.dw.com")
    options: ClassVar = {
        "section": "paths below dw.com, such as zh/在线报导/s-9058",
        "url": "articles",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://www.dw.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
