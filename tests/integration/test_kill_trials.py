"""kill -9 at random moments over crawl, compaction, reparse and release.

Whatever dies: every reader's glob finds whole files, what was acknowledged stays, nothing is there
twice, and when all has been done in the end the tables equal the truth. `make test` tries ten
moments of each kind, `make trials` two hundred.
"""

import random
from collections import Counter

import duckdb
import pyarrow.parquet as pq
import pytest

from archive.check import check
from archive.log import Log
from archive.query import connect
from archive.release import verify
from archive.root import Root
from tests.nursery import Nursery

KINDS = ("crawl", "compact", "reparse", "release")
CRAWL = "import sys; sys.argv = {words!r}; from crawlers.cli import main; main()"
COMPACT = """
from datetime import UTC, datetime, timedelta
from archive.compact import compact
from archive.root import Root
compact(Root.open({archive!r}), now=datetime.now(UTC) + timedelta(days=70), keep={keep})
"""
REPARSE = """
from pathlib import Path
from dataclasses import replace
from crawlers import rereading
from crawlers.pools import processes
from crawlers.reparse import Wanted, reparse
real = rereading.normalise
def other(*given):
    records = real(*given)
    rows = tuple({{**row, "search_key": row["search_key"] + {mark!r}}} for row in records.comments)
    return replace(records, comments=rows)
rereading.normalise = other
reparse(Path({archive!r}), Wanted(sites=({site!r},)), pool=processes(1))
"""
RELEASE = """
from archive.release import release
from archive.root import Root
release(Root.open({archive!r}), {name!r})
"""
VERSIONS = (
    "SELECT source, thread_id, comment_id, version FROM comment_history",
    "SELECT source, article_id, '', version FROM article_history",
)


class Trial:
    """One archive, what was acknowledged in it, and how long each kind of work takes."""

    def __init__(self, operator, nursery, dice):
        self.operator, self.nursery, self.dice = operator, nursery, dice
        self.root = Root.open(operator.archive, create=True)
        self.acknowledged = set()
        self.took = {}
        self.number = 0

    def code(self, kind, site):
        self.number += 1
        words = {"archive": str(self.root.path), "site": site}
        if kind == "crawl":
            chosen = self.operator.crawl_words(site, "--archive", self.root.path)
            return CRAWL.format(words=["shenglu", *map(str, chosen)])
        if kind == "compact":
            return COMPACT.format(keep=self.dice.choice((0, 3600)), **words)
        if kind == "reparse":
            return REPARSE.format(mark=f"~{self.number}", **words)
        return RELEASE.format(name=f"r{self.number}", **words)

    def whole(self, kind, site):
        code, took = self.nursery.run(self.code(kind, site))
        assert code == 0, (kind, code)
        self.took[kind] = took
        self.look()

    def cut(self, kind, site):
        """Start work of a kind and kill it somewhere; whether it was still under way."""
        moment = self.dice.uniform(0, self.took.get(kind, 0.5))
        code, took = self.nursery.run(self.code(kind, site), moment)
        assert code in {0, -9}, (kind, code)
        if code == 0:  # there was less to do than the time before
            self.took[kind] = min(self.took.get(kind, took), took)
        self.look()
        return code == -9

    def look(self):
        """What must hold at every moment."""
        for folder in (self.root.tables, *self.releases()):
            for path in folder.rglob("[!.]*.parquet"):
                assert pq.read_metadata(path).num_columns > 5, path
        now = set()
        with connect(self.root) as connection:
            for sql in VERSIONS:
                rows = connection.execute(sql).fetchall()
                assert len(rows) == len(set(rows)), "doubled"
                now.update(rows)
        assert self.acknowledged <= now, "lost"
        self.acknowledged = now
        self.seen_by_a_glob("comments", min(1, len(now)))

    def seen_by_a_glob(self, table, least):
        """All rows of the log are among those that a plain glob counts."""
        logged = Log(self.root).snapshot().rows(table)
        if not logged:
            return
        pattern = str(self.root.tables / table / "**" / "*.parquet")
        sql = (
            "SELECT count(*), count(DISTINCT (source, thread_id, comment_id, version, observed_at))"
            " FROM read_parquet($1)"
        )
        rows, distinct = duckdb.connect().execute(sql, [pattern]).fetchone()
        assert rows == distinct >= max(logged, least)

    def releases(self):
        home = self.root.releases
        return [p for p in home.iterdir() if p.name[0] != "."] if home.is_dir() else []

    def finish(self, site):
        """Let everything end once, with the code as it is, and compare with the truth."""
        self.whole("crawl", site)
        code, _ = self.nursery.run(self.code("compact", site))
        assert code == 0
        code, _ = self.nursery.run(self.code("reparse", site).replace(f"~{self.number}", ""))
        assert code == 0
        for kind in ("compact", "release"):
            self.whole(kind, site)
        assert self.operator.wrong(site) == []
        assert check(self.root).ok
        for one in self.releases():
            assert verify(one) == []
        snapshot = Log(self.root).snapshot()
        live = {self.root.path / file.path for file in snapshot.files}
        assert set(self.root.tables.rglob("*.parquet")) == live


def trial(operator, seed, kills):
    """So many kills of each kind on one archive."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
    site = ("ptt", "netease", "discuz")[seed % 3]
    with Nursery() as nursery:
        one = Trial(operator, nursery, dice)
        died = Counter(crawl=sum(one.cut("crawl", site) for _ in range(kills)))
        for kind in KINDS:
            one.whole(kind, site)
        operator.sites.epoch = 2
        later = [kind for kind in KINDS[1:] for _ in range(kills)] + ["crawl"] * (kills // 2)
        dice.shuffle(later)
        for kind in later:
            died[kind] += one.cut(kind, site)
        one.finish(site)
    return died


def test_ten_kills_of_each_kind_lose_nothing_and_double_nothing(operator):
    died = trial(operator, 2, 10)
    assert all(died[kind] >= 2 for kind in KINDS), died
    assert sum(died.values()) >= 20, died


@pytest.mark.trials
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 120))
def test_two_hundred_moments_of_each_kind(operator, seed):
    died = trial(operator, seed, 10)
    assert sum(died.values()) >= 20, died
