"""After real crawls, with edits, deletions, 304s and revisits, the same code reads the same."""

import json

import pytest


@pytest.mark.parametrize("site", ["ptt", "netease", "discuz"])
def test_reparse_of_a_crawl_writes_nothing_and_neither_does_the_crawl_after_it(operator, site):
    for epoch in (0, 2):
        operator.sites.epoch = epoch
        operator.crawl(site)
    before = operator.counts()
    done = operator.shenglu("reparse", "--json", "--processes", "1")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["unreadable"] == []
    assert report["pages"] > 50
    assert report["written"] == 0
    assert operator.shenglu("compact", "--keep", "0").returncode == 0
    assert operator.shenglu("doctor", "--rebuild").returncode == 0
    operator.crawl(site)
    assert operator.counts() == before
    assert operator.wrong(site) == []
    assert operator.shenglu("check").returncode == 0
