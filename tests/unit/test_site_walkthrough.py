"""The example of docs/adding-a-site.md does what the document says."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from archive.model import Capture, PageClass
from crawlers.page import View, read_page

TEXT = (Path(__file__).parents[2] / "docs" / "adding-a-site.md").read_text()
URL = "https://weekly.example/2026/01/15/4711.html"
NOW = datetime(2026, 1, 15, 4, tzinfo=UTC)


def block(language):
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[1]


@pytest.fixture
def weekly(monkeypatch):
    module = ModuleType("crawlers.sites.weekly")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block("python"), "weekly.py", "exec"), vars(module))  # noqa: S102 - our own text
    return module.Weekly


def test_the_example_reads_its_page(weekly):
    capture = Capture(URL, block("html").encode(), NOW, headers=(("Content-Type", "text/html"),))
    found = read_page(View(capture), weekly.pages, generic=False)
    (article,) = found.data.articles
    assert found.parser == "weekly.WeeklyArticle@1"
    assert found.data.problems == ()
    assert (article.article_id, article.title) == ("4711", "The ferry runs again")
    assert article.text == "The first boat left at six.\nNobody missed it."
    assert (article.authors, article.medium) == (("林小河",), "港口通訊")
    assert article.published.at == datetime(2026, 1, 15, 0, 30, tzinfo=UTC)
    (remark,) = found.data.comments
    assert (remark.comment_id, remark.author, remark.text) == ("c1", "ferryman", "At last.")


def test_the_example_lists_and_starts(weekly):
    body = b'<a href="/2026/01/15/4711.html?utm_source=x">one</a><a href="/about">no</a>'
    view = View(Capture("https://weekly.example/section/sea", body, NOW))
    (link,) = read_page(view, weekly.pages, generic=False).data.links
    assert (link.url, link.kind) == (URL, PageClass.ARTICLE)
    (seed,) = weekly.seeds(weekly, {"section": "sea"})
    assert seed.url == "https://weekly.example/section/sea"


def test_the_example_is_as_short_as_it_must_be():
    assert len(block("python").splitlines()) < 80
