"""Sitemaps and feeds that break off, never end, or are none."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture, PageClass
from crawlers.classify import classify
from crawlers.discovery import Feed
from crawlers.view import View

NOW = datetime(2026, 1, 20, tzinfo=UTC)
HEAD = '<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
ROWS = "".join(f"<url><loc>https://a.example/{n}.html</loc></url>" for n in range(9))
INDEX = "<sitemapindex><sitemap><loc>https://a.example/s403.xml</loc></sitemap></sitemapindex>"


def read(text, **meta):
    return Feed(View(Capture("https://a.example/s.xml", text.encode(), NOW), meta)).data()


@pytest.mark.parametrize("cut", [len(HEAD), len(HEAD) + 60, len(HEAD) + 150])
def test_a_sitemap_that_breaks_off_says_so_and_gives_what_it_has(cut):
    data = read(f"{HEAD}{ROWS}</urlset>"[:cut])
    assert [problem.reason for problem in data.problems] == ["the feed breaks off before its end"]
    assert len(data.links) <= 3


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}{ROWS}</urlset>",
        f"{HEAD}</urlset >\n\n",
        '<urlset xmlns="x"/>',
        "<rss version='2.0'><channel></channel></rss><!-- 3 queries -->",
        f"<s:urlset xmlns:s='x'>{ROWS}</s:urlset>",
    ],
)
def test_a_whole_one_says_nothing(text):
    assert read(text).problems == ()


def test_an_index_that_leads_to_indexes_for_ever_is_left():
    (link,) = read(INDEX).links
    assert (link.kind, link.meta) == (PageClass.FEED, {"depth": 1})
    data = read(INDEX, depth=5)
    assert data.links == ()
    assert "nested" in data.problems[0].reason


def test_numbers_in_addresses_are_no_refusal():
    view = View(Capture("https://a.example/s.xml", INDEX.encode(), NOW, 200))
    assert classify(view).page_class is None
