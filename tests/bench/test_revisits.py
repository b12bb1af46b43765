"""How many of the comments that are deleted later a crawl sees, and how late it sees comments.

Threads of an invented board through the real state file and schedule: every half hour a run takes
up what is new and what is due, within its budget. Lives of deleted comments follow Zhu and others
2013 on Weibo (30 % gone within half an hour, 90 % within a day); arrivals are heavy-tailed. The
same threads are looked at daily, as often in all, for comparison.
"""

import random
import statistics
import sys
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from archive.ledger import Completion, Ledger
from archive.model import Link, PageClass
from archive.queue import Look, Offer, Revisit, Run, Validators
from pipelines.revisits import next_look

START = datetime(2026, 1, 5, tzinfo=UTC)
TICK = timedelta(minutes=30)
DAYS = 8
THREADS = 300
DELETED = 0.06


@dataclass
class Thread:
    """Its beginning, and (hours of arrival, hours of deletion or None) of its comments."""

    began: float
    comments: list[tuple[float, float | None]]

    def count(self, hour):
        return sum(a <= hour and (d is None or d > hour) for a, d in self.comments)


FAST, SLOW = (0.43, 2.14), (2.5, 1.5)
"""Logarithms of the hours that deleted comments live: as on Weibo, or 12 at the median."""


def threads(seed, lives):
    dice = random.Random(seed)  # noqa: S311 - the same each time
    made = []
    for _ in range(THREADS):
        began = dice.uniform(0, 24)
        comments = []
        for _ in range(min(2_000, int(dice.lognormvariate(3.2, 1.2)) + 1)):
            arrives = began + dice.lognormvariate(0.9, 1.5)
            gone = dice.random() < DELETED
            comments.append((arrives, arrives + dice.lognormvariate(*lives) if gone else None))
        made.append(Thread(began, comments))
    return made


def completed(lease, thread, hour, *, growth):
    """What the crawl hands over after a look; without `growth` it forgets what it counted."""
    now, seen = START + timedelta(hours=hour), thread.count(hour)
    before = lease.look if growth else Look(lease.look.visited)
    look = next_look(now, START + timedelta(hours=thread.began), seen, before)
    held = Validators(etag='"a"')
    return Completion(lease, "board", "f", now, validators=held, look=look)


def crawl(tmp_path, made, *, budget, growth=True):
    """The hours of each thread's looks."""
    ledger = Ledger(tmp_path / f"{budget}-{growth}.db")
    looks, busiest = [[] for _ in made], 0
    for tick in range(int(timedelta(days=DAYS) / TICK)):
        hour = tick * TICK / timedelta(hours=1)
        run = Run(f"run-{tick:05d}", "board", Revisit.DUE, owner="one")
        new = [n for n, one in enumerate(made) if hour - 0.5 < one.began <= hour]
        offers = [
            Offer(Link(f"https://a.example/{n}", PageClass.THREAD), "board", str(n)) for n in new
        ]
        now = (START + timedelta(hours=hour)).timestamp()
        with ledger.transaction():
            again = len(ledger.queue.due(run, budget, now))
        busiest = max(busiest, again)
        leases = ledger.apply(run, offers, lease=THREADS)
        ends = []
        for lease in leases:
            n = int(lease.link.url.rpartition("/")[2])
            looks[n].append(hour)
            ends.append(completed(lease, made[n], hour, growth=growth))
        ledger.apply(run, ends)
    ledger.close()
    assert busiest <= budget
    return looks


def daily(looks):
    """As many looks in all, the first at the same time, the others a day apart."""
    each = round(statistics.mean(map(len, looks)))
    return [[one[0] + 24 * n for n in range(each)] for one in looks if one]


def judged(made, looks):
    """Share of later-deleted comments seen, median lag in hours of those seen, looks a thread."""
    deleted = seen = 0
    lags = []
    for thread, hours in zip(made, looks, strict=True):
        for arrives, gone in thread.comments:
            first = bisect_left(hours, arrives)
            met = first < len(hours) and (gone is None or hours[first] < gone)
            deleted, seen = deleted + (gone is not None), seen + (gone is not None and met)
            lags += [hours[first] - arrives] if met else []
    return seen / deleted, statistics.median(lags), statistics.mean(map(len, looks))


@pytest.mark.bench
@pytest.mark.parametrize("lives", [FAST, SLOW])
def test_looks_by_age_and_growth_see_more_than_daily_ones(tmp_path, lives):
    made = threads(1, lives)
    made = [one for one in made if one.began <= 23.5]
    plans = {
        "age and growth": crawl(tmp_path, made, budget=1_000),
        "age and growth, 15 a run": crawl(tmp_path, made, budget=15),
        "age alone": crawl(tmp_path, made, budget=1_000, growth=False),
    }
    found = {}
    for name, looks in plans.items():
        found[name] = judged(made, looks)
        found[f"daily, as often as {name}"] = judged(made, daily(looks))
    half_hours = [[one.began + n / 2 for n in range(2 * 24 * DAYS)] for one in made]
    found["each half hour, what can be seen at most"] = judged(made, half_hours)
    for name, (share, lag, count) in found.items():
        sys.stdout.write(f"{share:.0%} seen, lag {lag:.1f} h, {count:.1f} looks: {name}\n")
    both, alone = found["age and growth"], found["age alone"]
    for name in plans:
        often = found[f"daily, as often as {name}"]
        assert found[name][0] >= 1.5 * often[0]
        assert found[name][1] <= often[1] / 2
    assert both[0] > alone[0]
    assert found["age and growth, 15 a run"][0] > 0.7 * both[0]


def test_the_waits_are_geometric_and_end():
    """The schedule by itself: each wait as long as the thread is old, a last look at 30 days."""
    now, look, hours = START, Look(), []
    while True:
        look = next_look(now, START, 0, look)
        if look.due is None:
            break
        hours.append((look.due - now.timestamp()) / 3600)
        now = datetime.fromtimestamp(look.due, UTC)
    assert hours[:8] == [0.5, 0.5, 1, 2, 4, 8, 16, 32]
    assert now - START == timedelta(days=30)
    assert all(b >= a for a, b in pairwise(hours[:-1]))
    assert bisect_right(hours, 32) >= 8
