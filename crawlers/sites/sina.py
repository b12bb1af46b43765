"""Sina (sina.com.cn): news, finance, tech and the comments below them: Simplified, UTC+8.

The visible time is kept: `article:published_time` may be hours later.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Article, Link, PageClass
from crawlers.page import CommentApi, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?P<date>\d{4}-\d\d-\d\d)/(?:doc-i|detail-i)(?P<id>[a-z0-9]+)\.(?:s?html|d\.html)"
_API = (
    "https://comment.sina.com.cn/page/info?version=1&format=json&channel={}&newsid={}&group=0"
    "&compress=0&ie=utf-8&oe=utf-8&page=1&page_size=20&t_size=3&h_size=3&thread=1"
)


class SinaArticle(Story):
    """An article of any channel, with the remarks that a browser loaded."""

    url_pattern = _DOC
    marks = ("sina.com.cn", "comos-")
    rules = rf"""thread_id: re:newsid\W{{1,6}}(comos-\w+) | url:{_DOC}; article_id: url:{_DOC} |
        re:comos-(\w+); title: css:h1.main-title | css:#artibodyTitle | meta:og:title;
        published: css:.date-source .date | meta:weibo:article:create_at | css:#pub_date |
            meta:article:published_time; channel: meta:comment => ^(\w+): | re:channel: ?'(\w+)';
        medium: css:.date-source .source | css:.date-source a | meta:mediaid;
        authors: css:.show_author => 作者[:：]\s*(.+); section: css:.channel-path a:last-of-type;
        editor: css:.show_author => 责任编辑[:：]\s*([^\s）)]+)"""
    body = ("#article", "#artibody", ".article-body", ".article")
    drop = """.appendQr_wrap, [id^=left_hzh], [id*=ad_], .tech-quotation, .article-keywords,
        .show_author, .article-notice, .wap_special, .statement, .img_descr_none, .ct_hqimg"""
    remarks = "[comment-type=item]"
    fields = r"""comment_id: [action-data*="mid="]@action-data => mid=([\w-]+);
        author: .info .name; text: [comment-type=itemTxt]; ip_region: .info .area;
        author_id: .head a@href => /u/(\d+); published: [comment-type=time]@date;
        votes_up: [comment-type=voteNum];
        parent_id: [action-type=reply]@action-data => parent=([\w-]+)"""

    def links(self, article: Article) -> Iterable[Link]:
        """The first page of the comments, where the page says its channel."""
        if channel := self.get("channel"):
            thread = f"comos-{article.article_id}"
            yield Link(_API.format(channel, thread), PageClass.API, article.thread_id)


class SinaComments(CommentApi):
    """A page of comments, newest first, in JSON or behind `var data=`."""

    url_pattern = r"comment\.sina\.com\.cn/page/info|/page/info\?.*newsid="
    marks = ('"cmntlist"', '"newsid"')
    items, total, paging = "result.cmntlist", "result.count.show", ("page", 1, 20)
    rules = r"thread_id: url:newsid=([\w-]+) | json:result.news.newsid"
    fields = """comment_id: mid; author: nick; author_id: uid; text: content; published: time;
        ip_region: area; votes_up: agree; parent_id: parent"""


class SinaList(Listing):
    """The rolling list of a channel, or a front page."""

    url_pattern = r"/api/roll/get|sina\.com\.cn/(?:\w+/)?$"
    target, rows = _DOC, ("result.data", "url", "ctime", "")


class Sina(Site):
    """Rolling lists by number (2509 is all news), or articles by URL."""

    name, pages = "sina", (SinaComments, SinaArticle, SinaList)
    hosts = ("news.sina.com.cn", "www.sina.com.cn", "feed.mix.sina.com.cn", "comment.sina.com.cn")
    options: ClassVar = {"roll": "numbers of rolling lists", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest page of each list, then single articles."""
        roll = "https://feed.mix.sina.com.cn/api/roll/get?pageid=153&lid={}&num=50&page=1"
        return starts(options, roll=(PageClass.LIST, roll), url=(PageClass.ARTICLE, "{}"))
