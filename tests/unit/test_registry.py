"""Sites are found, and a page finds its site by host or by what stands on it."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture
from crawlers.page import UNKNOWN_TIME, View
from crawlers.registry import site_for, sites

PTT = '<a>批踢踢實業坊</a><div id="main-content" class="bbs-screen">x</div>'
DISCUZ = '<em id="authorposton1">发表于</em><td id="postmessage_1">x</td>'


def found(url, body=""):
    site = site_for(View(Capture(url, body.encode(), UNKNOWN_TIME)))
    return site.name if site else None


def test_every_module_below_sites_is_found_once_under_its_name():
    assert {"ptt", "netease", "discuz"} <= sites().keys()
    assert all(site.name == name for name, site in sites().items())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.ptt.cc/bbs/Stock/index.html", "ptt"),
        ("https://tech.163.com/26/0110/09/KTEST0AB0511WXYZ.html", "netease"),
        ("https://comment.api.163.com/api/v1/x", "netease"),
        ("https://finance.sina.com.cn/x", "sina"),
        ("https://hk.news.yahoo.com/x-123456789.html", "yahoo"),
        ("https://mp.weixin.qq.com/s/abc", "weixin"),
        ("https://new.qq.com/rain/a/20260103A0ABCD00", "qq"),
        ("https://not163.com/x", None),
        ("https://unknown.example/thread-1-1-1.html", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_by_host(url, name):
    assert found(url, "x") == name


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8000/bbs/x", "https://mirror.example/a"])
def test_by_what_stands_on_the_page(url):
    assert found(url, PTT) == "ptt"
    assert found(url, DISCUZ) == "discuz"


def test_engines_name_their_boards():
    discuz = sites()["discuz"]
    assert (
        discuz.source("https://bbs.hardware.example/thread-1-1-1.html")
        == "discuz:bbs.hardware.example"
    )
    assert sites()["ptt"].source("https://www.ptt.cc/bbs/x") == "ptt"


def test_seeds_follow_the_options():
    ptt, discuz = sites()["ptt"], sites()["discuz"]
    urls = [link.url for link in ptt.seeds(ptt, {"board": "Stock,Food", "index": "7..8"})]
    assert urls == [
        f"https://www.ptt.cc/bbs/{board}/index{number}.html"
        for board in ("Stock", "Food")
        for number in (7, 8)
    ]
    thread = "https://b.example/forum.php?mod=viewthread&tid=5"
    links = list(discuz.seeds(discuz, {"url": f"{thread},https://b.example/forum-2-1.html"}))
    assert [(str(link.kind), link.thread_id) for link in links] == [("thread", "5"), ("list", None)]


def test_now_is_not_asked():
    seen = View(Capture("", PTT.encode(), datetime(2026, 1, 1, tzinfo=UTC)))
    assert site_for(seen) is sites()["ptt"]
