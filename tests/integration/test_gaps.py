"""Missing days are named, explained and fetched again."""

import json


def gaps(operator, *words):
    done = operator.shenglu("gaps", "ptt", "--since", "2025-12-27", *words, "--json")
    assert done.returncode in {0, 3}, done.stderr
    return done, json.loads(done.stdout)


def test_gaps_are_named_explained_and_refilled(operator):
    days = sorted({a.published_at[:10] for a in operator.sites.truth("ptt").articles})
    operator.crawl("ptt", "--until", days[2])
    operator.crawl("ptt", "--since", days[8])
    done, found = gaps(operator, "--until", days[-1])
    assert done.returncode == 3
    assert {gap["day"] for gap in found} >= set(days[3:8])
    assert all("no run finished that day" in gap["why"] for gap in found)
    before = len(found)
    base = operator.sites["ptt"]
    refill = operator.shenglu(
        *("gaps", "ptt", "--since", "2025-12-27", "--until", days[-1], "--refill"),
        *("--base-url", base, "--delay", "0"),
    )
    assert refill.returncode == 0, refill.stderr
    assert len(gaps(operator, "--until", days[-1])[1]) < before
    assert operator.wrong("ptt") == []


def test_an_archive_without_gaps_says_so(operator):
    operator.crawl("ptt", "--limit", "1")
    done = operator.shenglu("gaps", "netease")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no gaps" in done.stderr
