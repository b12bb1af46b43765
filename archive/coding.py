"""Takes transfer and content codings off an HTTP body. Pure.

Servers lie about codings and connections break, so nothing here raises: what cannot be decoded
is returned as it came, what breaks off is returned up to the break, and a note says so. The
decoded size is bounded, since a small compressed body can hold gigabytes.
"""

import io
import zlib
from collections.abc import Callable

from fastwarc.stream_io import BrotliReader, ZstdReader

__all__ = ["MAX_DECODED", "dechunk", "decode_body"]

MAX_DECODED = 256 << 20
"""Most bytes that a decoded body may have."""

_STEP = 1 << 16


def decode_body(
    body: bytes, content_encoding: str, transfer_encoding: str = "", limit: int = MAX_DECODED
) -> tuple[bytes, str]:
    """The payload without codings, and a note on what was wrong (empty when nothing was).

    `content_encoding` may list several codings (RFC 9110, 8.4); they come off last to first.
    """
    notes = []
    if "chunked" in transfer_encoding.lower():
        whole, note = dechunk(body)
        body = whole
        notes.append(note)
    codings = [name.strip().lower() for name in content_encoding.split(",")]
    for name in reversed(codings):
        if name in {"", "identity", "none"} or not body:
            continue
        decoder = _DECODERS.get(name)
        if decoder is None:
            notes.append(f"unknown content coding {name!r}")
            break
        body, note = decoder(body, limit)
        notes.append(f"{name}: {note}" if note else "")
    return body, "; ".join(note for note in notes if note)


def dechunk(body: bytes) -> tuple[bytes, str]:
    """A chunked body put together (RFC 9112, 7.1), chunk extensions allowed, and a note.

    FastWARC's reader refuses chunk extensions and drops all when the last chunk is torn.
    Bytes that are not chunked at all come back unchanged: some crawlers remove the chunks and
    keep the header.
    """
    parts: list[bytes] = []
    at = 0
    while True:
        line_end = body.find(b"\r\n", at)
        size_text = body[at:line_end].partition(b";")[0].strip() if line_end >= 0 else b""
        try:
            size = int(size_text, 16)
        except ValueError:
            if not parts:
                return body, "said to be chunked, but is not"
            return b"".join(parts), "chunks break off"
        start = line_end + 2
        if size <= 0:
            return b"".join(parts), ""
        parts.append(body[start : start + size])
        if len(body) < start + size:
            return b"".join(parts), "chunks break off"
        at = start + size + 2


def _gzip(body: bytes, limit: int) -> tuple[bytes, str]:
    parts: list[bytes] = []
    left = body
    room = limit
    while left[:2] == b"\x1f\x8b":  # several members are one body; what follows them is noise
        decoder = zlib.decompressobj(wbits=31)
        try:
            parts.append(decoder.decompress(left, room))
        except zlib.error as error:
            return _partly(body, parts, str(error))
        room -= len(parts[-1])
        if decoder.unconsumed_tail or room <= 0:
            return b"".join(parts), f"cut at {limit} bytes"
        if not decoder.eof:
            return _partly(body, parts, "breaks off")
        left = decoder.unused_data
    if not parts:
        return body, "not in that coding"
    return b"".join(parts), ""


def _deflate(body: bytes, limit: int) -> tuple[bytes, str]:
    # RFC 9110 means the zlib format; many servers send the bare deflate stream.
    for wbits in (15, -15):
        decoder = zlib.decompressobj(wbits=wbits)
        try:
            out = decoder.decompress(body, limit)
        except zlib.error:
            continue
        if decoder.unconsumed_tail:
            return out, f"cut at {limit} bytes"
        return out, "" if decoder.eof else "breaks off"
    return body, "not in that coding"


def _stream(
    reader: Callable[[io.BytesIO], BrotliReader | ZstdReader], body: bytes, limit: int
) -> tuple[bytes, str]:
    parts: list[bytes] = []
    size = 0
    try:
        source = reader(io.BytesIO(body))
        while size <= limit and (part := source.read(_STEP)):
            parts.append(part)
            size += len(part)
    except OSError as error:
        return _partly(body, parts, str(error))
    if size > limit:
        return b"".join(parts)[:limit], f"cut at {limit} bytes"
    return b"".join(parts), ""


def _brotli(body: bytes, limit: int) -> tuple[bytes, str]:
    return _stream(BrotliReader, body, limit)


def _zstd(body: bytes, limit: int) -> tuple[bytes, str]:
    return _stream(ZstdReader, body, limit)


def _partly(body: bytes, parts: list[bytes], reason: str) -> tuple[bytes, str]:
    out = b"".join(parts)
    return (out, reason) if out else (body, f"not in that coding ({reason})")


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, str]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
