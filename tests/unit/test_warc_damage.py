"""Torn, foreign and odd WARC files: what is whole comes out, what is not is reported."""

import gzip
import re

import pytest
from archive_rows import PAGE, exchange
from hypothesis import given
from hypothesis import strategies as st

from archive import cdxj
from archive.cdxj import index_path, rebuild, surt_key, write_index
from archive.root import Root
from archive.warc_read import iter_captures, iter_records, read_capture
from archive.warc_write import WarcWriter


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


@pytest.fixture
def warc(root):
    with WarcWriter(root, "run1") as writer:
        for number in range(4):
            writer.write(exchange(f"https://forum.example/t{number}"))
    (path,) = root.warc.rglob("*.warc.gz")
    return path


def _read(path, root=None):
    damage = []
    captures = list(iter_captures(path, root, damage.append))
    return [c.url.rsplit("/", 1)[-1] for c in captures], damage


def _offsets(path):
    return [r.pointer.offset for r in iter_records(path)]


def test_whole_file_reports_nothing(warc):
    assert _read(warc) == (["t0", "t1", "t2", "t3"], [])


def test_tail_torn_at_any_byte_loses_only_the_torn_record(warc):
    data, offsets = warc.read_bytes(), _offsets(warc)
    last_response, last_request = offsets[-2], offsets[-1]
    for size in range(last_response, len(data)):
        warc.write_bytes(data[:size])
        names, damage = _read(warc)
        assert names == ["t0", "t1", "t2"] + ["t3"] * (size >= last_request), size
        at = last_request if size >= last_request else last_response
        assert [d.offset for d in damage] == ([at] if size != at else []), size


def test_flipped_bytes_lose_one_record_and_are_reported(warc):
    data, offsets = bytearray(warc.read_bytes()), _offsets(warc)
    data[offsets[3] + 100 : offsets[3] + 110] = bytes(10)  # response of t1
    warc.write_bytes(data)
    names, damage = _read(warc)
    assert names == ["t0", "t2", "t3"]
    assert [d.offset for d in damage] == [offsets[3]]


@pytest.mark.parametrize(
    "noise", [b"\0" * 50, b"junk", gzip.compress(b"no record", mtime=0), b"\x1f\x8b\x08"]
)
def test_noise_between_records_is_passed_over(warc, noise):
    data, offsets = warc.read_bytes(), _offsets(warc)
    warc.write_bytes(data[: offsets[3]] + noise + data[offsets[3] :])
    names, damage = _read(warc)
    assert names == ["t0", "t1", "t2", "t3"]
    assert len(damage) == 1


def test_record_torn_in_the_middle_of_a_file_that_went_on(warc):
    data, offsets = warc.read_bytes(), _offsets(warc)
    warc.write_bytes(data[: offsets[4] - 30] + data[offsets[5] :])
    names, damage = _read(warc)
    assert names == ["t0", "t2", "t3"]
    assert len(damage) == 1


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x1f\x8b\x08", gzip.compress(b"hello", mtime=0), bytes(99)]
)
def test_file_that_is_no_warc_gives_nothing_and_raises_nothing(tmp_path, data):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    names, damage = _read(path)
    assert names == []
    assert len(damage) == bool(data)


def test_uncompressed_file_is_read_and_pointed_into(warc, root):
    plain = root.warc / "other.warc"
    plain.write_bytes(gzip.decompress(warc.read_bytes()))
    captures = list(iter_captures(plain, root))
    assert [c.body for c in captures] == [PAGE] * 4
    assert read_capture(root, captures[2].pointer).url == captures[2].url
    plain.write_bytes(plain.read_bytes()[:-700])
    names, damage = _read(plain)
    assert names == ["t0", "t1", "t2"]
    assert len(damage) == 1


def test_file_zipped_as_a_whole_is_read_without_pointers(warc, tmp_path):
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(warc.read_bytes())))
    names, damage = _read(path)
    assert (names, damage) == (["t0", "t1", "t2", "t3"], [])
    assert [r.pointer for r in iter_records(path)][1:] == [None] * 8


def _foreign(kind, headers, block):
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": "<urn:uuid:11111111-2222-4333-8444-555555555555>",
        "WARC-Date": "2013-05-04T03:02:01Z",
        **headers,
        "Content-Length": str(len(block)),
    }
    head = "WARC/1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n")


HTTP = {"Content-Type": "application/http; msgtype=response"}


@pytest.mark.parametrize(
    ("block", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, b"hi"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.0 404\r\n\r\ngone", 404, b"gone"),
        (b"HTTP/1.1 200 OK\nA: b\n\nhi\n\n", 200, b"hi\n\n"),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", 302, b""),
        (b"nonsense", 0, b""),
    ],
)
def test_what_other_crawlers_write_is_read(tmp_path, block, status, body):
    path = tmp_path / "x.warc.gz"
    uri = {"WARC-Target-URI": "<http://old.example/>", **HTTP}
    path.write_bytes(_foreign("response", uri, block))
    (capture,) = iter_captures(path, on_damage=lambda _: None)
    assert (capture.url, capture.status, capture.body) == ("http://old.example/", status, body)
    assert f"{capture.fetched_at:%Y-%m-%d %H:%M:%S %Z}" == "2013-05-04 03:02:01 UTC"


def test_record_with_an_unreadable_date_is_reported(tmp_path):
    path = tmp_path / "x.warc.gz"
    uri = {"WARC-Target-URI": "http://old.example/", **HTTP, "WARC-Date": "yesterday"}
    path.write_bytes(_foreign("response", uri, b"HTTP/1.1 200 OK\r\n\r\nhi"))
    names, damage = _read(path)
    assert names == []
    assert "yesterday" in damage[0].reason


def test_index_is_sorted_and_points_at_its_records(warc, root):
    lines = index_path(warc).read_text().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 4
    key, time, rest = lines[2].split(" ", 2)
    assert (key, time) == ("example,forum)/t2", "20240131235000")
    import json

    fields = json.loads(rest)
    assert sorted(fields) == [
        "digest",
        "filename",
        "length",
        "mime",
        "offset",
        "status",
        "url",
    ]
    assert root.warc / fields["filename"] == warc
    record = warc.read_bytes()[int(fields["offset"]) :][: int(fields["length"])]
    assert b"WARC-Target-URI: https://forum.example/t2" in gzip.decompress(record)


def test_lost_index_is_made_again_the_same(warc, root):
    before = index_path(warc).read_bytes()
    index_path(warc).unlink()
    assert rebuild(root) == [index_path(warc)]
    assert index_path(warc).read_bytes() == before
    assert rebuild(root) == []
    assert write_index(root, warc).read_bytes() == before


@pytest.mark.parametrize("lines", [1, 2, 4])
def test_an_index_sorted_in_runs_is_the_same(warc, root, monkeypatch, lines):
    before = index_path(warc).read_bytes()
    monkeypatch.setattr(cdxj, "_RUN", lines)
    assert write_index(root, warc).read_bytes() == before
    assert sorted(p.suffix for p in warc.parent.iterdir()) == [".cdxj", ".gz"]


_HOSTS = st.lists(
    st.sampled_from(
        ("www", "www2", "m", "a-b", "news", "com", "cn", "10", "256", "xn--a", "-", "A")
    ),
    min_size=1,
    max_size=4,
).map(".".join)
_PORTS = st.sampled_from(("", ":80", ":443", ":8080", ":08080"))
_PATHS = st.text(st.sampled_from("/aB0._~-%"), max_size=10)


@given(st.sampled_from(("http://", "https://")), _HOSTS, _PORTS, _PATHS)
def test_plain_urls_get_the_key_of_the_canonicaliser(scheme, host, port, path):
    url = f"{scheme}{host}{port}/{path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cdxj, "_PLAIN", re.compile("(?!)"))
        wanted = surt_key.__wrapped__(url)
    assert surt_key.__wrapped__(url) == wanted


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.COM:443/A/B/../c?B=2&a=1#x", "com,example)/a/c?a=1&b=2"),
        ("http://example.com", "com,example)/"),
        ("http://www.example.com:8080/x/", "com,example:8080)/x"),
        ("http://www2.a.example/?", "example,a)/"),
        ("http://192.0.2.1/a//b/", "1,2,0,192)/a/b"),
        ("https://例子.中国/?q=你", "xn--fiqs8s,xn--fsqu00a)/?q=%e4%bd%a0"),
        ("https://a.example/s?b=MzI2==&a=1", "example,a)/s?a=1&b=mzi2=="),
        (f"http://a.example/?PHPSESSID={'0a' * 16}&x=1", "example,a)/?x=1"),
        ("urn:X:y", "urn:x:y"),
        ("http://-10/A", "http://-10/a"),  # the canonicaliser takes the host for a number
    ],
)
def test_key_is_the_one_that_archives_use(url, key):
    assert surt_key(url) == key
