"""Finds the records in a WARC file of any compression; those of Zstandard frames itself.

FastWARC reads such files too, from the first byte on; here a frame is found alone, by its offset,
and what is damaged is stepped over to the next frame that holds a record, as `archive.warc_scan`
does for gzip.
"""

import mmap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from archive import files
from archive.errors import CaptureError
from archive.root import Root
from archive.warc_scan import Damage, Span, WarcFile, parse_record
from archive.warc_zstd import HEAD_AT_MOST, ZSTD_MAGIC, decode, read_head

__all__ = ["ColdFile", "open_warc", "warc_files"]

_STEP = 1 << 16
_START = 8


def open_warc(path: Path) -> "WarcFile | ColdFile":
    """The file, opened by what its first bytes say; raises `StorageError`."""
    with files.disk("open", path), path.open("rb") as source:
        start = source.read(_START)
    cold = start.startswith(ZSTD_MAGIC) or (start[1:4] == b"\x2a\x4d\x18" and path.suffix == ".zst")
    return ColdFile(path) if cold else WarcFile(path)


def warc_files(root: Root, *, twice: bool = False) -> list[Path]:
    """The archive's WARC files, by name.

    For a day after a file was made cold both forms are there; the old one counts only with `twice`.
    """
    found = [p for p in root.warc.rglob("*.warc.*") if p.name.endswith((".warc.gz", ".warc.zst"))]
    shown = sorted(p for p in found if not p.name.startswith("."))
    present = set(shown)
    return [p for p in shown if twice or p.with_suffix(".zst") not in present or p.suffix == ".zst"]


class ColdFile:
    """An open WARC file of Zstandard frames; a context manager. Its size is taken once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with files.disk("open", path), path.open("rb") as source:
            self._bytes = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
        self.size = len(self._bytes)
        self._trouble = ""
        try:
            self.dictionary, self._head = read_head(self._bytes[:HEAD_AT_MOST])
        except CaptureError as error:
            # Each record is found damaged then; this says why.
            self.dictionary, self._head, self._trouble = b"", 0, str(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bytes.close()

    def first_at(self, offset: int) -> Span | None:
        """The record at an offset, or None where no whole one begins there."""
        found = self._record(offset)
        return found if isinstance(found, Span) else None

    def spans(self) -> Iterator[Span | Damage]:
        """Every record in order, and every place where one is damaged."""
        if self._trouble:
            yield Damage(self.path, 0, self._trouble)
        at = self._head
        while 0 <= at < self.size:
            found = self._record(at)
            if isinstance(found, Span):
                yield found
                at += found.length
            else:
                yield Damage(self.path, at, found)
                at = self._next(at + 1)

    def _record(self, at: int) -> Span | str:
        """The record of the frame at an offset, or what is wrong with it."""
        if self._bytes[at : at + 4] != ZSTD_MAGIC:
            return "no WARC record begins there"
        room = _STEP
        while True:
            try:
                raw, length = decode(self._bytes[at : at + room], self.dictionary)
            except CaptureError as error:
                return str(error)
            if length or at + room >= self.size:
                break
            room *= 4
        span = parse_record(raw) if length else None
        return replace(span, offset=at, length=length) if span else "the record is torn"

    def _next(self, at: int) -> int:
        """The next frame that holds a record, or -1."""
        while (at := self._bytes.find(ZSTD_MAGIC, at)) >= 0:
            if isinstance(self._record(at), Span):
                return at
            at += 1
        return -1
