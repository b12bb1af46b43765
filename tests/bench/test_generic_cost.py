"""What reading an unknown page costs, in parses of the same page, in one interleaved run."""

import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from parsel import Selector

from archive.model import Capture
from crawlers.generic.page import read_generic

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[1] / "sites" / "generic"
NOW = datetime(2024, 7, 1, tzinfo=UTC)
PARSES = 6.0  # the most that a page may cost, in the median
NAV = "".join(f'<li class="nav-item"><a href="/c/{i}">频道{i}</a></li>' for i in range(120))
SIDE = "".join(
    f'<li><a href="/n/{i}.html">第{i}条别的新闻的标题写在这里</a></li>' for i in range(120)
)
SCRIPT = "<script>" + "var a = {x: 1};\n" * 1500 + "</script>"


def pages():
    """Our fixtures, dressed in what real pages are made of besides their text."""
    for path in sorted(ROOT.glob("*/page.html")):
        text = path.read_text("utf-8")
        if "<body" in text:
            head, _, rest = text.partition("<body")
            yield f"{head}<body{rest}<div class='side'><ul>{NAV}</ul><ul>{SIDE}</ul></div>{SCRIPT}"


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(text):
    """Interleaved, best of five each, so that a busy machine slows both alike."""
    capture = Capture("https://bench.example/a", b"", NOW)
    runs = [
        (seconds(lambda: Selector(text).root), seconds(lambda: read_generic(capture, text)))
        for _ in range(5)
    ]
    return min(ours for _, ours in runs) / min(parse for parse, _ in runs)


def test_costs_at_most_six_parses(capsys):
    ratios = [ratio(text) for text in pages()]
    with capsys.disabled():
        sys.stdout.write(
            f"\ngeneric reader: median {statistics.median(ratios):.1f} parses,"
            f" worst {max(ratios):.1f}\n"
        )
    assert statistics.median(ratios) <= PARSES


@pytest.mark.shared
def test_costs_at_most_six_parses_on_real_pages(shared, capsys):
    texts = []
    for folder in ("pages", "pages_foreign"):
        for path in sorted((shared / folder).rglob("*.html*"))[::4]:
            body = path.read_bytes()
            if path.suffix == ".gz":
                import gzip

                body = gzip.decompress(body)
            texts.append(body.decode("utf-8", "replace"))
    ratios = [ratio(text) for text in texts]
    with capsys.disabled():
        sys.stdout.write(
            f"\ngeneric reader, real pages: median {statistics.median(ratios):.1f} parses"
        )
    assert statistics.median(ratios) <= PARSES
