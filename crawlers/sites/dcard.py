"""Dcard (dcard.tw), Taiwan: saved answers of its API: Traditional; times in UTC.

Only browsers are answered, so nothing is crawled. Authors are schools, and hardly ever people.
"""

from datetime import UTC
from typing import ClassVar

from archive.model import Article, Kind, PageClass, PageData
from crawlers.page import CommentApi, Page
from crawlers.site import Site


class DcardComments(CommentApi):
    """Comments of a post; a hidden one has a floor and no text."""

    url_pattern = r"/posts/\d+/comments"
    marks = ('"floor"', '"hiddenByAuthor"', '"postId"')
    zone: ClassVar = UTC
    rules = r"thread_id: url:/posts/(\d+)/comments | json:0.postId"
    fields = """comment_id: id; floor: floor; author: school | personaNickname; author_id:
        personaUid; text: content; published: createdAt; votes_up: likeCount;
        reply_count: subCommentCount; deleted: hidden; parent_id: parentId"""


class DcardPost(Page):
    """A post."""

    page_class, zone = PageClass.THREAD, UTC
    url_pattern = r"/service/api/v2/posts/(?P<id>\d+)(?:$|\?)|/_api/posts/\d+(?:$|\?)"
    marks = ('"forumAlias"', '"commentCount"', '"excerpt"', '"content"')
    rules = """article_id: json:id; thread_id: json:id; title: json:title; authors: json:school |
        json:personaNickname; published: json:createdAt; modified: json:updatedAt;
        section: json:forumName; votes_up: json:likeCount; reply_count: json:commentCount"""

    def data(self) -> PageData:
        """The post; its comments are another answer."""
        node, text = self.node("text", "json:content", pre=True)
        article: Article = self.article(kind=Kind.POST, text=text, images=self.images(node))
        return self.thread(article, ())


class Dcard(Site):
    """Import only."""

    name, pages, crawlable = "dcard", (DcardComments, DcardPost), False
    hosts = ("www.dcard.tw", "dcard.tw")
    robots_note = "behind a browser check: saved answers can be imported, nothing is fetched"
