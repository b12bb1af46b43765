"""kill -9 at random moments on a board of 2,000 pages whose threads grow meanwhile.

What the tables hold in the end is what the board showed, each post once; and what was fetched
twice was in flight when somebody died. `make test` kills one crawl ten times, `make trials` makes
a hundred trials with one, two and four processes.
"""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from archive.packing import unpack_link
from archive.query import connect
from archive.root import Root
from tests.replicas.growing import growing

MODES = ("once", "at a list", "twice", "interrupted twice")
MOST_REQUESTS = 1_900
POSTS = (
    "SELECT thread_id, comment_id AS id, text FROM comment_history",
    "SELECT thread_id, article_id AS id, text FROM article_history",
)


class Crew:
    """The processes that crawl the board together, and what was in flight when one died."""

    def __init__(self, operator, board, count, dice):
        self.operator, self.board, self.dice = operator, board, dice
        self.words = ["crawl", "discuz", "--url", board.list_url, "--delay", "0"]
        self.words += ["--join"] if count > 1 else []
        self.in_flight = Counter()
        self.died = 0
        self.processes = [self.start() for _ in range(count)]

    def start(self):
        return subprocess.Popen(
            self.operator.command(*self.words),
            env=self.operator.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, requests):
        """Until the board has answered that many, or nobody is left to ask."""
        while sum(self.board.fetched().values()) < requests and self.alive():
            time.sleep(0.02)

    def alive(self):
        return any(process.poll() is None for process in self.processes)

    def strike(self, *signals):
        """End one of them by those signals, note what it held, put another in its place."""
        victim = self.dice.randrange(len(self.processes))
        process = self.processes[victim]
        ended = process.poll() is not None
        held = set()
        for number in signals:
            process.send_signal(number)
            time.sleep(0.2 if number == signal.SIGINT else 0)
            # Who ends by SIGINT gives back what it holds, and others may be quick to take it.
            held.update(self.leases(process.pid))
        process.communicate(timeout=60)
        self.died += not ended
        self.in_flight.update(held | set(self.leases(process.pid)))
        self.processes[victim] = self.start()

    def leases(self, pid):
        """Paths that a dead process holds."""
        path = self.operator.archive / "state" / "frontier.db"
        if not path.exists():
            return []
        sql = (
            "SELECT link FROM pages WHERE state = 1"
            " AND owner IN (SELECT id FROM names WHERE name LIKE ? || '-%')"
        )
        with closing(sqlite3.connect(path, timeout=30)) as state:
            try:
                rows = state.execute(sql, (str(pid),)).fetchall()
            except sqlite3.OperationalError:  # it died before it had made its tables
                return []
        return [urlsplit(unpack_link(row[0]).url).path for row in rows]

    def finish(self):
        for process in self.processes:
            _, said = process.communicate(timeout=300)
            assert process.returncode == 0, said[-2000:]


def strike_as(crew, mode, moment):
    """The kills of one trial."""
    crew.wait_for(moment)
    if mode == "at a list":
        crew.board.at_list.clear()
        crew.board.at_list.wait(10)
    if mode == "interrupted twice":
        crew.strike(signal.SIGINT, signal.SIGINT)
        return
    crew.strike(signal.SIGKILL)
    if mode == "twice":
        crew.wait_for(sum(crew.board.fetched().values()) + crew.dice.randint(1, 150))
        crew.strike(signal.SIGKILL)


def _opening(thread):
    """The number of a thread's first post, which is its article."""
    return str(int(thread) * 100_000 + 1)


def compare(operator, board):
    """Each post that the board showed is there once, as shown, and nothing else is."""
    with connect(Root.open(operator.archive)) as archive:
        rows = [row for sql in POSTS for row in archive.execute(sql).fetchall()]
        states = "SELECT count(*) FROM comment_observations WHERE state <> 'visible'"
        assert archive.execute(states).fetchone() == (0,)
    posts = {(thread, _opening(thread) if thread == n else n): text for thread, n, text in rows}
    assert len(rows) == len(posts)
    assert posts == board.shown()


def judge(crew):
    """Nothing was asked for twice that was not in flight when somebody died.

    Who starts after the others have finished begins a run of its own, which asks for all again.
    """
    with connect(Root.open(crew.operator.archive)) as archive:
        runs = archive.execute("SELECT count(DISTINCT run_id) FROM runs").fetchone()[0]
    again = {path: n - runs for path, n in crew.board.fetched().items() if n > runs}
    over = {path: n for path, n in again.items() if n > crew.in_flight[path]}
    assert not over
    return sum(again.values()), crew.in_flight.total()


def revisit(crew):
    """One more run, after the growth: all posts that there are, no page asked for twice."""
    crew.board.freeze()
    crew.board.forget()
    crew.words = [word for word in crew.words if word != "--join"]
    crew.processes = [crew.start()]
    crew.finish()
    assert set(crew.board.fetched().values()) == {1}
    assert len(crew.board.shown()) == crew.board.whole()


def test_a_crawl_killed_ten_times_ends_as_if_never(operator):
    dice = random.Random(5)  # noqa: S311 - repeatable, no secret
    with growing() as board:
        crew = Crew(operator, board, 1, dice)
        for moment in sorted(dice.randint(1, MOST_REQUESTS) for _ in range(10)):
            crew.wait_for(moment)
            crew.strike(signal.SIGKILL)
        crew.finish()
        assert crew.died == 10
        assert len(board.fetched()) >= 2_000
        judge(crew)
        compare(operator, board)


@pytest.mark.trials
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100))
def test_a_hundred_trials_of_kills(operator, seed):
    dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
    mode, count = MODES[seed % 4], (1, 2, 4)[seed % 3]
    with growing() as board:
        crew = Crew(operator, board, count, dice)
        strike_as(crew, mode, dice.randint(1, MOST_REQUESTS))
        crew.finish()
        assert crew.died
        again, in_flight = judge(crew)
        assert len(board.fetched()) >= 2_000
        compare(operator, board)
        if seed % 10 == 0:
            revisit(crew)
            compare(operator, board)
    if path := os.environ.get("SHENGLU_TRIALS"):
        with open(path, "a", encoding="utf-8") as out:  # noqa: PTH123 - appended to
            out.write(f"{seed} {count} {mode}: {again} again of {in_flight} in flight\n")
