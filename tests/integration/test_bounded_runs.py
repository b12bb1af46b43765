"""Runs that are stopped: by a signal, a budget, the hour, the disk, a dead host."""

import json
import signal
import subprocess
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.replicas.handler import Options
from tests.replicas.server import running


def test_a_request_budget_pauses_and_the_same_command_goes_on(operator):
    done, report = operator.crawl("ptt", "--max-requests", "30")
    assert done.returncode == 0, done.stderr
    assert "--max-requests 30" in report["paused"]
    assert len(operator.sites.log("ptt")) <= 30
    for _ in range(12):
        done, report = operator.crawl("ptt", "--max-requests", "30")
        assert report["resumed"]
        if report["finished"]:
            break
    assert operator.wrong("ptt") == []
    paths = [r["path"] for r in operator.sites.log("ptt") if "/M." in str(r["path"])]
    assert len(paths) == len(set(paths)), "no page was asked for twice"


def test_nothing_is_asked_outside_the_hours(operator):
    now = datetime.now(ZoneInfo("Asia/Taipei"))
    window = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    done, report = operator.crawl("ptt", "--hours", window)
    assert (done.returncode, report["finished"]) == (0, False)
    assert f"--hours {window}" in report["paused"]
    assert operator.sites.log("ptt") == []
    window = f"{now - timedelta(hours=2):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    assert operator.crawl("ptt", "--hours", window, "--limit", "2")[1]["finished"]


def test_a_disk_that_fills_stops_the_run_cleanly(operator, monkeypatch):
    monkeypatch.setenv("SHENGLU_MIN_FREE_MB", str(1 << 40))
    done, report = operator.crawl("ptt")
    assert done.returncode == 1
    assert "are to stay so" in report["error"]
    monkeypatch.delenv("SHENGLU_MIN_FREE_MB")
    done, report = operator.crawl("ptt")
    assert report["resumed"]
    assert operator.wrong("ptt") == []


@pytest.mark.parametrize("options", [Options(latency=30.0), Options(ban_after=12, ban_seconds=300)])
def test_sigterm_ends_a_run_within_ten_seconds(operator, options):
    with running(options=options) as sites:
        operator.sites = sites
        words = operator.command(*operator.crawl_words("ptt"), "--json")
        with subprocess.Popen(
            words,
            env=operator.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            until = time.monotonic() + 60
            listener = sites.listeners["ptt"]
            while listener.count < (1 if options.latency else 13) and time.monotonic() < until:
                time.sleep(0.05)
            time.sleep(0.5)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
            took = time.monotonic() - began
    assert took < 10
    report = json.loads(out)[0]
    assert (process.returncode, report["finished"]) == (1, False)
    assert report["tally"].get("errors", 0) == 0, "what we cut off is no failure of the site"


def test_a_dead_host_is_asked_less_and_less(operator):
    urls = ",".join(f"http://127.0.0.1:9/thread-{n}-1-1.html" for n in range(60))
    words = ["crawl", "discuz", "--url", urls, "--delay", "0", "-s", "RETRY_TIMES=0"]
    words += ["-s", "SHENGLU_BREAKER_PAUSE=0.2", "-s", "ROBOTSTXT_OBEY=0"]
    done = operator.shenglu(*words)
    assert done.returncode == 3
    assert "fails again and again" in done.stderr
    assert "Deprecat" not in done.stderr
    assert "gate failed" in done.stdout
    assert "nothing new" not in done.stdout
    rows = operator.shenglu(
        "query", "SELECT count(*) n FROM fetches WHERE error LIKE '%circuit open%'", "--json"
    )
    assert json.loads(rows.stdout.splitlines()[0])["n"] >= 15


def test_the_same_window_again_adds_nothing(operator):
    words = ["--window", "2026-01-01..2026-01-10"]
    _done, first = operator.crawl("ptt", *words)
    assert first["finished"]
    before = operator.counts()
    assert before["articles.parquet" if "articles.parquet" in before else next(iter(before))]
    _done, again = operator.crawl("ptt", *words)
    assert (
        sum(n for k, n in again["tally"].items() if k.startswith(("articles.", "comments."))) == 0
    )
