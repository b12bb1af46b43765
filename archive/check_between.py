"""Checks what lies in WARC files beside the captures that rows point to: heads and requests.

No row points to them, and they are evidence all the same. Each frame between two captures must
open and have the checksum that it states. What follows the last capture is taken for the work of a
writer that died or still writes, but for the request that was written in one with that capture.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from archive import files
from archive.errors import CaptureError, StorageError
from archive.finding import Finding
from archive.root import Root
from archive.warc_zstd import HEAD_AT_MOST, ZSTD_MAGIC, decode, read_head

__all__ = ["Place", "check_between"]

_REMEDY = "restore the WARC file from a backup; captures and rows remain valid"
_REQUEST = 4 << 20  # bytes of a file's end that are enough for a request

Place = tuple[str, int, int]
"""File, offset and length of a capture."""


def check_between(root: Root, captures: Iterable[Place]) -> Iterator[Finding]:
    """Findings in the files of these captures, which come sorted."""
    for name, places in groupby(captures, itemgetter(0)):
        path = root.warc / name
        if not path.is_file():
            continue
        try:
            for at in _damaged(path, ((offset, length) for _, offset, length in places)):
                what = f"no whole record begins at byte {at}, beside the captures of the tables"
                yield Finding("warc_damaged", f"warc/{name}", what, _REMEDY)
        except (OSError, StorageError, CaptureError) as error:
            yield Finding("warc_damaged", f"warc/{name}", str(error), _REMEDY)


def _damaged(path: Path, places: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Where frames between the places, and the request after the last of them, do not open."""
    with files.disk("open", path), path.open("rb") as source:
        start = source.read(4)
        source.seek(0)
        cold = start == ZSTD_MAGIC or (start[1:] == b"\x2a\x4d\x18" and path.suffix == ".zst")
        dictionary, end = read_head(source.read(HEAD_AT_MOST)) if cold else (b"", 0)
        opened: Callable[[bytes], int] = _gzip if not cold else lambda data: _zstd(data, dictionary)
        each, seen = True, 0
        for offset, length in places:
            source.seek(end)
            between = source.read(max(0, offset - end))
            each = each and bool(between)  # an exchange, not a page that was brought as a file
            yield from (end + at for at in _torn(between, opened))
            end, seen = max(end, offset + length), seen + 1
        source.seek(end)
        tail = source.read(_REQUEST)
        if tail and each and seen > 1 and not opened(tail):
            yield end


def _torn(data: bytes, opened: Callable[[bytes], int]) -> Iterator[int]:
    """The place of the first frame that does not open: what follows it cannot be told apart."""
    at = 0
    while at < len(data):
        length = opened(data[at:])
        if not length:
            yield at
            return
        at += length


def _gzip(data: bytes) -> int:
    """The length of the gzip member that the bytes begin with; 0 if it is damaged or torn."""
    member = zlib.decompressobj(wbits=31)
    try:
        member.decompress(data)
    except zlib.error:
        return 0
    return len(data) - len(member.unused_data) if member.eof else 0


def _zstd(data: bytes, dictionary: bytes) -> int:
    try:
        return decode(data, dictionary)[1]
    except CaptureError:
        return 0
