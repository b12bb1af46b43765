"""Faults of status line, headers, codings, cookies and redirects; mixed into the fault handler.

Each `play_NAME` answers one request of the fault NAME. Limits: as `tests.replicas.faults`.
"""

import gzip
import zlib
from contextlib import suppress
from functools import cache
from typing import Any

import brotli

from archive.warc_zstd import zstd
from tests.replicas.fault_pages import OK
from tests.replicas.fault_threads import ok, thread
from tests.replicas.replica import Request

__all__ = ["WIRE", "WirePlays"]

_HTML = "text/html; charset=utf-8"
_OPENED = 48 * 1024 * 1024
_ERROR = ("error", "other", "quarantine")

WIRE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("http-502-burst", "502, then 504, then a page", ("ok",)),
    ("http-429-plain", "429 without Retry-After once, then a page", ("ok",)),
    ("http-520", "520, always", ("error", "other")),
    ("http-521-script", "521 with a script that sets a cookie, always", ("error", "blocked")),
    ("http-451", "451, unavailable for legal reasons", ("blocked",)),
    ("http-401", "401, asks for a password", ("login",)),
    ("http-402", "402, payment required", ("paywall",)),
    ("http-412", "412 of a firewall", ("other", "blocked")),
    ("http-418", "418", ("other",)),
    ("http-999", "999, a status of no registry", ("error", "other", "blocked")),
    ("http-204", "204 with no content", ("empty",)),
    ("http-206-unasked", "206, a part that nobody asked for", _ERROR),
    ("http-300", "300 without Location", ("other", "quarantine")),
    ("http-302-empty", "302 without Location", ("other", "quarantine")),
    ("http-304-unasked", "304 to a request without conditions", ("other", "quarantine")),
    ("http-early-hints", "103 before the answer", ("ok", "error")),
    ("br-cut", "a brotli body that ends half-way", _ERROR),
    ("zstd-cut", "a zstd body that ends half-way", _ERROR),
    ("deflate-cut", "a deflate body that ends half-way", _ERROR),
    ("br-lie", "Content-Encoding: br over plain text", ("ok",)),
    ("zstd-lie", "Content-Encoding: zstd over plain text", ("ok",)),
    ("br-bomb", "brotli that opens into 48 MB", _ERROR),
    ("zstd-bomb", "zstd that opens into 48 MB", _ERROR),
    ("gzip-twice", "gzip, gzip", ("ok",)),
    ("gzip-unsaid", "a gzip body that no header announces", ("ok", "quarantine")),
    ("gzip-trailing", "a gzip body with noise after it", ("ok", "quarantine")),
    ("coding-unknown", "Content-Encoding: sdch", _ERROR),
    ("chunked-cut", "chunks that break off", ("error",)),
    ("chunked-lie", "chunk sizes that are no numbers", ("error",)),
    ("length-two", "two Content-Length that differ", ("error",)),
    ("header-huge", "a header of 300 KB", ("error",)),
    ("header-binary", "bytes above 127 in headers", ("ok", "error")),
    ("header-many", "600 headers", ("ok", "error")),
    ("http-09", "a page without status line and headers", _ERROR),
    ("hang-up", "the connection closed without a byte", ("error",)),
    ("utf-16", "a page in UTF-16 with a mark", ("ok", "quarantine")),
    ("cookie-wall", "302 to itself until the cookie comes back", ("ok",)),
    ("cookie-loop", "302 to itself, a new cookie each time", ("error",)),
    ("cookie-page", "200 that asks for cookies", ("login", "other", "blocked", "quarantine")),
    ("redirect-chain", "ten hops to a page", ("error",)),
    ("redirect-relative", "302 to a relative address on the same site", ("ok",)),
    ("redirect-home", "302 to the home page", ("soft404",)),
    ("redirect-login", "302 to a login form", ("login",)),
    ("redirect-ftp", "302 to ftp:", ("error", "other")),
    ("redirect-script", "302 to javascript:", ("error", "other")),
    ("redirect-localhost", "302 to localhost", ("error", "other")),
    ("redirect-decimal", "302 to 127.0.0.1 in decimal", ("error", "other")),
    ("redirect-mapped", "302 to 127.0.0.1 as IPv6", ("error", "other")),
    ("redirect-octal", "302 to 10.0.0.1 in octal", ("error", "other")),
    ("redirect-nowhere", "302 to a name that does not resolve", ("error",)),
    ("redirect-garbage", "302 to what is no address", ("error", "other")),
    ("etag-constant", "one ETag for a text that changes", ("ok",)),
)
"""Name, what the server does, which outcomes are right."""


@cache
def _brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=5)
    block = b" " * (1 << 20)
    return b"".join([*(packer.process(block) for _ in range(_OPENED >> 20)), packer.finish()])


@cache
def _zstd_bomb() -> bytes:
    return zstd.compress(b" " * _OPENED)


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


class WirePlays:
    """The plays; the handler that they are mixed into has `send`, `go` and `wfile`."""

    def _say(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        host: Any = self
        host.send(status, body, _HTML, *headers)

    def _go(self, location: str, *headers: tuple[str, str]) -> None:
        self._say(302, b"", ("Location", location), *headers)

    def _raw(self, data: bytes) -> None:
        host: Any = self
        with suppress(ConnectionError):
            host.wfile.write(data)

    def _coded(self, coding: str, body: bytes) -> None:
        self._say(200, body, ("Content-Encoding", coding))

    def wire(self, name: str, count: int, request: Request) -> bool:
        """Play that fault; False if it is none of these."""
        page = ok(request.path, OK)
        for part in (self._status, self._codings, self._headers, self._cookies, self._redirects):
            if part(name, count, request, page):
                return True
        return False

    def _status(self, name: str, count: int, request: Request, page: bytes) -> bool:
        del request
        bursts = {"http-502-burst": (502, 504), "http-429-plain": (429,)}
        script = (
            b"<html><head><script>document.cookie='a=1';location.reload()</script></head></html>"
        )
        if name in bursts:
            statuses = bursts[name]
            self._say(statuses[count - 1] if count <= len(statuses) else 200, page)
        elif name == "http-521-script":
            self._say(521, script)
        elif name == "http-206-unasked":
            self._say(206, _half(page), ("Content-Range", f"bytes 0-9/{len(page)}"))
        elif name in {"http-302-empty", "http-304-unasked"}:
            self._raw(f"HTTP/1.1 {name[5:8]} x\r\nConnection: close\r\n\r\n".encode())
        elif name == "http-204":
            self._raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        elif name == "http-early-hints":
            self._raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
            self._say(200, page)
        elif name.startswith("http-") and name[5:8].isdigit():
            self._say(int(name[5:8]), f"<html><title>{name}</title>no</html>".encode())
        else:
            return False
        return True

    def _codings(self, name: str, count: int, request: Request, page: bytes) -> bool:
        del count, request
        plays = {
            "br-cut": ("br", lambda: _half(brotli.compress(page))),
            "zstd-cut": ("zstd", lambda: _half(zstd.compress(page))),
            "deflate-cut": ("deflate", lambda: _half(zlib.compress(page))),
            "br-lie": ("br", lambda: page),
            "zstd-lie": ("zstd", lambda: page),
            "br-bomb": ("br", _brotli_bomb),
            "zstd-bomb": ("zstd", _zstd_bomb),
            "gzip-twice": ("gzip, gzip", lambda: gzip.compress(gzip.compress(page))),
            "gzip-trailing": ("gzip", lambda: gzip.compress(page) + b"noise"),
            "coding-unknown": ("sdch", lambda: bytes(range(128, 256)) * 8),
        }
        if name in plays:
            coding, make = plays[name]
            self._coded(coding, make())
        elif name == "gzip-unsaid":
            self._say(200, gzip.compress(page))
        elif name == "utf-16":
            host: Any = self
            body = page.decode().replace('<meta charset="utf-8">', "").encode("utf-16")
            host.send(200, body, "text/html")
        else:
            return False
        return True

    def _headers(self, name: str, count: int, request: Request, page: bytes) -> bool:
        start = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
        )
        size = f"Content-Length: {len(page)}\r\n".encode()
        chunked = start + b"Transfer-Encoding: chunked\r\n\r\n"
        plays = {
            "chunked-cut": chunked + b"ffff\r\n" + _half(page),
            "chunked-lie": chunked + b"zz\r\n" + page + b"\r\n0\r\n\r\n",
            "length-two": start + size + b"Content-Length: 7\r\n\r\n" + page,
            "header-huge": start + b"X-Pad: " + b"x" * 300_000 + b"\r\n" + size + b"\r\n" + page,
            "header-binary": start + b"X-Name: \xb0\xea\xff\r\n" + size + b"\r\n" + page,
            "header-many": start + b"X-A: b\r\n" * 600 + size + b"\r\n" + page,
            "http-09": page,
            "hang-up": b"",
        }
        if name == "etag-constant":
            body = thread(request.path, [(1, f"第{count}次。"), (2, "回复。")])
            self._say(200, body, ("ETag", '"same"'))
        elif name in plays:
            self._raw(plays[name])
        else:
            return False
        return True

    def _cookies(self, name: str, count: int, request: Request, page: bytes) -> bool:
        if name == "cookie-wall" and "pass" in request.cookies:
            self._say(200, page)
        elif name in {"cookie-wall", "cookie-loop"}:
            key = "pass" if name == "cookie-wall" else f"try{count}"
            self._go(request.path, ("Set-Cookie", f"{key}=1; Path=/"))
        elif name == "cookie-page":
            text = "<html><title>提示</title><body>请开启浏览器的 Cookie 后重试。</body></html>"
            self._say(200, text.encode())
        else:
            return False
        return True

    def _redirects(self, name: str, count: int, request: Request, page: bytes) -> bool:
        del count
        hop = int(request.query.get("hop", "0"))
        where = {
            "redirect-home": "/",
            "redirect-login": "/fault/login-wall/login.html",
            "redirect-ftp": "ftp://files.example.org/a.html",
            "redirect-script": "javascript:alert(1)",
            "redirect-localhost": "http://localhost/admin",
            "redirect-decimal": "http://2130706433/admin",
            "redirect-mapped": "http://[::ffff:127.0.0.1]/admin",
            "redirect-octal": "http://012.0.0.01/admin",
            "redirect-nowhere": "http://nothing-here.invalid/",
            "redirect-garbage": "http://[half/%%%",
        }
        if name == "redirect-chain":
            self._go(f"{request.path}?hop={hop + 1}") if hop < 10 else self._say(200, page)
        elif name == "redirect-relative":
            self._go("thread-7777-1-1.html") if "7777" not in request.path else self._say(200, page)
        elif name in where:
            self._go(where[name])
        else:
            return False
        return True
