import gzip
import io
import zlib

import pytest
from fastwarc.stream_io import BrotliWriter, ZstdWriter

from archive.coding import dechunk, decode_body


def _packed(writer, data):
    buffer = io.BytesIO()
    packer = writer(buffer)
    packer.write(data)
    packer.finish()
    packer.close()
    return buffer.getvalue()


def brotli(data):
    return _packed(BrotliWriter, data)


def zstd(data):
    return _packed(ZstdWriter, data)


TEXT = "你好，世界。".encode() * 300
BARE = zlib.compressobj(wbits=-15)
RAW_DEFLATE = BARE.compress(TEXT) + BARE.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT[:900], mtime=0) + gzip.compress(TEXT[900:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\0\0trailing"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE),
        ("br", brotli(TEXT)),
        ("zstd", zstd(TEXT)),
        ("zstd", zstd(TEXT[:900]) + zstd(TEXT[900:])),
        ("gzip, br", brotli(gzip.compress(TEXT, mtime=0))),
    ],
)
def test_coding_comes_off(coding, body):
    assert decode_body(body, coding) == (TEXT, "")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "chunked-nonsense"])
def test_body_that_is_not_in_its_coding_comes_back_with_a_note(coding):
    body, note = decode_body(TEXT, coding)
    assert body == TEXT
    assert note


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_empty_body_has_no_coding(coding):
    assert decode_body(b"", coding) == (b"", "")


def test_torn_gzip_gives_what_there_is():
    noise = bytes(range(256)) * 40 + TEXT
    body, note = decode_body(gzip.compress(noise, mtime=0)[:-200], "gzip")
    assert body
    assert noise.startswith(body)
    assert "breaks off" in note


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli),
        ("zstd", zstd),
    ],
)
def test_bomb_is_cut(coding, pack):
    body, note = decode_body(pack(bytes(5_000_000)), coding, limit=1_000_000)
    assert len(body) == 1_000_000
    assert "cut" in note


@pytest.mark.parametrize(
    ("body", "whole", "noted"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello", False),
        (b"5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n", b"hello world", False),
        (b"5\r\nhello\r\n6\r\n wo", b"hello wo", True),
        (b"5\r\nhello\r\nzz\r\n", b"hello", True),
        (b"<html>plain", b"<html>plain", True),
        (b"", b"", True),
    ],
)
def test_chunks_are_put_together(body, whole, noted):
    out, note = dechunk(body)
    assert out == whole
    assert bool(note) == noted


def test_transfer_coding_comes_off_before_content_coding():
    packed = gzip.compress(TEXT, mtime=0)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    assert decode_body(chunked, "gzip", "chunked") == (TEXT, "")
