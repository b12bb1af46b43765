"""What a view is: a capture decoded, parsed at most once, with what the page says of itself."""

from datetime import UTC, datetime

import pytest

from archive.errors import ExtractError
from archive.model import Capture
from crawlers.page import View

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def view(body, *, url="https://x.example/a/1", kind="text/html; charset=utf-8"):
    return View(Capture(url, body.encode(), NOW, headers=(("Content-Type", kind),)))


def html(body, head=""):
    return f"<html><head><title>t</title>{head}</head><body>{body}</body></html>"


def test_a_view_parses_its_tree_once():
    seen = view(html("<p>x</p>"))
    assert seen.selector is seen.selector
    assert seen.finder is seen.finder


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        'getData(\n{"a": 1});',
        'var data={"a": 1};rest',
        '/* c */ cb({"a": 1})',
        '\ufeff{"a":1}',
    ],
)
def test_json_is_read_with_or_without_a_wrapper(text):
    assert view(text, kind="application/json").json == {"a": 1}


def test_what_is_no_json_says_what_it_is():
    with pytest.raises(ExtractError, match="not JSON"):
        _ = view("getData({", kind="application/json").json


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a":1}', True),
        ("getData([1])", True),
        ("<?xml version='1.0'?><rss></rss>", True),
        ("<!DOCTYPE html><html></html>", False),
        ("前言 = 無", False),
    ],
)
def test_data_is_told_from_pages(text, data):
    assert view(text).is_data is data


def test_links_start_from_the_base_that_a_page_names():
    assert view(html("", '<base href="/b/">')).join("c") == "https://x.example/b/c"
    assert view(html("")).join("c") == "https://x.example/a/c"
    assert view(html("")).join("http://[broken") == ""


def test_a_saved_page_tells_its_address():
    head = '<link rel="canonical" href="https://x.example/a/7">'
    assert view(html("", head), url="").address == "https://x.example/a/7"
    assert view(html(""), url="").address == ""


def test_linked_data_is_mended():
    head = (
        '<script type="application/ld+json">{"@graph": [{"name": "a",} // note\n]}</script>'
        '<script type="application/ld+json">{"text": "two\nlines"}</script>'
        '<script type="application/ld+json">{broken</script>'
    )
    found = view(html("", head)).embedded.linked_data
    assert [item.get("name") or item.get("text") for item in found] == [None, "a", "two\nlines"]


def test_state_of_scripts_is_found():
    body = '<script>var allData = {"a": {"b": "c"}};\nvar x = 1;</script>'
    assert view(html(body)).embedded.state == {"a": {"b": "c"}}
    named = '<script id="__NEXT_DATA__" type="application/json">{"props": 1}</script>'
    assert view(html(named)).embedded.state == {"props": 1}
    assert view(html("")).embedded.state is None
