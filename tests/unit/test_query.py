import json
from datetime import timedelta

import pytest
from archive_rows import PAGE, START, article, comment, exchange, fetch, visit
from click.testing import CliRunner

from archive.commit import commit
from archive.errors import UsageError
from archive.log import Log
from archive.query import connect, evidence, rows_as_dicts, run, warc_resolver
from archive.release import release
from archive.root import Root
from archive.schema import TABLES, empty_row
from archive.views import VIEW_DOCS
from archive.warc import Revisit
from archive.warc_read import read_capture, read_record
from archive.warc_write import WarcWriter
from crawlers.commands import export as export_command
from crawlers.commands import query as query_command


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def _sighting(number, *, minutes, table="comment_observations", **more):
    ids = {"thread_id": "t1", "comment_id": f"c{number}"}
    if table == "article_observations":
        ids = {"article_id": f"a{number}"}
    return empty_row(table) | {
        "source": "demo",
        **ids,
        "state": "visible",
        "observed_at": START + timedelta(minutes=minutes),
        **more,
    }


def _one(connection, sql):
    (row,) = rows_as_dicts(run(connection, sql))
    return row


def test_views_of_an_empty_archive_have_no_rows_and_the_same_types(root):
    def columns(connection):
        return {name: connection.execute(f"DESCRIBE {name}").fetchall() for name in VIEW_DOCS}

    with connect(root) as empty:
        before = columns(empty)
        for name in VIEW_DOCS:
            assert _one(empty, f"SELECT count(*) AS n FROM {name}") == {"n": 0}  # noqa: S608 - names from this test
    rows = {name: [empty_row(name) | {"observed_at": START}] for name in TABLES}
    commit(root, "b1", rows)
    with connect(root) as full:
        assert columns(full) == before


def test_every_table_has_a_view_with_its_columns(root):
    commit(root, "b1", {name: [empty_row(name) | {"observed_at": START}] for name in TABLES})
    names = {"articles": "article_history", "comments": "comment_history"}
    with connect(root) as connection:
        for name, made in TABLES.items():
            view = names.get(name, name)
            result = run(connection, f"SELECT * FROM {view}")  # noqa: S608 - names from this test
            assert [c[0] for c in result.description] == [c.name for c in made.columns]


def test_comments_are_the_latest_versions_with_what_was_seen_last(root):
    commit(
        root,
        "b1",
        {
            "comments": [
                comment(1, text="舊"),
                comment(1, version=2, text="新", minutes=5),
                comment(1, version=2, text="新", minutes=7),
                comment(2),
            ],
            "comment_observations": [
                _sighting(1, minutes=1, votes_up=3, reply_count=1),
                _sighting(1, minutes=9, votes_up=8),
                _sighting(1, minutes=20, state="missing"),
            ],
        },
    )
    with connect(root) as connection:
        first = _one(connection, "SELECT * FROM comments WHERE comment_id = 'c1'")
        assert (first["version"], first["text"]) == (2, "新")
        assert (first["votes_up"], first["reply_count"]) == (8, 1)
        assert first["seen_state"] == "missing"
        assert first["last_seen"] == START + timedelta(minutes=9)
        second = _one(connection, "SELECT * FROM comments WHERE comment_id = 'c2'")
        assert (second["votes_up"], second["seen_state"]) == (None, "visible")
        assert second["last_seen"] == START
        assert _one(connection, "SELECT count(*) AS n FROM comment_history") == {"n": 4}


def test_articles_are_the_latest_versions(root):
    seen = _sighting(1, minutes=3, table="article_observations", votes_up=5)
    rows = [article(1), article(1, version=2, title="改過的題目")]
    commit(root, "b1", {"articles": rows, "article_observations": [seen]})
    with connect(root) as connection:
        latest = _one(connection, "SELECT title, version, votes_up FROM articles")
    assert latest == {"title": "改過的題目", "version": 2, "votes_up": 5}


@pytest.mark.parametrize(
    ("visits", "complete", "stop"),
    [
        ([], False, None),
        ([visit(declared=3)], True, "end"),
        ([visit(declared=None)], True, "end"),
        ([visit(declared=4)], False, "end"),
        ([visit(declared=3, stop="budget")], False, "budget"),
        ([visit(declared=3), visit(declared=3, stop="error", minutes=9)], False, "error"),
    ],
)
def test_thread_is_complete_when_walked_to_the_end_with_nothing_lacking(
    root, visits, complete, stop
):
    rows = [comment(n) for n in range(3)]
    commit(root, "b1", {"comments": rows, "articles": [article()], "visits": visits})
    with connect(root) as connection:
        thread = _one(connection, "SELECT * FROM threads")
    assert thread["title"] == "第1個題目"
    assert thread["comments_known"] == 3
    assert (thread["complete"], thread["stop_reason"]) == (complete, stop)
    assert thread["first_comment_at"] == START
    assert thread["last_comment_at"] == START + timedelta(minutes=2)


def test_reader_keeps_its_snapshot(root):
    log = Log(root)
    commit(log, "b1", {"comments": [comment(1)]})
    with connect(root) as connection:
        commit(log, "b2", {"comments": [comment(2)]})
        assert _one(connection, "SELECT count(*) AS n FROM comments") == {"n": 1}
    with connect(root) as connection:
        assert _one(connection, "SELECT count(*) AS n FROM comments") == {"n": 2}


def test_uncommitted_file_is_not_read(root):
    done = commit(root, "b1", {"comments": [comment(1)]})
    path = root.path / done.entry.add[0].path
    path.with_name("dead.parquet").write_bytes(path.read_bytes())
    with connect(root) as connection:
        assert _one(connection, "SELECT count(*) AS n FROM comment_history") == {"n": 1}


@pytest.mark.parametrize(
    "sql",
    [
        "DROP VIEW comments",
        "CREATE TABLE x (a INT)",
        "COPY (SELECT 1) TO 'x.csv'",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "SET memory_limit = '1TB'",
        "SELECT 1; DROP VIEW comments",
        "",
        "SELEC 1",
        "SELECT * FROM no_such_table",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT getenv('HOME')",
    ],
)
def test_only_reading_of_the_archive_is_allowed(root, sql):
    commit(root, "b1", {"comments": [comment(1)]})
    with connect(root, sandbox=True) as connection, pytest.raises(UsageError):
        run(connection, sql).fetchall()


def test_path_with_a_quote_and_non_ascii_is_read(tmp_path):
    root = Root.open(tmp_path / "it's 檔", create=True)
    commit(root, "b1", {"comments": [comment(1)]})
    with connect(root, sandbox=True) as connection:
        assert _one(connection, "SELECT count(*) AS n FROM comments") == {"n": 1}


@pytest.fixture
def filled(root):
    later = START + timedelta(hours=2)
    with WarcWriter(root, "run1") as writer:
        first = writer.write(exchange())
        again = writer.write(exchange(fetched_at=later), Revisit("https://forum.example/t1", START))
    edited = {"version": 2, "minutes": 120, "fetch_id": "second"}
    commit(
        root,
        "b1",
        {
            "fetches": [fetch(first), fetch(again, fetch_id="second", observed_at=later)],
            "comments": [
                comment(1, thread="board/t1", text="臺灣的憂鬱", fetch_id="fetch-t1"),
                comment(1, thread="board/t1", text="臺灣的憂鬱，改過", **edited),
                comment(2, thread="board/t1", text="100%_\\ 的問題", fetch_id="fetch-t1"),
            ],
            "articles": [article(1)],
        },
    )
    return root, first, again


def test_evidence_leads_from_an_id_to_the_record(filled):
    root, first, again = filled
    by_comment = evidence(root, "demo/board/t1/c1")
    assert [(e.row["version"], e.pointer) for e in by_comment] == [(2, again), (1, first)]
    (by_article,) = evidence(root, "demo/a1")
    assert (by_article.table, by_article.pointer) == ("article_history", first)
    (by_fetch,) = evidence(root, "fetch-t1")
    assert (by_fetch.table, by_fetch.pointer) == ("fetches", first)
    with pytest.raises(UsageError, match="nothing has the id"):
        evidence(root, "demo/board/t1/c9")


def test_revisit_is_resolved_through_the_fetches(filled):
    root, _, again = filled
    with connect(root) as connection:
        assert read_capture(root, again, warc_resolver(connection)).body == PAGE


def _call(command, *words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_query_prints_tsv_json_and_csv(filled):
    path = filled[0].path
    sql = "SELECT comment_id, text, observed_at FROM comments ORDER BY comment_id"
    tsv = _call(query_command.command, sql, "--archive", path).output.splitlines()
    assert tsv[0] == "comment_id\ttext\tobserved_at"
    assert tsv[2] == "c2\t100%_\\\\ 的問題\t2024-01-31T23:50:00Z"
    rows = _call(query_command.command, sql, "--archive", path, "--json").output.splitlines()
    assert json.loads(rows[1])["text"] == "100%_\\ 的問題"
    csv = _call(query_command.command, sql, "--archive", path, "--csv", "--limit", 1).output
    assert csv == "comment_id,text,observed_at\nc1,臺灣的憂鬱，改過,2024-02-01T01:50:00Z\n"


def test_query_without_sql_lists_the_views(filled):
    out = _call(query_command.command, "--archive", filled[0].path, "--json").output
    rows = {row["view"]: row["rows"] for row in map(json.loads, out.splitlines())}
    assert rows["comments"] == 2
    assert rows["comment_history"] == 3
    assert set(rows) == set(VIEW_DOCS)


def test_query_shows_the_evidence(filled):
    root, first, _ = filled
    archive = ("--archive", root.path)
    shown = _call(query_command.command, "--evidence", "demo/board/t1/c1", *archive)
    assert "WARC-Type: revisit" in shown.stdout
    assert PAGE.decode() in shown.stdout
    assert "version 1" in shown.stderr
    raw = _call(query_command.command, "--evidence", "fetch-t1", "--raw", *archive)
    assert raw.stdout_bytes == read_record(root, first)
    made = _call(query_command.command, "--evidence", "fetch-t1", "--json", *archive)
    assert json.loads(made.stdout)["body"] == PAGE.decode()
    assert json.loads(made.stdout)["warc"]["offset"] == first.offset


@pytest.mark.parametrize("view", VIEW_DOCS)
def test_every_column_of_every_view_is_explained(root, view):
    commit(Log(root), "b1", {"comments": [comment(1)]})
    words = ["--columns", view, "--archive", str(root.path), "--json"]
    done = CliRunner().invoke(query_command.command, words)
    assert done.exception is None
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    with connect(root) as connection:
        described = [row[:2] for row in connection.execute(f"DESCRIBE {view}").fetchall()]
    assert [(row["column"], row["type"]) for row in rows] == described
    assert all(row["holds"].endswith(".") for row in rows)


def test_a_release_is_asked_by_the_same_names(root, tmp_path):
    commit(Log(root), "b1", {"comments": [comment(1), comment(1, version=2, text="改", minutes=5)]})
    folder = release(root, "r1").rename(tmp_path / "elsewhere")

    def ask(*words):
        return CliRunner().invoke(query_command.command, [*words, "--archive", str(folder)])

    done = ask("SELECT text, version FROM comments", "--json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"text": "改", "version": 2}]
    done = ask("SELECT count(*) AS n FROM comment_history", "--as-of", "2024-01-31", "--json")
    assert json.loads(done.stdout) == {"n": 0}
    assert "entities" in ask("--columns", "comments").stdout
    assert "Permission" in str(ask("SELECT * FROM read_text('/etc/hostname')").exception)
    assert "holds no WARC" in str(ask("--evidence", "demo/t1/c1").exception)
    out = tmp_path / "c.csv"
    words = [str(out), "--table", "comments", "--archive", str(folder)]
    assert CliRunner().invoke(export_command.command, words).exit_code == 0
    assert "改" in out.read_text("utf-8-sig")
    with pytest.raises(UsageError, match="is a release"):
        Root.open(folder)
