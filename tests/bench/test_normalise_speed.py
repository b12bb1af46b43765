"""Normalising against reading: how much the pipelines add to a page, measured in one run."""

import sys
import time
from datetime import UTC, datetime
from statistics import median

import pytest
from parsel import Selector

from archive.model import Article, Capture, Comment, PageClass, PageData
from pipelines.normalise import Context, normalise

WORDS = "發布會上介紹了昇騰處理器的新架構,並說明了後續的計劃。"
PARAGRAPHS = "".join(f"<p>{WORDS}{i}</p>" for i in range(40))
REMARKS = "".join(f'<div class="c" id="{i}"><b>u{i}</b><p>{WORDS}</p></div>' for i in range(50))
HTML = f"<html><body><h1>標題</h1><article>{PARAGRAPHS}</article>{REMARKS}</body></html>"
FIELDS = ("h1", "article p", ".c", ".c b", ".c p", ".c time", "a", "img", "meta", "title", "h2")


def _read() -> None:
    page = Selector(HTML)
    for field in FIELDS:
        page.css(field).xpath("string()").getall()


@pytest.mark.bench
def test_normalising_a_page_costs_at_most_four_times_as_much_as_reading_it():
    capture = Capture("https://a.example/", b"", datetime(2026, 5, 1, tzinfo=UTC), fetch_id="R")
    context = Context("bench", "R", bytes(32), parser="P@1")
    comments = tuple(Comment("t", str(i), f"{WORDS}{i}", author=f"u{i}") for i in range(50))
    page = PageData(
        PageClass.THREAD, articles=(Article("a", "標題", WORDS * 40),), comments=comments
    )
    ratios = []
    for _ in range(40):
        start = time.process_time()
        _read()
        between = time.process_time()
        normalise(page, capture, context)
        ratios.append((time.process_time() - between) / (between - start))
    sys.stdout.write(f"\nnormalise / parse and 11 selectors: {median(ratios[5:]):.2f}\n")
    assert median(ratios[5:]) < 4
