"""WARC files made cold: the same records by the same ways, and a good deal smaller."""

import random
import re
import struct
from datetime import UTC, datetime, timedelta

import pytest
from archive_rows import exchange, fetch
from click.testing import CliRunner
from fastwarc.warc import ArchiveIterator
from saved_pages import ROWS, build

from archive import swap
from archive.check import check
from archive.cold import cool
from archive.commit import commit
from archive.compact import compact
from archive.errors import CaptureError, LockedError, StorageError
from archive.forget import forget
from archive.lock import Lock
from archive.log import Log
from archive.query import connect, evidence, rows_as_dicts, warc_resolver
from archive.removal import Target
from archive.root import Root
from archive.schema import empty_row
from archive.warc import Revisit
from archive.warc_cold import open_warc, warc_files
from archive.warc_read import iter_captures, iter_records, read_capture
from archive.warc_scan import Damage
from archive.warc_write import WarcWriter
from archive.warc_zstd import HEAD_AT_MOST, encode, read_head, zstd
from crawlers.commands.compact import command
from crawlers.doctor import rebuild
from crawlers.pools import processes
from crawlers.repair import repair
from crawlers.reparse import Wanted, reparse

REMOVED = "這一句話要從所有檔案裡消失得乾乾淨淨"
LATER = datetime.now(UTC) + timedelta(days=40)
FETCHES = "SELECT * FROM fetches ORDER BY observed_at, fetch_id"
RUN = "20240101T000000000-abc"


def _page(number):
    said = "".join(f"<li class=push><b>第{n * number % 89}樓</b>說得有道理</li>" for n in range(60))
    return f"<html><meta charset=utf-8><h1>題目{number}</h1><ul>{said}</ul></html>".encode()


@pytest.fixture
def root(tmp_path):
    """Sixty exchanges and a revisit of a run that has finished; the file's last record is torn."""
    root = Root.open(tmp_path / "a", create=True)
    rows = []
    with WarcWriter(root, RUN) as writer:
        for number in range(60):
            url, name = f"https://forum.example/t{number}", f"f{number}"
            made = exchange(url, _page(number), coded=False, fetch_id=name)
            payload, more = _page(number), {"fetch_id": name, "thread": f"t{number}"}
            rows.append(fetch(writer.write(made), payload=payload, **more))
        again = exchange(url, payload, coded=False, fetch_id="again")
        pointer = writer.write(again, Revisit(url, made.fetched_at))
        rows.append(fetch(pointer, payload=payload, thread=f"t{number}") | {"fetch_id": "again"})
    (path,) = warc_files(root)
    with path.open("ab") as out:
        out.write(path.read_bytes()[:200])
    run = empty_row("runs") | {"run_id": RUN, "source": "demo", "observed_at": made.fetched_at}
    commit(Log(root), "b1", {"fetches": rows, "runs": [run]})
    return root


def _captures(root):
    """Every capture by its row, as the line works on it."""
    with connect(root) as connection:
        rows = rows_as_dicts(connection.execute(FETCHES))
        resolve = warc_resolver(connection)
        found = [
            read_capture(root, evidence(root, row["fetch_id"], connection)[0].pointer, resolve)
            for row in rows
        ]
    names = ("url", "body", "fetched_at", "status", "headers", "method", "fetch_id")
    return [tuple(getattr(one, name) for name in names) for one in found]


def _only(root, kind):
    (path,) = root.warc.rglob(f"*.warc.{kind}")
    return path


def test_records_stay_the_same_and_take_less_room(root):
    before = _captures(root)
    records = [(r.fields, r.block) for r in iter_records(_only(root, "gz"), on_damage=str)]
    done = cool(root, now=LATER)
    assert (done.files, done.left) == (1, [])
    assert done.records == len(records) == 2 * 61 + 1
    assert done.bytes_after < 0.6 * done.bytes_before
    cold = _only(root, "zst")
    assert [(r.fields, r.block) for r in iter_records(cold)] == records
    assert _captures(root) == before
    assert check(root).findings == []
    assert warc_files(root) == [cold]
    assert read_head(cold.read_bytes())[0]
    named = {row[0] for row in _ask(root, "SELECT DISTINCT warc_filename FROM fetches")}
    assert named == {cold.relative_to(root.warc).as_posix()}
    (index,) = root.warc.rglob("*.cdxj")
    assert index.read_text().count(".warc.zst") == 61
    assert cool(root, now=LATER).files == 0
    compact(root, keep=-1)
    assert not list(root.warc.rglob("*.gz"))
    assert check(root).findings == []


def _ask(root, sql):
    with connect(root) as connection:
        return connection.execute(sql).fetchall()


def test_fastwarc_and_the_zstd_library_read_it(root):
    cool(root, now=LATER)
    cold = _only(root, "zst")
    with cold.open("rb") as source:
        theirs = []
        for record in ArchiveIterator(source, parse_http=False):
            assert record.verify_block_digest() or "WARC-Block-Digest" not in record.headers
            theirs.append((record.stream_pos, record.reader.read()))
    assert theirs == [(r.pointer.offset, r.block) for r in iter_records(cold)]
    data = cold.read_bytes()
    dictionary = zstd.ZstdDict(read_head(data)[0])
    assert zstd.decompress(data, zstd_dict=dictionary).count(b"WARC/1.1\r\n") == len(theirs)


def test_what_is_young_unfinished_or_damaged_is_left(root):
    assert cool(root).files == 0
    with WarcWriter(root, "20240102T000000000-abc") as writer:
        row = fetch(writer.write(exchange(fetch_id="x")), fetch_id="x")
        commit(Log(root), "b2", {"fetches": [row]})
        path = min(root.warc.rglob("*.gz"))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
        done = cool(root, now=LATER)
    assert done.files == 0
    assert len(done.left) == 1
    assert "damaged" in done.left[0]
    assert not list(root.warc.rglob("*.zst"))


@pytest.mark.parametrize("where", ["write_tables", "finish", "append"])
def test_death_at_any_step_leaves_the_one_or_the_other(root, monkeypatch, where):
    before = _captures(root)
    place = {
        "write_tables": "archive.cold.write_tables",
        "finish": "archive.swap.Swap.finish",
        "append": "archive.log.Log.append",
    }[where]

    def dies(*_, **__):
        raise StorageError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(place, dies)
        with pytest.raises(StorageError):
            cool(root, now=LATER)
    assert _captures(root) == before
    swap.recover(Log(root))
    cool(root, now=LATER)
    assert _captures(root) == before
    assert check(root).findings == []
    assert _ask(root, "SELECT count(*) FROM fetches WHERE warc_filename LIKE '%.zst'") == [(61,)]


def test_damage_is_told_and_stepped_over_and_gives_no_wrong_data(root):
    cool(root, now=LATER)
    path = _only(root, "zst")
    true = {(r.fields, r.block) for r in iter_records(path)}
    whole = path.read_bytes()
    dice = random.Random(3)  # noqa: S311 - repeatable, no secret
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        if dice.random() < 0.3:
            del data[dice.randrange(len(data)) :]
        path.write_bytes(data)
        damage = []
        found = [(r.fields, r.block) for r in iter_records(path, on_damage=damage.append)]
        assert set(found) <= true
        assert len(found) == len(true) or damage
    data = bytearray(whole)
    data[-len(whole) // 2] ^= 0xFF
    path.write_bytes(data)
    with open_warc(path) as opened:
        spans = list(opened.spans())
    assert sum(isinstance(span, Damage) for span in spans) == 1
    assert len(spans) == len(true)
    assert "warc_pointer" in {f.kind for f in check(root).findings} or len(true) % 2


def test_dictionary_that_unpacks_for_ever_is_cut_off():
    bomb = encode(bytes(HEAD_AT_MOST + 1), b"")
    start = struct.pack("<II", 0x184D2A5D, len(bomb)) + bomb
    with pytest.raises(CaptureError, match="larger than any"):
        read_head(start)


def test_run_under_way_is_waited_for(root):
    held = Lock(root.state / "locks", "ptt", "crawl")
    with pytest.raises(LockedError, match="crawl"):
        cool(root, now=LATER)
    held.release()
    assert cool(root, now=LATER).files == 1


def test_pointer_that_is_wrong_is_refused(root):
    cool(root, now=LATER)
    with connect(root) as connection:
        (one,) = evidence(root, "f7", connection)
    for other in (
        {"offset": one.pointer.offset + 1},
        {"length": one.pointer.length + 1},
        {"length": one.pointer.length - 9},
    ):
        values = {n: getattr(one.pointer, n) for n in ("filename", "offset", "length")} | other
        with pytest.raises(CaptureError):
            read_capture(root, type(one.pointer)(**values))


def test_whole_line_works_over_cold_files_and_forgets_in_them(tmp_path):
    many = tuple((n, 3, (f"第{n}串的推文", *[REMOVED] * 4), {}) for n in range(10, 34))
    archive = build(tmp_path, (*ROWS, *many))
    root = Root.open(archive)
    words = ["--archive", str(archive), "--warc", "--older-than", "0", "--json", "--keep", "0"]
    done = CliRunner().invoke(command, words, standalone_mode=False)
    assert '"left": []' in done.output
    compact(root, keep=-1)
    cold = _only(root, "zst")
    assert REMOVED[:6].encode() in read_head(cold.read_bytes())[0]  # the dictionary learnt it
    assert len(list(iter_captures(cold, root))) == 29
    read = reparse(archive, Wanted(), pool=processes(1))
    assert (read.captures, read.written, read.unreadable) == (29, 0, [])
    assert rebuild(archive) > 0
    file = Log(root).snapshot().of("fetches")[0]
    (root.path / file.path).write_bytes(b"PAR1")
    assert [one.table for one in repair(archive)] == ["fetches"]
    assert check(root).findings == []
    comments = f"SELECT DISTINCT thread_id, comment_id FROM comments WHERE text = '{REMOVED}'"  # noqa: S608 - ours
    found = _ask(root, comments)
    done = forget(root, [Target("comment", ("ptt", *one)) for one in found], run_id="run9")
    assert done.left == []
    assert not list(root.warc.rglob("*.zst"))
    again = _only(root, "gz")
    assert re.search(r"\.r1\.warc\.gz$", again.name)
    assert all(REMOVED.encode() not in c.body for c in iter_captures(again, root))
    assert check(root).findings == []
    assert len(list(iter_captures(again, root))) == 29 - 24
