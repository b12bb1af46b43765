"""Odd answers beside the standards: types, waits, redirects, markup, robots.txt.

Raw answers by name; `page` is what a sound answer would hold. Limits: as `tests.replicas.faults`.
"""

from collections.abc import Mapping

from tests.replicas.fault_framing import FRAMING, HEAD, Make, whole
from tests.replicas.fault_threads import thread

__all__ = ["ODD", "ODD_ROBOTS", "odd"]

_TYPE = b"Content-Type: text/html; charset=utf-8\r\n"
_CLOSE = b"Connection: close\r\n"


def _wait(value: str, status: str = "429 Slow Down") -> Make:
    """Retry-After once for a URL, then a page."""

    def make(page: bytes, count: int) -> bytes:
        if count > 1:
            return whole(page)
        head = f"HTTP/1.1 {status}\r\nRetry-After: {value}\r\nConnection: close\r\n"
        return f"{head}Content-Length: 4\r\n\r\nslow".encode()

    return make


def _moved(location: str, status: str = "302 Found") -> Make:
    head = f"HTTP/1.1 {status}\r\nLocation: {location}\r\nConnection: close\r\n"
    return lambda _page, _count: f"{head}Content-Length: 0\r\n\r\n".encode()


def _deep(page: bytes, _: int) -> bytes:
    return whole(page.replace(b"</body>", b"<div>" * 100_000 + b"x" + b"</div>" * 100_000))


def _line(page: bytes, _: int) -> bytes:
    return whole(page.replace(b"</body>", b"<p>" + "鱼市".encode() * 1_700_000 + b"</p>"))


def _wide(page: bytes, _: int) -> bytes:
    words = b" ".join(b'a%d="%d"' % (n, n) for n in range(50_000))
    return whole(page.replace(b"<h1", b"<p %s></p><h1" % words))


ODD: Mapping[str, tuple[str, tuple[str, ...], Make]] = {
    **FRAMING,
    "types-two": (
        "two Content-Type that differ",
        ("ok", "other"),
        lambda page, _: whole(page, b"Content-Type: image/png"),
    ),
    "type-garbage": (
        "a Content-Type that is none",
        ("ok", "other"),
        lambda page, _: whole(page, start=HEAD + b"Content-Type: ;;charset=\xff=;\r\n" + _CLOSE),
    ),
    "type-octets": (
        "HTML as application/octet-stream",
        ("ok", "other"),
        lambda page, _: whole(
            page, start=HEAD + b"Content-Type: application/octet-stream\r\n" + _CLOSE
        ),
    ),
    "charset-utf7": (
        "charset=utf-7",
        ("ok", "quarantine"),
        lambda page, _: whole(
            page, start=HEAD + b"Content-Type: text/html; charset=utf-7\r\n" + _CLOSE
        ),
    ),
    "charset-codec": (
        "charsets that are codecs of a language, no charsets",
        ("ok", "quarantine"),
        lambda page, count: whole(
            page,
            start=HEAD
            + (b"Content-Type: text/html; charset=%s\r\n" % (b"idna", b"rot13")[count % 2])
            + _CLOSE,
        ),
    ),
    "cookies-many": (
        "5,000 cookies",
        ("ok",),
        lambda page, _: whole(page, *(b"Set-Cookie: c%d=1; Path=/n" % n for n in range(5_000))),
    ),
    "cookie-foreign": (
        "cookies for other hosts, for all of .com, and with years beyond all clocks",
        ("ok",),
        lambda page, _: whole(
            page,
            b"Set-Cookie: a=1; Domain=.com",
            b"Set-Cookie: b=1; Domain=example.org",
            b"Set-Cookie: c=1; expires=Mon, 01-Jan-99999 00:00:00 GMT; Max-Age=1e99",
        ),
    ),
    "etag-garbage": (
        "validators that are none",
        ("ok",),
        lambda page, _: whole(page, b"ETag: \xff\r\nLast-Modified: yesterday"),
    ),
    "refresh-header": (
        "a Refresh header to a private address",
        ("ok",),
        lambda page, _: whole(page, b"Refresh: 0; url=http://10.0.0.1/"),
    ),
    "two-answers": (
        "a second answer that nobody asked for, behind the first",
        ("ok", "error"),
        lambda page, _: whole(page, start=HEAD + _TYPE) + whole(b"injected", start=HEAD + _TYPE),
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
        lambda page, _: whole(
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
            + b"]>"
            + page.replace(b"</h1>", b"&j;</h1>")
        ),
    ),
    "entity-file": (
        "an entity that names a file of this machine",
        ("ok", "quarantine"),
        lambda page, _: whole(
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
            + page.replace(b"</h1>", b"&f;</h1>")
        ),
    ),
    "nul-in-page": (
        "null bytes between all the characters of a page",
        ("ok", "quarantine"),
        lambda page, _: whole(page.replace(b" ", b" \x00")),
    ),
    "base-elsewhere": (
        "a base element that moves all links to a private host",
        ("ok",),
        lambda page, _: whole(
            page.replace(b"<head>", b'<head><base href="http://10.0.0.1:99999/x/">')
        ),
    ),
}
"""What the server does, which outcomes are right, and the answer."""

ODD_ROBOTS: Mapping[str, tuple[int, bytes, tuple[str, ...]]] = {
    "robots-utf16": (200, "User-agent: *\nDisallow: /\n".encode("utf-16"), ("denied",)),
    "robots-cr": (200, b"User-agent: *\rDisallow: /\r", ("denied",)),
    "robots-401": (401, b"who are you", ("ok",)),
    "robots-429": (429, b"slow down", ("ok",)),
    "robots-loop": (302, b"/robots.txt", ("denied", "error", "ok")),
    "robots-binary": (200, bytes(range(256)) * 64, ("ok",)),
    "robots-bad-delay": (200, b"User-agent: *\nCrawl-delay: -7\nCrawl-delay: soon\n", ("ok",)),
    "robots-no-agent": (200, b"Disallow: /\n", ("ok",)),
    "robots-far": (302, b"http://10.255.255.1/robots.txt", ("denied", "error")),
}


def odd(name: str, path: str, count: int) -> bytes:
    """The raw answer of that fault."""
    return ODD[name][2](thread(path), count)
