"""Odd answers below and beside the standards: framing, headers, waits, redirects, robots.txt.

Raw answers by name; `{page}` of a whole page is what a sound answer would hold. Limits: as
`tests.replicas.faults`.
"""

import gzip
from collections.abc import Callable, Mapping

from tests.replicas.fault_threads import thread

__all__ = ["ODD", "ODD_ROBOTS", "odd"]

_OK = b"HTTP/1.1 200 OK\r\n"
_TYPE = b"Content-Type: text/html; charset=utf-8\r\n"
_CLOSE = b"Connection: close\r\n"
_START = _OK + _TYPE + _CLOSE
_END = b"\r\n"

Make = Callable[[bytes, int], bytes]


def _whole(page: bytes, *more: bytes, start: bytes = _START, end: bytes = _END) -> bytes:
    size = b"Content-Length: %d" % len(page)
    return start + end.join((*more, size, b"", page))


def _chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def _chunked(*chunks: bytes, tail: bytes = b"0\r\n\r\n", more: bytes = b"") -> bytes:
    return _START + more + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + tail


def _wait(value: str, status: str = "429 Slow Down") -> Make:
    """Retry-After once for a URL, then a page."""

    def make(page: bytes, count: int) -> bytes:
        if count > 1:
            return _whole(page)
        head = f"HTTP/1.1 {status}\r\nRetry-After: {value}\r\nConnection: close\r\n"
        return f"{head}Content-Length: 4\r\n\r\nslow".encode()

    return make


def _moved(location: str, status: str = "302 Found") -> Make:
    head = f"HTTP/1.1 {status}\r\nLocation: {location}\r\nConnection: close\r\n"
    return lambda _page, _count: f"{head}Content-Length: 0\r\n\r\n".encode()


def _deep(page: bytes, _: int) -> bytes:
    return _whole(page.replace(b"</body>", b"<div>" * 100_000 + b"x" + b"</div>" * 100_000))


def _line(page: bytes, _: int) -> bytes:
    return _whole(page.replace(b"</body>", b"<p>" + "鱼市".encode() * 1_700_000 + b"</p>"))


def _wide(page: bytes, _: int) -> bytes:
    words = b" ".join(b'a%d="%d"' % (n, n) for n in range(50_000))
    return _whole(page.replace(b"<h1", b"<p %s></p><h1" % words))


ODD: Mapping[str, tuple[str, tuple[str, ...], Make]] = {
    "http-10": (
        "HTTP/1.0 without a length",
        ("ok",),
        lambda page, _: b"HTTP/1.0 200 OK\r\n" + _TYPE + _END + page,
    ),
    "status-bare": (
        "a status line without a reason",
        ("ok",),
        lambda page, _: _whole(page, start=b"HTTP/1.1 200\r\n" + _TYPE + _CLOSE),
    ),
    "status-http-2": (
        "a status line of HTTP/2.0",
        ("ok", "error"),
        lambda page, _: _whole(page, start=b"HTTP/2.0 200 OK\r\n" + _TYPE + _CLOSE),
    ),
    "status-lower": (
        "a status line in lower case",
        ("ok", "error"),
        lambda page, _: _whole(page, start=b"http/1.1 200 ok\r\n" + _TYPE + _CLOSE),
    ),
    "status-zero": (
        "status 000",
        ("error", "other"),
        lambda page, _: _whole(page, start=b"HTTP/1.1 000 Nothing\r\n" + _TYPE + _CLOSE),
    ),
    "status-word": (
        "a status that is no number",
        ("error",),
        lambda page, _: _whole(page, start=b"HTTP/1.1 OK 200\r\n" + _TYPE + _CLOSE),
    ),
    "status-late": (
        "empty lines before the status line",
        ("ok", "error"),
        lambda page, _: b"\r\n\r\n" + _whole(page),
    ),
    "lines-lf": (
        "headers that end with LF alone",
        ("ok", "error"),
        lambda page, _: _whole(page, start=_START.replace(b"\r\n", b"\n"), end=b"\n"),
    ),
    "continue-twice": (
        "100 Continue twice, unasked, before the answer",
        ("ok",),
        lambda page, _: b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + _whole(page),
    ),
    "continue-endless": (
        "100 Continue 50,000 times and no answer",
        ("error",),
        lambda _page, _: b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000,
    ),
    "length-negative": (
        "Content-Length: -5",
        ("error",),
        lambda page, _: _START + b"Content-Length: -5\r\n\r\n" + page,
    ),
    "length-word": (
        "Content-Length: many",
        ("error",),
        lambda page, _: _START + b"Content-Length: many\r\n\r\n" + page,
    ),
    "length-zero": (
        "Content-Length: 0 before a page",
        ("empty",),
        lambda page, _: _START + b"Content-Length: 0\r\n\r\n" + page,
    ),
    "length-huge": (
        "Content-Length of 30 digits",
        ("error", "other"),
        lambda page, _: _START + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + page,
    ),
    "length-twice": (
        "one Content-Length, said twice",
        ("ok",),
        lambda page, _: _whole(page, b"Content-Length: %d" % len(page)),
    ),
    "length-and-chunks": (
        "Content-Length and chunks",
        ("ok", "error"),
        lambda page, _: _chunked(_chunk(page), more=b"Content-Length: 7\r\n"),
    ),
    "chunk-extension": (
        "chunks with extensions, and trailers",
        ("ok",),
        lambda page, _: _chunked(_chunk(page, b';a="b"'), tail=b"0\r\nX-End: 1\r\n\r\n"),
    ),
    "chunk-one-byte": (
        "chunks of one byte",
        ("ok",),
        lambda page, _: _chunked(*(_chunk(page[n : n + 1]) for n in range(len(page)))),
    ),
    "chunk-giant": (
        "a chunk of 2**64 bytes",
        ("error", "other"),
        lambda page, _: _chunked(b"ffffffffffffffff\r\n" + page),
    ),
    "chunk-negative": (
        "a chunk of -1 bytes",
        ("error",),
        lambda page, _: _chunked(b"-1\r\n" + page),
    ),
    "chunk-long-line": (
        "a chunk size of 100,000 zeros",
        ("error", "ok"),
        lambda page, _: _chunked(b"0" * 100_000 + b"%x\r\n" % len(page) + page + b"\r\n"),
    ),
    "chunk-no-end": (
        "chunks without the last one",
        ("error",),
        lambda page, _: _chunked(_chunk(page), tail=b""),
    ),
    "transfer-gzip": (
        "Transfer-Encoding: gzip, chunked",
        ("ok", "error", "other"),
        lambda page, _: (
            _START
            + b"Transfer-Encoding: gzip, chunked\r\n\r\n"
            + _chunk(gzip.compress(page))
            + b"0\r\n\r\n"
        ),
    ),
    "header-folded": (
        "a header folded over two lines",
        ("ok",),
        lambda page, _: _whole(page, b"X-Long: one\r\n two"),
    ),
    "header-no-colon": (
        "a header line without a colon",
        ("ok", "error"),
        lambda page, _: _whole(page, b"this is no header"),
    ),
    "header-no-name": (
        "a header without a name",
        ("ok", "error"),
        lambda page, _: _whole(page, b": value"),
    ),
    "header-null": (
        "a null byte in a header",
        ("ok", "error"),
        lambda page, _: _whole(page, b"X-Null: a\x00b"),
    ),
    "types-two": (
        "two Content-Type that differ",
        ("ok", "other"),
        lambda page, _: _whole(page, b"Content-Type: image/png"),
    ),
    "type-garbage": (
        "a Content-Type that is none",
        ("ok", "other"),
        lambda page, _: _whole(page, start=_OK + b"Content-Type: ;;charset=\xff=;\r\n" + _CLOSE),
    ),
    "type-octets": (
        "HTML as application/octet-stream",
        ("ok", "other"),
        lambda page, _: _whole(
            page, start=_OK + b"Content-Type: application/octet-stream\r\n" + _CLOSE
        ),
    ),
    "charset-utf7": (
        "charset=utf-7",
        ("ok", "quarantine"),
        lambda page, _: _whole(
            page, start=_OK + b"Content-Type: text/html; charset=utf-7\r\n" + _CLOSE
        ),
    ),
    "charset-codec": (
        "charsets that are codecs of a language, no charsets",
        ("ok", "quarantine"),
        lambda page, count: _whole(
            page,
            start=_OK
            + (b"Content-Type: text/html; charset=%s\r\n" % (b"idna", b"rot13")[count % 2])
            + _CLOSE,
        ),
    ),
    "cookies-many": (
        "5,000 cookies",
        ("ok",),
        lambda page, _: _whole(page, *(b"Set-Cookie: c%d=1; Path=/n" % n for n in range(5_000))),
    ),
    "cookie-foreign": (
        "cookies for other hosts, for all of .com, and with years beyond all clocks",
        ("ok",),
        lambda page, _: _whole(
            page,
            b"Set-Cookie: a=1; Domain=.com",
            b"Set-Cookie: b=1; Domain=example.org",
            b"Set-Cookie: c=1; expires=Mon, 01-Jan-99999 00:00:00 GMT; Max-Age=1e99",
        ),
    ),
    "etag-garbage": (
        "validators that are none",
        ("ok",),
        lambda page, _: _whole(page, b"ETag: \xff\r\nLast-Modified: yesterday"),
    ),
    "refresh-header": (
        "a Refresh header to a private address",
        ("ok",),
        lambda page, _: _whole(page, b"Refresh: 0; url=http://10.0.0.1/"),
    ),
    "two-answers": (
        "a second answer that nobody asked for, behind the first",
        ("ok", "error"),
        lambda page, _: _whole(page, start=_OK + _TYPE) + _whole(b"injected", start=_OK + _TYPE),
    ),
    "wait-negative": ("429 with Retry-After: -5 once, then a page", ("ok",), _wait("-5")),
    "wait-word": ("429 with Retry-After: soon once, then a page", ("ok",), _wait("soon")),
    "wait-part": ("429 with Retry-After: 0.5 once, then a page", ("ok",), _wait("0.5")),
    "wait-past": (
        "503 with a Retry-After of 1994 once, then a page",
        ("ok",),
        _wait("Sun, 06 Nov 1994 08:49:37 GMT", "503 Closed"),
    ),
    "wait-rfc850": (
        "503 with a Retry-After in the form of RFC 850 once, then a page",
        ("ok",),
        _wait("Sunday, 06-Nov-94 08:49:37 GMT", "503 Closed"),
    ),
    "wait-asctime": (
        "503 with a Retry-After as C writes dates once, then a page",
        ("ok",),
        _wait("Sun Nov  6 08:49:37 1994", "503 Closed"),
    ),
    "moved-308": ("308 to a page", ("ok",), _moved("/fault/http-10/thread-7778-1-1.html", "308 P")),
    "moved-fragment": ("302 to a fragment of itself", ("error", "other"), _moved("#top")),
    "moved-user": (
        "302 to an address with a password",
        ("error", "other"),
        _moved("http://root:secret@127.0.0.1/"),
    ),
    "moved-port-zero": (
        "302 to port 0",
        ("error", "other"),
        _moved("http://127.0.0.1:0/"),
    ),
    "moved-port-99999": (
        "302 to port 99999",
        ("error", "other"),
        _moved("http://127.0.0.1:99999/"),
    ),
    "moved-spaces": (
        "302 to an address with spaces and Chinese",
        ("error", "other", "soft404"),
        _moved("/没有 这页.html"),
    ),
    "moved-long": (
        "302 to an address of 60,000 characters",
        ("error", "other", "soft404"),
        _moved("/" + "a" * 60_000),
    ),
    "moved-data": ("302 to data:", ("error", "other"), _moved("data:text/html,hello")),
    "moved-zone": (
        "302 to a link-local IPv6 address with a zone",
        ("error", "other"),
        _moved("http://[fe80::1%25eth0]/"),
    ),
    "nested-100000": ("100,000 nested elements behind the posts", ("ok", "quarantine"), _deep),
    "one-line-10mb": ("10 MB of one line behind the posts", ("ok", "error", "other"), _line),
    "attributes-50000": ("an element of 50,000 attributes", ("ok", "quarantine"), _wide),
    "entity-bomb": (
        "entities that open into 3 GB, in a DOCTYPE",
        ("ok", "quarantine"),
        lambda page, _: _whole(
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
            + b"]>"
            + page.replace(b"</h1>", b"&j;</h1>")
        ),
    ),
    "entity-file": (
        "an entity that names a file of this machine",
        ("ok", "quarantine"),
        lambda page, _: _whole(
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
            + page.replace(b"</h1>", b"&f;</h1>")
        ),
    ),
    "nul-in-page": (
        "null bytes between all the characters of a page",
        ("ok", "quarantine"),
        lambda page, _: _whole(page.replace(b" ", b" \x00")),
    ),
    "base-elsewhere": (
        "a base element that moves all links to a private host",
        ("ok",),
        lambda page, _: _whole(
            page.replace(b"<head>", b'<head><base href="http://10.0.0.1:99999/x/">')
        ),
    ),
}
"""What the server does, which outcomes are right, and the answer."""

ODD_ROBOTS: Mapping[str, tuple[int, bytes, tuple[str, ...]]] = {
    "robots-utf16": (200, "User-agent: *\nDisallow: /\n".encode("utf-16"), ("denied",)),
    "robots-cr": (200, b"User-agent: *\rDisallow: /\r", ("denied",)),
    "robots-401": (401, b"who are you", ("ok",)),
    "robots-429": (429, b"slow down", ("denied", "error")),
    "robots-loop": (302, b"/robots.txt", ("denied", "error", "ok")),
    "robots-binary": (200, bytes(range(256)) * 64, ("ok",)),
    "robots-bad-delay": (200, b"User-agent: *\nCrawl-delay: -7\nCrawl-delay: soon\n", ("ok",)),
    "robots-no-agent": (200, b"Disallow: /\n", ("ok",)),
    "robots-far": (302, b"http://10.255.255.1/robots.txt", ("denied", "error")),
}


def odd(name: str, path: str, count: int) -> bytes:
    """The raw answer of that fault."""
    return ODD[name][2](thread(path), count)
