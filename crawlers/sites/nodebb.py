"""NodeBB: any forum of that engine, by its read API or its pages; times in UTC, any language."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import ClassVar

from archive.model import Comment, Link, PageClass
from crawlers.page import CommentApi, Item, Listing, Selector, Thread, dig, starts
from crawlers.site import Site

_TOPIC = r"/topic/(?P<id>\d+)"


class NodebbPosts(CommentApi):
    """A page of a topic as JSON; the engine counts posts from 0, readers from 1."""

    url_pattern = r"/api/topic/\d+"
    marks = ('"titleRaw"', '"posts"', '"pid"', '"timestampISO"')
    zone, opens, items = UTC, True, "posts"
    rules = rf"""thread_id: json:tid | url:{_TOPIC}; title: json:titleRaw | json:title;
        section: json:category.name; post_count: json:postcount"""
    fields = """comment_id: pid; author: user.displayname | user.username; author_id: uid;
        text: content; published: timestampISO | timestamp; votes_up: upvotes;
        votes_down: downvotes; reply_count: replies.count; deleted: deleted; parent_id: toPid"""

    def fixed(self, found: Comment, item: Item) -> Comment:
        """The floor."""
        index = item.get("index") if isinstance(item, dict) else None
        return replace(found, floor=index + 1) if isinstance(index, int) else found

    def _next(self, count: int, total: int | None) -> tuple[int, str]:
        """The answer says which page it is, and whether one follows."""
        del count, total
        names = ("pagination.currentPage", "pagination.pageCount")
        at, last = (int(dig(self.answer, name) or 1) for name in names)
        return at, f"{self.view.url.partition('?')[0]}?page={at + 1}" if at < last else ""


class NodebbTopic(Thread):
    """A topic's page."""

    url_pattern = _TOPIC
    marks = ('component="topic"', 'component="post"', "data-pid=")
    zone, further = UTC, "link[rel=next]@href"
    rules = rf"""thread_id: url:{_TOPIC} | css:[component=topic]@data-tid;
        title: css:[component="topic/title"] | meta:og:title;
        section: css:.breadcrumb li:nth-last-child(2); asked: url:[?&]page=(\d+)"""
    posts = '//*[@component="post"][@data-pid]'
    fields = r"""comment_id: @data-pid; author: @data-username; author_id: @data-uid;
        published: @data-timestamp | .timeago@title; text: [component="post/content"];
        votes_up: [component="post/vote-count"]@data-votes | [component="post/vote-count"];
        parent_id: [component="post/parent"]@data-topid; deleted: @class => \bdeleted\b"""

    def fixed(self, found: Comment, node: Selector) -> Comment:
        """The floor."""
        index = node.attrib.get("data-index", "")
        return replace(found, floor=int(index) + 1) if index.isdecimal() else found


class NodebbList(Listing):
    """A category, or the newest topics, as JSON."""

    url_pattern = r"/api/(?:recent|category/\d+)"
    marks = ('"topics"', '"lastposttimeISO"', '"teaser"')
    kind, rest = PageClass.THREAD, "pagination.next.page in ?page={}"
    rows = ("topics", "tid in /api/topic/{}", "timestampISO", "postcount")


class Nodebb(Site):
    """Forums by host."""

    name, pages = "nodebb", (NodebbPosts, NodebbList, NodebbTopic)
    options: ClassVar = {"host": "hosts of forums", "url": "URLs of topics"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest topics of each forum, then single topics."""
        host = (PageClass.LIST, "https://{}/api/recent")
        return starts(options, host=host, url=(PageClass.THREAD, "{}"))
