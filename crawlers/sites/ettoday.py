"""ETtoday (ettoday.net), Taiwan: Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/news/(?P<date>\d{8})/(?P<id>\d+)\.htm"


class EttodayArticle(Story):
    """An article; its reporter stands in the first line (記者X／台北報導)."""

    url_pattern = _DOC
    marks = ("ettoday.net", 'class="story"')
    rules = rf"""article_id: url:{_DOC}; title: css:h1.title | meta:og:title => ^[^|]+;
        published: meta:pubdate | ld:datePublished | css:time.date@datetime | css:time.date;
        modified: ld:dateModified; medium: meta:source => ^(?!ETtoday).+;
        section: meta:section | css:.part_breadcrumb a:last-of-type;
        authors: css:.story p => 記者([^／/\s]{{2,12}})[／/]"""
    body = (".story",)
    drop = """.ad_in_news, .ad_readmore, .et_social_1, .et_board, .note, .part_thumb_2,
        .ai_listen, .tag, iframe, a[href*="events.ettoday"]"""
    noise = r"[▲▼►].*|.{0,12}記者[^／/]{2,12}[／/].{2,8}報導|延伸閱讀.*"


class EttodayList(Listing):
    """The list of a day, or a section."""

    url_pattern = r"/news/news-list|/news/focus/|ettoday\.net/?$"
    target = _DOC


class EttodayFeed(Listing):
    """More of the list of a day, as the roll gives it: a piece of HTML."""

    url_pattern, target = r"/show_roll\.php", _DOC


class Ettoday(Site):
    """Lists of days, or articles by URL."""

    name, pages = "ettoday", (EttodayArticle, EttodayList, EttodayFeed)
    hosts = ("www.ettoday.net", "ettoday.net")
    options: ClassVar = {"day": "days such as 2026-1-15", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The lists of days, then single articles."""
        day = (PageClass.LIST, "https://www.ettoday.net/news/news-list-{}-0.htm")
        return starts(options, day=day, url=(PageClass.ARTICLE, "{}"))
