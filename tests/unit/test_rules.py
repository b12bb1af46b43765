"""Rules as text: every kind, cutting, paths, counts; and the index behind CSS rules."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture
from crawlers.finding import Finder
from crawlers.flow import html
from crawlers.leaving_out import leaves_out
from crawlers.rules import cut, declared, dig, number, read_rule
from crawlers.view import View

PAGE = """<html><head><title>標題 - 站</title><meta property="og:title" content=" 標題 ">
<meta name="og:time " content="2026-01-01"><meta itemprop="dateUpdate" content="2026-01-02">
<script type="application/ld+json">{"author": [{"name": "甲"}, {"name": "乙"}]}</script>
<script>window.DATA = {"media": "某報", "docId": "ABC123"};</script></head>
<body><h1></h1><h1>  標
題 </h1><div class="info box"><a href="/x" title="t">來源: 某報 北京</a><i>2026</i><i>01</i></div>
<ul id="list"><li class="row a">一</li><li class="row b">二<span class="row">三</span></li></ul>
<p id="post_1" style="color: red">甲</p><p id="post_22" data-x="1">乙</p></body></html>"""


@pytest.fixture
def view():
    return View(Capture("https://x.example/n/2026/123.html", PAGE.encode(), datetime.now(UTC)))


@pytest.mark.parametrize(
    ("rule", "value", "origin"),
    [
        ("css:h1", "標 題", "css:h1"),
        ("css:.info a@href", "/x", "css:.info a@href"),
        (r"css:.info a => 來源:\s*(\S+)", "某報", "css:.info a"),
        ("css:.none", "", "css:.none"),
        ("words:.info", "來源: 某報 北京 2026 01", "words:.info"),
        ("xpath://ul/li[1]/text()", "一", "xpath://ul/li[1]/text()"),
        ("meta:og:title", "標題", "meta:og:title"),
        ("meta:og:time", "2026-01-01", "meta:og:time"),
        ("meta:dateUpdate", "2026-01-02", "meta:dateUpdate"),
        ("ld:author.name", "甲", "json-ld"),
        ("ld:author", "甲, 乙", "json-ld"),
        ("state:media", "某報", "state:media"),
        (r're:"docId":\s*"(\w+)"', "ABC123", r're:"docId":\s*"(\w+)"'),
        (r"url:/(?P<year>\d{4})/(?P<id>\d+)", "123", "url"),
        (r"url:/(\d{4})/\d+", "2026", "url"),
    ],
)
def test_each_kind_of_rule(view, rule, value, origin):
    assert read_rule(rule, view) == (value, origin)


def test_an_unknown_kind_is_an_error_of_the_declaration(view):
    with pytest.raises(KeyError):
        read_rule("sss:h1", view)


def test_a_declaration_is_split_at_its_marks():
    found = declared("title: css:h1 | meta:og:title;\n  medium: re:a;b => (x|y); last: css:p;")
    assert found == {
        "title": ("css:h1", "meta:og:title"),
        "medium": ("re:a;b => (x|y)",),
        "last": ("css:p",),
    }
    assert declared("") == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("list.1.c", 3),
        ("list.-1.c", 3),
        ("list.c", 2),
        ("list.9.c", None),
        ("a.b.c", None),
        ("none", None),
    ],
)
def test_paths_into_json(path, value):
    assert dig({"a": {"b": 1}, "list": [{"c": 2}, {"c": 3}]}, path) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("回复: 17", 17),
        ("1,024 条", 1024),
        ("3.2万", 32000),
        ("1.5k", 1500),
        ("2億", 200_000_000),
        ("赞", None),
        ("", None),
    ],
)
def test_counts(raw, value):
    assert number(raw) == value


def test_a_cut_takes_the_named_group_first():
    assert cut(r"(\d+)-(?P<id>\d+)", "1-2") == "2"
    assert cut(r"(a)|(b)", "b") == "b"
    assert cut(r"\d+", "x") == ""


@pytest.mark.parametrize(
    "css",
    [
        "#list",
        ".row",
        "li.row",
        ".row.b",
        "#list .row",
        "#list li span",
        ".info a",
        "p#post_1",
        "[id^=post_]",
        ".none",
        "#none .row",
        "h1",
        "li > span",
        "[data-x]",
        "#list li:first-of-type",
    ],
)
def test_the_index_finds_what_css_finds(css):
    page = html(PAGE)
    assert [n.root for n in Finder(page).css(css)] == [n.root for n in page.css(css)]


def test_a_list_of_selectors_is_answered_one_by_one():
    found = Finder(html(PAGE)).css(".none, #post_22, #post_1")
    assert [node.attrib["id"] for node in found] == ["post_22", "post_1"]


@pytest.mark.parametrize(
    "css",
    [
        "li",
        ".row",
        "li.b",
        "#post_1",
        "[data-x]",
        '[style*="red"]',
        "[id^=post_]",
        "[id$='22']",
        "[class~=b]",
        "[class=row]",
        "ul span",
        "ul > li, p",
        "li.row.a, #post_1, .none",
    ],
)
def test_what_is_left_out_is_what_css_names(css):
    page = html(PAGE)
    test = leaves_out(page.root, css)
    wanted = {node.root for node in page.css(css)}
    assert {element for element in page.root.iter() if test(element)} == wanted
