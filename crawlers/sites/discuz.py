"""Discuz! (7, X2 and later): any board by its URL; script, charset and zone are the board's.

Locked floors are records without text; text that is hidden against copying is left out.
"""

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Notice, Thread
from crawlers.site import Site

_THREAD = r"(?:viewthread.*[?&]tid=|thread-|/\?tid-)(?P<id>\d+)"
_NEXT = ".pg a.nxt, .pages a.next@href"
_POSTS = '//div[starts-with(@id, "post_") and number(substring(@id, 6)) > 0]'
_HIDDEN = """.jammer, [style*="display:none"], [style*="display: none"], .pstatus, .quote, .locked,
    .tip, .aimg_tip, .attach_nopermission, .a_pr, .t_attach, .attach_popup"""


class DiscuzMessage(Notice):
    """The page that stands in for a board or thread."""

    marks = ('id="messagetext"',)
    rules = f"said: css:#messagetext p | css:#messagetext; thread_id: url:{_THREAD}"


class DiscuzList(Listing):
    """A page of a board: its threads, pinned ones too, and the next page."""

    url_pattern = r"mod=forumdisplay|forumdisplay\.php|/forum-\d+-\d+\.html"
    marks = ('id="normalthread_',)
    kind, target, further = PageClass.THREAD, _THREAD, _NEXT
    entries = "tbody[id^=normalthread_], tbody[id^=stickthread_]"
    hints = ".num a, .nums strong"


class DiscuzThread(Thread):
    """One page of a thread."""

    url_pattern = _THREAD
    marks = ('id="postmessage_', "authorposton")
    rules = rf"""thread_id: url:{_THREAD} | re:tid\s*=\s*parseInt\('(\d+)' | re:[?&;]tid=(\d+);
        title: css:#thread_subject | css:#threadtitle h1 | css:h1.ts | css:title => ^(.*?) -;
        section: last:#pt a[href*="fid="], #pt a[href*="forum-"], #nav a[href*="fid="],
            #nav a[href*="forum-"];
        reply_count: css:.pls .hm => (?:回复|回覆|回復|回帖)\D*(\d+);
        shown: css:.pg strong | css:.pages strong; asked: url:(?:[?&]page=|thread-\d+-)(\d+)"""
    posts = _POSTS
    fields = rf"""comment_id: @id => (\d+); floor: [id^=postnum];
        author: .authi a.xw1 | .postauthor cite a | .postauthor .postinfo a | .pls .authi;
        author_id: .authi a.xw1@href => uid\W(\d+) | .postauthor a@href => uid\W(\d+);
        published: [id^=authorposton] span@title | [id^=authorposton]; locked: .locked;
        modified: i.pstatus => [于於]\s*(.*?)\s*[编編];
        ip_region: .plc .authi code => 来自 - (.+); text: [id^=postmessage_] - {_HIDDEN};
        quoted: [id^=postmessage_] a[href*=findpost]@href => [?&]pid=(\d+)"""
    further, anchor = _NEXT, "#pid{}"


class Discuz(Site):
    """Boards and threads by URL."""

    name, pages = "discuz", (DiscuzMessage, DiscuzThread, DiscuzList)
    options: ClassVar = {"url": "URLs of boards or threads, comma between"}
    robots_note = "the default robots.txt allows boards and threads, not search or the API"

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Each URL as what it looks like."""
        for url in filter(None, options.get("url", "").split(",")):
            found = re.search(_THREAD, url)
            kind = PageClass.THREAD if found else PageClass.LIST
            yield Link(url.strip(), kind, found["id"] if found else None)
