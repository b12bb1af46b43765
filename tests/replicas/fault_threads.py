"""Pages of an invented Discuz board for the fault server: what is wrong is in their content.

A crawler that asks for `.../thread-N-1-1.html` gets a thread of that number, so that a page object
reads it. Limits: one template, six posts a page unless said otherwise.
"""

# ruff: noqa: E501 - one canned answer a line

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

__all__ = ["THREADS", "board", "ok", "thread"]

_TID = re.compile(r"thread-(\d+)-(\d+)-")
_POSTS = 6
_SENTENCE = "河边的鱼市清早五点开秤，买鱼的人互相不说话，伸手指、点头、成交。"


def _number(path: str) -> tuple[int, int]:
    found = _TID.search(path)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def _post(pid: int, floor: int, text: str, when: str = "2026-1-5 08:00") -> str:
    return (
        f'<div id="post_{pid}"><table><tr><td class="pls"><div class="authi"><a class="xw1" '
        f'href="space-uid-{floor + 40}.html">渔夫{floor}</a></div></td><td class="plc">'
        f'<a id="postnum{pid}" href="#pid{pid}">{floor}<sup>#</sup></a>'
        f'<em id="authorposton{pid}">发表于 {when}</em>'
        f'<div class="t_f" id="postmessage_{pid}">{text}</div></td></tr></table></div>\n'
    )


def thread(
    path: str,
    posts: Iterable[tuple[int, str]] | None = None,
    *,
    when: str = "2026-1-5 08:00",
    head: str = "",
    foot: str = "",
) -> bytes:
    """A thread page; `posts` are (post id below the thread, text), six plain ones if not given."""
    tid, page = _number(path)
    start = (page - 1) * _POSTS
    rows = posts or ((start + n, f"{_SENTENCE}第{start + n}段。") for n in range(1, _POSTS + 1))
    body = "".join(_post(tid * 100_000 + n, n, text, when) for n, text in rows)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">{head}<title>鱼市的早晨 - 河边 - 论坛</title></head>\n'
        f'<body><div id="pt"><a href="forum-2-1.html">河边</a></div><h1 class="ts"><span id="thread_subject">鱼市的早晨</span></h1>\n'
        f"{body}{foot}</body></html>\n"
    ).encode()


def ok(path: str, plain: bytes) -> bytes:
    """A page without fault: a thread where the URL asks for one, else `plain`."""
    return thread(path) if _TID.search(path) else plain


def board(path: str, links: Iterable[str]) -> bytes:
    """A list page of a board with these links as its threads."""
    del path
    rows = "".join(
        f'<tbody id="normalthread_{n}"><tr><th><a class="s xst" href="{url}">题目{n}</a></th><td class="num"><a>{n}</a></td></tr></tbody>\n'
        for n, url in enumerate(links, 1)
    )
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>河边 - 论坛</title></head><body><table>{rows}</table></body></html>\n'.encode()


def _next(path: str) -> str:
    tid, page = _number(path)
    return f'<div class="pg"><strong>{page}</strong><a class="nxt" href="thread-{tid}-{page + 1}-1.html">下一页</a></div>'


@cache
def _long(path: str) -> bytes:
    return thread(path, [(n, f"第{n}条：{_SENTENCE[: n % 30 + 2]}") for n in range(1, 10_002)])


def _plain(path: str) -> list[tuple[int, str]]:
    del path
    return [(n, f"{_SENTENCE}第{n}段。") for n in range(1, _POSTS + 1)]


def _repeated(path: str) -> bytes:
    posts = _plain(path)
    return thread(path, [*posts, *posts[1:3], (2, "同一号，别的话。")])


Play = Callable[[str, int], bytes]

THREADS: Mapping[str, tuple[str, tuple[str, ...], Play]] = {
    "duplicate-ids": (
        "a thread that shows post ids twice, once with another text",
        ("ok",),
        lambda path, _: _repeated(path),
    ),
    "future-dates": (
        "posts dated in 2099",
        ("ok",),
        lambda path, _: thread(path, when="2099-12-31 23:59"),
    ),
    "zero-dates": (
        "posts dated 0000-00-00",
        ("ok",),
        lambda path, _: thread(path, when="0000-00-00 00:00"),
    ),
    "impossible-dates": (
        "posts dated 31 February",
        ("ok",),
        lambda path, _: thread(path, when="2026-2-31 25:61"),
    ),
    "bad-json-ld": (
        "JSON-LD with trailing commas, comments and a lone surrogate",
        ("ok",),
        lambda path, _: thread(
            path,
            head='<script type="application/ld+json">{"@type": "Article", "headline": "\\ud83d", // x\n "a": [1,], }</script>',
        ),
    ),
    "ten-thousand-comments": (
        "a thread of 10,000 comments on one page",
        ("ok",),
        lambda path, _: _long(path),
    ),
    "endless-thread": (
        "each page has a next page with the same posts",
        ("ok",),
        lambda path, _: thread(path, _plain(path), foot=_next(path)),
    ),
    "changing-page": (
        "another text at each request",
        ("ok",),
        lambda path, count: thread(path, [(1, f"第{count}次。"), (2, "回复。")]),
    ),
    "script-payload": (
        "posts full of markup and script",
        ("ok",),
        lambda path, _: thread(
            path,
            [
                (1, "<script>document.title='x'</script>正文。<img src=x onerror=alert(1)>"),
                (2, "&lt;script&gt;"),
            ],
        ),
    ),
    "control-characters": (
        "posts with null, escape and bidi control characters",
        ("ok",),
        lambda path, _: thread(path, [(1, "鱼\x00市\x1b[31m早\u202e晨\u200b"), (2, "\ufffe回复")]),
    ),
    "million-characters": (
        "one post of a million characters",
        ("ok",),
        lambda path, _: thread(path, [(1, _SENTENCE * 31_250), (2, "长。")]),
    ),
    "unclosed-markup": (
        "markup that is never closed",
        ("ok",),
        lambda path, _: thread(path).replace(b"</div>", b"").replace(b"</td>", b""),
    ),
    "noarchive": (
        "robots meta noarchive, nosnippet",
        ("ok",),
        lambda path, _: thread(path, head='<meta name="robots" content="noarchive, nosnippet">'),
    ),
    "meta-refresh": (
        "a page that is only a meta refresh",
        ("empty", "other", "quarantine"),
        lambda _path, _: (
            b'<html><head><meta http-equiv="refresh" content="0;url=/other.html"></head><body></body></html>'
        ),
    ),
    "script-only": (
        "a page that needs JavaScript",
        ("empty", "other", "quarantine"),
        lambda _path, _: (
            "<html><head><title>论坛</title></head><body><noscript>请启用 JavaScript</noscript><script>load()</script></body></html>".encode()
        ),
    ),
    "frameset": (
        "a page of frames",
        ("empty", "other", "quarantine"),
        lambda _path, _: (
            b"<html><head><title>x</title></head><frameset><frame src='a.html'></frameset></html>"
        ),
    ),
    "maintenance": (
        "200 with a notice of maintenance",
        ("other", "blocked", "soft404", "quarantine"),
        lambda _path, _: (
            "<html><head><title>系统维护</title></head><body><h1>系统维护中</h1><p>预计两小时后恢复。</p></body></html>".encode()
        ),
    ),
    "consent": (
        "200 with a consent page",
        ("login", "other", "quarantine"),
        lambda _path, _: (
            b"<html><head><title>Cookie consent</title></head><body><form><p>We use cookies.</p><button>Agree</button></form></body></html>"
        ),
    ),
    "json-error": (
        "200 with an error in JSON",
        ("other", "api", "quarantine"),
        lambda _path, _: b'{"code": -412, "message": "request was banned", "data": null}',
    ),
    "trap-calendar": (
        "a board whose links lead through a calendar to 2099",
        ("trap",),
        lambda path, _: board(
            path, (f"/calendar/20{y}-01-05/thread-{y}-1-1.html" for y in range(40, 99))
        ),
    ),
    "trap-segments": (
        "links that repeat their path",
        ("trap",),
        lambda path, _: board(
            path, ("/bbs" + "/a/b" * n + "/thread-5-1-1.html" for n in range(4, 40))
        ),
    ),
    "trap-depth": (
        "paths of 40 segments",
        ("trap",),
        lambda path, _: board(
            path, ["/" + "/".join(f"s{n}" for n in range(40)) + "/thread-5-1-1.html"]
        ),
    ),
    "trap-sessions": (
        "a session id in each path",
        ("trap",),
        lambda path, count: board(
            path, (f"/fault/(S({n * 7919 + count:024x}))/thread-5-1-1.html" for n in range(20))
        ),
    ),
    "trap-length": (
        "links of 5,000 characters",
        ("trap",),
        lambda path, _: board(path, ["/fault/x/thread-5-1-1.html?q=" + "x" * 5000]),
    ),
}
"""What a page of that name does, the outcomes that are right, and the page for path and count."""
