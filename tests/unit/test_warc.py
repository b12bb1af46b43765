import gzip
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archive_rows import PAGE, START, exchange
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archive.errors import CaptureError, StorageError
from archive.root import Root
from archive.warc import SavedPage
from archive.warc_read import iter_captures, iter_records, read_capture, read_record
from archive.warc_write import WarcWriter

REPO = Path(__file__).parents[2]
UUID = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def _only(root):
    (path,) = root.warc.rglob("*.warc.gz")
    return path


def _types(path):
    with path.open("rb") as source:
        return [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"))
            for record in ArchiveIterator(source)
        ]


def test_capture_comes_back_as_it_was_sent(root):
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange(fetch_id=UUID, ip="192.0.2.7"))
    capture = read_capture(root, pointer)
    assert capture.body == PAGE
    assert (capture.status, capture.method) == (200, "GET")
    assert capture.url == "https://forum.example/t1"
    assert capture.fetched_at == START
    assert capture.fetch_id == UUID
    assert capture.pointer == pointer
    assert capture.header("x-odd").encode("latin-1").decode("gbk") == "值"
    raw = read_record(root, pointer)
    assert raw.startswith(b"WARC/1.1\r\n")
    assert "X-Odd: 值".encode("gbk") in raw
    assert gzip.compress(PAGE, mtime=0) in raw
    assert b"WARC-IP-Address: 192.0.2.7" in raw


def test_file_is_valid_to_another_library_and_ordered(root):
    with WarcWriter(root, "run1", info={"robots": "classic"}) as writer:
        writer.write(exchange())
        writer.write(exchange("https://forum.example/t2?p=1", b"x", coded=False, method="POST"))
        writer.write_page(SavedPage("https://forum.example/saved", PAGE, START))
    path = _only(root)
    assert path.relative_to(root.warc).as_posix().count("/") == 3
    assert _types(path) == [
        ("warcinfo", None),
        ("response", "https://forum.example/t1"),
        ("request", "https://forum.example/t1"),
        ("response", "https://forum.example/t2?p=1"),
        ("request", "https://forum.example/t2?p=1"),
        ("resource", "https://forum.example/saved"),
    ]
    checker = Checker(type("Options", (), {"inputs": [str(path)], "verbose": False})())
    checker.process_all()
    assert checker.exit_value == 0
    with path.open("rb") as source:
        info = next(iter(ArchiveIterator(source))).content_stream().read().decode()
    assert "robots: classic\r\n" in info
    assert "software: shenglu/" in info


def test_request_is_kept_and_its_method_found_again(root):
    with WarcWriter(root, "run1") as writer:
        first = writer.write(exchange(method="POST", request_body=b"a=1"))
        writer.write(exchange("https://forum.example/t2"))
    request = list(iter_records(_only(root)))[2]
    assert request.block.startswith(b"POST /t1 HTTP/1.1\r\nHost: forum.example\r\n")
    assert request.block.endswith(b"\r\n\r\na=1")
    assert read_capture(root, first).method == "POST"
    assert [c.method for c in iter_captures(_only(root))] == ["POST", "GET"]


def test_transfer_coding_is_kept_under_another_name(root):
    headers = [(b"Transfer-Encoding", b"chunked"), (b"Content-Type", b"text/html")]
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange(headers=headers, body=PAGE, coded=False))
    capture = read_capture(root, pointer)
    assert capture.header("Transfer-Encoding") == ""
    assert capture.header("X-Crawler-Transfer-Encoding") == "chunked"
    assert capture.body == PAGE


def test_header_with_a_line_break_cannot_forge_another(root):
    headers = [(b"X-A", b"1\r\nX-Forged: 2\r\n\r\nbody")]
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange(headers=headers, body=b"true", coded=False))
    capture = read_capture(root, pointer)
    assert capture.header("X-Forged") == ""
    assert capture.body == b"true"


def test_fetch_id_of_any_form_comes_back(root):
    with WarcWriter(root, "run1") as writer:
        pointers = [writer.write(exchange(fetch_id=i)) for i in (UUID, "run1/7 七", "")]
    found = [read_capture(root, p).fetch_id for p in pointers]
    assert found[:2] == [UUID, "run1/7 七"]
    assert len(found[2]) == 36
    assert [c.fetch_id for c in iter_captures(_only(root))] == found


def test_file_is_rolled_by_size_and_each_has_its_head_and_index(root):
    with WarcWriter(root, "run1", max_bytes=5000) as writer:
        pointers = [
            writer.write(exchange(f"https://forum.example/t{n}", os.urandom(1500), coded=False))
            for n in range(10)
        ]
    files = sorted(root.warc.rglob("*.warc.gz"))
    assert len(files) > 2
    assert all(path.stat().st_size <= 5000 for path in files)
    assert all(_types(path)[0][0] == "warcinfo" for path in files)
    assert len(list(root.warc.rglob("*.cdxj"))) == len(files)
    for number, pointer in enumerate(pointers):
        assert read_capture(root, pointer).url.endswith(f"/t{number}")


def test_record_larger_than_a_file_gets_one_of_its_own(root):
    with WarcWriter(root, "run1", max_bytes=1000) as writer:
        for _ in range(3):
            writer.write(exchange(body=os.urandom(5000), coded=False))
    assert len(list(root.warc.rglob("*.warc.gz"))) == 3


def test_second_writer_of_a_run_starts_a_new_file(root):
    for _ in range(2):
        with WarcWriter(root, "run1") as writer:
            writer.write(exchange())
    names = sorted(path.name for path in root.warc.rglob("*.warc.gz"))
    assert names == ["shenglu-run1-00000.warc.gz", "shenglu-run1-00001.warc.gz"]


def test_threads_share_a_writer(root):
    found = {}
    with WarcWriter(root, "run1", max_bytes=20_000) as writer:

        def work(name):
            for n in range(25):
                url = f"https://forum.example/{name}-{n}"
                found[url] = writer.write(exchange(url, url.encode() * 20, coded=False))
                writer.sync()

        workers = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert len(found) == 100
    for url, pointer in found.items():
        assert read_capture(root, pointer).body == url.encode() * 20


@pytest.mark.parametrize(
    "url",
    ["", "no-scheme", "https://a.example/a b", "https://a.example/\n", "https://a.example/\t"],
)
def test_url_that_no_record_can_carry_is_refused(root, url):
    with WarcWriter(root, "run1") as writer, pytest.raises(CaptureError, match="URI"):
        writer.write(exchange(url))


def test_time_without_zone_is_refused(root):
    with WarcWriter(root, "run1") as writer, pytest.raises(CaptureError, match="zone"):
        writer.write(exchange(fetched_at=START.replace(tzinfo=None)))


def test_failed_write_is_cut_off_and_the_file_goes_on(root, monkeypatch):
    with WarcWriter(root, "run1") as writer:
        first = writer.write(exchange())
        true_write, calls = os.write, []

        def half(handle, data):
            calls.append(1)
            if len(calls) == 1:
                return true_write(handle, data[:40])
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("archive.warc_write.os.write", half)
            with pytest.raises(StorageError, match="free space"):
                writer.write(exchange("https://forum.example/lost"))
        second = writer.write(exchange("https://forum.example/t2"))
    assert [read_capture(root, p).url[-2:] for p in (first, second)] == ["t1", "t2"]
    damage = []
    assert len(list(iter_captures(_only(root), on_damage=damage.append))) == 2
    assert damage == []


def test_zone_of_the_writer_does_not_matter(root):
    local = datetime.fromisoformat("2024-02-01T07:50:00+08:00")
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange(fetched_at=local))
    assert b"WARC-Date: 2024-01-31T23:50:00.000000Z" in read_record(root, pointer)
    assert read_capture(root, pointer).fetched_at == local.astimezone(UTC)
