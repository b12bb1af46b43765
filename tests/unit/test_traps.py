"""Traps are refused, and real addresses are not."""

from datetime import UTC, datetime

import pytest

from archive.model import Link, PageClass
from crawlers.traps import sift, trap

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BASE = "https://bbs.example.org"


@pytest.mark.parametrize(
    "path",
    [
        "/calendar/2041/05/",
        "/events?year=2090&month=3",
        "/archive/2099-01-02/thread-1-1-1.html",
        "/calendar/1901/05/",
        "/a/a/a/a/x.html",
        "/x/a/b/a/b/a/b/a/b/y.html",
        "/a/b/c/a/b/c/a/b/c/a/b/c/",
        "/" + "/".join(map(str, range(30))),
        "/(S(lit3py55t21z5v55vlm25s55))/list.aspx",
        "/list.php?id=3&PHPSESSID=0123456789abcdef",
        "/list.jsp;jsessionid=0A1B2C3D4E5F6071?id=2",
        "/search?" + "&".join(["tag=x"] * 9),
        "/q?" + "x" * 3000,
    ],
)
def test_traps(path):
    assert trap(BASE + path, NOW)


@pytest.mark.parametrize(
    "path",
    [
        "/2026/11/22/c_1130000000.htm",
        "/news/2027-01/01/preview.html",
        "/n1/2019/0907/c1004-31342288.html",
        "/article/202611220034.html",
        "/bbs/Stock/M.1768000000.A.0AB.html",
        "/story/7238/8912345",
        "/forum.php?mod=viewthread&tid=2099&extra=page%3D1",
        "/thread-209912-1-1.html",
        "/history/1931/09/18/mukden.html",
        "/tag/a/a/list.html",
        "/en/en/index.html",
        "/search?tag[]=1&tag[]=2&tag[]=3&tag[]=4&tag[]=5&tag[]=6&tag[]=7",
        "/p/%E9%B1%BC%E5%B8%82" * 3,
        "/calendar/2026/12/",
        "/x?sid=12",
    ],
)
def test_no_traps(path):
    assert trap(BASE + path, NOW) == ""


def test_sifting_keeps_the_order_and_the_reasons():
    links = [Link(BASE + p, PageClass.THREAD) for p in ("/1", "/a/a/a/a/a/", "/2")]
    kept, refused = sift(links, NOW)
    assert [k.url[-2:] for k in kept] == ["/1", "/2"]
    assert [why for _, why in refused] == ["path repeats 'a'"]


def test_an_address_that_is_none_is_refused():
    assert trap("http://[half/", NOW) == "no address"
