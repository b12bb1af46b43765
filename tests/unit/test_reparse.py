"""Reading captures again: what changed is written once, apart from real edits."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from saved_pages import build

from archive.check import check
from archive.ledger import Ledger
from archive.log import Log
from archive.query import connect
from archive.rebuild import rebuild_known
from archive.root import Root
from archive.session import STATE_FILE
from crawlers import rereading
from crawlers.commands.reparse import command
from crawlers.doctor import rebuild
from crawlers.pools import processes
from crawlers.reparse import Wanted, reparse
from pipelines.identity import comment_sha256

KNOWN = "SELECT source, thread_id, id, version, content, sighting FROM known ORDER BY 1, 2, 3"


@pytest.fixture
def archive(tmp_path):
    return build(tmp_path)


def again(archive, **more):
    return reparse(archive, Wanted(), pool=processes(1), **more)


def ask(archive, sql):
    with connect(Root.open(archive)) as connection:
        return connection.execute(sql).fetchall()


def changed_reading(monkeypatch, change):
    """Another version of the code: what it makes of each comment row."""
    real = rereading.normalise

    def other(data, capture, context):
        records = real(data, capture, context)
        comments = tuple(change(dict(row)) for row in records.comments)
        return replace(records, comments=tuple(row for row in comments if row))

    monkeypatch.setattr(rereading, "normalise", other)


def exclaim(row):
    text = row["text"].replace("推一個", "推一個!")
    digest = comment_sha256(text, row["state"], None)
    return row | {"text": text, "content_sha256": digest}


def test_the_same_code_changes_nothing(archive):
    before = Log(Root.open(archive)).snapshot()
    result = again(archive)
    assert (result.captures, result.written, result.unreadable) == (5, 0, [])
    assert len(result.tables) == 4
    assert all(found.rows == 0 for found in result.tables)
    assert Log(Root.open(archive)).snapshot() == before


def test_what_reads_differently_becomes_a_version_once(archive, monkeypatch):
    changed_reading(monkeypatch, exclaim)
    assert again(archive, dry_run=True).tables[1].fields == {"content_sha256": 1, "text": 1}
    assert ask(archive, "SELECT count(*) FROM comment_history WHERE change = 'reparse'") == [(0,)]

    result = again(archive)
    assert result.written == 1
    (found,) = [t for t in result.tables if t.rows]
    assert (found.table, found.changed, found.added) == ("comments", 1, 0)
    assert found.examples["text"][0][1:] == ("推一個", "推一個!")
    rows = ask(
        archive,
        "SELECT version, change, text, observed_at::DATE::VARCHAR, run_id FROM comment_history"
        " WHERE text LIKE '推一個%' ORDER BY version",
    )
    assert [row[:4] for row in rows] == [
        (1, "new", "推一個", "2026-01-03"),
        (2, "reparse", "推一個!", "2026-01-03"),
    ]
    assert ask(archive, "SELECT command, source FROM runs WHERE source = 'reparse'")
    assert ask(archive, "SELECT text FROM comments WHERE text LIKE '推一個%'") == [("推一個!",)]
    assert again(archive).written == 0
    assert check(Root.open(archive)).ok


def test_derived_columns_count_as_values_and_tools_do_not(archive, monkeypatch):
    changed_reading(monkeypatch, lambda row: row | {"parser": "new@9", "provenance": "{}"})
    assert again(archive).written == 0
    changed_reading(monkeypatch, lambda row: row | {"search_key": row["search_key"] + "~"})
    result = again(archive)
    assert [t.fields for t in result.tables if t.rows] == [{"search_key": 5}]
    assert ask(archive, "SELECT count(*) FROM comments WHERE search_key LIKE '%~'") == [(5,)]
    assert again(archive).written == 0


def test_the_next_crawl_does_not_take_the_new_reading_for_an_edit(archive, monkeypatch):
    changed_reading(monkeypatch, exclaim)
    again(archive)
    known = "SELECT version, content FROM known WHERE version = 2 AND root_id IS NOT NULL"
    ledger = Ledger(archive / "state" / STATE_FILE)
    held = ledger._db.execute(known).fetchall()
    everything = ledger._db.execute(KNOWN).fetchall()
    ledger.close()
    assert held == [(2, comment_sha256("推一個!", "visible", None))]
    # And a state file that is made anew says the same.
    rebuild(archive)
    ledger = Ledger(archive / "state" / STATE_FILE)
    anew = ledger._db.execute(KNOWN).fetchall()
    ledger.close()
    assert anew == everything


def test_a_later_real_edit_stays_in_force(archive, monkeypatch):
    """The first text of the post is read anew; the edit of two days later still counts."""
    real = rereading.normalise

    def other(data, capture, context):
        records = real(data, capture, context)
        rows = tuple(
            row | {"text": row["text"].replace("內文一行", "內文二行"), "content_sha256": "f" * 64}
            if "內文一行" in row["text"]
            else row
            for row in records.articles
        )
        return replace(records, articles=rows)

    monkeypatch.setattr(rereading, "normalise", other)
    assert again(archive).written == 3
    first = "SELECT version, change FROM article_history WHERE url LIKE '%1767294001%' ORDER BY 1"
    history = ask(archive, first)
    assert history == [(1, "new"), (2, "edit"), (3, "reparse")]
    assert ask(archive, "SELECT text FROM articles WHERE url LIKE '%1767294001%'") == [
        ("內文改了",)
    ]
    assert again(archive).written == 0


def test_items_that_only_the_new_code_finds(archive, monkeypatch):
    """Found on several captures, an item is one version: the first capture's."""
    real = rereading.normalise

    def other(data, capture, context):
        records = real(data, capture, context)
        first = records.comments[0]
        more = first | {"comment_id": "found", "text": "新找到", "content_sha256": "e" * 64}
        return replace(records, comments=(*records.comments, more))

    monkeypatch.setattr(rereading, "normalise", other)
    assert again(archive).written == 3
    rows = ask(archive, "SELECT version, change FROM comment_history WHERE comment_id = 'found'")
    assert rows == [(1, "reparse")] * 3
    assert again(archive).written == 0


def test_cut_short_and_repeated_it_writes_each_row_once(archive, monkeypatch):
    changed_reading(monkeypatch, lambda row: row | {"search_key": row["search_key"] + "~"})
    monkeypatch.setattr("archive.reread._GROUP", 2)
    told = []

    def cut(self, rows):
        if told:
            raise KeyboardInterrupt
        told.append(rows)
        return put(self, rows)

    from archive.outbox import Outbox

    put = Outbox.put
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", cut)
        with pytest.raises(KeyboardInterrupt):
            again(archive)
    assert again(archive).written == 3
    versions = "SELECT version, count(*) FROM comment_history GROUP BY 1 ORDER BY 1"
    assert ask(archive, versions) == [(1, 5), (2, 5)]


def test_filters(archive):
    def captures(**more):
        return reparse(archive, Wanted(**more), pool=processes(1), dry_run=True).captures

    day = datetime(2026, 1, 4, tzinfo=UTC)
    assert captures(until=day) == 2
    assert captures(since=day) == 3
    assert captures(sites=("ptt",)) == 5
    assert captures(sites=("pt",)) == 0
    assert captures(only_failed=True) == 0


def test_damaged_evidence_costs_its_capture_only(archive):
    root = Root.open(archive)
    ((name, offset),) = ask(
        archive,
        "SELECT warc_filename, warc_record_offset FROM fetches ORDER BY warc_record_offset LIMIT 1",
    )
    path = root.warc / name
    data = bytearray(path.read_bytes())
    data[offset + 40] ^= 0xFF
    path.write_bytes(data)
    result = again(archive)
    assert (result.pages, len(result.unreadable), result.written) == (4, 1, 0)


def test_processes_give_the_same(archive):
    result = reparse(archive, Wanted(), pool=processes(2))
    assert (result.pages, result.written) == (5, 0)


def test_rebuild_of_an_empty_archive(tmp_path):
    root = Root.open(tmp_path / "new", create=True)
    ledger = Ledger(root.state / STATE_FILE)
    assert rebuild_known(root, ledger) == 0
    ledger.close()


def test_command(archive, monkeypatch):
    changed_reading(monkeypatch, exclaim)
    words = ["--archive", str(archive), "--processes", "1"]
    shown = CliRunner().invoke(command, [*words, "--dry-run"], standalone_mode=False)
    assert "comments: 1 rows read differently, 0 new" in shown.output
    assert "推一個 -> 推一個!" in shown.output
    done = CliRunner().invoke(command, [*words, "--json"], standalone_mode=False)
    assert json.loads(done.output)["written"] == 1
