"""docs/analysts.md on the demo archive: every command and cell runs, and the answers are right."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys

import pytest

import archive
from pipelines.search_key import search_key

FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def home(visited_twice, tmp_path_factory, checkout):
    """A folder where `shenglu` is the checkout's and var/archive is the archive."""
    home = tmp_path_factory.mktemp("analyst")
    (home / "bin").mkdir()
    program = home / "bin" / "shenglu"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crawlers.cli "$@"\n')
    program.chmod(0o755)
    (home / "var").mkdir()
    (home / "var/archive").symlink_to(visited_twice.archive)
    return home


def _run(home, visited_twice, *command):
    env = visited_twice.environment() | {"COLUMNS": "200"}
    env["PATH"] = f"{home / 'bin'}:{env['PATH']}"
    return subprocess.run(
        command,
        cwd=home,
        env=env,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _blocks(checkout, language):
    text = (checkout / "docs/analysts.md").read_text("utf-8")
    return [body for kind, body in FENCE.findall(text) if kind == language]


def test_every_command_of_the_page_runs(home, visited_twice, checkout):
    lines = [
        line[2:]
        for body in _blocks(checkout, "console")
        for line in body.splitlines()
        if line.startswith("$ ")
    ]
    assert len(lines) > 20
    for line in lines:
        done = _run(home, visited_twice, "sh", "-c", line)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        told = done.stdout.count("\n") > 1 or re.search(
            r"^cp |>|export|release|report|forget", line
        )
        assert told, line


def test_every_python_block_of_the_page_runs(home, visited_twice, checkout):
    code = "\n".join(_blocks(checkout, "python"))
    done = _run(home, visited_twice, sys.executable, "-W", "error", "-c", code)
    assert done.returncode == 0, done.stderr


def test_every_cell_of_the_notebook_runs(home, visited_twice, checkout):
    cells = json.loads((checkout / "docs/analysts.ipynb").read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    done = _run(home, visited_twice, sys.executable, "-W", "error", "-c", "\n".join(code))
    assert done.returncode == 0, done.stderr
    assert "昇" in done.stdout
    assert "#" * 40 in done.stdout
    assert all(not cell.get("outputs") for cell in cells), "save the notebook without outputs"


def _answer(visited_twice, sql):
    done = visited_twice.shenglu("query", sql, "--csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_edits_deletions_and_what_is_missing_are_told(visited_twice):
    rows = _answer(visited_twice, "SELECT change, count(*) n FROM comment_history GROUP BY ALL")
    found = {row["change"]: int(row["n"]) for row in rows}
    assert found["edit"]
    assert found["delete"]
    assert _answer(visited_twice, "SELECT 1 FROM comments WHERE seen_state = 'missing' LIMIT 1")
    before = _answer(
        visited_twice,
        "SELECT old.text FROM comment_history new JOIN comment_history old "
        "USING (source, thread_id, comment_id) "
        "WHERE new.change = 'delete' AND old.version = new.version - 1",
    )
    assert all(row["text"] for row in before)


def test_yesterday_is_the_day_before_the_page_was_seen(visited_twice):
    rows = _answer(
        visited_twice,
        "SELECT published_raw, published_method, published_precision, "
        "(observed_at AT TIME ZONE 'Asia/Shanghai')::DATE "
        "- (published_at AT TIME ZONE 'Asia/Shanghai')::DATE AS days "
        "FROM comments WHERE published_raw LIKE '%昨天%'",
    )
    assert rows
    assert {(row["published_method"], row["days"]) for row in rows} == {("relative", "1")}


def test_normalising_keeps_text_and_length(visited_twice):
    row = _answer(
        visited_twice,
        "SELECT count(*) FILTER (text <> text_hans) AS converted, "
        "count(*) FILTER (length(text) <> length(text_hans) "
        "OR length(text) <> length(search_key)) AS longer FROM comment_history",
    )[0]
    assert int(row["converted"]) > 100
    assert row["longer"] == "0"


def test_release_diff_equals_the_histories(visited_twice):
    done = visited_twice.shenglu("release", "diff", "epoch1", "epoch2", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    with archive.open(visited_twice.archive) as ours:
        edited = ours.arrow(
            "SELECT source || '/' || thread_id || '/' || comment_id AS id FROM comments "
            "WHERE version > 1 AND change = 'edit'"
        )["id"].to_pylist()
    told = [one["id"] for one in found if (one["table"], one["kind"]) == ("comments", "edited")]
    assert sorted(told) == sorted(edited) != []


def test_reader_of_a_release_needs_no_archive(visited_twice):
    folder = visited_twice.archive / "releases/epoch1"
    stated = json.loads((folder / "release.json").read_text())["rows"]
    with archive.open(folder) as frozen:
        assert frozen.polars("comment_history").height == stated["comments"]
        assert frozen.snapshot is None
        with pytest.raises(archive.access.UsageError, match="no WARC"):
            frozen.page("ptt/Stock/M.1767557011.A.45E")


@pytest.mark.parametrize(
    ("word", "hows", "by_alias"),
    [
        ("華為", {"nickname"}, {True}),  # the replicas never spell it out
        ("盤古", {"masked"}, {True}),
        ("昇騰", {"word"}, {False}),
        ("菊花廠", {"word", "nickname"}, {True, False}),
    ],
)
def test_hits_by_another_name_are_told_apart(visited_twice, word, hows, by_alias):
    done = visited_twice.shenglu("search", word, "--aliases", "--json", "--limit", "5000")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["how"] for hit in hits for one in hit["matched"]} == hows
    assert {hit["by_alias"] for hit in hits} == by_alias
    folded = search_key(word)
    for hit in hits:
        written = {search_key(one["written"]) for one in hit["matched"]}
        assert hit["by_alias"] == (folded not in written), written


def test_first_of_the_reprints_is_the_earliest(visited_twice):
    done = visited_twice.shenglu("reprints", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    chains = {row["cluster"]: [] for row in rows}
    for row in rows:
        chains[row["cluster"]].append(row)
    assert chains
    for name, chain in chains.items():
        times = [row["time"] for row in chain]
        assert times == sorted(times)
        assert chain[0]["evidence"] == name
        assert [row["relation"] == "first" for row in chain] == [True] + [False] * (len(chain) - 1)


def test_removed_comment_is_gone_from_tables_warc_and_later_releases(home, visited_twice):
    gone = "netease/K1GAYNN60511E668/33810156635"
    with archive.open(visited_twice.archive) as ours:
        text = ours.evidence(gone)[0].row["text"]
    mine = home / "var/removed"
    shutil.copytree(visited_twice.archive, mine)
    done = _run(home, visited_twice, "shenglu", "forget", "--archive", mine, "--comment", gone)
    assert done.returncode == 0, done.stderr
    assert "epoch1" in done.stdout + done.stderr
    done = _run(home, visited_twice, "shenglu", "release", "later", "--archive", mine)
    assert done.returncode == 0, done.stderr
    for folder in (mine, mine / "releases/later"):
        with archive.open(folder) as ours:
            sql = "SELECT 1 FROM comment_history WHERE comment_id = ? OR text = ?"
            assert ours.arrow(sql, (gone.rsplit("/", 1)[1], text)).num_rows == 0
    diff = (
        "release",
        "diff",
        str(mine / "releases/epoch2"),
        str(mine / "releases/later"),
        "--json",
    )
    told = [json.loads(line) for line in visited_twice.shenglu(*diff).stdout.splitlines()]
    assert [(one["kind"], one["id"]) for one in told] == [("removed", gone)]


@pytest.mark.parametrize("query", ["nothing", "DROP VIEW comments", "SELECT 1; SELECT 2"])
def test_only_views_and_one_select_are_read(visited_twice, query):
    with (
        archive.open(visited_twice.archive) as ours,
        pytest.raises(archive.access.UsageError),
    ):
        ours.arrow(query)
