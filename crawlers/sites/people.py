"""People's Daily Online (people.com.cn): GBK pages that declare GB2312: Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/n\d/(?P<date>\d{4}/\d{4})/c(?P<id>\d+-\d+)\.html"


class PeopleArticle(Story):
    """An article of any channel."""

    url_pattern = _DOC
    marks = ("people.com.cn", "rwb_zw")
    rules = rf"""article_id: url:{_DOC}; title: css:.text_title h1 | css:.rm_txt h1 | css:h1 |
        meta:og:title; published: css:.box01 .fl => \d{{4}}年\d+月\d+日\s*\d+:\d+ | css:.col-1-1 =>
        \d{{4}}年\d+月\d+日\s*\d+:\d+ | meta:publishdate; medium: css:.box01 .fl a | css:.col-1-1 a
        | meta:source => 来源：(.+); authors: css:.author => (?:作者|记者)[:：]?\s*(.+);
        editor: css:.edit => 责编[:：](.+?)\) | css:.edit;
        section: css:#rwb_navpath a:last-of-type"""
    body = ("#rwb_zw", ".rm_txt_con", ".box_con", "#p_content")
    drop = ".edit, .otitle, .box_pic, #paper_num, .paper_num, .zdfy"


class PeopleList(Listing):
    """A section's front page."""

    url_pattern = r"people\.com\.cn/(?:GB/\d+/)?(?:index\d*\.html)?$"
    target = _DOC


class People(Site):
    """Sections, or articles by URL."""

    name, pages = "people", (PeopleArticle, PeopleList)
    hosts = ("www.people.com.cn", "people.com.cn")
    options: ClassVar = {"section": "paths below www.people.com.cn", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "http://www.people.com.cn/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
