"""Reads captures back from WARC files, ours or anyone's, whole or torn.

By pointer: `read_record` (the bytes as stored) and `read_capture` (what the line works on).
In order: `iter_records`, `iter_captures`. A torn or damaged record is reported through a
callback and never raised there (`archive.warc_scan` finds the records).
"""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from isal import isal_zlib

from archive import files
from archive.errors import CaptureError, StorageError
from archive.model import Capture, WarcPointer
from archive.root import Root
from archive.warc import NOT_MODIFIED, fetch_id_of
from archive.warc_cold import open_warc
from archive.warc_record import (
    Headers,
    StoredRecord,
    bare_uri,
    http_status,
    parse_date,
    remove_codings,
)
from archive.warc_scan import GZIP_MAGIC, Damage, Span, parse_record
from archive.warc_zstd import HEAD_AT_MOST, ZSTD_MAGIC, decode, read_head

__all__ = [
    "Damage",
    "Resolver",
    "StoredRecord",
    "capture_of",
    "iter_captures",
    "iter_exchanges",
    "iter_records",
    "parse_date",
    "read_capture",
    "read_record",
    "read_stored",
]

_NotGzip: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub names a value
_LOG = logging.getLogger(__name__)

Resolver = Callable[[str, datetime], WarcPointer | None]
"""Finds the capture of a URL at a time, for revisits: (target URI, date) -> pointer."""


def read_record(root: Root, pointer: WarcPointer) -> bytes:
    """The record as stored, unzipped: WARC header, HTTP head, coded body.

    Raises `CaptureError` that names file and offset when no whole gzip member lies there.
    """
    path = _inside(root, pointer)
    try:
        with files.disk("read", path), path.open("rb", buffering=0) as source:
            data = os.pread(source.fileno(), pointer.length, pointer.offset)
    except StorageError as error:
        if path.is_file():
            raise
        raise CaptureError(f"{path} is missing; restore it from a backup") from error
    where = f"{path} at byte {pointer.offset}"
    if len(data) < pointer.length:
        raise CaptureError(f"{where}: the file ends inside the record; restore it from a backup")
    if data.startswith(ZSTD_MAGIC):
        return _cold_record(path, data, where)
    if not data.startswith(GZIP_MAGIC):
        if data.startswith(b"WARC/"):  # an uncompressed file that somebody else wrote
            return data
        raise CaptureError(f"{where}: no record begins there; run `shenglu check`")
    decoder = isal_zlib.decompressobj(wbits=31)
    try:
        raw = decoder.decompress(data)
    except _NotGzip as error:
        raise CaptureError(f"{where}: {error}; restore the file from a backup") from error
    if not decoder.eof or decoder.unused_data:
        raise CaptureError(f"{where}: the pointer's length is wrong; run `shenglu check`")
    return raw


def _cold_record(path: Path, data: bytes, where: str) -> bytes:
    try:
        raw, length = decode(data, _dictionary(path, path.stat().st_mtime_ns))
    except CaptureError as error:
        raise CaptureError(f"{where}: {error}") from error
    if length != len(data):
        raise CaptureError(f"{where}: the pointer's length is wrong; run `shenglu check`")
    return raw


@lru_cache(maxsize=8)
def _dictionary(path: Path, _changed: int) -> bytes:
    with files.disk("read", path), path.open("rb") as source:
        return read_head(source.read(HEAD_AT_MOST))[0]


def read_stored(root: Root, pointer: WarcPointer) -> StoredRecord:
    """The record at a pointer, taken apart; raises `CaptureError`."""
    span = parse_record(read_record(root, pointer))
    if span is None:
        raise CaptureError(
            f"{pointer.filename} at byte {pointer.offset}: the record is damaged; "
            "restore the file from a backup"
        )
    stored = StoredRecord.of(span)
    return replace(stored, pointer=replace(pointer, record_type=stored.type))


def read_capture(root: Root, pointer: WarcPointer, resolve: Resolver | None = None) -> Capture:
    """The capture at a pointer, codings removed.

    A revisit gets the payload of the capture that it refers to, found by `resolve`; its own
    URL, time and status stay, and a 304 keeps the earlier headers that it does not replace
    (RFC 9111, 4.3.4). Raises `CaptureError` that names the record when that fails. The method
    is read from the request record that follows.
    """
    stored = read_stored(root, pointer)
    capture, _ = capture_of(stored)
    method = _method_after(root, pointer, stored.field("WARC-Record-ID"))
    capture = replace(capture, method=method or capture.method)
    if stored.type != "revisit":
        return capture
    original = read_capture(root, _original(stored, pointer, resolve))
    headers = capture.headers
    if stored.field("WARC-Profile").rsplit("/", 1)[-1] == NOT_MODIFIED.rsplit("/", 1)[-1]:
        new = {name.lower() for name, _ in headers}
        headers += tuple(h for h in original.headers if h[0].lower() not in new)
    return replace(capture, body=original.body, headers=headers)


def iter_captures(
    path: Path, root: Root | None = None, on_damage: Callable[[Damage], None] | None = None
) -> Iterator[Capture]:
    """The captures of any WARC file in order: responses, resources, revisits (without body).

    Pointers are relative to `root.warc` for a file below it, to the file's folder otherwise.
    Damage goes to `on_damage`, by default to the log as a warning. Raises `StorageError` only
    when the file cannot be opened.
    """
    tell = on_damage or _warn
    for record, request in iter_exchanges(path, root, tell):
        yield from _captures(record, request, path, tell)


def iter_exchanges(
    path: Path, root: Root | None = None, on_damage: Callable[[Damage], None] | None = None
) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Each response, resource or revisit record with its request record, if that is beside it."""
    asked: StoredRecord | None = None
    held: StoredRecord | None = None
    for record in iter_records(path, root, on_damage):
        if record.type == "request":
            asked = record
            continue
        if held is not None:
            yield held, _request_of(held, asked)
        held = record if record.type in {"response", "resource", "revisit"} else None
    if held is not None:
        yield held, _request_of(held, asked)


def _request_of(record: StoredRecord, asked: StoredRecord | None) -> StoredRecord | None:
    mine = asked is not None and asked.field("WARC-Concurrent-To") == record.field("WARC-Record-ID")
    return asked if mine else None


def iter_records(
    path: Path, root: Root | None = None, on_damage: Callable[[Damage], None] | None = None
) -> Iterator[StoredRecord]:
    """All records of a WARC file, damaged ones left out and reported through `on_damage`."""
    tell = on_damage or _warn
    name = _name(path, root)
    with open_warc(path) as opened:
        for span in opened.spans():
            if isinstance(span, Span):
                yield StoredRecord.of(span, name)
            else:
                tell(span)


def _warn(damage: Damage) -> None:
    _LOG.warning("%s", damage)


def _name(path: Path, root: Root | None) -> str:
    absolute = path.absolute()
    if root is not None and absolute.is_relative_to(root.warc):
        return absolute.relative_to(root.warc).as_posix()
    return path.name


def _inside(root: Root, pointer: WarcPointer) -> Path:
    path = _placed(root.warc, pointer.filename)
    if path is None:
        raise CaptureError(f"{pointer.filename!r} leaves the archive; run `shenglu check`")
    return path


@lru_cache(maxsize=64)
def _placed(folder: Path, filename: str) -> Path | None:
    path = folder / filename
    return path if ".." not in path.parts and path.is_relative_to(folder) else None


def _captures(
    record: StoredRecord,
    request: StoredRecord | None,
    path: Path,
    tell: Callable[[Damage], None],
) -> Iterator[Capture]:
    offset = record.pointer.offset if record.pointer else 0
    try:
        capture, note = capture_of(record)
    except CaptureError as error:
        tell(Damage(path, offset, str(error)))
        return
    if note:
        tell(Damage(path, offset, f"body of {record.url}: {note}"))
    method = request.first_word() if request is not None else ""
    yield replace(capture, method=method or capture.method)


def capture_of(record: StoredRecord) -> tuple[Capture, str]:
    """The capture in a record, codings removed, and what went wrong with them (or "").

    A revisit has no body; the method is GET, since only the request record knows it.
    """
    status, body, note = 0, record.block, ""
    headers: Headers = (("Content-Type", record.field("Content-Type")),)
    if record.is_http:
        line, headers, body = record.http_head()
        status = http_status(line)
    if record.type == "revisit":
        body = b""
    elif record.is_http:
        body, note = remove_codings(headers, body)
    capture = Capture(
        url=record.url,
        body=body,
        fetched_at=record.date,
        status=status,
        headers=headers,
        fetch_id=fetch_id_of(record.field("WARC-Record-ID")),
        pointer=record.pointer,
    )
    return capture, note


def _original(stored: StoredRecord, pointer: WarcPointer, resolve: Resolver | None) -> WarcPointer:
    uri = bare_uri(stored.field("WARC-Refers-To-Target-URI")) or stored.url
    date = stored.field("WARC-Refers-To-Date")
    where = f"{pointer.filename} at byte {pointer.offset}"
    if resolve is None:
        raise CaptureError(f"{where} is a revisit of {uri} at {date}; give a resolver to follow it")
    found = resolve(uri, parse_date(date))
    if found is None or found == pointer:
        raise CaptureError(f"{where} is a revisit of {uri} at {date}, which is not in the archive")
    return found


def _method_after(root: Root, pointer: WarcPointer, record_id: str) -> str:
    """The method of the request record that follows, or empty; our writer puts it there."""
    path = _inside(root, pointer)
    try:
        with files.disk("read", path), open_warc(path) as opened:
            following = opened.first_at(pointer.offset + pointer.length)
    except (CaptureError, StorageError):
        return ""
    if following is None:
        return ""
    stored = StoredRecord.of(following)
    if stored.type != "request" or stored.field("WARC-Concurrent-To") != record_id:
        return ""
    return stored.first_word()
