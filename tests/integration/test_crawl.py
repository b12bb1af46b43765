"""The main job against the replicas: rows equal the truth, whatever happens on the way."""

import json
import os
import random
import signal
import sqlite3

import pytest

from archive.errors import LockedError
from archive.lock import Lock

SITES = ("ptt", "netease", "discuz")


@pytest.mark.parametrize("site", SITES)
def test_three_visits_find_what_there_is_what_changed_and_nothing(operator, site):
    done, report = operator.crawl(site)
    assert done.returncode == 0, done.stderr
    assert operator.wrong(site) == []
    before = operator.counts()

    done, report = operator.crawl(site)
    assert report["tally"].get("comments.new", 0) == 0
    assert operator.counts() == before
    assert report["tally"]["revisits"] >= 0.9 * report["tally"]["pages"]

    operator.sites.epoch = 2
    done, report = operator.crawl(site)
    assert report["tally"]["comments.new"] > 0
    assert operator.wrong(site) == []

    grown = operator.counts()
    operator.sites.epoch = 3
    done, report = operator.crawl(site)
    assert operator.counts() == grown
    assert operator.shenglu("check").returncode == 0


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(operator, seed):
    site = SITES[seed % 3]
    moments = random.Random(seed)  # noqa: S311 - repeatable, no secret
    killed = 0
    for _ in range(3):
        killed += operator.crawl_and_kill(site, moments.randint(1, 40))
    done, report = operator.crawl(site)
    assert done.returncode == 0, done.stderr
    assert operator.wrong(site) == []
    assert operator.shenglu("check").returncode == 0
    if killed:
        assert report["resumed"] or operator.counts()


def test_a_stopped_run_goes_on_with_what_is_left(operator):
    assert operator.crawl_and_kill("ptt", 30, signal.SIGTERM)
    asked = len(operator.sites.log("ptt"))
    _done, report = operator.crawl("ptt")
    assert report["resumed"]
    assert operator.wrong("ptt") == []
    threads = [r["path"] for r in operator.sites.log("ptt") if "/M." in str(r["path"])]
    again = len(threads) - len(set(threads))
    assert again <= 16, f"{again} threads were fetched twice; {asked} requests before the stop"


def test_a_lost_state_file_costs_fetches_and_no_rows(operator):
    operator.crawl("discuz")
    before = operator.counts()
    for file in (operator.archive / "state").glob("frontier.db*"):
        file.unlink()
    done, _report = operator.crawl("discuz")
    assert done.returncode == 0
    assert operator.counts() == before
    assert operator.wrong("discuz") == []


def test_limit_and_since_bound_a_run(operator):
    _done, report = operator.crawl("ptt", "--limit", "5")
    assert report["tally"]["pages.thread"] == 5
    _done, report = operator.crawl("ptt", "--since", "2026-01-10")
    listed = [a for a in operator.sites.truth("ptt").articles if a.published_at >= "2026-01-10"]
    assert report["tally"]["pages.thread"] <= len(listed) + 5
    assert report["tally"].get("articles.new", 0) >= len(listed) - 5


def test_a_second_run_of_the_same_site_is_refused(operator):
    operator.crawl("ptt", "--limit", "1")
    held = Lock(operator.archive / "state" / "locks", "ptt", "crawl ptt --board=Stock")
    done, _ = operator.crawl("ptt")
    held.release()
    assert done.returncode == LockedError.exit_code == 4
    assert f"process {os.getpid()}" in done.stderr
    assert "crawl ptt --board=Stock" in done.stderr


def test_usage_errors_name_the_remedy(operator):
    for words, code, told in (
        (["crawl", "nosuch"], 2, "shenglu sites"),
        (["crawl", "ptt"], 2, "--board"),
        (["crawl", "ptt", "--boards", "X"], 2, "--board"),
        (["crawl", "ptt", "--board", "X", "--since", "soon"], 2, "2026-11-22"),
        (["crawl", "ptt", "--board", "X", "--limit", "-3"], 2, "--limit"),
        (["backfill"], 2, "SITE"),
    ):
        done = operator.shenglu(*words)
        assert done.returncode == code, (words, done.stderr)
        assert told in done.stderr
        assert "Traceback" not in done.stderr


def test_backfill_of_a_range_asks_for_no_thread_twice(operator):
    words = ["backfill", "ptt", "--board", "Stock", "--index", "1..2", "--delay", "0"]
    words += ["--base-url", operator.sites["ptt"], "--json"]
    first = json.loads(operator.shenglu(*words).stdout)[0]
    assert first["tally"]["pages.list"] == 2
    assert first["tally"]["pages.thread"] > 20
    again = operator.shenglu(*words)
    tally = json.loads(again.stdout)[0]["tally"]
    assert tally["pages"] == tally["pages.list"] == 2, "lists may have grown: they alone"
    assert again.returncode == 0, "nothing left to fetch is a good end of a backfill"


def test_names_are_kept_only_when_asked(operator):
    operator.crawl("ptt", "--limit", "3")
    handles = {c.author for c in operator.sites.truth("ptt").comments}
    stored = b"".join(p.read_bytes() for p in (operator.archive / "tables").rglob("*.parquet"))
    rows = operator.shenglu("query", "SELECT count(author_name) n FROM comments", "--json")
    assert json.loads(rows.stdout.splitlines()[0])["n"] == 0
    assert not [h for h in handles if h and len(h) > 6 and h.encode() in stored]


def test_each_row_has_its_evidence(operator):
    operator.crawl("ptt", "--limit", "2")
    rows = operator.shenglu(
        "query", "SELECT source, thread_id, comment_id, text FROM comments LIMIT 3", "--json"
    )
    for line in rows.stdout.splitlines():
        row = json.loads(line)
        name = f"{row['source']}/{row['thread_id']}/{row['comment_id']}"
        record = operator.shenglu("query", "--evidence", name)
        assert record.returncode == 0, record.stderr
        assert "WARC-Type: response" in record.stdout
        assert row["text"][:8] in record.stdout


def test_the_state_file_is_sound_after_a_kill(operator):
    operator.crawl_and_kill("discuz", 20)
    path = operator.archive / "state" / "frontier.db"
    if path.exists():
        with sqlite3.connect(path) as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
