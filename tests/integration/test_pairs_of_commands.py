"""Two commands at once on one archive, one of them killed: what one day of bad luck brings.

Each may run, wait or be refused with exit code 4. Afterwards nothing is doubled, nothing that
nobody took down is lost, and `doctor`, a crawl and `check` are content.
"""

import json
import random
import shutil
import signal
import subprocess
import time

import pytest

COMPACT = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
import os, sys
from archive.compact import compact
from archive.errors import LockedError
from archive.root import Root
try:
    compact(Root.open(os.environ["SHENGLU_ARCHIVE"]), now=datetime.now(UTC) + timedelta(days=70))
except LockedError:
    sys.exit(4)
"""
COUNTS = """SELECT (SELECT count(*) FROM comment_history) AS versions,
(SELECT count(DISTINCT (source, thread_id, comment_id)) FROM comment_history) AS comments,
(SELECT count(*) FROM fetches) AS fetches,
(SELECT count(DISTINCT fetch_id) FROM fetches) AS exchanges"""
FINE = {0, 4, -signal.SIGKILL}


@pytest.fixture
def base(operator):
    """A crawled archive to copy, and how many comments it holds."""
    for _ in range(2):
        done, _ = operator.crawl("ptt")
        assert done.returncode == 0
    kept = operator.archive.with_name("base")
    operator.archive.rename(kept)
    return kept


def verbs(operator, number, dice):
    thread = dice.choice(operator.sites.truth("ptt").comments).thread_id
    words = {
        "crawl": operator.crawl_words("ptt"),
        "forget": ["forget", "--thread", f"ptt/{thread}"],
        "release": ["release", f"r{number}"],
        "reparse": ["reparse", "--processes", "1"],
        "doctor": ["doctor"],
        "rebuild": ["doctor", "--rebuild"],
        "index": ["search", "--rebuild"],
        "repair": ["check", "--repair"],
        "cold": ["compact", "--warc", "--older-than", "0"],
    }
    made = {name: operator.command(*given) for name, given in words.items()}
    return made | {"compact": [operator.command()[0], "-c", COMPACT]}


def run_both(operator, first, second, dice):
    """Both commands, the second a little later; one may be killed; their codes and words."""
    running = []
    for command in (first, second):
        running.append(
            subprocess.Popen(
                command,
                env=operator.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        time.sleep(dice.random() / 2)
    if dice.random() < 0.7:
        time.sleep(dice.uniform(0.1, 2.5))
        dice.choice(running).kill()
    said = [one.communicate(timeout=120)[0] for one in running]
    return [one.returncode for one in running], said


def judge(operator, names, before):
    assert operator.shenglu("doctor").returncode == 0
    crawled, _ = operator.crawl("ptt")
    assert crawled.returncode == 0, crawled.stdout[-800:]
    rows = operator.shenglu("query", COUNTS, "--json")
    now = json.loads(rows.stdout)
    assert now["versions"] == now["comments"], names
    assert now["fetches"] == now["exchanges"], names
    found = json.loads(operator.shenglu("check", "--json").stdout)["findings"]
    if "forget" in names:
        found = [one for one in found if one["kind"] != "removed_again"]
    else:
        assert now["comments"] == before, names
    assert found == [], names


def trial(operator, base, count, seed):
    dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
    before = len(operator.sites.truth("ptt").comments)
    for number in range(count):
        shutil.rmtree(operator.archive, ignore_errors=True)
        shutil.copytree(base, operator.archive)
        known = verbs(operator, number, dice)
        names = [dice.choice(list(known)) for _ in range(2)]
        codes, said = run_both(operator, *(known[name] for name in names), dice)
        assert not any("Traceback" in one for one in said), (names, said)
        for name, code, words in zip(names, codes, said, strict=True):
            # A removal says with 1 that its words are quoted elsewhere.
            assert code in FINE | ({1} if name == "forget" else set()), (names, code, words[-800:])
        judge(operator, names, before)


@pytest.mark.trials
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(4))
def test_sixty_pairs_of_commands(operator, base, seed):
    trial(operator, base, 15, seed)
