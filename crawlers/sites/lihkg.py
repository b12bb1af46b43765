"""LIHKG (lihkg.com), Hong Kong: saved answers of its thread API: Traditional, Cantonese, UTC+8.

The site answers browsers only, so nothing is crawled; numbers are strings or integers.
"""

from crawlers.page import CommentApi
from crawlers.site import Site


class LihkgThread(CommentApi):
    """25 floors of a thread; floor 1 is the opening post. Media-only posts have no text."""

    url_pattern = r"/api_v2/thread/(\d+)/page/\d+"
    marks = ('"item_data"', '"post_id"', '"no_of_reply"')
    opens, items, total = True, "response.item_data", "response.no_of_reply"
    rules = rf"""thread_id: json:response.thread_id | url:{url_pattern};
        title: json:response.title; section: json:response.category.name;
        reply_count: json:response.no_of_reply"""
    fields = """comment_id: post_id; floor: msg_num; author: user.nickname | user_nickname;
        author_id: user.user_id; text: msg - blockquote; published: reply_time;
        votes_up: like_count; votes_down: dislike_count; reply_count: no_of_quote;
        quoted: quote_post_id"""


class Lihkg(Site):
    """Import only."""

    name, pages, crawlable = "lihkg", (LihkgThread,), False
    hosts = ("lihkg.com",)
    robots_note = "behind a browser check: saved answers can be imported, nothing is fetched"
