"""PTT (www.ptt.cc), Taiwan's largest BBS, by its web view: Traditional Chinese, UTC+8.

Pushes show no id and no year: the id is made of time and user (floors shift when a push goes).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import ClassVar

from archive.model import Article, Comment, Kind, Link, PageClass, PageData, StopReason
from crawlers.page import Listing, Page, masked, span, text_of
from crawlers.site import Site

_POST = r"/bbs/(?P<id>[\w-]+/M\.(?P<epoch>\d{9,10})\.A\.\w+)\.html"
_TOP = r're:id="main-content"[^>]*>\s*作者[:：]?\s'  # forwarded, without metalines
_SIGNATURE = re.compile(r"\n(?:-{3,}\nSent from .*\n+)?--\n(?:.*\n){0,8}?(?=※ 發信站)")
_HEAD = re.compile(r"\A作者[:：]? .*看板[:：]? .*\n+(?:標題[:：]? .*\n+)?(?:時間[:：]? .*\n+)?")
_NOT_OWN = re.compile(r"(?m)^(?:[:>](?: .*)?|※ (?:引述|發信站|文章網址|編輯|轉錄).*|\s*)\n")


class PttList(Listing):
    """A page of a board's index; a deleted post is a line without a link."""

    url_pattern, marks = r"/bbs/[\w-]+/(?:index|search)", ("批踢踢實業坊", "r-list-container")
    kind, entries, target, hints = PageClass.THREAD, ".r-ent", _POST, ".nrec, .mark, .title"
    further = '//a[contains(., "上頁")]/@href'


class PttThread(Page):
    """A post and its pushes, all on one page."""

    page_class = PageClass.THREAD
    url_pattern, marks = _POST, ('id="main-content"', "批踢踢實業坊")
    rules = rf"""thread_id: url:{_POST} | re:文章網址.{{,60}}{_POST};
        url: re:文章網址: <a href="([^"]+);
        title: css:.article-metaline => ^標題\s*(.+) | meta:og:title;
        authors: css:.article-metaline => ^作者\s*(\w+) | {_TOP}*(\w+);
        section: css:.article-metaline-right => ^看板\s*(.+) | url:/bbs/([\w-]+)/;
        published: css:.article-metaline => ^時間\s*(.+) | url:/M\.(\d+)\.;
        modified: last:.f2 => ※ 編輯: [^\n]*?(\d\d/\d\d(?:/\d{{4}})? \d\d:\d\d(?::\d\d)?);
        ip_region: re:※ 發信站: [^\n]*來自: (?:[\d.]+ \(([^\n]+?)\)|([\d.]+))"""

    def data(self) -> PageData:
        """The post without quote, signature and footer; what its author added below is kept."""
        furniture = "[class^=article-metaline], .push, .richcontent"
        _, whole = self.node("text", "#main-content", drop=furniture, pre=True)
        text = _NOT_OWN.sub("", _SIGNATURE.sub("\n", f"{whole}\n")).strip("\n")
        post = self.article(kind=Kind.POST, text=_HEAD.sub("", text))
        cut = "warning-box" in self.view.text
        return self.thread(post, self.pushes(post), stop=StopReason.CAP if cut else None)

    def pushes(self, post: Article) -> Iterator[Comment]:
        """Remarks in order; a line that lost its colours is the author's text, not a push."""
        seen, after = Counter[str](), getattr(post.published, "at", None)
        lines = (push.findall("span") for push in self.view.finder.elements(".push"))
        for floor, push in enumerate((line[:4] for line in lines if len(line) >= 4), 1):
            mark, user, said, when = map(text_of, push)
            at, said = self.time(when[-11:], after=after), said.removeprefix(":").strip()
            after = at.at or after
            seen[key := re.sub(r"\D", "", when[-11:]) + "." + user] += 1
            name, ip = f"{key}.{seen[key]}", masked(when[:-11].strip())
            yield Comment(post.article_id, name, said, user, None, at, floor, None, (), ip, mark)


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
