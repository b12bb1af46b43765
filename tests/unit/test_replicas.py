"""The replicas are what the demo and the integration tests stand on: they must be true."""

import http.client
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.replicas.content import naive, sentences
from tests.replicas.replica import Request
from tests.replicas.server import KINDS
from tests.replicas.truth import CLOCKS, SITES, article_key, comment_key, truth

BASE = "http://127.0.0.1:9"
ROOT = Path(__file__).parents[2]
ADULT = {"cookie": "over18=1"}
EACH = pytest.mark.parametrize("site", SITES)
BOTH = pytest.mark.parametrize("epoch", [1, 2])


def page(site, target, epoch=1, headers=ADULT):
    replica = KINDS[site](BASE, epoch)
    request = Request("GET", target, headers)
    answer = replica.answer(request)
    return answer.status, replica.vary(answer.body, request)


def fetch(base, target, method="GET", headers=None, body=None):
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
    try:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


# --- quantities -----------------------------------------------------------------------------


def test_there_is_as_much_as_was_promised():
    all_ = [truth(site, 1) for site in SITES]
    assert sum(len(t.articles) for t in all_) >= 66
    assert sum(len(t.comments) for t in all_) >= 1600
    assert len(sentences()) >= 300


def test_all_five_kinds_of_script_are_there():
    articles = Counter(a.script for site in SITES for a in truth(site, 1).articles)
    comments = Counter(c.script for site in SITES for c in truth(site, 1).comments)
    assert set(articles) == {"tw", "hk", "cn", "naive", "mixed"}
    assert min(articles.values()) >= 5
    assert set(comments) == {"tw", "hk", "cn", "naive", "mixed"}
    assert min(comments.values()) >= 10


def test_both_spellings_of_the_chip_occur_in_articles_and_comments():
    for rows in ("articles", "comments"):
        texts = [row.text for site in SITES for row in getattr(truth(site, 1), rows)]
        assert sum("昇騰" in text for text in texts) >= 8
        assert sum("昇腾" in text for text in texts) >= 8


def test_three_camps_speak_and_masks_and_aliases_occur():
    comments = [c for site in SITES for c in truth(site, 1).comments]
    camps = Counter(c.camp for c in comments)
    assert min(camps["praise"], camps["doubt"], camps["tech"]) >= 100
    everything = "".join(c.text for c in comments)
    everything += "".join(a.text for site in SITES for a in truth(site, 1).articles)
    for word in ("盤*古", "盘*古", "某乎", "菊花廠", "菊花厂", "華子", "华子", "GPGPU"):
        assert word in everything


def test_no_two_articles_are_near_identical():
    texts = [a.text for site in SITES for a in truth(site, 2).articles]
    sets = [{text[i : i + 4] for i in range(len(text) - 3)} for text in texts]
    worst = max(len(a & b) / len(a | b) for i, a in enumerate(sets) for b in sets[:i])
    assert worst < 0.6


def test_naive_traditional_leaves_the_ambiguous_characters_and_keeps_the_brand():
    found = [a for a in truth("netease", 1).articles if a.script == "naive"]
    everything = "".join(a.text for a in found)
    for char in "于后干并只里":
        assert char in everything
    assert not set("於後幹並隻裏裡") & set(everything)
    assert "昇騰" in everything
    for article in found:
        assert naive(article.hans) == article.text
        assert len(article.hans) == len(article.text)


# --- the truth is consistent ----------------------------------------------------------------


@EACH
@BOTH
def test_ids_are_unique_and_parents_exist(site, epoch):
    t = truth(site, epoch)
    keys = {comment_key(c) for c in t.comments}
    assert len(keys) == len(t.comments)
    assert len({article_key(a) for a in t.articles}) == len(t.articles)
    threads = {row.thread_id for row in t.threads}
    for comment in t.comments:
        assert comment.thread_id in threads
        assert comment.parent_id is None or (comment.thread_id, comment.parent_id) in keys


@EACH
@BOTH
def test_floors_ascend_and_times_are_ordered(site, epoch):
    t = truth(site, epoch)
    clock = datetime.fromisoformat(CLOCKS[epoch])
    started = {a.thread_id: datetime.fromisoformat(a.published_at) for a in t.articles}
    by_thread = {}
    for comment in t.comments:
        by_thread.setdefault(comment.thread_id, []).append(comment)
    for thread, rows in by_thread.items():
        times = [datetime.fromisoformat(c.published_at) for c in rows]
        assert times == sorted(times)
        assert times[0] >= started[thread].replace(second=0) - timedelta(minutes=1)
        assert times[-1] <= clock
        if site != "netease":
            floors = [c.floor for c in rows]
            assert floors == sorted(set(floors))
        at = {c.comment_id: c for c in rows}
        for comment in rows:
            if comment.parent_id:
                assert at[comment.parent_id].published_at <= comment.published_at


@EACH
def test_declared_counts_are_those_of_the_comments(site):
    t = truth(site, 1)
    shown = Counter(c.thread_id for c in t.comments if c.state != "deleted")
    for thread in t.threads:
        assert thread.declared in {None, shown[thread.thread_id]}
        assert (thread.declared is None) == (site == "ptt")


@EACH
def test_epoch_2_differs_from_1_as_promised_and_3_is_2(site):
    one, two, three = (truth(site, epoch) for epoch in (1, 2, 3))
    assert (two.articles, two.comments) == (three.articles, three.comments)
    old = {comment_key(c): c for c in one.comments}
    new = {comment_key(c): c for c in two.comments}
    threads = {t.thread_id for t in one.threads}
    assert any(key not in old and key[0] in threads for key in new), "no thread has grown"
    assert {article_key(a) for a in two.articles} - {article_key(a) for a in one.articles}
    assert sorted(two.gone) == sorted(old.keys() - new.keys())
    assert two.gone
    texts = {article_key(a): a.text for a in one.articles}
    edited = [a for a in two.articles if texts.get(article_key(a), a.text) != a.text]
    changed = [k for k in old.keys() & new.keys() if old[k].text != new[k].text]
    votes = [k for k in old.keys() & new.keys() if old[k].votes_up != new[k].votes_up]
    if site == "discuz":
        assert len(changed) >= 4
        assert any(new[k].state == "locked" and old[k].state == "visible" for k in changed)
    if site == "netease":
        assert votes
        assert any(new[k].state == "deleted" and old[k].state == "visible" for k in changed)
    if site != "discuz":
        assert edited


def test_epoch_2_adds_pages_to_lists_and_to_threads():
    assert len(truth("ptt", 2).list_urls) > len(truth("ptt", 1).list_urls)
    pages = {t.thread_id: t.pages for t in truth("discuz", 1).threads}
    assert any(pages.get(t.thread_id, 9) < t.pages for t in truth("discuz", 2).threads)
    assert max(pages.values()) == 5


def test_a_state_is_the_same_in_another_process():
    code = (
        "from hashlib import sha256; from tests.replicas.truth import SITES, truth;"
        "print(sha256(repr([truth(s, 2) for s in SITES]).encode()).hexdigest())"
    )
    run = [sys.executable, "-c", code]
    found = {
        subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 64
