"""Manners, judged by what the server saw."""

import json
from collections import Counter
from itertools import pairwise

import pytest
from protego import Protego

from crawlers.options import user_agent
from tests.replicas.handler import Options
from tests.replicas.many import many

# The server notes a request when it has read it: threads and sockets add a little to and fro.
JITTER = 0.03


@pytest.fixture
def crawl(operator):
    def run(board, *words, query=""):
        command = ["crawl", "discuz", "--url", board.list_url + query, *words, "--json"]
        done = operator.shenglu(*command, timeout=200)
        return done, json.loads(done.stdout)[0]

    return run


def gaps(log):
    times = [row["time"] for row in log]
    return [after - before for before, after in pairwise(times)]


def overlap(log, latency):
    """The most requests that the server had in hand at one time; it notes them when done."""
    marks = sorted(
        mark for row in log for mark in ((row["time"] - latency, 1), (row["time"] - 1e-3, -1))
    )
    most = now = 0
    for _, step in marks:
        now += step
        most = max(most, now)
    return most


def test_the_delay_is_kept_between_any_two_requests(crawl):
    with many(30) as board:
        _done, report = crawl(board, "--delay", "0.3")
    assert report["tally"]["pages.thread"] == 30
    assert [gap for gap in gaps(board.log) if gap < 0.3 - JITTER] == []


def test_crawl_delay_of_robots_txt_is_kept(crawl):
    with many(12, robots="User-agent: *\nCrawl-delay: 0.5\n") as board:
        crawl(board, "--delay", "0")
    assert [gap for gap in gaps(board.log)[1:] if gap < 0.5 - JITTER] == []


def test_no_more_than_four_requests_at_once(crawl):
    with many(80, options=Options(latency=0.2)) as board:
        _done, report = crawl(board, "--delay", "0")
    assert report["tally"]["pages.thread"] == 80
    assert 2 <= overlap(board.log, 0.2) <= 4


def test_robots_txt_comes_first_and_is_obeyed(crawl):
    with many(5) as board:
        _done, report = crawl(board, "--delay", "0", query="?never=1")
    rules = Protego.parse("User-agent: *\nDisallow: /never/\n")
    paths = [row["path"] for row in board.log]
    assert paths[0] == "/robots.txt"
    assert [p for p in paths if not rules.can_fetch(str(p), user_agent(""))] == []
    assert report["tally"]["errors"] == 1, "the forbidden page is on the record"


def test_the_crawler_says_who_it_is(crawl):
    with many(2) as board:
        crawl(board, "--delay", "0", "--contact", "archive@example.org")
    agents = {row["headers"]["user-agent"] for row in board.log}
    assert agents == {user_agent("archive@example.org")}
    assert "archive@example.org" in agents.pop()


def test_a_ban_after_every_80_pages_costs_no_page(crawl):
    options = Options(ban_after=80, ban_seconds=2.0)
    with many(400, options=options) as board:
        done, report = crawl(board, "--delay", "0")
    statuses = Counter(row["status"] for row in board.log)
    assert report["tally"]["pages.thread"] == 400, done.stderr
    assert statuses[429] + statuses[503] <= 64
    assert 5 <= done.stderr.count("asks for a pause") <= 64
