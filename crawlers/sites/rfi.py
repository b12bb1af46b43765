"""Radio France Internationale in Chinese (rfi.fr/cn simplified, /tw traditional): Paris time."""

from collections.abc import Iterable, Mapping
from typing import ClassVar
from zoneinfo import ZoneInfo

from archive.model import Link, PageClass
from crawlers.page import Feed, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:cn|tw)/[^?#]*?/(?P<date>\d{8})-(?P<id>[^/?#]+)"


class RfiArticle(Story):
    """An article; the address is its only name."""

    url_pattern, zone = _DOC, ZoneInfo("Europe/Paris")
    marks = ("rfi.fr", "t-content__body")
    rules = r"""article_id: url:/(?:cn|tw)/[^?#]*?/(\d{8}-[^/?#]+);
        title: css:h1.a-page-title | css:.t-content__title | css:h1 | meta:og:title;
        published: ld:datePublished | meta:article:published_time | css:time@datetime;
        modified: ld:dateModified | meta:article:modified_time;
        authors: css:.m-from-author__name | ld:author.name => ^(?!.*(?:RFI|rfi|法广|法廣)).+;
        section: css:.t-content__tag | meta:article:section"""
    body = (".t-content__body", ".article__text")
    drop = """.o-self-promo, .m-em-image, .m-em-quote__author, figure, .o-ad-container,
        .m-interstitial, .a-read-more"""


class RfiFeed(Feed):
    """The RSS of a section."""

    url_pattern, target = r"/(?:cn|tw)/(?:[^/]+/)?rss$", _DOC


class RfiList(Listing):
    """A section's front page and the next one."""

    url_pattern = r"rfi\.fr/(?:cn|tw)/(?:[^/]+/?)?(?:\?page=\d+)?$"
    target, entries = _DOC, ".article__title a, .m-item-list-article a, .o-layout-list__item a"
    further = "a[rel=next], .m-pagination__item--next a@href"


class Rfi(Site):
    """Sections, or articles by URL."""

    name, pages = "rfi", (RfiFeed, RfiArticle, RfiList)
    hosts = ("www.rfi.fr", "rfi.fr")
    options: ClassVar = {
        "feed": "cn or tw, or a section such as cn/中国",
        "section": "the same, by the pages that list articles",
        "url": "article URLs",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Feeds, section pages, then single articles."""
        return starts(
            options,
            feed=(PageClass.FEED, "https://www.rfi.fr/{}/rss"),
            section=(PageClass.LIST, "https://www.rfi.fr/{}/"),
            url=(PageClass.ARTICLE, "{}"),
        )
