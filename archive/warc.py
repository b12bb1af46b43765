"""What goes into WARC records, and their exact bytes (ISO 28500:2017, WARC 1.1). Pure.

An `Exchange` is what the wire carried: header bytes as received, body with its content coding
still on. Transfer coding is gone by the time a client library hands a body over, so its header
is kept under the name `X-Crawler-Transfer-Encoding`, as the practice of other crawlers is: a
reader would otherwise try to remove chunks that are not there.

Digests are `sha256:` with upper-case base32, the form that the standard's examples use.
"""

import base64
import hashlib
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import quote, unquote

from fastwarc.warc import WarcRecord, WarcRecordType
from isal import isal_zlib

from archive.errors import CaptureError

__all__ = [
    "IDENTICAL_PAYLOAD",
    "NOT_MODIFIED",
    "Exchange",
    "Record",
    "Revisit",
    "SavedPage",
    "digest",
    "encode",
    "exchange_records",
    "fetch_id_of",
    "format_date",
    "gzip_member",
    "record_id",
    "resource_record",
    "warcinfo_record",
]

_PROFILES: Final = "http://netpreserve.org/warc/1.1/revisit/"
IDENTICAL_PAYLOAD: Final = _PROFILES + "identical-payload-digest"
NOT_MODIFIED: Final = _PROFILES + "server-not-modified"

_FETCH_URN: Final = "urn:x-shenglu-fetch:"
_GZIP_LEVEL: Final = 2  # of ISA-L's 0 to 3; docs/decisions/0002-warc-library.md

Headers = Sequence[tuple[bytes, bytes]]
Fields = Mapping[str, str]
RecordType = Literal["response", "revisit", "request", "resource", "warcinfo"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its answer, as the wire carried them.

    `status_line` has no line end (`HTTP/1.1 200 OK`). `fetch_id` becomes the record id; empty:
    a new one is made. `body` keeps its content coding. `truncated` is the standard's reason
    (`length`, `time`, `disconnect`) where the body was cut. `asked` False: the request is not
    known, and no record of one is made up. `payload_sha256` (hex) is that of `body`, where the
    caller has it already.
    """

    url: str
    status_line: bytes
    headers: Headers
    body: bytes
    fetched_at: datetime
    method: str = "GET"
    request_headers: Headers = ()
    request_body: bytes = b""
    fetch_id: str = ""
    ip: str | None = None
    truncated: str | None = None
    asked: bool = True
    payload_sha256: str = ""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page that came as a file: no HTTP exchange is known, so none is made up."""

    url: str
    body: bytes
    fetched_at: datetime
    content_type: str = "text/html"
    fetch_id: str = ""


@dataclass(frozen=True, slots=True)
class Revisit:
    """The earlier capture that an exchange repeats, so that its body need not be stored again.

    `profile` is `IDENTICAL_PAYLOAD` (same bytes came again) or `NOT_MODIFIED` (status 304).
    `payload_digest` is that of the earlier payload; needed for `NOT_MODIFIED` only, where the
    exchange has no payload to digest.
    """

    url: str
    fetched_at: datetime
    profile: str = IDENTICAL_PAYLOAD
    payload_digest: str | None = None
    fetch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record: type, header fields in order, block."""

    type: RecordType
    fields: Fields
    block: bytes


def digest(data: bytes) -> str:
    """The labelled digest of bytes as WARC headers carry it."""
    return _labelled(hashlib.sha256(data).digest())


def _labelled(sha256: bytes) -> str:
    return "sha256:" + base64.b32encode(sha256).decode("ascii")


def record_id(fetch_id: str) -> str:
    """The WARC-Record-ID of an exchange: `urn:uuid:` for a UUID, our own URN otherwise."""
    try:
        return f"<urn:uuid:{uuid.UUID(fetch_id)}>" if fetch_id else uuid.uuid4().urn.join("<>")
    except ValueError:
        return f"<{_FETCH_URN}{quote(fetch_id, safe='')}>"


def fetch_id_of(warc_record_id: str) -> str:
    """The fetch id that a WARC-Record-ID carries; of foreign records, their UUID or URI."""
    bare = warc_record_id.strip("<> ")
    if bare.startswith(_FETCH_URN):
        return unquote(bare.removeprefix(_FETCH_URN))
    return bare.removeprefix("urn:uuid:")


def format_date(moment: datetime) -> str:
    """WARC-Date in UTC with microseconds (WARC 1.1, W3C-DTF); raises `CaptureError`."""
    if moment.tzinfo is None:
        raise CaptureError(f"capture time {moment.isoformat()} has no zone; give it in UTC")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def exchange_records(exchange: Exchange, revisit: Revisit | None = None) -> tuple[Record, Record]:
    """The response (or revisit) record and the request record of an exchange.

    Raises `CaptureError` for a URL, header or time that no WARC record can carry.
    """
    main_id = record_id(exchange.fetch_id)
    shared = _shared_fields(exchange.url, exchange.fetched_at)
    if exchange.ip:
        shared["WARC-IP-Address"] = exchange.ip
    head = _head(exchange.status_line, exchange.headers)
    fields = {"WARC-Record-ID": main_id, **shared}
    if exchange.truncated:
        fields["WARC-Truncated"] = exchange.truncated
    if revisit is None:
        fields["WARC-Payload-Digest"] = _payload_digest(exchange)
        main = _http_record("response", fields, head + exchange.body)
    else:
        main = _http_record("revisit", fields | _revisit_fields(exchange, revisit), head)
    target = exchange.url.partition("#")[0]
    request_line = f"{exchange.method} {_path_of(target)} HTTP/1.1".encode()
    asked = _head(request_line, exchange.request_headers) + exchange.request_body
    request_fields = {
        "WARC-Record-ID": record_id(""),
        "WARC-Concurrent-To": main_id,
        **shared,
    }
    return main, _http_record("request", request_fields, asked)


def resource_record(page: SavedPage) -> Record:
    """The resource record of a saved page: its block is the page itself."""
    fields = {
        "WARC-Record-ID": record_id(page.fetch_id),
        **_shared_fields(page.url, page.fetched_at),
        "Content-Type": _clean(page.content_type),
        "WARC-Payload-Digest": digest(page.body),
        "WARC-Block-Digest": digest(page.body),
    }
    return Record("resource", fields, page.body)


def warcinfo_record(filename: str, created: datetime, info: Fields) -> Record:
    """The record at the head of a file: what wrote it, under which rules."""
    block = "".join(f"{_clean(k)}: {_clean(v)}\r\n" for k, v in info.items()).encode()
    fields = {
        "WARC-Record-ID": record_id(""),
        "WARC-Date": format_date(created),
        "WARC-Filename": filename,
        "Content-Type": "application/warc-fields",
        "WARC-Block-Digest": digest(block),
    }
    return Record("warcinfo", fields, block)


def encode(record: Record) -> bytes:
    """The record as one gzip member."""
    made = WarcRecord()
    made.headers.status_line = "WARC/1.1"
    made.record_type = getattr(WarcRecordType, record.type)
    for name, value in record.fields.items():
        made.headers[name] = value
    made.set_bytes_content(record.block)
    buffer = io.BytesIO()
    made.write(buffer)
    return gzip_member(buffer.getvalue())


def gzip_member(raw: bytes) -> bytes:
    """A record that is encoded already, as one gzip member."""
    packer = isal_zlib.compressobj(_GZIP_LEVEL, wbits=31)
    return packer.compress(raw) + packer.flush()


def _payload_digest(exchange: Exchange) -> str:
    known = exchange.payload_sha256
    return _labelled(bytes.fromhex(known)) if known else digest(exchange.body)


def _shared_fields(url: str, moment: datetime) -> dict[str, str]:
    return {"WARC-Target-URI": _uri(url), "WARC-Date": format_date(moment)}


def _revisit_fields(exchange: Exchange, revisit: Revisit) -> dict[str, str]:
    fields = {
        "WARC-Profile": revisit.profile,
        "WARC-Refers-To-Target-URI": _uri(revisit.url),
        "WARC-Refers-To-Date": format_date(revisit.fetched_at),
    }
    if revisit.fetch_id:
        fields["WARC-Refers-To"] = record_id(revisit.fetch_id)
    payload = revisit.payload_digest
    if payload is None and revisit.profile == IDENTICAL_PAYLOAD:
        payload = _payload_digest(exchange)
    if payload:
        fields["WARC-Payload-Digest"] = payload
    return fields


def _http_record(kind: RecordType, fields: Fields, block: bytes) -> Record:
    role = "request" if kind == "request" else "response"
    http = {
        "Content-Type": f"application/http; msgtype={role}",
        "WARC-Block-Digest": digest(block),
    }
    return Record(kind, {**fields, **http}, block)


def _head(first_line: bytes, headers: Headers) -> bytes:
    lines = [first_line]
    for name, value in headers:
        kept = b"X-Crawler-" + name if name.lower() == b"transfer-encoding" else name
        lines.append(kept + b": " + value)
    if any(b"\n" in line or b"\r" in line for line in lines):
        # Obsolete line folding, or an attempt to smuggle a header in: one line each.
        lines = [b" ".join(line.split(b"\n")).replace(b"\r", b"") for line in lines]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _path_of(url: str) -> str:
    rest = url.partition("://")[2]
    slash = rest.find("/")
    mark = rest.find("?")
    if slash >= 0 and (mark < 0 or slash < mark):
        return rest[slash:]
    return "/" + rest[mark:] if mark >= 0 else "/"


def _uri(url: str) -> str:
    if not url or any(c.isspace() or ord(c) < 0x20 for c in url) or ":" not in url:
        raise CaptureError(f"{url[:200]!r} is no absolute URI without spaces; quote it first")
    return url.partition("#")[0]


def _clean(value: str) -> str:
    return " ".join(value.split())
