"""Hand-off of an archive of a million comments: release, report, search and export, as commands.

`make trials` runs it. Each verb is a process of its own, so that its memory is its own.
"""

import csv
import json
import os
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.dataset as ds
import pytest

from archive import open as open_archive
from tests.bench.search_corpus import make_archive
from tests.bench.search_trial import QUERIES, truth

ROWS = int(os.environ.get("SHENGLU_TRIAL_ROWS", "1000000"))
MOST_MEMORY = 3 * 1024**3

pytestmark = [pytest.mark.trials, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_archive(tmp_path_factory.mktemp("million") / "a", ROWS)


def _shenglu(root, *words):
    """Runs a verb; returns seconds, bytes of memory at most, and standard output."""
    out = root.path.parent / "out.txt"
    words = [sys.executable, "-m", "crawlers.cli", *map(str, words), "--archive", str(root.path)]
    start = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        words,
        {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        ],
    )
    _, status, used = os.wait4(child, 0)
    took = time.perf_counter() - start
    assert os.waitstatus_to_exitcode(status) == 0, words
    memory = used.ru_maxrss * 1024
    sys.stdout.write(f"\n{words[3]}: {took:.0f} s, {memory / 1024**2:.0f} MiB")
    assert memory < MOST_MEMORY
    return out.read_text("utf-8")


@pytest.fixture(scope="module")
def released(root):
    _shenglu(root, "release", "whole")
    return root.releases / "whole"


def test_release_has_every_row_for_every_reader(root, released):
    data = released / "data/comments"
    assert ds.dataset(data).count_rows() == ROWS
    assert pl.scan_parquet(data / "*.parquet").select(pl.len()).collect().item() == ROWS
    counted = duckdb.sql(f"SELECT count(*), count(DISTINCT comment_id) FROM '{data}/*.parquet'")  # noqa: S608 - a path of this test
    assert counted.fetchall() == [(ROWS, ROWS)]
    with open_archive(released) as frozen:
        named, plain = (
            frozen.arrow(f"SELECT count(*) AS n FROM comments WHERE {test}")["n"][0].as_py()  # noqa: S608 - our words
            for test in (
                "list_contains(entities, 'ascend')",
                "contains(text, '昇騰') OR contains(text, '昇腾')",
            )
        )
    assert named >= plain > ROWS / 1000
    assert "as released" in _shenglu(root, "release", "verify", "whole")


def test_same_snapshot_gives_the_same_bytes(root, released):
    sums = (released / "SHA256SUMS").read_text()
    kept = root.path / "kept"
    released.rename(kept)
    try:
        _shenglu(root, "release", "whole")
        assert (released / "SHA256SUMS").read_text() == sums
    finally:
        if not released.exists():
            kept.rename(released)


def test_topic_release_has_what_a_walk_finds(root):
    _shenglu(root, "release", "topic", "--topic", "菊花廠")
    data = root.releases / "topic/data/comments"
    ids = ds.dataset(data).to_table(["source", "thread_id", "comment_id"]).to_pylist()
    found = {"/".join(row.values()) for row in ids}
    assert found == truth(root)["菊花廠"] != set()


def test_search_finds_the_newest_of_all_hits(root):
    true = truth(root)
    _shenglu(root, "search", "--index")
    with open_archive(root.path) as ours:
        times = dict(
            ours.duckdb()
            .sql(
                "SELECT source || '/' || thread_id || '/' || comment_id, published_at FROM comments"
            )
            .fetchall()
        )
    for words in QUERIES:
        told = _shenglu(root, "search", words, "--json", "--limit", 200)
        hits = [json.loads(line)["evidence"] for line in told.splitlines()]
        newest = sorted((times[name] for name in true[words]), reverse=True)[:200]
        assert set(hits) <= true[words]
        assert [times[name] for name in hits] == newest, words


def test_export_cuts_nothing(root, tmp_path):
    _shenglu(root, "export", "--table", "comments", tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == ROWS
    _shenglu(root, "export", "--table", "comments", tmp_path / "all.jsonl")
    with (tmp_path / "all.jsonl").open(encoding="utf-8") as file:
        texts = (json.loads(line)["text"] for line in file)
        assert sum(map(len, texts)) == _characters(root)


def _characters(root):
    with open_archive(root.path) as ours:
        return ours.arrow("SELECT sum(length(text))::BIGINT AS n FROM comments")["n"][0].as_py()


def test_report_counts_every_comment(root, tmp_path):
    _shenglu(root, "report", "--json", tmp_path / "r.json")
    assert f"{ROWS}" in (tmp_path / "r.json").read_text()
    _shenglu(root, "report", tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size < 20_000_000
