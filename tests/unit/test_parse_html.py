import pytest
from lxml import html
from parsel import Selector

from crawlers.parse import LONGEST, parse_html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>一\0二</p>", "一二"),
        ('<?xml version="1.0" encoding="gbk"?><p>你好</p>', "你好"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><p>&a;b</p>', "&a;b"),
        ("<p>a\ud800b</p>", "a?b"),
        ("只有文字", "只有文字"),
        ("<div><p>没有关上<div>的标签", "没有关上的标签"),
        ('{"a": 1}', '{"a": 1}'),
    ],
)
def test_text_survives(text, expected):
    assert "".join(parse_html(text).itertext()) == expected


@pytest.mark.parametrize(
    "text", ["", "\0", "   ", "<!-- nur -->", "<", "<?php ?>", "<!DOCTYPE html>"]
)
def test_nothing_to_parse_gives_an_empty_page(text):
    root = parse_html(text)
    assert isinstance(root, html.HtmlElement)
    assert root.tag == "html"
    assert "".join(root.itertext()).strip() in {"", "<"}


def test_deep_nesting_ends_the_tree_without_an_error():
    root = parse_html("<p>前面</p>" + "<div>" * 100_000 + "深处")
    assert "前面" in "".join(root.itertext())
    assert sum(1 for _ in root.iter()) < 1000


def test_a_text_beyond_the_limit_is_cut():
    assert sum(1 for _ in parse_html("<p>x</p>" + " " * LONGEST + "<p>y</p>").iter("p")) == 1


def test_the_tree_serves_selectors():
    root = parse_html('<div class="a"><p>甲</p></div>')
    assert Selector(root=root).css("div.a p::text").get() == "甲"
    assert root.cssselect("p")[0].text_content() == "甲"
