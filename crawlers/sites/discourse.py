"""Discourse: any forum of that engine that answers guests; times in UTC, any language."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from archive.model import Comment, Link, PageClass, PageData
from crawlers.page import CommentApi, Item, Listing, dig, starts
from crawlers.site import Site

_TOPIC = r"/t/(?:[^/?#]+/)?(?P<id>\d+)"


class DiscourseTopic(CommentApi):
    """The first 20 posts of a topic, or a batch of the others, as JSON."""

    url_pattern = r"/t/(?:[^/?#]+/)?\d+(?:/posts)?\.json"
    marks = ('"post_stream"', '"cooked"', '"post_number"')
    opens, items, total = True, "post_stream.posts", "posts_count"
    rules = r"""thread_id: json:id | url:/t/(?:[^/?#]+/)?(\d+) |
        json:post_stream.posts.0.topic_id; title: json:title; section: json:category_id;
        reply_count: json:reply_count"""
    fields = """comment_id: id; floor: post_number; author: username; author_id: user_id;
        text: cooked - aside.quote; published: created_at; reply_count: reply_count;
        votes_up: actions_summary.0.count; deleted: user_deleted; parent_id:
        reply_to_post_number; folded: hidden"""

    def fixed(self, found: Comment, item: Item) -> Comment:
        """What it answers is given by floor; the floor's id is on the same page or unknown."""
        posts = dig(self.view.json, "post_stream.posts") or ()
        answered = item.get("reply_to_post_number") if isinstance(item, dict) else None
        parent = next((p["id"] for p in posts if answered and p["post_number"] == answered), None)
        return replace(found, parent_id=str(parent) if parent else None)

    def data(self) -> PageData:
        """The posts, and a link to the next twenty whose ids the stream names."""
        data = super().data()
        if not (data.thread and data.articles):
            return data
        stream = dig(self.view.json, "post_stream.stream") or ()
        rest = [str(i) for i in stream[len(dig(self.view.json, self.items)) :]]
        base = self.view.join(f"/t/{data.thread.thread_id}/posts.json")
        links = tuple(
            Link(
                f"{base}?" + "&".join(f"post_ids[]={i}" for i in rest[at : at + 20]),
                PageClass.API,
                data.thread.thread_id,
            )
            for at in range(0, len(rest), 20)
        )
        return replace(data, links=links)


class DiscourseList(Listing):
    """The newest topics, or those of a category, as JSON."""

    url_pattern = r"/(?:latest|c/[\w/-]+)\.json"
    marks = ('"topic_list"', '"topics"')
    kind, rows = PageClass.THREAD, ("topic_list.topics", "id in /t/{}.json", "", "posts_count")


class Discourse(Site):
    """Forums by host."""

    name, pages = "discourse", (DiscourseTopic, DiscourseList)
    options: ClassVar = {"host": "hosts of forums", "url": "URLs of topics ending in .json"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest topics of each forum, then single topics."""
        host = (PageClass.LIST, "https://{}/latest.json")
        return starts(options, host=host, url=(PageClass.THREAD, "{}"))
