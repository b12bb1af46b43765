"""The PTT replica: index pages, posts with pushes, the age gate, in the markup of the web view.

UTF-8 throughout; private-use and box characters of the old terminal stand in some posts.
Limits: no search, no digest, no feeds; a deleted post answers 404.
"""

# ruff: noqa: E501 - the markup stands as the site writes it

import re
from typing import ClassVar
from urllib.parse import parse_qs, quote, unquote

from tests.replicas.ptt_world import BOARDS, Post, Push, board_pages, world
from tests.replicas.replica import Answer, Replica, Request, esc, not_found, redirect

__all__ = ["Ptt"]

_HEAD = """<!DOCTYPE html>
<html>
\t<head>
\t\t<meta charset="utf-8">


<meta name="viewport" content="width=device-width, initial-scale=1">

<title>{title} - 批踢踢實業坊</title>
{meta}
<link rel="stylesheet" type="text/css" href="//images.ptt.cc/v2.27/bbs-common.css">
<link rel="stylesheet" type="text/css" href="//images.ptt.cc/v2.27/bbs.css" media="screen">
<link rel="stylesheet" type="text/css" href="//images.ptt.cc/v2.27/pushstream.css" media="screen">

\t</head>
    <body>
"""
_TOP = """
<div id="topbar-container">
\t<div id="topbar" class="bbs-content">
\t\t<a id="logo" href="/bbs/">批踢踢實業坊</a>
\t\t<span>&rsaquo;</span>
\t\t<a class="board" href="/bbs/{board}/index.html"><span class="board-label">看板 </span>{board}</a>
\t\t<a class="right small" href="/about.html">關於我們</a>
\t\t<a class="right small" href="/contact.html">聯絡資訊</a>
\t</div>
</div>
"""
_NAVIGATION = """<div id="navigation-container">
\t<div id="navigation" class="bbs-content">
\t\t<a class="board" href="/bbs/{board}/index.html">返回看板</a>
\t\t<div class="bar"></div>
\t</div>
</div>
"""
_ASK = """<div class="bbs-screen bbs-content">
\t<div class="over18-notice">
\t\t<p>本網站已依網站內容分級規定處理</p>
\t\t<p>警告︰您即將進入之看板內容需滿十八歲方可瀏覽。</p>
\t</div>
</div>
<div class="bbs-screen bbs-content center clear">
\t<form action="/ask/over18" method="post">
\t\t<input type="hidden" name="from" value="{target}">
\t\t<div class="over18-button-container"><button class="btn-big" type="submit" name="yes" value="yes">我同意，我已年滿十八歲<br><small>進入</small></button></div>
\t\t<div class="over18-button-container"><button class="btn-big" type="submit" name="no" value="no">未滿十八歲或不同意本條款<br><small>離開</small></button></div>
\t</form>
</div>
"""
_MISSING = (
    _HEAD.format(title="404", meta="")
    + '<div class="bbs-screen bbs-content">404 - Not Found.</div>\n</body>\n</html>\n'
)
_LINK = re.compile(r"https?://[^\s<]+")
_GATED = re.compile(r"/bbs/Gossiping/")


class Ptt(Replica):
    """The boards of `ptt_world` at one epoch."""

    name: ClassVar[str] = "ptt"
    robots: ClassVar[str] = "User-agent: *\nDisallow: /bbs/*/search\nDisallow: /poll/\n"

    def __init__(self, base: str, epoch: int) -> None:
        super().__init__(base, epoch)
        self.world = world(epoch)
        self.posts = {post.path: post for post in self.world.posts if not post.gone}

    def gate(self, request: Request) -> Answer | None:
        """The age gate: a form, a cookie, and a redirect of those without it."""
        if request.path == "/ask/over18":
            if request.method == "POST":
                form = parse_qs(request.body.decode("latin-1"))
                target = unquote(form.get("from", ["/"])[0])
                cookie = ("Set-Cookie", "over18=1; path=/")
                return redirect(f"{self.base}{target}", *([cookie] if "yes" in form else []))
            page = _HEAD.format(title="批踢踢實業坊", meta="")
            page += _ASK.format(target=esc(request.query.get("from", "/")))
            return Answer(f"{page}</body>\n</html>\n".encode())
        if _GATED.match(request.path) and request.cookies.get("over18") != "1":
            return redirect(f"{self.base}/ask/over18?from={quote(request.path, safe='')}")
        return None

    def route(self, request: Request) -> Answer:
        """Index pages and posts; everything else is 404."""
        if post := self.posts.get(request.path):
            return Answer(self.thread(post).encode(), validators=True)
        found = re.fullmatch(r"/bbs/(\w+)/index(\d*)\.html", request.path)
        if found and found[1] in BOARDS:
            pages = board_pages(self.world, found[1])
            number = int(found[2] or len(pages))
            if 1 <= number <= len(pages):
                return Answer(self.index(found[1], pages, number).encode())
        return not_found(_MISSING)

    def index(self, board: str, pages: list[list[Post]], number: int) -> str:
        """One index page; pinned posts stand below the separator of the newest."""
        rows = [_entry(post) for post in pages[number - 1]]
        if number == len(pages):
            rows.append('\t\t<div class="r-list-sep"></div>\n')
            pinned = [p for p in self.world.posts if p.board == board and p.pinned]
            rows.extend(_entry(post) for post in pinned)
        page = _HEAD.format(title=f"看板 {board} 文章列表", meta="") + _TOP.format(board=board)
        page += f"""<div id="main-container">
\t<div id="action-bar-container">
\t\t<div class="action-bar">
\t\t\t<div class="btn-group btn-group-dir">
\t\t\t\t<a class="btn selected" href="/bbs/{board}/index.html">看板</a>
\t\t\t\t<a class="btn" href="/man/{board}/index.html">精華區</a>
\t\t\t</div>
\t\t\t<div class="btn-group btn-group-paging">
\t\t\t\t<a class="btn wide" href="/bbs/{board}/index1.html">最舊</a>
\t\t\t\t{_turn(board, number - 1, number > 1, "&lsaquo; 上頁")}
\t\t\t\t{_turn(board, number + 1, number < len(pages), "下頁 &rsaquo;")}
\t\t\t\t<a class="btn wide" href="/bbs/{board}/index.html">最新</a>
\t\t\t</div>
\t\t</div>
\t</div>
\t<div class="r-list-container action-bar-margin bbs-screen">
"""
        return f"{page}{''.join(rows)}\t</div>\n</div>\n    </body>\n</html>\n"

    def thread(self, post: Post) -> str:
        """A post with its pushes."""
        meta = f"""<meta name="robots" content="all">
<meta name="keywords" content="Ptt BBS 批踢踢">
<meta name="description" content="{esc(post.body[0])}">
<meta property="og:site_name" content="Ptt 批踢踢實業坊">
<meta property="og:title" content="{esc(post.title)}">
<meta property="og:description" content="{esc(post.body[0])}">
<link rel="canonical" href="{self.base}{post.path}">
"""
        page = _HEAD.format(title=f"{esc(post.title)} - 看板 {post.board}", meta=meta)
        page += _TOP.format(board=post.board) + _NAVIGATION.format(board=post.board)
        page += (
            '<div id="main-container">\n    <div id="main-content" class="bbs-screen bbs-content">'
        )
        page += (_metalines(post) if post.meta else "") + "\n"
        page += "\n\n".join(_own(post)) + "\n"
        page += f"\n--\n{esc(post.sign)}\n" if post.sign else "\n--\n"
        url = f"{self.base}{post.path}"
        page += f"""<span class="f2">※ 發信站: 批踢踢實業坊(ptt.cc), 來自: {post.ip} (臺灣)
</span><span class="f2">※ 文章網址: <a href="{url}" target="_blank" rel="noreferrer noopener nofollow">{url}</a>
</span>"""
        edits = [_edit(post, at) for at in post.edits]
        inside = post.inserted[0] if post.inserted else -1
        page += "".join(edits[: len(edits) - (inside >= 0)])
        for number, push in enumerate(post.pushes, 1):
            page += _push(push)
            if number == inside and post.inserted:
                page += f"\n{esc(post.inserted[1])}\n\n{edits[-1]}"
        page += f"""</div>

    <div id="article-polling" data-pollurl="/poll/{post.board}/{post.aid}.html?cacheKey=2052-77&offset={len(page)}&offset-sig=0f" data-longpollurl="/v1/longpoll?id=0f" data-offset="{len(page)}"></div>

</div>

    </body>
</html>
"""
        return page


def _turn(board: str, number: int, there: bool, label: str) -> str:  # noqa: FBT001 - a state
    if there:
        return f'<a class="btn wide" href="/bbs/{board}/index{number}.html">{label}</a>'
    return f'<a class="btn wide disabled">{label}</a>'


def _count(score: int) -> str:
    if score == 0:
        return ""
    if score >= 100:
        return '<span class="hl f1">爆</span>'
    if score > 0:
        return f'<span class="hl f{3 if score >= 10 else 2}">{score}</span>'
    shown = "XX" if score <= -100 else f"X{-score // 10}"
    return f'<span class="hl f0">{shown}</span>' if score <= -10 else ""


def _entry(post: Post) -> str:
    title = post.gone and esc(post.gone)
    title = title or f'<a href="{post.path}">{esc(post.title)}</a>'
    return f"""
\t\t<div class="r-ent">
\t\t\t<div class="nrec">{"" if post.gone else _count(post.score)}</div>
\t\t\t<div class="title">
\t\t\t
\t\t\t\t{title}
\t\t\t
\t\t\t</div>
\t\t\t<div class="meta">
\t\t\t\t<div class="author">{"-" if post.gone else post.author}</div>
\t\t\t\t<div class="article-menu"></div>
\t\t\t\t<div class="date">{post.at.month:2d}/{post.at.day:02d}</div>
\t\t\t\t<div class="mark">{post.mark}</div>
\t\t\t</div>
\t\t</div>
"""


def _metalines(post: Post) -> str:
    rows = (
        ("", "作者", f"{post.author} ({post.nick})"),
        ("-right", "看板", post.board),
        ("", "標題", post.title),
        ("", "時間", f"{post.at:%a %b} {post.at.day:2d} {post.at:%H:%M:%S %Y}"),
    )
    return "".join(
        f'<div class="article-metaline{side}"><span class="article-meta-tag">{tag}</span>'
        f'<span class="article-meta-value">{esc(value)}</span></div>'
        for side, tag, value in rows
    )


def _own(post: Post) -> list[str]:
    parts = [esc(line) for line in post.body]
    parts = [_LINK.sub(lambda m: f'<a href="{m[0]}" rel="nofollow">{m[0]}</a>', x) for x in parts]
    if post.legacy:
        parts.append("\n".join(esc(line) for line in post.legacy))
    if post.mail:
        key = 0x5A
        code = bytes([key, *(byte ^ key for byte in post.mail.encode())]).hex()
        mask = f'<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="{code}">'
        parts.append(f"來信請寄 {mask}[email&#160;protected]</a> 謝謝")
    if post.quote:
        head = f"※ 引述《{post.quote.author} ({post.quote.nick})》之銘言：\n"
        rows = "".join(f'<span class="f6">: {esc(line)}\n</span>' for line in post.quoted)
        parts.append(f'<span class="f2">{esc(head)}</span>{rows}')
    return parts


def _edit(post: Post, at: object) -> str:
    return (
        f'<span class="f2">※ 編輯: {post.author} ({post.ip} 臺灣), {at:%m/%d/%Y %H:%M:%S}\n</span>'
    )


def _push(push: Push) -> str:
    colour = "hl" if push.tag == "推" else "f1 hl"
    when = f" {push.ip} {push.at:%m/%d %H:%M}" if push.ip else f" {push.at:%m/%d %H:%M}"
    return (
        f'<div class="push"><span class="{colour} push-tag">{push.tag} </span>'
        f'<span class="f3 hl push-userid">{push.user}</span>'
        f'<span class="f3 push-content">: {esc(push.text)}</span>'
        f'<span class="push-ipdatetime">{when}\n</span></div>'
    )
