"""`check` reads what no row points to: requests and heads in WARC files, ids in the log."""

import gzip

import pytest
from archive_rows import article, exchange, fetch

from archive.check import check
from archive.commit import commit
from archive.log import Log, entry_path
from archive.root import Root
from archive.warc_write import WarcWriter


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "archive", create=True)


def _exchanges(root, count=6):
    """A file of exchanges, each with its request behind it; their rows are in the tables."""
    with WarcWriter(root, "run3") as writer:
        rows = []
        for n in range(count):
            url = f"https://forum.example/n{n}"
            pointer = writer.write(exchange(url, b"text %d" % n))
            rows.append(fetch(pointer, fetch_id=f"n{n}", payload=b"text %d" % n) | {"url": url})
    commit(Log(root), "b3", {"fetches": rows})
    places = [(r["warc_record_offset"], r["warc_record_length"]) for r in rows]
    return root.warc / rows[0]["warc_filename"], places


def test_a_flipped_byte_anywhere_in_a_warc_file_is_found(root):
    path, places = _exchanges(root)
    whole = path.read_bytes()
    assert check(root).ok
    assert places[1][0] > sum(places[0]), "requests lie between the captures"
    for at in [40, sum(places[0]) + 30, sum(places[2]) + 50, sum(places[-1]) + 30, len(whole) - 3]:
        data = bytearray(whole)
        data[at] ^= 4
        path.write_bytes(data)
        assert [f.kind for f in check(root).findings] == ["warc_damaged"], at
    path.write_bytes(whole[:-30])
    assert [f.kind for f in check(root).findings] == ["warc_damaged"]


def test_what_a_dead_writer_left_behind_the_last_exchange_is_no_finding(root):
    path, _ = _exchanges(root)
    whole = path.read_bytes()
    for tail in (whole[:300], gzip.compress(b"WARC/1.1\r\n"), b"\x1f\x8b\x08\x00"):
        path.write_bytes(whole + tail)
        assert check(root).ok


def test_a_flipped_byte_in_a_batch_id_is_found(root):
    commit(Log(root), "b1", {"articles": [article()]})
    path = entry_path(root, 1)
    path.write_bytes(path.read_bytes().replace(b'"batch_id":"b', b'"batch_id":"c'))
    assert [(f.kind, f.file) for f in check(root).findings] == [
        ("log_malformed", "log/00000000000000000001.json")
    ]
