"""Several processes on one run: nothing twice, nothing lost, whoever is killed."""

import json
import random
import subprocess
import time

import pytest

from tests.replicas.many import many

SITES = ("ptt", "netease", "discuz")


def start(operator, words):
    return subprocess.Popen(
        operator.command(*words, "--join", "--json"),
        env=operator.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(processes):
    ends = [process.communicate(timeout=150) for process in processes]
    assert not any("Traceback" in err for _, err in ends), ends
    return [json.loads(out)[0] for out, _ in ends]


def test_two_processes_share_a_run(operator):
    with many(200) as board:
        words = ["crawl", "discuz", "--url", board.list_url, "--delay", "0"]
        reports = finish([start(operator, words) for _ in range(2)])
        paths = [str(r["path"]) for r in board.log if "thread" in str(r["path"])]
    assert len(paths) == len(set(paths)) == 200
    assert {r["run_id"] for r in reports} == {reports[0]["run_id"]}
    assert [r["finished"] for r in reports] == [True, True]
    rows = operator.shenglu("query", "SELECT count(*) n, sum(1) FROM runs", "--json")
    assert json.loads(rows.stdout.splitlines()[0])["n"] == 1
    rows = operator.shenglu(
        "query", "SELECT count(*) n FROM comments WHERE thread_id <> ''", "--json"
    )
    assert json.loads(rows.stdout.splitlines()[0])["n"] == 200 * 5
    assert operator.shenglu("check").returncode == 0


def test_who_does_not_join_is_refused(operator):
    with many(600) as board:
        words = ["crawl", "discuz", "--url", board.list_url, "--delay", "0.2"]
        first = start(operator, words)
        while len(board.log) < 5:
            time.sleep(0.05)
        assert operator.shenglu(*words).returncode == 4
        other = ["crawl", "discuz", "--url", f"{board.list_url}?x=1", "--delay", "0", "--join"]
        refused = operator.shenglu(*other)
        assert refused.returncode == 4, refused.stderr
        assert "share another run" in refused.stderr
        first.kill()
        first.communicate()


def trial(operator, site, seed, count):
    """Kill one of the processes again and again; then let one finish what is left."""
    moments = random.Random(seed)  # noqa: S311 - repeatable, no secret
    processes = [start(operator, operator.crawl_words(site)) for _ in range(count)]
    for _ in range(3):
        before = len(operator.sites.log(site))
        wanted, until = before + moments.randint(1, 40), time.monotonic() + 20
        while len(operator.sites.log(site)) < wanted and time.monotonic() < until:
            time.sleep(0.01)
        victim = moments.randrange(count)
        processes[victim].kill()
        processes[victim].communicate()
        processes[victim] = start(operator, operator.crawl_words(site))
    finish(processes)
    assert operator.wrong(site) == []
    assert operator.shenglu("check").returncode == 0


def test_a_killed_process_is_replaced_by_the_others(operator):
    trial(operator, "ptt", 7, 2)


@pytest.mark.trials
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("count", [2, 4])
def test_kills_among_several_processes(operator, seed, count):
    trial(operator, SITES[seed % 3], seed, count)
