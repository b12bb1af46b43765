"""The whole line against a default Scrapy spider and against a loop by hand, on the same pages.

Ours keeps evidence (WARC), state (a durable frontier) and tables (text in both scripts, Parquet);
the others keep a JSONL file. Each round runs all three, one after the other; the median of the
rounds' ratios counts. Processor time is compared, not the clock: it counts all threads and
processes of a run, start and import included, and is hardly moved by what else the machine does.
The clock's ratio is printed beside it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from tests.bench.pages_served import LIST, served, write_pages

CHECKOUT = Path(__file__).parents[2]
ROUNDS = 3


def say(line):
    sys.stdout.write(f"{line}\n")


def run(words):
    """Seconds by the clock, seconds of processor, megabytes at most."""
    start = time.monotonic()
    with subprocess.Popen([sys.executable, *map(str, words)], cwd=CHECKOUT) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = status
    assert status == 0, words
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def ours(base, archive):
    words = ["-m", "crawlers.cli", "crawl", "people", "--base-url", base, "--section", LIST[1:]]
    words += ["--delay", "0", "--archive", archive, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16"]
    return run(words)


def start_up(base, home, name):
    """What a run of one page costs: imports and tables, which a long run pays once."""
    if name == "ours":
        return ours(base, home / "start")
    return run(["-m", "tests.bench.rivals", name, base, home / f"start-{name}"])


@pytest.mark.bench
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("size", "pages", "least"), [(6_000, 1500, 0.85), (60_000, 400, 0.85)])
def test_whole_line_beside_scrapy_and_a_loop_by_hand(tmp_path, size, pages, least):
    tmp_path.chmod(0o755)
    write_pages(tmp_path / "site", pages, size)
    write_pages(tmp_path / "one/site", 1, size)
    names = ("scrapy", "ours", "aiohttp")
    seconds = {name: [] for name in names}
    most = 0.0
    with served(tmp_path / "one/site", tmp_path / "one") as base:
        start = {name: start_up(base, tmp_path, name) for name in names}
    with served(tmp_path / "site", tmp_path) as base:
        for turn in range(ROUNDS):
            for name in names:
                if name == "ours":
                    used = ours(base, tmp_path / f"archive{turn}")
                    most = max(most, used[2])
                else:
                    used = run(["-m", "tests.bench.rivals", name, base, tmp_path / f"{name}{turn}"])
                seconds[name].append(used)
    for rival in ("scrapy", "aiohttp"):
        for column, kind in ((0, "clock"), (1, "processor")):
            ratios = [
                (theirs[column] - start[rival][column]) / (own[column] - start["ours"][column])
                for theirs, own in zip(seconds[rival], seconds["ours"], strict=True)
            ]
            say(f"{size} B, {rival}, {kind}: {median(ratios):.2f} of its speed")
            if rival == "scrapy" and kind == "processor":
                assert median(ratios) >= least
    say(f"{size} B: {most:.0f} MB at most")
    assert most < 300
