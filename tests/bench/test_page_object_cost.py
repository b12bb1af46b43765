"""What a page object costs beside a bare parse of the same page, as parsel does it.

Both are measured in turns in one process, and the fastest of several turns counts: ratios of
one run are comparable where seconds are not. Our fixtures are smaller than real pages, so they are
grown here to usual lengths: on a page of 2 KB fixed costs are all there is.
"""

import gzip
import json
import sys
import time
from pathlib import Path
from statistics import median

import pytest
from parsel import Selector

from archive.model import Capture
from crawlers.page import UNKNOWN_TIME, View, read_page
from crawlers.registry import site_for

ROOT = Path(__file__).parents[1] / "sites"
TURNS = 9
BOUND = 4.0
PARAGRAPH = "<p>港口的風從早上吹到晚上，渡輪公司說明天照常開船，請旅客提前一小時到碼頭。</p>"
PUSH = (
    '<div class="push"><span class="hl push-tag">推 </span><span class="f3 hl push-userid">u{0}'
    '</span><span class="f3 push-content">: 這班船我昨天坐過，浪很大但是準時，推一下{0}</span>'
    '<span class="push-ipdatetime"> 04/0{1} 1{1}:0{1}\n</span></div>'
)


FURNITURE = '<div class="nav"><ul>{}</ul></div><script>var seen = [{}];</script>'.format(
    "".join(f'<li class="item"><a href="/c/{i}">頻道 {i}</a></li>' for i in range(250)),
    ",".join(map(str, range(4000))),
)
SHARED = Path(__file__).parents[3] / "shared" / "pages"


def fixture(case: str, mark: str, more: str) -> Capture:
    """A fixture with more of the same in it, and with the furniture that real pages have."""
    folder = ROOT / case
    meta = json.loads((folder / "meta.json").read_text())
    body = (folder / "input.html").read_bytes()
    text = View(Capture("", body, UNKNOWN_TIME)).text
    assert mark in text
    text = text.replace(mark, more + mark, 1).replace("<body>", f"<body>{FURNITURE}", 1)
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Capture(meta.get("url") or "", text.encode(), UNKNOWN_TIME, headers=headers)


def ratio(capture: Capture) -> float | None:
    """Fastest read over fastest parse; None for a page that gives no content."""
    view = View(capture)
    site = site_for(view)
    if site is None:
        return None
    data = read_page(view, site.pages, generic=False).data
    if not (data.articles or data.comments):
        return None
    bare, read = [], []
    for _ in range(TURNS):
        start = time.process_time()
        Selector(view.text)
        between = time.process_time()
        read_page(View(capture), site.pages, generic=False)
        bare.append(between - start)
        read.append(time.process_time() - between)
    return min(read) / min(bare)


# A record with a time, an id and a dozen fields is made in Python; its markup is parsed in C. So a
# page that is hardly more than short remarks stays above the bound that holds for most pages.
GROWN = {
    "a thread of 200 pushes": (
        14.0,
        "ptt/thread-plain",
        '</div>\n<div id="article-polling',
        "".join(PUSH.format(i, i % 9 + 1) for i in range(200)),
    ),
    "a post of 20,000 line breaks": (
        6.0,
        "discuz/thread-first-page",
        '</td></tr></table></div><div id="comment_70001"',
        "一行字<br />\n" * 20_000,
    ),
    "an article of 100 paragraphs": (
        9.0,
        "people/article",
        '<div class="edit clearfix">',
        PARAGRAPH * 100,
    ),
}


@pytest.mark.bench
@pytest.mark.parametrize("name", GROWN)
def test_a_long_page_does_not_cost_more_than_it_did(name):
    bound, case, mark, more = GROWN[name]
    shown = ratio(fixture(case, mark, more))
    sys.stdout.write(f"\npage object / parse, {name}: {shown:.2f}\n")
    assert shown is not None
    assert shown < bound


@pytest.mark.bench
@pytest.mark.skipif(not SHARED.exists(), reason="the saved pages are not here")
def test_on_saved_pages_the_median_is_at_most_four_parses():
    ratios = []
    for line in (SHARED / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        body = (SHARED / row["file"]).read_bytes()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        headers = (("Content-Type", "text/html"),)
        capture = Capture(row["url"] or "", body, UNKNOWN_TIME, headers=headers)
        if View(capture).facts() and not View(capture).is_data and (shown := ratio(capture)):
            ratios.append((shown, row["id"]))
    worst = ", ".join(f"{name} {shown:.1f}" for shown, name in sorted(ratios)[-4:])
    middle = median(shown for shown, _ in ratios)
    sys.stdout.write(f"\npage object / parse: median {middle:.2f}; worst {worst}\n")
    assert middle < BOUND
