"""Flarum: any forum of that engine, by the JSON:API document in its pages; times in UTC."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, ClassVar

from archive.model import Link, PageClass
from crawlers.page import CommentApi, Listing, dig, starts
from crawlers.site import Site


class FlarumPosts(CommentApi):
    """A batch of a discussion's posts; events (renamed, locked) are no posts."""

    url_pattern = r"/api/(?:posts\?|discussions/\d+)"
    marks: ClassVar[tuple[str, ...]] = ('"contentHtml"', '"relationships"', '"jsonapi"')
    zone, document, opens, rest = UTC, "", True, "links.next"
    rules = r"""thread_id: url:[?&]filter(?:\[|%5B)discussion(?:\]|%5D)=(\d+) | json:data.id |
        url:/discussions/(\d+); title: json:data.attributes.title;
        post_count: json:data.attributes.commentCount"""
    fields = """comment_id: id; floor: attributes.number; author: _author.displayName |
        _author.username; author_id: _user; text: attributes.contentHtml;
        published: attributes.createdAt; votes_up: attributes.likesCount;
        quoted: relationships.mentionsPosts.data.0.id; deleted: attributes.isHidden"""

    def rows(self) -> list[dict[str, Any]] | None:
        """The posts by their number, each with its user."""
        found = dig(self.answer, self.document) if self.document else self.answer
        data, included = dig(found, "data"), dig(found, "included") or []
        given = [*(data if isinstance(data, list) else [data]), *included]
        objects = [o for o in given if isinstance(o, dict)]
        users = {o["id"]: o.get("attributes") for o in objects if o.get("type") == "users"}
        posts = [o for o in objects if dig(o, "attributes.contentType") == "comment"]
        posts.sort(key=lambda post: dig(post, "attributes.number") or 0)
        by = [dig(post, "relationships.user.data.id") for post in posts]
        pairs = zip(posts, by, strict=True)
        return [{**post, "_user": user, "_author": users.get(user)} for post, user in pairs] or None


class FlarumDiscussion(FlarumPosts):
    """A discussion's page: its first posts; the API has the others."""

    page_class = PageClass.THREAD
    url_pattern, document, rest = r"/d/(?P<id>\d+)", "apiDocument", ""
    marks = ('id="flarum-json-payload"', '"contentHtml"')
    rules = r"""thread_id: state:apiDocument.data.id | url:/d/(\d+);
        title: state:apiDocument.data.attributes.title;
        post_count: state:apiDocument.data.attributes.commentCount"""

    def _next(self, count: int, total: int | None) -> tuple[int, str]:
        """A discussion names the ids of all its posts, and only the first ones are here."""
        del count, total
        document = dig(self.answer, self.document)
        named = dig(document, "data.relationships.posts.data") or ()
        held = sum(o.get("type") == "posts" for o in dig(document, "included") or ())
        query = f"filter[discussion]={self.get('thread_id')}&page[offset]={held}&sort=number"
        return 1, self.view.join(f"/api/posts?{query}") if held < len(named) else ""


class FlarumList(Listing):
    """Discussions, as the API gives them."""

    url_pattern = r"/api/discussions(?:\?|$)"
    marks = ('"participantCount"', '"lastPostNumber"', '"jsonapi"')
    kind, rest = PageClass.THREAD, "links.next"
    rows = ("data", "id in /d/{}", "", "attributes.lastPostNumber")


class Flarum(Site):
    """Forums by host."""

    name, pages = "flarum", (FlarumDiscussion, FlarumPosts, FlarumList)
    options: ClassVar = {"host": "hosts of forums", "url": "URLs of discussions"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest discussions of each forum, then single ones."""
        newest = "https://{}/api/discussions?sort=-createdAt"
        return starts(options, host=(PageClass.LIST, newest), url=(PageClass.THREAD, "{}"))
