"""Addresses by range, and what they lead to."""

import pytest

from archive.errors import UsageError
from archive.model import PageClass
from crawlers.given import given_links, link_to
from crawlers.options import CrawlOptions
from crawlers.ranges import expand
from crawlers.sites.discuz import Discuz
from crawlers.sites.ptt import Ptt


def test_numbers_zeros_days_and_several_ranges():
    assert list(expand("https://a/t-{8..10}.html"))[-1] == "https://a/t-10.html"
    assert list(expand("https://a/{008..010}")) == [
        "https://a/008",
        "https://a/009",
        "https://a/010",
    ]
    assert list(expand("https://a/{2025-02-27..2025-03-01:%Y%m/%d}"))[1:] == [
        "https://a/202502/28",
        "https://a/202503/01",
    ]
    assert list(expand("https://a/{1..2}/{2025-01-01..2025-01-02}/x")) == [
        "https://a/1/2025-01-01/x",
        "https://a/1/2025-01-02/x",
        "https://a/2/2025-01-01/x",
        "https://a/2/2025-01-02/x",
    ]


@pytest.mark.parametrize(
    "template",
    [
        "https://a/none",
        "https://a/{5..3}",
        "https://a/{a..b}",
        "https://a/{1..2:%Y}",
        "https://a/{2025-01-02..2025-01-01}",
        "https://a/{2025-13-01..2025-13-02}",
        "https://a/{0..9999999}",
        "https://a/{1..1000}/{1..1000}",
    ],
)
def test_what_is_no_range_is_a_usage_error(template):
    with pytest.raises(UsageError):
        list(expand(template))


def test_an_address_is_what_the_patterns_of_the_site_say():
    thread = link_to("https://bbs.example.org/thread-42-1-1.html", Discuz.pages)
    assert (thread.kind, thread.thread_id) == (PageClass.THREAD, "42")
    assert link_to("https://bbs.example.org/forum-2-1.html", Discuz.pages).kind is PageClass.LIST
    assert link_to("https://bbs.example.org/about.html", Discuz.pages) is None


def test_a_file_of_urls_is_checked_line_by_line(tmp_path):
    file = tmp_path / "urls.txt"
    file.write_text("# mine\n\nhttps://www.ptt.cc/bbs/Stock/M.1767225600.A.1A2.html\n", "utf-8")
    words = {"urls": str(file)}
    (link,) = given_links(CrawlOptions.parse("ptt", Ptt.options, words), Ptt.pages, Ptt.hosts)
    assert link.kind is PageClass.THREAD
    for line, said in (("ftp://a/b", "line 1"), ("https://elsewhere.example/x", "no page of this")):
        file.write_text(line, "utf-8")
        with pytest.raises(UsageError, match=said):
            Ptt(**words)


def test_a_site_keeps_its_own_option_of_the_same_name():
    from crawlers.sites.web import Web

    site = Web(sitemap="https://news.example.org/sitemap.xml")
    assert site.asked.given == {"sitemap": "https://news.example.org/sitemap.xml"}
    assert [link.kind for link in site.links] == [PageClass.FEED]
