"""What durability, sorting and the page index cost beside bare pyarrow, as ratios of one run."""

import shutil
import statistics
import sys
import time
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from big_archive import QUERIES
from corpus import articles, comments, commit_table, sightings

from archive.commit import commit
from archive.compact import compact
from archive.log import Log
from archive.parts import Form, write_parts
from archive.query import connect
from archive.root import Root
from archive.schema import table

pytestmark = pytest.mark.bench
LATER = datetime(2025, 6, 1, tzinfo=UTC)


def say(text):
    sys.stdout.write(f"\n{text}\n")


def taken(work, *given):
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began


@pytest.fixture
def root(tmp_path):
    return Root.open(tmp_path / "a", create=True)


def test_commit_of_5000_rows_beside_bare_write_table(root, tmp_path):
    log = Log(root)
    schema = table("comments").schema
    batches = [comments(5000 * n, 5000).to_pylist() for n in range(15)]

    def bare(rows, number):
        data = pa.Table.from_pylist(rows, schema=schema)
        pq.write_table(data, tmp_path / f"{number}.parquet", compression="zstd")

    ratios = []
    for number, rows in enumerate(batches):
        theirs = taken(bare, rows, number)
        ratios.append(theirs / taken(commit, log, f"b{number}", {"comments": rows}))
    say(f"5,000-row commits, speed beside bare write_table: {statistics.median(ratios[2:]):.2f}")
    assert statistics.median(ratios[2:]) >= 0.6


def test_thousandth_commit_takes_no_longer_than_the_first(root):
    log = Log(root)
    rows = [{**row} for row in comments(0, 50).to_pylist()]
    times = [taken(commit, log, f"b{number}", {"comments": rows}) for number in range(1000)]
    ratio = statistics.median(times[-100:]) / statistics.median(times[5:105])
    say(f"latency of the last of 1,000 commits / the first: {ratio:.2f}")
    assert ratio <= 1.2


def test_sorted_bulk_beside_bare_write_table(tmp_path):
    made = table("comments")
    keys = [(key, "ascending") for key in made.sort]
    data = comments(0, 240_000)

    def bare(number):
        options = {"compression": "zstd", "compression_level": 3, "row_group_size": 20_000}
        pq.write_table(data.sort_by(keys), tmp_path / f"bare{number}.parquet", **options)

    def ours(number):
        batches = data.sort_by(keys).to_batches(20_000)
        list(write_parts(batches, made, lambda n: tmp_path / f"{number}-{n}.parquet", Form(3)))

    ratios = [taken(bare, n) / taken(ours, n) for n in range(5)]
    say(f"sorted bulk, speed beside sort_by and write_table: {statistics.median(ratios):.2f}")
    assert statistics.median(ratios) >= 0.9


def test_bytes_of_a_row(root):
    log = Log(root)
    remark = commit_table(log, "comments", comments(0, 200_000), "c") / 200_000
    small = commit_table(Log(root), "comments", comments(200_000, 5000), "d") / 5000
    seen = commit_table(Log(root), "comment_observations", sightings(0, 200_000), "s") / 200_000
    piece = commit_table(Log(root), "articles", articles(0, 5000), "a") / 5000
    compact(root, now=LATER)
    best = sum(f.bytes for f in Log(root).snapshot().of("comments")) / 205_000
    say(
        f"bytes: comment {remark:.0f} ({small:.0f} in a commit of 5,000, {best:.0f} compacted), "
        f"sighting {seen:.1f}, article {piece:.0f}"
    )
    assert max(remark, small, best) <= 145
    assert seen <= 8
    assert piece <= 2300


def test_look_ups_before_and_after_compaction(root, tmp_path):
    """A month as a polite crawl leaves it: 600 comments a commit, threads growing side by side."""
    log = Log(root)
    data = comments(0, 300_000).sort_by("published_at")
    for batch in range(500):
        commit_table(log, "comments", data.slice(600 * batch, 600), f"c{batch:04d}")
    shutil.copytree(root.path, tmp_path / "b")
    packed = Root.open(tmp_path / "b")
    compact(packed, now=LATER)
    threads = [data["thread_id"][row].as_py() for row in (50_000, 150_000, 250_000)]
    asked = {
        "thread": [f"SELECT * FROM comment_history WHERE thread_id = '{one}'" for one in threads],  # noqa: S608 - our own corpus
        "like": [QUERIES["query: LIKE over a month"]],
    }
    times = {(name, kind): [] for name in asked for kind in ("before", "after")}
    with connect(root) as before, connect(packed) as after:
        for _ in range(9):
            for name, queries in asked.items():
                for kind, connection in (("before", before), ("after", after)):
                    took = taken(
                        lambda c, q: [c.execute(s).fetchall() for s in q], connection, queries
                    )
                    times[name, kind].append(took)
    thread, like = (min(times[n, "before"]) / min(times[n, "after"]) for n in asked)
    say(f"after compaction: thread {thread:.1f} times, LIKE over a month {like:.1f} times faster")
    assert thread >= 10
    assert like >= 1.5
