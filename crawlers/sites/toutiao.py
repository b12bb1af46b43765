"""Toutiao (toutiao.com): saved pages of articles and the remarks that a browser loaded: UTC+8.

The site answers browsers with signatures only, so nothing is crawled. JSON-LD there carries the
time of rendering, so only the visible time counts.
"""

from crawlers.page import Story
from crawlers.site import Site

_DOC = r"/(?:group/|a|i|article/)(?P<id>\d{16,20})"


class ToutiaoArticle(Story):
    """An article page as a browser held it (2019, and 2021 and later)."""

    url_pattern = _DOC
    marks = ("toutiao.com", "article-content")
    rules = rf"""thread_id: url:{_DOC} | re:(?:itemId|groupId|group_id)\W{{1,6}}(\d{{16,20}});
        title: css:h1.article-title | css:h1 | meta:og:title;
        published: css:.article-sub => \d{{4}}-\d\d-\d\d \d\d:\d\d(?::\d\d)? |
            css:.article-meta => \d{{4}}-\d\d-\d\d \d\d:\d\d(?::\d\d)?;
        medium: css:.article-sub span:not(.original):not(.article-tag):not(.middot) |
            css:.article-meta .name; authors: css:.article-sub
            span:not(.original):not(.article-tag):not(.middot) | css:.article-meta .name;
        reply_count: css:.c-header em | css:.detail-interaction-comment"""
    body = (".article-content", "article")
    drop = ".tag-list, .pgc-card, .article-tag"
    remarks = "li.c-item, .comment-list > ul > li, .comment-info"
    fields = r"""author: .c-user-name | .user-info .name; author_id: a[href*="/c/user/"]@href =>
        user/([^/?]+); text: .c-content > p | .content; published: .c-create-time | .time;
        reply_count: .c-reply-count => (\d[\d.]*[万w]?)条回复 | .check-more-reply => \d+;
        votes_up: .c-digg | .digg-icon"""


class Toutiao(Site):
    """Import only."""

    name, pages, crawlable = "toutiao", (ToutiaoArticle,), False
    hosts = ("www.toutiao.com", "m.toutiao.com")
    robots_note = "signed requests only: saved pages can be imported, nothing is fetched"
