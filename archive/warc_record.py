"""A WARC record taken apart: header fields, HTTP head, payload. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from archive.coding import decode_body
from archive.errors import CaptureError
from archive.model import WarcPointer
from archive.warc_scan import Span

__all__ = ["Headers", "StoredRecord", "bare_uri", "http_status", "parse_date", "remove_codings"]

Headers = tuple[tuple[str, str], ...]
_LINE = 100


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record: header fields, block, and where it lies (None where no pointer can reach)."""

    type: str
    fields: Headers
    block: bytes
    pointer: WarcPointer | None = None

    @classmethod
    def of(cls, span: Span, filename: str = "") -> Self:
        """The record of a span; a pointer into `filename` where one can name it."""
        kind = next((v for k, v in span.fields if k.lower() == "warc-type"), "").lower()
        named = filename and span.length
        pointer = WarcPointer(filename, span.offset, span.length, kind) if named else None
        return cls(kind, span.fields, span.block, pointer)

    def field(self, name: str) -> str:
        """A WARC header field, case-insensitive, or an empty string."""
        wanted = name.lower()
        return next((v for k, v in self.fields if k.lower() == wanted), "")

    @property
    def url(self) -> str:
        """The target URI; WARC 1.0 writers put it in angle brackets."""
        return bare_uri(self.field("WARC-Target-URI"))

    @property
    def date(self) -> datetime:
        """WARC-Date in UTC; raises `CaptureError` where it is unreadable."""
        return parse_date(self.field("WARC-Date"))

    @property
    def is_http(self) -> bool:
        """Whether the block starts with an HTTP head."""
        return self.field("Content-Type").lower().startswith("application/http")

    def http_head(self) -> tuple[str, Headers, bytes]:
        """First line, headers and the bytes after them; Latin-1, so that nothing is lost."""
        return _split_http(self.block)

    def payload(self) -> tuple[bytes, bytes, str]:
        """The payload as stored, the payload without codings, and a note if that went wrong."""
        if not self.is_http:
            return self.block, self.block, ""
        _, headers, raw = self.http_head()
        return raw, *remove_codings(headers, raw)

    def first_word(self) -> str:
        """The first word of the HTTP head: the method of a request."""
        return self.block[:_LINE].partition(b" ")[0].decode("latin-1")

    def http_summary(self) -> tuple[int, str]:
        """Status and media type: of the HTTP answer, or of a resource (status 0)."""
        if not self.is_http:
            return 0, _media_type(self.field("Content-Type"))
        line, headers, _ = self.http_head()
        typed = next((v for k, v in headers if k.lower() == "content-type"), "")
        return http_status(line), _media_type(typed)


def remove_codings(headers: Headers, raw: bytes) -> tuple[bytes, str]:
    """The payload that headers and stored bytes stand for, and a note if that went wrong."""
    content = _joined(headers, "content-encoding")
    return decode_body(raw, content, _joined(headers, "transfer-encoding"))


def _split_http(block: bytes) -> tuple[str, Headers, bytes]:
    at, gap_length = block.find(b"\r\n\r\n"), 4
    if at < 0 or b"\n\n" in block[:at]:  # a server that ends its lines with a bare LF
        at, gap_length = block.find(b"\n\n"), 2
    if at < 0:
        at, gap_length = len(block), 0
    lines = block[:at].decode("latin-1").splitlines()
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon and not line[:1].isspace():
            headers.append((name.strip(), value.strip()))
        elif headers:  # a folded line continues the value before it
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
    return lines[0] if lines else "", tuple(headers), block[at + gap_length :]


def bare_uri(value: str) -> str:
    """A URI without the angle brackets that WARC 1.0 put around it."""
    return value[1:-1] if value.startswith("<") and value.endswith(">") else value


def http_status(line: str) -> int:
    """The status in an HTTP status line; 0 where there is none."""
    words = line.split(maxsplit=2)
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() else 0


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower() or "unk"


def _joined(headers: Headers, name: str) -> str:
    return ",".join(value for key, value in headers if key.lower() == name)


def parse_date(text: str) -> datetime:
    """A WARC date in UTC; raises `CaptureError` where it is unreadable."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CaptureError(f"WARC date {text!r} is unreadable") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
