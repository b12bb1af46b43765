"""Weibo (weibo.com, m.weibo.cn): saved answers of its APIs: Simplified, UTC+8.

Guests meet a visitor check and signatures, so nothing is crawled.
"""

from typing import ClassVar

from archive.model import Article, Kind, PageClass, PageData
from crawlers.page import CommentApi, Page
from crawlers.site import Site

_POST = r"""article_id: json:{0}mid | json:{0}idstr | json:{0}id; thread_id: json:{0}mid |
    json:{0}idstr; authors: json:{0}user.screen_name; author_id: json:{0}user.idstr |
    json:{0}user.id; published: json:{0}created_at; votes_up: json:{0}attitudes_count;
    reply_count: json:{0}comments_count; ip_region: json:{0}region_name => (?:发布于 ?)?(.+);
    reprint_source: json:{0}retweeted_status.user.screen_name"""


class WeiboPost(Page):
    """A post: `/ajax/statuses/show` of weibo.com; posts have no titles."""

    page_class: ClassVar = PageClass.THREAD
    url_pattern, rules = r"/ajax/statuses/show", _POST.format("")
    marks = ('"mblogid"', '"attitudes_count"', '"text_raw"')
    texts: ClassVar = ("json:longText.longTextContent", "json:text")

    def data(self) -> PageData:
        """The post; its comments are another answer."""
        node, text = self.node("text", *self.texts, pre=True)
        article: Article = self.article(kind=Kind.POST, text=text, images=self.images(node))
        return self.thread(article, ())


class WeiboMobilePost(WeiboPost):
    """The same from m.weibo.cn (`/statuses/show`)."""

    url_pattern, rules = r"m\.weibo\.cn/statuses/show", _POST.format("data.")
    marks = ('"bid"', '"attitudes_count"', '"isLongText"')
    texts = ("json:data.longText.longTextContent", "json:data.text")


class WeiboComments(CommentApi):
    """Comments with the first answers below each: `/ajax/statuses/buildComments`."""

    url_pattern = r"/ajax/statuses/buildComments|/comments/hotflow"
    marks = ('"rootid"', '"floor_number"', '"like_counts"')
    items, total, below = "data", "total_number", "comments"
    rules = r"thread_id: url:[?&](?:id|mid)=(\d+) | json:data.0.analysis_extra => mid:(\d+)"
    fields = r"""comment_id: idstr | id; author: user.screen_name; author_id: user.idstr | user.id;
        text: text; published: created_at; floor: floor_number => [1-9]\d*; votes_up: like_counts |
        like_count; reply_count: total_number; ip_region: source => 来自 ?(.+);
        parent_id: _parent"""


class WeiboMobileComments(WeiboComments):
    """The same from m.weibo.cn (`/comments/hotflow`)."""

    url_pattern, items, total = r"/comments/hotflow", "data.data", "data.total_number"
    marks = ('"rootid"', '"max_id_type"', '"like_count"')


class Weibo(Site):
    """Import only."""

    name, crawlable = "weibo", False
    pages = (WeiboMobileComments, WeiboComments, WeiboPost, WeiboMobilePost)
    hosts = ("weibo.com", "www.weibo.com", "m.weibo.cn", "weibo.cn")
    robots_note = (
        "a visitor check and signatures: saved answers can be imported, nothing is fetched"
    )
