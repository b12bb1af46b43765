"""The Paper (thepaper.cn): news and their comments: Simplified, UTC+8.

Text and facts stand in the state of the page's scripts; the markup of 2019 is read too.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Article, Link, PageClass
from crawlers.page import CommentApi, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:newsDetail_forward_|detail/)(?P<id>\d+)"
_API = "https://api.thepaper.cn/comment/news/comment/talkList"
_STATE = "state:props.pageProps.detailData.contentDetail."
_BODY = '{{"contId":"{}","pageSize":20,"commentSort":2,"contType":1,"pageNum":1}}'


class PaperArticle(Story):
    """An article, desktop or mobile."""

    url_pattern = _DOC
    marks = ("thepaper.cn", "contentDetail")
    rules = rf"""thread_id: url:{_DOC} | {_STATE}contId; title: {_STATE}name | css:h1.news_title |
        css:h1 | meta:og:title; published: {_STATE}publishTime | {_STATE}pubTime |
        css:.news_about => \d{{4}}-\d\d-\d\d \d\d:\d\d; authors: {_STATE}author |
        css:.news_about p; section: {_STATE}nodeInfo.name | css:.news_path a:last-of-type;
        editor: {_STATE}responEditor | re:责任编辑：\s*([^\s<]+);
        medium: {_STATE}source | css:.news_about => 来源：\s*(\S+);
        votes_up: {_STATE}praiseTimes; reply_count: {_STATE}interactionNum"""
    body = (f"{_STATE}content", ".news_txt", "[class*=cententWrap]")
    drop = ".infor_item, .contheight, .news_love, .news_video_name"

    def links(self, article: Article) -> Iterable[Link]:
        """The first page of the comments."""
        headers = (("Content-Type", "application/json"), ("client-type", "1"))
        thread = article.article_id
        body, meta = _BODY.format(thread), {"thread": thread}
        yield Link(_API, PageClass.API, thread, None, None, 0, "POST", body, headers, {**meta})


class PaperComments(CommentApi):
    """A page of comments; field names as crawlers have written them down (no payload was seen)."""

    url_pattern = r"/comment/news/comment/talkList"
    marks = ('"hasNext"', '"commentId"')
    items, total = "data.list", "data.total"
    fields = """comment_id: commentId; text: content; author: userInfo.sname | userName;
        author_id: userInfo.userId; published: originCreateTime | createTime;
        ip_region: location; votes_up: praiseTimes; quoted: quoteInfo.commentId"""


class PaperList(Listing):
    """A channel's front page."""

    url_pattern = r"thepaper\.cn/(?:channel_\d+|list_\d+)?$"
    target = _DOC


class ThePaper(Site):
    """Channels by number, or articles by number."""

    name, pages = "thepaper", (PaperComments, PaperArticle, PaperList)
    hosts = ("www.thepaper.cn", "m.thepaper.cn", "api.thepaper.cn")
    options: ClassVar = {"channel": "channel numbers", "article": "article numbers"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Channel pages, then single articles."""
        channel = (PageClass.LIST, "https://www.thepaper.cn/channel_{}")
        article = (PageClass.ARTICLE, "https://www.thepaper.cn/newsDetail_forward_{}")
        return starts(options, channel=channel, article=article)
