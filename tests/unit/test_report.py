"""The report: figures with their denominators, on a page that loads nothing."""

import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from archive_rows import START, article, comment, exchange, fetch, visit
from click.testing import CliRunner

from archive.commit import commit
from archive.log import Log
from archive.report import gather_report
from archive.root import Root
from archive.warc_write import WarcWriter
from crawlers import chains
from crawlers.commands import report as report_command
from crawlers.report import calendar, shares

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange())
    rows = [comment(n, minutes=90) for n in range(1, 4)]
    rows += [comment(2, version=2, text="改", minutes=99), comment(4, published_at=None)]
    pieces = [article(1), article(2, thread="t2", url="javascript:alert(1)", source=EVIL)]
    fetches = [fetch(pointer), fetch(pointer, thread="t2", status=503, page_class="blocked")]
    visits = [visit(declared=3), visit(thread="t2", declared=9, stop="budget")]
    made = {"comments": rows, "articles": pieces, "fetches": fetches, "visits": visits}
    commit(Log(root), "b1", made)
    return root


def test_figures_are_those_of_the_rows(root):
    found = gather_report(root)
    totals = next(row for row in found["totals"] if row["source"] == "demo")
    assert (totals["articles"], totals["comments"], totals["edited"]) == (1, 4, 1)
    threads = next(row for row in found["threads"] if row["source"] == "demo")
    assert (threads["threads"], threads["complete"], threads["short"]) == (2, 1, 1)
    assert (threads["declared"], threads["known"]) == (12, 4)
    assert found["errors"] == [{"source": "demo", "name": "HTTP 503", "number": 1}]
    assert {row["name"]: row["number"] for row in found["classes"]} == {"thread": 1, "blocked": 1}
    fill = next(r for r in found["fill"] if (r["table"], r["source"]) == ("comments", "demo"))
    assert fill["rows"] == 4
    assert fill["filled"]["published_at"] == 3
    latency = next(row for row in found["latency"] if row["source"] == "demo")
    assert latency["pieces"] == 4
    assert latency["median"] == pytest.approx((0 + 87 / 60 + 88 / 60 + 89 / 60) / 4, abs=0.8)
    days = {row["day"]: row["pieces"] for row in found["published"] if row["source"] == "demo"}
    assert days == {date(2024, 2, 1): 4}  # 23:50 UTC and later is the next day at +08:00


def test_since_leaves_out_what_was_observed_before(root):
    found = gather_report(root, START + timedelta(minutes=60))
    assert [(row["source"], row["comments"]) for row in found["totals"]] == [("demo", 3)]
    assert found["classes"] == []


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.tags = [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.found += [(tag, name, value) for name, value in attrs if name in ("src", "href")]


def _call(root, *words):
    words = [*map(str, words), "--archive", str(root.path)]
    return CliRunner().invoke(report_command.command, words, standalone_mode=False)


def test_page_loads_nothing_escapes_everything_and_links_only_to_permalinks(root, tmp_path):
    out = tmp_path / "r.html"
    done = _call(root, out)
    assert done.exception is None, done.exception
    text = out.read_text("utf-8")
    links = _Links()
    links.feed(text)
    assert links.found == []  # the only incomplete thread has a javascript: permalink
    assert not links.tags & {"script", "img", "link", "iframe", "object"}
    assert EVIL not in text
    assert "&lt;script&gt;" in text
    assert "javascript:" not in text
    assert not re.search(r"url\(|@import", text)
    assert "default-src 'none'" in text


def test_permalink_of_an_incomplete_thread_is_the_only_link(root, tmp_path):
    more = {"articles": [article(3, thread="t3")], "visits": [visit(thread="t3", stop="error")]}
    commit(Log(root), "b2", more)
    _call(root, tmp_path / "r.html")
    links = _Links()
    links.feed((tmp_path / "r.html").read_text("utf-8"))
    assert links.found == [("a", "href", "https://forum.example/t3")]


def test_json_has_the_same_figures(root, tmp_path):
    _call(root, tmp_path / "r.json", "--json")
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert found.keys() - {"reprints"} == gather_report(root).keys()
    assert found["about"]["committed_at"].endswith("Z")


def test_reprints_are_counted_against_the_articles_that_were_compared(root, tmp_path, monkeypatch):
    text = "窯廠的煙囪在清晨冒煙，老師傅先看天色再添柴，徒弟把昨夜的坯子一排排搬進來。" * 3
    same = [article(n, thread=f"r{n}", text=text, search_key=text) for n in (7, 8, 9)]
    commit(Log(root), "b3", {"articles": same})
    _call(root, tmp_path / "r.json", "--json")
    made = json.loads((tmp_path / "r.json").read_text("utf-8"))["reprints"]
    assert made["sources"] == [{"source": "demo", "articles": 3, "first": 1}]
    assert made["compared"] == made["of"] >= 3
    assert [(row["places"], row["evidence"]) for row in made["longest"]] == [(3, "demo/a7")]
    _call(root, tmp_path / "r.html")
    assert "share a text with another" in (tmp_path / "r.html").read_text("utf-8")
    monkeypatch.setattr(chains, "_REPORTED", 1)
    _call(root, tmp_path / "r.html")
    assert "Not compared" in (tmp_path / "r.html").read_text("utf-8")


def test_empty_archive_has_a_page(tmp_path):
    root = Root.open(tmp_path / "none", create=True)
    assert _call(root, tmp_path / "r.html").exception is None
    assert "None." in (tmp_path / "r.html").read_text("utf-8")


def test_calendar_fills_gaps_and_tells_what_lies_before():
    day = date(2026, 1, 1)
    rows = [
        {"source": "a", "day": day - timedelta(days=400), "pieces": 7},
        {"source": "a", "day": day - timedelta(days=2), "pieces": 1},
        {"source": "a", "day": day, "pieces": 100},
    ]
    made = calendar(rows)
    assert len(made["days"]) == 92
    assert made["sources"][0]["cells"][-3:] == [(1, 1), (0, 0), (100, 4)]
    assert made["sources"][0]["before"] == 7
    assert calendar([]) == {"days": [], "sources": []}


def test_parts_of_a_bar_fill_it():
    rows = [{"source": "a", "name": name, "number": n} for name, n in (("x", 3), ("y", 1))]
    parts = shares(rows)["sources"][0]["parts"]
    assert [(p["start"], p["width"]) for p in parts] == [(0.0, 75.0), (75.0, 25.0)]
