"""V2EX (v2ex.com): topics by the public API and by HTML: Simplified, technical; times in UTC."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import CommentApi, Listing, Thread, starts
from crawlers.site import Site

_TOPIC = r"/t/(?P<id>\d+)"


class V2exReplies(CommentApi):
    """All replies of a topic in one array; the API shows no parent and no votes."""

    url_pattern = r"/api/replies/show\.json"
    marks = ('"topic_id"', '"content_rendered"', '"member_id"')
    rules = r"thread_id: url:topic_id=(\d+) | json:0.topic_id"
    fields = """comment_id: id; floor: _place; author: member.username; author_id: member.id |
        member_id; text: content; published: created"""


class V2exTopic(Thread):
    """A topic's page: the post, its replies with floors, up to 100 a page."""

    url_pattern = _TOPIC
    marks = ("V2EX", 'class="topic_content', 'class="header"')
    rules = rf"""thread_id: url:{_TOPIC}; title: css:#Main h1 | css:h1 | meta:og:title;
        section: css:#Main .header a[href^="/go/"]; reply_count: css:.box .gray => (\d+) 条回复;
        shown: css:.page_current; asked: url:[?&]p=(\d+)"""
    posts = '//*[@id="Main"]//div[@class="box"][.//h1] | //div[starts-with(@id, "r_")]'
    fields = r"""comment_id: @id => r_(\d+) | h1 ~ .votes@id => (\d+); floor: .no;
        author: strong a.dark | .header small a[href^="/member/"];
        published: .ago@title | .header small span@title; text: .reply_content | .topic_content;
        votes_up: .small.fade => (\d+)"""
    anchor = "#r_{}"
    further = '//a[@class="page_current"]/following-sibling::a[@class="page_normal"][1]/@href'


class V2exList(Listing):
    """A node's page, or the newest topics."""

    url_pattern = r"/go/\w+|/recent|v2ex\.com/(?:\?|$)|/api/topics/"
    kind, target = PageClass.THREAD, _TOPIC
    entries, hints = ".item_title", "a@href"
    rows = ("", "url", "created", "replies")


class V2ex(Site):
    """Nodes by name, or topics by number."""

    name, pages = "v2ex", (V2exReplies, V2exTopic, V2exList)
    hosts = ("www.v2ex.com", "v2ex.com")
    options: ClassVar = {"node": "nodes, comma between", "topic": "topic numbers"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Node pages, then single topics."""
        node = (PageClass.LIST, "https://www.v2ex.com/go/{}")
        return starts(options, node=node, topic=(PageClass.THREAD, "https://www.v2ex.com/t/{}"))
