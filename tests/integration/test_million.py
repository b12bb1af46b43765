"""Hand-off of an archive of a million comments: release, report, search and export, as commands.

`make trials` runs it. Each verb is a process of its own, so that its memory is its own.
"""

import csv
import json
import os
import subprocess
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
MOST_MEMORY = 2 * 1024**3

pytestmark = [pytest.mark.trials, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_archive(tmp_path_factory.mktemp("million") / "a", ROWS)


RUN = """
import atexit, re, runpy, sys
from pathlib import Path
peak = Path(sys.argv[1])
status = Path("/proc/self/status")
atexit.register(lambda: peak.write_text(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
sys.argv[:2] = ["shenglu"]
runpy.run_module("crawlers.cli", run_name="__main__")
"""


def _shenglu(root, *words):
    """Runs a verb; tells seconds and memory at most; returns standard output.

    The peak is what the process itself reads at its end: what the kernel tells its parent counts
    the parent's own memory from before the start.
    """
    peak = root.path.parent / "peak.txt"
    words = [*map(str, words), "--archive", str(root.path)]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(peak), *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        check=True,
    )
    took = time.perf_counter() - start
    memory = int(peak.read_text()) * 1024
    sys.stdout.write(f"\n{words[0]}: {took:.0f} s, {memory / 1024**2:.0f} MiB")
    assert memory < MOST_MEMORY
    return done.stdout.decode("utf-8")


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
