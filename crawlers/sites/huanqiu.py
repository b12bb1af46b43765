"""Huanqiu (huanqiu.com): Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:article|a/\w+)/(?P<id>[0-9A-Za-z]{9,12})"


class HuanqiuArticle(Story):
    """An article as a browser held it, or as served (fields in textareas)."""

    url_pattern = _DOC
    marks = ("huanqiu.com", "a-con")
    rules = rf"""article_id: url:{_DOC} | css:textarea.article-aid; title:
        css:.t-container-title | css:h1.a-title strong | css:h1 | css:textarea.article-title;
        published: css:.t-container-metadata .time | css:.a-info .time |
        css:textarea.article-time; medium: css:.source a | css:.source |
        css:.a-info .from => (?:来源：)?(.+);
        authors: css:textarea.article-author; editor: css:textarea.article-editor-name |
        css:.author => 责编[:：]\s*(\S+)"""
    body = (".l-con.clear article section", ".a-con", ".l-con", "textarea.article-content")
    drop = ".adv, [adv-type], .rm_ad"


class HuanqiuList(Listing):
    """A section's front page."""

    url_pattern = r"huanqiu\.com/[\w/]*$"
    target = _DOC


class Huanqiu(Site):
    """Sections, or articles by URL."""

    name, pages = "huanqiu", (HuanqiuArticle, HuanqiuList)
    hosts = ("www.huanqiu.com", "huanqiu.com", "3w.huanqiu.com")
    options: ClassVar = {"section": "paths below www.huanqiu.com", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section pages, then single articles."""
        section = (PageClass.LIST, "https://www.huanqiu.com/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
