"""PTT (www.ptt.cc), Taiwan's largest BBS, by its web view: Traditional Chinese, UTC+8.

Pushes show no id and no year: the id is made of time and user (floors shift when a push goes).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import ClassVar

from archive.model import Article, Comment, Kind, Link, PageClass, PageData, StopReason
from crawlers.page import Listing, Page, masked, span, text_of
from crawlers.site import Site

_POST = r"/bbs/(?P<id>[\w-]+/M\.(?P<epoch>\d{9,10})\.A\.\w+)\.html"
_META = 'xpath://*[@class="article-meta-tag"][.="{}"]/following-sibling::*[1]//text()'
_SIGNATURE = re.compile(r"\n(?:-{3,}\nSent from .*\n+)?--\n(?:.*\n){0,8}?(?=※ 發信站)")
_NOT_OWN = re.compile(r"(?m)^(?:[:>](?: .*)?|※ (?:引述|發信站|文章網址|編輯|轉錄).*|\s*)\n")


class PttList(Listing):
    """A page of a board's index; a deleted post is a line without a link."""

    url_pattern, marks = r"/bbs/[\w-]+/(?:index|search)", ("批踢踢實業坊", "r-list-container")
    kind, entries, target, hints = PageClass.THREAD, ".r-ent", _POST, ".nrec, .mark, .title"
    further = '//a[contains(., "上頁")]/@href'


class PttThread(Page):
    """A post and its pushes, all on one page."""

    page_class = PageClass.THREAD
    url_pattern = _POST
    marks = ('id="main-content"', "批踢踢實業坊")
    rules = rf"""thread_id: url:{_POST} | re:文章網址.{{,60}}{_POST};
        url: re:文章網址: <a href="([^"]+); title: {_META.format("標題")} | meta:og:title;
        authors: {_META.format("作者")} => ^\w+;
        section: {_META.format("看板")} | url:/bbs/([\w-]+)/;
        published: {_META.format("時間")} | url:/M\.(\d+)\.;
        modified: re:\A.*※ 編輯: [^\n]*?(\d\d/\d\d(?:/\d{{4}})? \d\d:\d\d(?::\d\d)?);
        ip_region: re:※ 發信站: [^\n]*來自: (?:[\d.]+ \(([^\n]+?)\)|([\d.]+))"""

    def data(self) -> PageData:
        """The post without quote, signature and footer; what its author added below is kept."""
        furniture = "[class^=article-metaline], .push, .richcontent"
        _, whole = self.node("text", "#main-content", drop=furniture, pre=True)
        text = _NOT_OWN.sub("", _SIGNATURE.sub("\n", f"{whole}\n")).strip("\n")
        post = self.article(kind=Kind.POST, text=text)
        cut = "warning-box" in self.view.text
        return self.thread(post, self.pushes(post), stop=StopReason.CAP if cut else None)

    def pushes(self, post: Article) -> Iterator[Comment]:
        """Remarks in order; a line that lost its colours is the author's text, not a push."""
        seen, after = Counter[str](), getattr(post.published, "at", None)
        lines = self.view.selector.xpath('//div[@class="push"][count(span)>=4]')
        for floor, push in enumerate(lines, 1):
            mark, user, said, when = (text_of(span) for span in push.xpath("span")[:4])
            at, said = self.time(when[-11:], after=after), said.removeprefix(":").strip()
            after = at.at or after
            seen[key := re.sub(r"\D", "", when[-11:]) + "." + user] += 1
            found = Comment(post.article_id, f"{key}.{seen[key]}", said, user, None, at, floor)
            yield replace(found, reaction=mark, ip_region=masked(when[:-11].strip()))


class Ptt(Site):
    """Boards by name: the newest pages, or a range of index pages."""

    name, hosts, pages = "ptt", ("www.ptt.cc",), (PttThread, PttList)
    cookies: ClassVar = {"over18": "1"}
    options: ClassVar = {"board": "boards, comma between", "index": "index pages: 100..200 or 100"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest page of each board, or the pages of the range."""
        numbers = span(options["index"]) if "index" in options else [""]
        for board, number in product(filter(None, options.get("board", "").split(",")), numbers):
            url = f"https://www.ptt.cc/bbs/{board.strip()}/index{number}.html"
            yield Link(url, PageClass.LIST, meta={"walk": 0} if number else {})
