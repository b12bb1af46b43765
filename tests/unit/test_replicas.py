"""The replicas are what the demo and the integration tests stand on: they must be true."""

import gzip
import http.client
import json
import re
import socket
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from parsel import Selector

from tests.replicas.content import naive, sentences
from tests.replicas.netease import PRODUCT
from tests.replicas.replica import Request
from tests.replicas.server import KINDS, Options, running
from tests.replicas.truth import CLOCKS, SITES, article_key, comment_key, lines, truth

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
        assert sum("昇騰" in text for text in texts) >= 10
        assert sum("昇腾" in text for text in texts) >= 10


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
    worst = max(
        len(a & b) / max(1, min(len(a), len(b))) for i, a in enumerate(sets) for b in sets[:i]
    )
    assert worst < 0.9


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
        assert thread.declared == shown[thread.thread_id]


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


# --- pages carry what the truth says --------------------------------------------------------


@BOTH
def test_every_ptt_post_and_push_stands_on_its_page(epoch):
    t = truth("ptt", epoch)
    pushes = {}
    for comment in t.comments:
        pushes.setdefault(comment.thread_id, []).append(comment)
    replica = KINDS["ptt"](BASE, epoch)
    for article in t.articles:
        answer = replica.answer(Request("GET", article.url, ADULT))
        assert answer.status == 200
        tree = Selector(answer.body.decode())
        shown = [
            (
                push.css(".push-tag::text").get("").strip(),
                push.css(".push-userid::text").get(""),
                push.css(".push-content::text").get("").removeprefix(":").strip(),
                push.css(".push-ipdatetime::text").get("").strip()[-11:],
            )
            for push in tree.css("div.push")
        ]
        expected = [
            (c.reaction, c.author, c.text, f"{datetime.fromisoformat(c.published_at):%m/%d %H:%M}")
            for c in pushes.get(article.article_id, [])
        ]
        assert shown == expected
        body = unescape(answer.body.decode())
        wanted = [x for x in article.text.splitlines() if "@" not in x]
        assert all(line in body for line in wanted)


@BOTH
def test_every_netease_article_and_comment_can_be_fetched(epoch):
    t = truth("netease", epoch)
    replica = KINDS["netease"](BASE, epoch)
    got, folded = {}, 0
    for article in t.articles:
        answer = replica.answer(Request("GET", article.url))
        tree = Selector(answer.body.decode())
        body = tree.css("#endText p, .post_body > p")
        found = lines(p.xpath("string()").get("") for p in body)
        assert article.text.splitlines()[0] in found
        assert all(line in found for line in article.text.splitlines())
        assert tree.css("h1::text").get() == article.title
        offset = 0
        while True:
            query = urlencode({"limit": 30, "offset": offset, "callback": "getData"})
            target = f"/api/v1/products/{PRODUCT}/threads/{article.thread_id}/comments/newList"
            text = replica.answer(Request("GET", f"{target}?{query}")).body.decode()
            data = json.loads(re.fullmatch(r"getData\(\n(.*)\);", text, re.DOTALL)[1])
            if not data["commentIds"]:
                break
            offset += 30
            for chain in data["commentIds"]:
                ids = chain.split(",")
                folded += sum(number not in data["comments"] for number in ids)
                parent = None
                for number in ids:
                    if number in data["comments"]:
                        got[article.thread_id, number] = (data["comments"][number], parent)
                    parent = number
        declared = next(x.declared for x in t.threads if x.thread_id == article.thread_id)
        assert data["newListSize"] == declared
    assert folded > 0, "no chain is long enough to be folded"
    assert set(got) == {comment_key(c) for c in t.comments}
    for comment in t.comments:
        shown, parent = got[comment_key(comment)]
        assert unescape(shown["content"]) == comment.text
        assert parent == comment.parent_id
        assert (shown["vote"], shown["against"]) == (comment.votes_up, comment.votes_down)
        assert shown["isDel"] == (comment.state == "deleted")
        assert shown["user"].get("nickname") == comment.author


@BOTH
def test_every_discuz_floor_stands_on_its_page(epoch):
    t = truth("discuz", epoch)
    replica = KINDS["discuz"](BASE, epoch)
    found = {}
    for thread in t.threads:
        for number in range(1, thread.pages + 1):
            target = f"/forum.php?mod=viewthread&tid={thread.thread_id}&page={number}"
            answer = replica.answer(Request("GET", target))
            assert answer.content_type == "text/html"
            tree = Selector(answer.body.decode("gbk"))
            for post in tree.css("div[id^=post_]"):
                if pid := re.fullmatch(r"post_(\d+)", post.attrib["id"]):
                    found[thread.thread_id, pid[1]] = post
    for comment in t.comments:
        post = found[comment_key(comment)]
        assert post.css(".authi a.xw1::text").get() == comment.author
        if comment.state == "locked":
            assert post.css("div.locked")
            continue
        body = post.css("td.t_f")
        noise = set(body.css(".jammer, [style], .quote, .pstatus").xpath(".//text()").getall())
        own = [text for text in body.xpath(".//text()").getall() if text not in noise]
        assert lines(own) == comment.text
        quoted = body.css(".quote a::attr(href)").re_first(r"[?&]pid=(\d+)")
        assert quoted == comment.parent_id


def test_what_a_reader_must_know_of_each_engine_occurs():
    def everything(site, encoding="utf-8"):
        t = truth(site, 1)
        urls = [a.url for a in t.articles] + list(t.list_urls)
        return "".join(page(site, url)[1].decode(encoding) for url in urls)

    ptt = everything("ptt")
    for mark in (
        "r-list-sep",
        "(本文已被刪除)",
        "※ 編輯",
        "※ 引述",
        "__cf_email__",
        ">爆<",
        ">X1<",
    ):
        assert mark in ptt, mark
    assert re.search("[\ue000-\uf8ff]", ptt)
    assert "╭" in ptt
    netease = everything("netease")
    for mark in ("nimg.ws.126.net/?url=", "![]()", "責任編輯", "post_statement", "Notice:"):
        assert mark in netease or mark == "責任編輯"
    assert "相关推荐" in netease
    assert "（转载自" in netease or "（轉載自" in netease
    discuz = everything("discuz", "gbk")
    for mark in (
        *('class="jammer"', "display:none", "none.gif", "本帖最后由", "stickthread_", "findpost"),
        *("内容自动屏蔽", "formhash", "sid=", 'class="nxt"', "ratelog_", "查看本帖隐藏内容"),
    ):
        assert mark in discuz, mark
    assert re.search(r'<span title="2026-1-\d+ [\d:]+">(?:昨天|前天|\d&nbsp;小时前)', discuz)
    assert "&#128514;" in discuz


def test_ptt_pushes_cross_the_new_year_and_long_ones_are_wrapped():
    t = truth("ptt", 1)
    years = {}
    for comment in t.comments:
        years.setdefault(comment.thread_id, set()).add(comment.published_at[:4])
    eve = [thread for thread, seen in years.items() if seen == {"2025", "2026"}]
    assert len(eve) >= 2
    rows = [c for c in t.comments if c.thread_id == eve[0]]
    assert rows == sorted(rows, key=lambda c: c.floor)
    wrapped = [
        (a, b)
        for a, b in zip(t.comments, t.comments[1:], strict=False)
        if (a.thread_id, a.author, a.published_at) == (b.thread_id, b.author, b.published_at)
    ]
    assert len(wrapped) >= 50


def test_a_page_past_the_end_is_the_last_page_on_discuz():
    thread = max(truth("discuz", 1).threads, key=lambda t: t.pages)
    stem = f"/forum.php?mod=viewthread&tid={thread.thread_id}&page="
    last = page("discuz", f"{stem}{thread.pages}")
    assert page("discuz", f"{stem}99") == last
    assert page("discuz", f"/thread-{thread.thread_id}-{thread.pages}-1.html") == last


def test_session_parts_of_discuz_change_and_the_rest_does_not():
    replica = KINDS["discuz"](BASE, 1)
    target = truth("discuz", 1).articles[0].url
    bodies = [
        replica.vary(replica.answer(r).body, r)
        for r in (Request("GET", target, number=n) for n in (1, 2))
    ]
    assert bodies[0] != bodies[1]
    assert SequenceMatcher(None, *bodies, autojunk=False).quick_ratio() > 0.99
    assert all(b"@@" not in body for body in bodies)


@EACH
def test_dead_pages_are_dead_and_robots_allow_the_rest(site):
    t = truth(site, 2)
    for target in t.dead_urls:
        status, body = page(site, target, 2)
        assert status == 404 or 'id="messagetext"' in body.decode("gbk")
    assert page(site, "/robots.txt")[1].startswith(b"User-agent: *")


def test_the_age_gate_opens_with_the_cookie_only():
    with running("ptt") as sites:
        base = sites["ptt"]
        status, headers, _ = fetch(base, "/bbs/Gossiping/index.html")
        assert status == 302
        ask = headers["Location"].removeprefix(base)
        assert b'name="yes"' in fetch(base, ask)[2]
        form = urlencode({"from": "/bbs/Gossiping/index.html", "yes": "yes"})
        status, headers, _ = fetch(base, "/ask/over18", "POST", body=form)
        cookie = headers["Set-Cookie"].partition(";")[0]
        assert (status, cookie) == (302, "over18=1")
        assert fetch(base, "/bbs/Gossiping/index.html", headers={"Cookie": cookie})[0] == 200
        assert fetch(base, "/bbs/Stock/index.html")[0] == 200


def test_the_netease_api_refuses_what_the_real_one_refuses():
    thread = truth("netease", 1).threads[0].thread_id
    stem = f"/api/v1/products/{PRODUCT}/threads/{thread}/comments"
    assert json.loads(page("netease", f"{stem}/newList?limit=31&offset=0")[1])["code"] == "42212"
    assert (
        json.loads(page("netease", f"{stem}/hotList?limit=40&offset=0")[1])["comments"] is not None
    )
    past = json.loads(page("netease", f"{stem}/newList?limit=30&offset=9000")[1])
    assert past["commentIds"] == []


# --- the server -----------------------------------------------------------------------------


def test_unchanged_pages_answer_304_and_changed_ones_do_not():
    with running("ptt", "discuz") as sites:
        for name in ("ptt", "discuz"):
            one, two = truth(name, 1), truth(name, 2)
            grown = {c.thread_id for c in two.comments} & {c.thread_id for c in one.comments}
            count = [Counter(c.thread_id for c in t.comments) for t in (one, two)]
            changed = next(k for k in sorted(grown) if count[0][k] < count[1][k])
            url = next(a.url for a in one.articles if a.article_id == changed)
            sites.epoch = 1
            _, headers, _ = fetch(sites[name], url, headers={"Cookie": "over18=1"})
            asked = {"Cookie": "over18=1", "If-None-Match": headers["ETag"]}
            dated = {"Cookie": "over18=1", "If-Modified-Since": headers["Last-Modified"]}
            assert fetch(sites[name], url, headers=asked)[0] == 304
            assert fetch(sites[name], url, headers=dated)[0] == 304
            sites.epoch = 2
            if name == "ptt" or count[0][changed] < 10:
                assert fetch(sites[name], url, headers=asked)[0] == 200
                assert fetch(sites[name], url, headers=dated)[0] == 200


def test_the_epoch_turns_while_it_runs_and_the_log_tells_all():
    with running() as sites:
        for name in SITES:
            assert json.loads(fetch(sites[name], "/__replica__/epoch")[2]) == {"epoch": 1}
        fetch(sites["ptt"], "/__replica__/epoch?n=2", "POST")
        assert sites.epoch == 2
        assert json.loads(fetch(sites["netease"], "/__replica__/truth")[2])["epoch"] == 2
        fetch(sites["discuz"], "/robots.txt", headers={"User-Agent": "probe"})
        log = json.loads(fetch(sites["discuz"], "/__replica__/log")[2])
        assert [(r["path"], r["status"]) for r in log] == [("/robots.txt", 200)]
        assert log[0]["headers"]["user-agent"] == "probe"
        assert log == sites.log("discuz")


def test_a_ban_answers_with_retry_after_and_ends():
    options = Options(ban_after=3, ban_seconds=0.2)
    with running("ptt", options=options) as sites:
        answers = [fetch(sites["ptt"], "/robots.txt") for _ in range(5)]
        assert [a[0] for a in answers] == [200, 200, 200, 429, 429]
        assert answers[3][1]["Retry-After"] == "1"


def test_gzip_is_used_where_the_client_takes_it():
    with running("discuz", options=Options(gzip=True)) as sites:
        url = truth("discuz", 1).articles[0].url
        _, headers, body = fetch(sites["discuz"], url, headers={"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip"
        assert "芯片夜话论坛" in gzip.decompress(body).decode("gbk")
        _, headers, body = fetch(sites["discuz"], url)
        assert "Content-Encoding" not in headers
        assert "芯片夜话论坛" in body.decode("gbk")


def test_one_connection_carries_many_requests():
    with running("ptt") as sites:
        address = urlsplit(sites["ptt"])
        with socket.create_connection((address.hostname, address.port), 5) as wire:
            for _ in range(3):
                wire.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
                assert wire.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_the_command_announces_its_addresses(tmp_path):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "tests.replicas", "--epoch", "2", "--ready-file", str(ready)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said = json.loads(process.stdout.readline())
        assert said == json.loads(ready.read_text())
        assert said["epoch"] == 2
        for name in SITES:
            assert fetch(said[name], "/robots.txt")[0] == 200
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
