"""phpBB 3 (its own style, prosilver, and what is made of it): any board by its URL."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Feed, Listing, Thread, starts
from crawlers.site import Site

_TOPIC = r"viewtopic\.php\?(?:[^#]*&)?t=(?P<id>\d+)"
_NEXT = ".pagination a[rel=next], .pagination .next a@href"


class PhpbbTopic(Thread):
    """A page of a topic; `time` carries the zone, the text beside it the reader's."""

    url_pattern = _TOPIC
    marks = ('id="phpbb"', "section-viewtopic")
    rules = rf"""thread_id: url:{_TOPIC} | css:.topic-title a@href => [?&]t=(\d+);
        title: css:.topic-title | css:h2 a; section: last:.breadcrumbs .crumb,
            #nav-breadcrumbs .crumb; shown: css:.pagination li.active; before: url:[?&]start=(\d+);
        post_count: css:.pagination => (\d+)"""
    posts = '//div[starts-with(@id, "p")][contains(concat(" ", @class, " "), " post ")]'
    fields = r"""comment_id: @id => p(\d+); author: .postprofile .username |
        .postprofile .username-coloured | .author .username | .author .username-coloured;
        author_id: .postprofile a@href => [?&]u=(\d+) | .author a@href => [?&]u=(\d+);
        published: .author time@datetime | .author => » *(.+);
        text: .content - blockquote, .codebox p; quoted: .content cite a@data-post-id |
        .content blockquote@cite => [?&#]p=?(\d+)"""
    further, anchor = _NEXT, "#p{}"


class PhpbbList(Listing):
    """A page of a forum: its topics, pinned ones too, and the next page."""

    url_pattern = r"viewforum\.php|/search\.php\?(?:.*&)?search_id=active_topics"
    marks = ('id="phpbb"', "section-viewforum")
    kind, target, further = PageClass.THREAD, _TOPIC, _NEXT
    entries, hints = ".topiclist.topics li.row", ".posts"


class PhpbbFeed(Feed):
    """The board's own Atom feed: topics with news."""

    marks = ("<feed", "viewtopic.php?", "</entry>")
    url_pattern = r"/feed(?:\.php|/|\?|$)"
    kind, target = PageClass.THREAD, _TOPIC


class Phpbb(Site):
    """Boards and topics by URL."""

    name, pages = "phpbb", (PhpbbTopic, PhpbbList, PhpbbFeed)
    options: ClassVar = {
        "board": "URLs of forums (viewforum.php)",
        "feed": "URLs of feeds (app.php/feed)",
        "url": "URLs of topics (viewtopic.php)",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Forums, feeds, then single topics."""
        board, feed, url = ((k, "{}") for k in (PageClass.LIST, PageClass.FEED, PageClass.THREAD))
        return starts(options, board=board, feed=feed, url=url)
