"""Many kills at random moments; `make test` has a few of them, in test_crawl.py."""

import random

import pytest

SITES = ("ptt", "netease", "discuz")


@pytest.mark.trials
@pytest.mark.parametrize("seed", range(100, 160))
def test_six_kills_lose_nothing_and_double_nothing(operator, seed):
    moments = random.Random(seed)  # noqa: S311 - repeatable, no secret
    site = moments.choice(SITES)
    for _ in range(6):
        operator.crawl_and_kill(site, moments.randint(1, 60))
    done, _report = operator.crawl(site)
    assert done.returncode == 0, done.stderr
    assert operator.wrong(site) == []
    assert operator.shenglu("check").returncode == 0
