"""The generic reader answers for any input, in time that grows with the input, not faster."""

import gzip
import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Capture, PageClass, PageData
from crawlers.generic.article import extract_article
from crawlers.generic.feed import read_feed
from crawlers.generic.page import read_generic
from crawlers.generic.payload import mine_json
from crawlers.generic.threads import mine_thread
from crawlers.parse import parse_html

ROOT = Path(__file__).parents[1] / "sites"
PAGES = sorted(ROOT.glob("*/*/input.html")) + sorted(ROOT.glob("generic/*/page.*"))
NOW = datetime(2024, 7, 1, tzinfo=UTC)
LINE = "<p>第一段写得很长，足够让它看起来像一段正文，而不是导航。</p>"
STAMP = (
    '<div class="comment"><a class="user">甲</a>'
    '<span class="time">2024-5-1 10:0{}</span><p>说得好。</p></div>'
)
BOMBS = {
    "empty": "",
    "white": " \n\t\0\ufeff",
    "nested tags, 10 MB": "<div>" * 2_000_000 + "x",
    "nested inline tags": "<b>" * 500_000 + "x",
    "nested lists": "<ul><li>2024-5-1 10:00" * 50_000,
    "closing tags": "</div>" * 300_000,
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&b;</p>',
    "xml entity bomb": '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title><link>http://a.example/</link></item></channel></rss>',
    "nulls": "\0" * 100_000 + LINE,
    "surrogates": "<p>\ud800\udfff" + "\ud83d" * 1000,
    "one line, 5 MB": "长" * 5_000_000,
    "one word, 5 MB": "a" * 5_000_000,
    "paragraphs": LINE * 30_000,
    "breaks": "<div>" + "短行<br>" * 200_000,
    "stamps": "".join(STAMP.format(i % 10) for i in range(20_000)),
    "stamps in one line": "2024-5-1 10:00 " * 50_000,
    "headings": "<h3>相关阅读</h3>" * 50_000,
    "brackets": "[" * 500_000,
    "braces": '{"a":' * 200_000,
    "ld+json brackets": '<script type="application/ld+json">' + "[" * 200_000 + "</script>",
    "state braces": "<script>var a = " + '{"a":' * 100_000 + "</script>",
    "open comment": "<!--" * 200_000,
    "open tags": "<" * 500_000,
    "attributes": "<p " + "a=1 " * 200_000 + ">x</p>",
    "one long class": '<div class="' + "comment " * 200_000 + f'">{LINE}</div>',
    "hidden": '<p style="display:none">x' * 20_000,
    "time attributes": '<time datetime="2024-05-01T10:00:00Z"></time>' * 50_000,
    "feed of nothing": "<rss><channel>" + "<item/>" * 100_000 + "</channel></rss>",
    "feed cut off": '<?xml version="1.0"?><rss><channel><item><title>a</title><link>http://',
    "json list": json.dumps(
        [{"text": "a", "user": "b", "time": 1714988107, "id": i} for i in range(20_000)]
    ),
    "jsonp cut off": 'cb({"comments": {"1": {"content": "a"',
}


def read(text, url="https://any.example/a", kind="text/html"):
    data = read_generic(Capture(url, b"", NOW, headers=(("Content-Type", kind),)), text)
    assert isinstance(data, PageData)
    assert data.page_class in PageClass
    assert not [problem for problem in data.problems if "generic reader" in problem.reason], (
        data.problems
    )
    return data


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_bombs_are_answered_in_time(text):
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 8


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parts[-3]}/{path.parts[-2]}")
def test_pages_cut_and_mixed_are_answered(path):
    text = path.read_bytes().decode("utf-8", "replace")
    chance = random.Random(7)  # noqa: S311 - repeatable noise, no secret
    for _ in range(12):
        start, end = sorted(chance.sample(range(len(text) + 1), 2))
        read(text[:start] + text[end:])
        read(text[start:end] + text[:start])
        read("".join(char for char in text if chance.random() > 0.02))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=4000))
def test_random_bytes(body):
    read(body.decode("latin-1"))
    read(gzip.compress(body).decode("utf-8", "replace"))


TAGS = st.sampled_from(
    [
        *("<div>", "</div>", "<p>", "</p>", "<li class=comment>", "</li>", "<a href=x>", "</a>"),
        *("<table><tr><td>", "<br>", "<time>", "<article>", "<h1>", "<blockquote>"),
    ]
)
WORDS = st.sampled_from(
    ["2024-5-1 10:00", "3小时前", "作者：", "半夏", "说得好。", "回复", "相关阅读", "\0", "&lt;"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(TAGS, WORDS), max_size=120))
def test_random_markup(parts):
    read("".join(parts))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.sampled_from(
                ["content", "text", "user", "name", "id", "time", "title", "url", "list", "x"]
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=40,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_random_json(value):
    mine_json(value, "", NOW)
    read(json.dumps(value), kind="application/json")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_parts_by_themselves_never_raise(text):
    root = parse_html(text)
    extract_article(None, text, "http://[", NOW)
    extract_article(root, text, "", NOW)
    mine_thread(root, "", NOW)
    read_feed(text, NOW)


@pytest.mark.parametrize(
    "piece",
    [
        LINE,
        STAMP.format(1),
        "短行<br>",
        "<ul><li><a href=/a>一条链接新闻标题</a>",
        "<h3>相关阅读</h3>",
    ],
)
def test_time_is_linear(piece):
    def spent(number):
        start = time.process_time()
        read(piece * number)
        return time.process_time() - start

    spent(100)
    small = min(spent(1000) for _ in range(3))
    assert min(spent(4000) for _ in range(2)) < 4 * small * 2.5 + 0.2
