"""Finds the records in a WARC file and the bytes that each occupies, whatever state it is in.

FastWARC does the parsing. Three of its habits are made safe here: a torn record comes out as an
empty or short one without an error, so each block is compared with its Content-Length; a record
whose header is torn comes out without the fields that it lost; and a damaged gzip member ends
the iteration, so the scan looks for the next member that holds a record and goes on there.
"""

import io
import mmap
import os
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from fastwarc.warc import ArchiveIterator, WarcRecord

from archive import files

__all__ = ["GZIP_MAGIC", "Damage", "Span", "WarcFile", "parse_record"]

GZIP_MAGIC = b"\x1f\x8b\x08"
_PLAIN_MARK = b"\r\n\r\nWARC/1."
_TORN = "the record is torn"
_PROBE = 1024
_STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class Damage:
    """A place in a WARC file that could not be read as it should."""

    path: Path
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path} at byte {self.offset}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Span:
    """A whole record: header fields, block, and the bytes of the file that hold it.

    `length` 0: the record shares its gzip member with others, so no pointer can name it.
    """

    fields: tuple[tuple[str, str], ...]
    block: bytes
    offset: int = 0
    length: int = 0


def parse_record(raw: bytes) -> Span | None:
    """The record that uncompressed bytes begin with, or None where they hold no whole one."""
    try:
        return _span(WarcRecord.from_reader(io.BytesIO(raw), quirks_mode=True), 0)
    except OSError:
        return None


def _span(record: WarcRecord, offset: int) -> Span | None:
    fields = tuple(record.headers.astuples())
    block = record.reader.read() if record.reader is not None else b""
    declared = next((v for k, v in fields if k.lower() == "content-length"), "")
    if declared != str(len(block)):
        return None
    return Span(fields, block, offset)


class WarcFile:
    """An open WARC file; a context manager. Its size is taken once: later appends are not seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with files.disk("open", path):
            self._file = path.open("rb")
            self.size = path.stat().st_size
        self._bytes: mmap.mmap | bytes = b""
        if self.size:
            self._bytes = mmap.mmap(self._file.fileno(), self.size, access=mmap.ACCESS_READ)
        self.gzipped = self._bytes[:3] == GZIP_MAGIC
        # Old writers end header lines with a bare LF. Only then is FastWARC told to be lenient:
        # its lenient mode also steps over members that it does not understand, and the next.
        self._lenient = not self._probe(0).partition(b"\n")[0].endswith(b"\r")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(self._bytes, mmap.mmap):
            self._bytes.close()
        self._file.close()

    def first_at(self, offset: int) -> Span | None:
        """The record at an offset, or None where no whole one begins there."""
        if not self._begins(offset):
            return None
        self._file.seek(offset)
        try:
            for record in self._records():
                return _span(record, offset)
        except OSError:
            return None
        return None

    def spans(self) -> Iterator[Span | Damage]:
        """Every record in order, and every place where one is damaged."""
        start: int | None = 0 if self.size else None
        while start is not None:
            start = yield from self._pass(start)

    def _pass(self, start: int) -> Generator[Span | Damage, None, int | None]:
        """Yield records until damage stops the parser; return where to go on, if anywhere."""
        held: Span | None = None
        last, seen, reason = start, False, "no WARC record begins there"
        self._file.seek(start)
        try:
            for record in self._records():
                at, previous = record.stream_pos, held
                if previous is not None:
                    yield self._bounded(previous, at)
                elif seen:
                    yield Damage(self.path, last, _TORN)
                held, last, seen = None, at, True
                held = _span(record, at)
        except OSError as error:
            reason = str(error)
        end = self._end_of(held) if held is not None else -1
        if held is not None and end >= 0:
            yield self._bounded(held, end)
        else:
            end, reason = last, _TORN if seen else reason
        if end >= self.size:
            return None
        yield Damage(self.path, end, reason)
        return self._next_start(end + 1)

    def _records(self) -> Iterator[WarcRecord]:
        records: Iterator[WarcRecord] = ArchiveIterator(
            self._file, parse_http=False, quirks_mode=self._lenient
        )
        return records

    def _bounded(self, span: Span, end: int) -> Span:
        whole = self._begins(span.offset) and (end >= self.size or self._begins(end))
        return replace(span, length=end - span.offset if whole and end > span.offset else 0)

    def _begins(self, offset: int) -> bool:
        # Not by the map: each look there brings its neighbours into memory, in the end the file.
        length = max(0, min(3, self.size - offset))
        start = os.pread(self._file.fileno(), length, offset)
        return start == (GZIP_MAGIC if self.gzipped else b"WAR")

    def _end_of(self, span: Span) -> int:
        if span.offset >= self.size:
            return self.size  # not the first record of a shared member
        if self.gzipped:
            member = zlib.decompressobj(wbits=31)
            at = span.offset
            while not member.eof and at < self.size:
                member.decompress(self._bytes[at : at + _STEP])
                at += _STEP
            return min(at, self.size) - len(member.unused_data) if member.eof else -1
        header = self._bytes.find(b"\r\n\r\n", span.offset)
        return min(header + 8 + len(span.block), self.size)

    def _next_start(self, at: int) -> int | None:
        mark = GZIP_MAGIC if self.gzipped else _PLAIN_MARK
        while (at := self._bytes.find(mark, at)) >= 0:
            if not self.gzipped:
                return at + 4
            if self._probe(at).startswith(b"WARC/"):
                return at
            at += 1
        return None

    def _probe(self, at: int) -> bytes:
        """The first bytes of the record at an offset, unzipped; empty where there is none."""
        start = self._bytes[at : at + _PROBE]
        if not self.gzipped:
            return start
        try:
            return zlib.decompressobj(wbits=31).decompress(start, _PROBE)
        except zlib.error:
            return b""
