"""Waline: the comment server of many Chinese blogs, by its public API: UTC."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import CommentApi, starts
from crawlers.site import Site


class WalineComments(CommentApi):
    """A page of comments with the answers below them (version 3 of the server)."""

    url_pattern = r"/api/comment\?"
    marks = ('"objectId"', '"totalPages"', '"errno"')
    zone = UTC
    items, below, pages = "data.data", "children", "data.totalPages"
    total = "data.count"
    paging = ("page", 1, 10)
    rules = r"thread_id: query:path"
    fields = """comment_id: objectId; author: nick; author_id: user_id; text: comment;
        published: time | insertedAt | createdAt; votes_up: like; ip_region: addr;
        parent_id: pid | _parent"""


class WalineOld(WalineComments):
    """The same as versions 1 and 2 of the server answer: without the envelope."""

    url_pattern = r"/comment\?(?:.*&)?path="
    marks = ('"objectId"', '"totalPages"', '"nick"')
    items, pages, total = "data", "totalPages", "count"


class Waline(Site):
    """Comments of pages by the API's own URL."""

    name, pages = "waline", (WalineComments, WalineOld)
    options: ClassVar = {"url": "API URLs: https://waline.example/api/comment?path=/post/&page=1"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Each URL as a page of comments."""
        return starts(options, url=(PageClass.API, "{}"))
