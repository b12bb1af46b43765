"""Isso: the comment server below self-hosted blogs, by its public API: any language, UTC."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import CommentApi, starts
from crawlers.site import Site


class IssoComments(CommentApi):
    """The comments of a page with the answers below them; mode 4 is one deleted later."""

    url_pattern = r"[?&]uri=(?P<id>[^&]+)"
    marks = ('"total_replies"', '"hidden_replies"', '"replies"')
    zone = UTC
    items, below = "replies", "replies"
    rules = "thread_id: query:uri"
    fields = """comment_id: id; author: author; text: text; published: created;
        votes_up: likes; votes_down: dislikes; reply_count: total_replies;
        parent_id: parent | _parent; deleted: mode => ^4$"""


class Isso(Site):
    """Comments of pages by the API's own URL."""

    name, pages = "isso", (IssoComments,)
    options: ClassVar = {"url": "API URLs such as https://comments.example/?uri=/post/"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Each URL as a page of comments."""
        return starts(options, url=(PageClass.API, "{}"))
