"""Damaged table files come back from what can be read of them and from the WARC."""

import pytest
from click.testing import CliRunner
from saved_pages import build

from archive import cdxj
from archive.check import check
from archive.log import Log
from archive.query import connect
from archive.root import Root
from crawlers.commands.check import command
from crawlers.commands.doctor import command as doctor
from crawlers.repair import repair


@pytest.fixture
def archive(tmp_path):
    return build(tmp_path)


def contents(archive, what):
    with connect(Root.open(archive)) as connection:
        return sorted(map(str, connection.execute(what).fetchall()))


COMMENTS = "SELECT source, thread_id, comment_id, text, author_hash, observed_at FROM comments"
ARTICLES = "SELECT source, article_id, text, published_at, observed_at FROM articles"
FETCHES = (
    "SELECT fetch_id, run_id, url, status, page_class, payload_sha256, warc_filename,"
    " warc_record_offset FROM fetches"
)
BY_TABLE = {"comments": COMMENTS, "articles": ARTICLES, "fetches": FETCHES}


def damage(root, table, how):
    for file in Log(root).snapshot().of(table):
        path = root.path / file.path
        if how == "missing":
            path.unlink()
        elif how == "truncated":
            path.write_bytes(path.read_bytes()[:-200])
        else:
            data = bytearray(path.read_bytes())
            data[60] ^= 0xFF
            path.write_bytes(data)


@pytest.mark.parametrize("how", ["missing", "truncated", "flipped"])
@pytest.mark.parametrize("table", ["comments", "articles", "fetches"])
def test_lost_rows_come_back_from_the_evidence(archive, table, how):
    root = Root.open(archive)
    before = contents(archive, BY_TABLE[table])
    damage(root, table, how)
    assert not check(root).ok
    done = repair(archive)
    assert {one.note for one in done} == {"every row is there again"}
    assert contents(archive, BY_TABLE[table]) == before
    assert check(root).findings == []
    assert repair(archive) == []


def test_what_is_in_no_other_place_is_said(archive):
    root = Root.open(archive)
    damage(root, "runs", "missing")
    words = ["--repair", "--archive", str(archive)]
    done = CliRunner().invoke(command, words, standalone_mode=False)
    assert "restore the file from a backup" in done.output
    assert done.return_value == 0
    assert check(root).ok


def test_sound_archive_is_left_alone(archive):
    number = Log(Root.open(archive)).snapshot().number
    assert repair(archive) == []
    assert Log(Root.open(archive)).snapshot().number == number


def test_doctor_writes_missing_indexes(archive):
    root = Root.open(archive)
    (warc,) = root.warc.rglob("*.warc.gz")
    cdxj.index_path(warc).unlink()
    done = CliRunner().invoke(doctor, ["--archive", str(archive)], standalone_mode=False)
    assert "1 missing CDXJ indexes were written" in done.output
    assert cdxj.index_path(warc).exists()
