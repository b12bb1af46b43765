"""Cold WARC files (`.warc.zst`): a Zstandard frame a record, with a dictionary at the head. Pure.

The form of the IIPC's draft and of wget-at: the dictionary lies in a skippable frame (magic
0x184D2A5D) at the head of the file, itself compressed. Pages of one site are much alike, and a
dictionary trained on them tells each frame what it would otherwise have to say again; a frame can
still be read alone, with the head of its file.
"""

import struct
import sys
from collections.abc import Sequence
from functools import lru_cache

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from archive.errors import CaptureError

__all__ = ["HEAD_AT_MOST", "ZSTD_MAGIC", "decode", "encode", "head_of", "read_head", "train"]

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
HEAD_AT_MOST = 16 << 20
"""Bytes of a file that hold its dictionary, if there is one; we write at most 112 kB."""
_HEAD = struct.Struct("<II")
_HEAD_MAGIC = 0x184D2A5D
_LEVEL = 19
_LARGEST = 112 << 10
_SHARE = 60
_SMALLEST = 512
_FEWEST = 16


def train(samples: Sequence[bytes], raw_bytes: int) -> bytes:
    """A dictionary for records like these, at most a sixtieth of what it is for; empty if useless.

    `raw_bytes` is the size, unpacked, of the file that it will head.
    """
    size = min(_LARGEST, raw_bytes // _SHARE)
    if len(samples) < _FEWEST or size < _SMALLEST:
        return b""
    try:
        return zstd.train_dict(samples, size).dict_content
    except (zstd.ZstdError, ValueError):  # too few or too small for zstd's own taste
        return b""


def head_of(dictionary: bytes) -> bytes:
    """The frame at the head of a file; nothing where there is no dictionary."""
    if not dictionary:
        return b""
    packed = encode(dictionary, b"")
    return _HEAD.pack(_HEAD_MAGIC, len(packed)) + packed


def read_head(start: bytes) -> tuple[bytes, int]:
    """The dictionary that a file begins with and the length of its frame; (empty, 0) without one.

    Raises `CaptureError` for a damaged one.
    """
    if len(start) < _HEAD.size:
        return b"", 0
    magic, length = _HEAD.unpack_from(start)
    if magic != _HEAD_MAGIC:
        return b"", 0
    packed = start[_HEAD.size : _HEAD.size + length]
    if len(packed) < length:
        raise CaptureError("the dictionary at its head is torn; restore the file from a backup")
    try:
        plain = _unpacked(packed) if packed.startswith(ZSTD_MAGIC) else packed
        zstd.ZstdDecompressor(zstd_dict=_known(plain))
    except (zstd.ZstdError, ValueError) as error:
        raise CaptureError(f"its dictionary is damaged ({error}); restore a backup") from error
    return plain, _HEAD.size + length


def _unpacked(packed: bytes) -> bytes:
    frame = zstd.ZstdDecompressor()
    plain = frame.decompress(packed, HEAD_AT_MOST)
    if not frame.eof:
        raise ValueError("it is torn, or larger than any")
    return plain


@lru_cache(maxsize=8)
def _known(dictionary: bytes) -> zstd.ZstdDict | None:
    return zstd.ZstdDict(dictionary) if dictionary else None


def encode(record: bytes, dictionary: bytes) -> bytes:
    """A record as one frame, with a checksum of its content."""
    options = {
        int(zstd.CompressionParameter.compression_level): _LEVEL,
        int(zstd.CompressionParameter.checksum_flag): 1,
    }
    return zstd.compress(record, options=options, zstd_dict=_known(dictionary))


def decode(data: bytes, dictionary: bytes, most: int = -1) -> tuple[bytes, int]:
    """What the frame at the beginning of some bytes holds, and its length; 0 if it goes on.

    `most` bytes of content are enough where it is given. Raises `CaptureError`.
    """
    frame = zstd.ZstdDecompressor(zstd_dict=_known(dictionary))
    try:
        raw = frame.decompress(data, most)
    except zstd.ZstdError as error:
        raise CaptureError(f"{error}; restore the file from a backup") from error
    return raw, len(data) - len(frame.unused_data) if frame.eof else 0
