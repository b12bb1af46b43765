"""Douban (douban.com): saved pages of short reviews and group topics: Simplified, UTC+8."""

from crawlers.page import Thread
from crawlers.site import Site

_SUBJECT = r"/subject/(?P<id>\d+)"
_TOPIC = r"/group/topic/(?P<id>\d+)"


class DoubanReviews(Thread):
    """A page of short reviews of a film, book or record; they have no floors."""

    url_pattern = _SUBJECT
    marks = ("douban", 'class="comment-item')
    rules = f"thread_id: url:{_SUBJECT} | re:{_SUBJECT}; title: css:h1"
    posts = '//*[contains(concat(" ", @class, " "), " comment-item ")]'
    fields = r"""comment_id: @data-cid; author: .comment-info a;
        author_id: .comment-info a@href => people/([^/]+);
        published: .comment-time@title | .comment-time;
        text: .comment-content .short | .comment-content; votes_up: .vote-count;
        ip_region: .comment-location"""
    floors = False


class DoubanTopic(Thread):
    """A group's topic and a page of its replies."""

    url_pattern = _TOPIC
    marks = ("douban", 'class="topic-content')
    rules = f"thread_id: url:{_TOPIC}; title: css:h1; section: css:.group-item .title"
    posts = '//*[@id="topic-content"] | //li[contains(@class, "comment-item")]'
    fields = r"""comment_id: @data-cid | .topic-doc .topic-content@data-id; author: .from a | h4 a;
        author_id: .from a@href => people/([^/]+) | h4 a@href => people/([^/]+);
        published: .create-time | .pubtime; text: .topic-richtext | .reply-content;
        ip_region: .create-ip-location; quoted: .reply-quote .all@data-cid;
        votes_up: .comment-vote => \d+"""
    further = '//*[@class="next"]/a/@href'


class Douban(Site):
    """Import only."""

    name, pages, crawlable = "douban", (DoubanTopic, DoubanReviews), False
    hosts = ("www.douban.com", "movie.douban.com", "book.douban.com")
    robots_note = "guests meet a login or a captcha: saved pages can be imported"
