"""Answers whose frame is odd: status line, length, chunks, header lines. Raw bytes.

What a sound answer would hold is given; limits: as `tests.replicas.faults`.
"""

import gzip
from collections.abc import Callable, Mapping

__all__ = ["FRAMING", "HEAD", "Make", "whole"]

HEAD = b"HTTP/1.1 200 OK\r\n"
_TYPE = b"Content-Type: text/html; charset=utf-8\r\n"
_CLOSE = b"Connection: close\r\n"
_START = HEAD + _TYPE + _CLOSE
_END = b"\r\n"

Make = Callable[[bytes, int], bytes]


def whole(page: bytes, *more: bytes, start: bytes = _START, end: bytes = _END) -> bytes:
    size = b"Content-Length: %d" % len(page)
    return start + end.join((*more, size, b"", page))


def _chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def _chunked(*chunks: bytes, tail: bytes = b"0\r\n\r\n", more: bytes = b"") -> bytes:
    return _START + more + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + tail


FRAMING: Mapping[str, tuple[str, tuple[str, ...], Make]] = {
    "http-10": (
        "HTTP/1.0 without a length",
        ("ok",),
        lambda page, _: b"HTTP/1.0 200 OK\r\n" + _TYPE + _END + page,
    ),
    "status-bare": (
        "a status line without a reason",
        ("ok",),
        lambda page, _: whole(page, start=b"HTTP/1.1 200\r\n" + _TYPE + _CLOSE),
    ),
    "status-http-2": (
        "a status line of HTTP/2.0",
        ("ok", "error"),
        lambda page, _: whole(page, start=b"HTTP/2.0 200 OK\r\n" + _TYPE + _CLOSE),
    ),
    "status-lower": (
        "a status line in lower case",
        ("ok", "error"),
        lambda page, _: whole(page, start=b"http/1.1 200 ok\r\n" + _TYPE + _CLOSE),
    ),
    "status-zero": (
        "status 000",
        ("error", "other"),
        lambda page, _: whole(page, start=b"HTTP/1.1 000 Nothing\r\n" + _TYPE + _CLOSE),
    ),
    "status-word": (
        "a status that is no number",
        ("error",),
        lambda page, _: whole(page, start=b"HTTP/1.1 OK 200\r\n" + _TYPE + _CLOSE),
    ),
    "status-late": (
        "empty lines before the status line",
        ("ok", "error"),
        lambda page, _: b"\r\n\r\n" + whole(page),
    ),
    "lines-lf": (
        "headers that end with LF alone",
        ("ok", "error"),
        lambda page, _: whole(page, start=_START.replace(b"\r\n", b"\n"), end=b"\n"),
    ),
    "continue-twice": (
        "100 Continue twice, unasked, before the answer",
        ("ok",),
        lambda page, _: b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + whole(page),
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
        lambda page, _: whole(page, b"Content-Length: %d" % len(page)),
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
        lambda page, _: whole(page, b"X-Long: one\r\n two"),
    ),
    "header-no-colon": (
        "a header line without a colon",
        ("ok", "error"),
        lambda page, _: whole(page, b"this is no header"),
    ),
    "header-no-name": (
        "a header without a name",
        ("ok", "error"),
        lambda page, _: whole(page, b": value"),
    ),
    "header-null": (
        "a null byte in a header",
        ("ok", "error"),
        lambda page, _: whole(page, b"X-Null: a\x00b"),
    ),
}
"""What the server does, which outcomes are right, and the answer."""
