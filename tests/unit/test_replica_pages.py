"""Each replica's pages carry what its truth says, in the shape of the real engine."""

import http.client
import json
import re
from datetime import datetime
from difflib import SequenceMatcher
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from parsel import Selector

from tests.replicas.netease import PRODUCT
from tests.replicas.replica import Request
from tests.replicas.server import KINDS
from tests.replicas.truth import SITES, comment_key, lines, truth

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


_NOISE = 'ancestor::*[@class="jammer" or @style or @class="quote" or @class="pstatus"]'


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
            assert comment.parent_id is None
            continue
        body = post.css("td.t_f")
        quoted = body.css(".quote a::attr(href)").re_first(r"[?&]pid=(\d+)")
        assert quoted == comment.parent_id
        own = body.xpath(f".//text()[not({_NOISE})]").getall()
        assert lines(own) == comment.text


def test_what_a_reader_must_know_of_each_engine_occurs():
    def everything(site, encoding="utf-8"):
        t = truth(site, 1)
        urls = [a.url for a in t.articles] + list(t.list_urls)
        return "".join(page(site, url)[1].decode(encoding) for url in urls)

    ptt = everything("ptt")
    for mark in ("r-list-sep", "(本文已被刪除)", "※ 編輯", "※ 引述", "__cf_email__", ">爆<"):
        assert mark in ptt, mark
    assert re.search(">X[1-9]<", ptt)
    assert re.search("[\ue000-\uf8ff]", ptt)
    assert "╭" in ptt
    netease = everything("netease")
    for mark in ("nimg.ws.126.net/?url=", "![]()", "责任编辑：", "post_statement", "Notice:"):
        assert mark in netease, mark
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


def test_the_netease_api_refuses_what_the_real_one_refuses():
    thread = truth("netease", 1).threads[0].thread_id
    stem = f"/api/v1/products/{PRODUCT}/threads/{thread}/comments"
    assert json.loads(page("netease", f"{stem}/newList?limit=31&offset=0")[1])["code"] == "42212"
    assert (
        json.loads(page("netease", f"{stem}/hotList?limit=40&offset=0")[1])["comments"] is not None
    )
    past = json.loads(page("netease", f"{stem}/newList?limit=30&offset=9000")[1])
    assert past["commentIds"] == []
