"""Phoenix (ifeng.com): news of all channels and their comments: Simplified, UTC+8.

CSS classes carry a hash that changes, so the state of the page's scripts comes first.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Article, Link, PageClass
from crawlers.page import CommentApi, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/c/(?P<id>[0-9A-Za-z]{10,12})(?:[?#]|$)"
_API = (
    "https://comment.ifeng.com/get.php?docUrl={}&format=js&job=1&p=1&pageSize=20"
    "&orderby=create_time"
)


class IfengArticle(Story):
    """An article; the text stands in `allData` or in the markup that it was made into."""

    url_pattern = _DOC
    marks = ("ifeng.com", "allData", "docData")
    rules = rf"""article_id: url:{_DOC} | state:docData.base62Id; thread_id:
        state:docData.commentUrl; title: state:docData.title | css:h1[class^=topic] | css:h1 |
        meta:og:title; published: state:docData.newsTime | meta:og:time | css:[class^=time-]
        span; medium: state:docData.source | css:[class^=source] a | css:[class^=source];
        editor: state:docData.editorName | re:责任编辑：\s*([^\s<]+)"""
    body = (
        *("state:docData.contentData.contentList.0.data", "[class^=index_text_]"),
        *("[class^=text-]", "#main_content"),
    )
    drop = "[class*=adText], [class^=recommend]"

    def links(self, article: Article) -> Iterable[Link]:
        """The first page of the comments, where the page names its thread."""
        if thread := article.thread_id:
            yield Link(_API.format(thread), PageClass.API, thread, meta={"thread": thread})


class IfengComments(CommentApi):
    """A page of comments; field names as crawlers have written them down (no payload was seen)."""

    url_pattern = r"comment\.ifeng\.com/get|/get\.php\?.*docUrl="
    marks = ('"comment_contents"', '"uname"')
    items, total, paging = "comments", "count", ("p", 1, 20)
    rules = r"thread_id: url:docUrl=([^&]+)"
    fields = """comment_id: comment_id; text: comment_contents; author: uname; author_id:
        user_id; published: create_time | comment_date; ip_region: ip_from; votes_up: uptimes;
        parent_id: parent.0.comment_id | quote_id"""


class IfengList(Listing):
    """A channel's front page."""

    url_pattern = r"ifeng\.com/(?:[\w/-]*)$"
    target = _DOC


class Ifeng(Site):
    """Channels by path below news.ifeng.com, or articles by URL."""

    name, pages = "ifeng", (IfengComments, IfengArticle, IfengList)
    hosts = ("news.ifeng.com", "www.ifeng.com", "comment.ifeng.com")
    options: ClassVar = {"channel": "paths below news.ifeng.com", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Channel pages, then single articles."""
        channel = (PageClass.LIST, "https://news.ifeng.com/{}")
        return starts(options, channel=channel, url=(PageClass.ARTICLE, "{}"))
