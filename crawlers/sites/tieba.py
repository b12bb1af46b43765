"""Baidu Tieba (tieba.baidu.com): saved PC pages of threads and lists: Simplified, UTC+8.

The site asks for captchas and signatures, so nothing is crawled. Advert floors have no post id;
of the replies below a floor (楼中楼) a page shows ten at most.
"""

from dataclasses import replace

from archive.model import Comment, PageClass
from crawlers.page import Listing, Selector, Thread
from crawlers.site import Site

_THREAD = r"/p/(?P<id>\d{8,})"
_REPLY = '//li[contains(@class, "lzl_single_post")]'


class TiebaThread(Thread):
    """A page of a thread with the first replies below each floor."""

    url_pattern = _THREAD
    marks = ('class="l_post', "tieba")
    rules = rf"""thread_id: url:{_THREAD} | re:thread_id\W{{1,3}}(\d{{8,}});
        title: css:.core_title_txt | css:h1 | css:title => ^(.*?)【;
        reply_count: re:reply_num\W{{1,3}}(\d+);
        section: css:.card_title_fname => (.*?)吧?$; shown: css:.tP; asked: url:[?&]pn=(\d+)"""
    posts = f'//div[contains(@class, "l_post")][contains(@data-field, "post_id")] | {_REPLY}'
    fields = r"""comment_id: @data-field >> content.post_id | @data-field => spid\W+(\d+);
        author: @data-field >> author.user_name | @data-field >> author.user_nickname |
            @data-field >> showname | @data-field => 'showname':'([^']+)' | .lzl_cnt a.at;
        author_id: @data-field >> author.user_id; floor: @data-field >> content.post_no;
        text: .d_post_content - .p_forbidden_tip | .lzl_content_main;
        published: .core_reply_tail .tail-info => \d{4}-\d\d?-\d\d? \d\d?:\d\d | .lzl_time;
        ip_region: .core_reply_tail .tail-info => IP属地[:：]?\s*(\S+);
        reply_count: @data-field >> content.comment_num; folded: @data-field >> content.is_fold;
        parent_id: @data-field => \bpid\W+(\d+)"""
    further = '//a[.="下一页"]/@href'


class TiebaReplies(Thread):
    """A page of the replies below one floor, as a fragment of HTML."""

    url_pattern = r"/p/comment\?"
    marks = ("lzl_single_post", "lzl_cnt", "j_user_card")
    rules = r"thread_id: url:[?&]tid=(\d+); floor: url:[?&]pid=(\d+)"
    posts, fields = _REPLY, TiebaThread.fields

    def fixed(self, found: Comment, node: Selector) -> Comment:
        """The floor they answer stands in the URL only."""
        del node
        return replace(found, parent_id=found.parent_id or self.get("floor") or None)


class TiebaList(Listing):
    """A bar's list of threads, or search results."""

    url_pattern = r"/f\?|/f/search"
    marks = ("tieba", "j_thread_list")
    kind, target = PageClass.THREAD, _THREAD
    entries, hints = "li.j_thread_list, .s_post", ".threadlist_rep_num"


class TiebaSearch(TiebaList):
    """Results of a search."""

    marks = ("s_post_list", "bluelink")


class Tieba(Site):
    """Import only."""

    name, pages, crawlable = "tieba", (TiebaThread, TiebaReplies, TiebaList, TiebaSearch), False
    hosts = ("tieba.baidu.com",)
    robots_note = "captchas and signed requests: saved pages can be imported, nothing is fetched"
