"""The bodies that the fault server answers with: gates, wrong kinds, damage.

All invented. `expect` are the page classes that a right reader gives. Limits: big bodies are
made piece by piece, never held whole.
"""

# ruff: noqa: E501 - one canned answer a line

import gzip
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

__all__ = ["BODIES", "BOMB_BYTES", "OK", "Canned", "bomb", "cut_gzip", "huge"]

BOMB_BYTES = 64 * 1024 * 1024
_SENTENCE = "河边的鱼市清早五点开秤，买鱼的人互相不说话，伸手指、点头、成交。"
_UTF8 = "text/html; charset=utf-8"


def _page(title: str, body: str, head: str = '<meta charset="utf-8">') -> str:
    return (
        f"<!DOCTYPE html>\n<html><head>{head}<title>{title}</title></head>\n"
        f"<body>{body}</body></html>\n"
    )


_STORY = "".join(f"<p>{_SENTENCE}第{n}段。</p>\n" for n in range(1, 9))
OK = _page("鱼市的早晨", f"<article><h1>鱼市的早晨</h1>\n{_STORY}</article>").encode()
"""A plain page, for faults that pass after a while."""


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that is always the same."""

    name: str
    what: str
    expect: tuple[str, ...]
    body: bytes = b""
    status: int = 200
    content_type: str = _UTF8
    headers: tuple[tuple[str, str], ...] = ()


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x7f")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    )


_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_ZIP = b"PK\x03\x04\x14\x00\x00\x00\x00\x00" + bytes(20) + b"PK\x05\x06" + bytes(18)
_FORM = '<form action="/login" method="post"><label>用户名 <input name="user"></label><label>密码 <input type="password" name="secret"></label><button>登录</button></form>'
_CAPTCHA = _page(
    "安全验证",
    '<div class="verify-box"><p>您的访问过于频繁，请完成验证后继续。</p>'
    '<form method="post"><img src="/captcha.jpg" alt="验证码"><input name="code"><button>提交</button></form></div>',
)
_CHALLENGE = _page(
    "Just a moment...",
    '<div id="cf-wrapper"><h1>Checking your browser before accessing the site.</h1>'
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate.js"></script></div>',
)
_FOREIGN = _page(
    "Garden notes",
    "<nav><a href='/'>Home</a></nav><h2>Tomatoes in a wet year</h2>"
    + "<p>The beds by the wall stayed dry, so we moved every pot there before the end of June.</p>"
    * 6,
)
_MANY = "".join(f"<p>{_SENTENCE}</p>\n" for _ in range(6))


def _all() -> Iterator[Canned]:
    yield Canned(
        "http-404",
        "404 with the site's page",
        ("soft404",),
        _page("404 Not Found", "页面不存在").encode(),
        404,
    )
    yield Canned("http-410", "410, gone", ("soft404",), b"gone", 410)
    yield Canned(
        "http-500", "500, always", ("other", "error"), b"<html><title>500</title></html>", 500
    )
    yield Canned(
        "http-503",
        "503, always",
        ("other", "error", "blocked"),
        _page("503", "维护中").encode(),
        503,
    )
    yield Canned(
        "http-403", "403, refused", ("blocked",), _page("403 Forbidden", "拒绝访问").encode(), 403
    )
    yield Canned(
        "soft-404",
        "200 with a page that says it is missing",
        ("soft404",),
        _page(
            "提示信息", '<div id="messagetext"><p>抱歉，指定的主题不存在或已被删除</p></div>'
        ).encode(),
    )
    yield Canned("captcha", "200 with a captcha", ("captcha",), _CAPTCHA.encode())
    yield Canned("challenge", "503 with a browser check", ("blocked",), _CHALLENGE.encode(), 503)
    yield Canned(
        "login-wall", "200 with a login form", ("login",), _page("用户登录", _FORM).encode()
    )
    yield Canned("empty", "200 without a body", ("empty",))
    yield Canned("blank", "200 with white space only", ("empty",), b" \r\n\t\r\n")
    yield Canned(
        "jsonp-cut",
        "JSONP that ends half-way",
        ("other", "api", "quarantine"),
        b'getData(\n{"commentIds": ["1,2"], "comments": {"1": {"content": "x',
        content_type="application/javascript; charset=utf-8",
    )
    yield Canned(
        "jsonp-garbage",
        "JSONP around something that is no JSON",
        ("other", "api", "quarantine"),
        b"getData(<html>oops</html>);",
        content_type="application/javascript; charset=utf-8",
    )
    yield Canned(
        "json-null",
        "a JSON body that is null",
        ("other", "api", "empty", "quarantine"),
        b"null",
        content_type="application/json",
    )
    yield Canned(
        "foreign-page",
        "a whole page of another site",
        ("other", "article", "quarantine"),
        _FOREIGN.encode(),
    )
    yield Canned("png", "an image, said to be one", ("other",), _png(), content_type="image/png")
    yield Canned("png-as-html", "an image, said to be HTML", ("other",), _png())
    yield Canned("pdf", "a PDF", ("other",), _PDF, content_type="application/pdf")
    yield Canned("zip", "a zip file, said to be HTML", ("other",), _ZIP)
    yield Canned(
        "charset-lie-gbk",
        "GBK bytes, header says UTF-8, markup says GBK",
        ("article", "other", "quarantine"),
        _page(
            "鱼市的早晨", f"<article><h1>鱼市的早晨</h1>{_MANY}</article>", '<meta charset="gbk">'
        ).encode("gbk"),
    )
    yield Canned(
        "charset-lie-big5",
        "UTF-8 bytes, header says Big5",
        ("article", "other", "quarantine"),
        OK,
        content_type="text/html; charset=big5",
    )
    yield Canned(
        "charset-unknown",
        "a charset that does not exist",
        ("article", "other", "quarantine"),
        OK,
        content_type="text/html; charset=x-klingon",
    )
    yield Canned(
        "mojibake",
        "bytes that are text in no charset",
        ("other", "article", "empty", "quarantine"),
        b"<html><body><p>" + bytes(range(128, 256)) * 40 + b"</p></body></html>",
    )
    yield Canned(
        "no-type",
        "HTML without Content-Type",
        ("article", "other", "quarantine"),
        OK,
        content_type="",
    )
    yield Canned(
        "nul-bytes",
        "HTML full of null bytes",
        ("article", "other", "quarantine"),
        OK.replace(b"<p>", b"<p>\x00\x00"),
    )
    yield Canned(
        "deep",
        "30,000 nested elements",
        ("other", "article", "empty", "quarantine"),
        b"<html><body>" + b"<div>" * 30_000 + b"x",
    )


BODIES = {canned.name: canned for canned in _all()}
"""Answers that do not depend on the request."""


def huge(size: int) -> Iterator[bytes]:
    """A page of exactly that many bytes, in pieces of about 64 KB."""
    head = b"<html><head><title>huge</title></head><body>\n"
    piece = (f"<p>{_SENTENCE}</p>\n".encode() * 700)[:65_536]
    yield head
    left = size - len(head)
    while left > 0:
        yield piece[:left]
        left -= len(piece)


@cache
def bomb() -> bytes:
    """A gzip stream of about 64 KB that opens into `BOMB_BYTES` of spaces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * (1024 * 1024)
    parts = [packer.compress(b"<html><body>")]
    parts += [packer.compress(block) for _ in range(BOMB_BYTES // len(block))]
    return b"".join([*parts, packer.flush()])


@cache
def cut_gzip() -> bytes:
    """The first half of a gzip stream."""
    whole = gzip.compress(OK, mtime=0)
    return whole[: len(whole) // 2]
