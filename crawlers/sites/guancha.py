"""Guancha (guancha.cn): news and columns with up and down votes below them: Simplified, UTC+8."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Article, Link, PageClass
from crawlers.page import CommentApi, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/\w+/(?P<date>\d{4}_\d\d_\d\d)_(?P<id>\d+)(?:_s)?\.s?html"
_API = "https://user.guancha.cn/comment/cmt-list.json?codeId={}&codeType=1&pageNo=1&order=1&ff=www"


class GuanchaArticle(Story):
    """An article or column, whole (`_s`) or its first page, with the remarks a browser loaded."""

    url_pattern = _DOC
    marks = ("guancha.cn", "all-txt")
    rules = rf"""article_id: url:{_DOC} | re:_DOC_ID\W{{1,6}}(\d+); thread_id: url:{_DOC};
        title: css:.left-main > h3 | css:h3 | meta:og:title;
        published: css:.time span => \d{{4}}-\d\d-\d\d \d\d:\d\d(?::\d\d)? | ld:pubDate;
        medium: css:.time span => 来源：\s*(\S+) | css:.source => 来源：\s*(\S+);
        authors: css:.author-intro p a | css:.editor-intro p a"""
    body = (".content.all-txt", "#cmtdiv .content", ".article-txt-content")
    remarks = "li.comment-item"
    fields = r"""comment_id: @data-id; author: .user-nick; author_id: .user-avatar@data-uid;
        published: li > .list-footer .time; text: li.cmt-item > .comment-txt;
        votes_up: li > .list-footer .praise span; votes_down: li > .list-footer .tread span;
        reply_count: li > .list-footer a[href*=child-comments] => \d+;
        parent_id: .comment-box@data-id"""

    def links(self, article: Article) -> Iterable[Link]:
        """The first page of the comments."""
        referer = (("Referer", article.url),)
        url = _API.format(article.article_id)
        meta: dict[str, str | int] = {"thread": article.article_id}
        yield Link(url, PageClass.API, article.article_id, headers=referer, meta=meta)


class GuanchaComments(CommentApi):
    """A page of comments; field names as crawlers have written them down (no payload was seen)."""

    url_pattern = r"/comment/cmt-list\.json|/child-comments"
    marks = ('"user_nick"', '"praise_num"')
    items, total, paging = "items", "count", ("pageNo", 1, 20)
    rules = r"thread_id: url:[?&]codeId=(\d+)"
    fields = """comment_id: id; author: user_nick; author_id: user_id; text: content;
        published: created_at | create_time; votes_up: praise_num; votes_down: tread_num;
        parent_id: parent_id; reply_count: child_num | reply_num"""


class GuanchaList(Listing):
    """A section's front page."""

    url_pattern = r"guancha\.cn/[\w-]*/?$"
    target = _DOC


class Guancha(Site):
    """Sections by name, or articles by URL."""

    name, pages = "guancha", (GuanchaComments, GuanchaArticle, GuanchaList)
    hosts = ("www.guancha.cn", "user.guancha.cn")
    options: ClassVar = {"section": "sections such as internation", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Sections, then single articles; several with a comma between."""
        section = (PageClass.LIST, "https://www.guancha.cn/{}")
        return starts(options, section=section, url=(PageClass.ARTICLE, "{}"))
