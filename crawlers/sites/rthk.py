"""RTHK (news.rthk.hk), Hong Kong's public broadcaster: Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from archive.model import Link, Moment, PageClass
from crawlers.page import Feed, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/component/k2/(?P<id>\d+)-(?P<date>\d{8})\.htm"


class RthkArticle(Story):
    """A report; it names no reporter."""

    url_pattern = _DOC
    marks = ("rthk", "itemFullText")
    rules = rf"""article_id: url:{_DOC}; title: css:.itemTitle | meta:og:title;
        published: css:.createddate => \d{{4}}-\d\d-\d\d HKT \d\d:\d\d | css:.createddate;
        section: css:.itemCategory a | css:.itemCategory"""
    body = (".itemFullText",)
    drop = ".itemSlideShow, .detailNewsSlideTitleText, script"

    def time(self, raw: str, *, after: datetime | None = None) -> Moment:
        """The zone stands between date and time: 2026-01-15 HKT 08:30."""
        return replace(super().time(raw.replace(" HKT ", " "), after=after), raw=raw)


class RthkFeed(Feed):
    """The RSS of a section, newest first."""

    url_pattern, target = r"/rthk/news/rss/", _DOC


class RthkList(Listing):
    """The newest reports of a section."""

    url_pattern = r"/rthk/ch/(?:latest-news|news-archive)|/webpageCache/services/"
    target = _DOC


class Rthk(Site):
    """Sections by the name of their feed, or reports by URL."""

    name, pages = "rthk", (RthkFeed, RthkArticle, RthkList)
    hosts = ("news.rthk.hk", "rthk.hk", "www.rthk.hk", "rthk9.rthk.hk")
    options: ClassVar = {
        "feed": "feeds: clocal, cinternational, greaterchina, cfinance, csport",
        "url": "URLs of reports",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Feeds, then single reports."""
        feed = (PageClass.FEED, "https://rthk.hk/rthk/news/rss/c_expressnews_{}.xml")
        return starts(options, feed=feed, url=(PageClass.ARTICLE, "{}"))
