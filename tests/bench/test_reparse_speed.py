"""Reparse beside the least that could be done: FastWARC, parsel, 11 selectors and a Parquet file.

The bare script gives no times, ids, versions, scripts or search keys; the ratio says what those
cost.
"""

import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from archive_rows import START, exchange, fetch
from fastwarc.warc import ArchiveIterator, WarcRecordType
from parsel import Selector
from saved_pages import page

from archive.commit import commit
from archive.log import Log
from archive.root import Root
from archive.warc_write import WarcWriter
from crawlers.pools import processes
from crawlers.reparse import Wanted, reparse

pytestmark = pytest.mark.bench
PAGES = 800
TEXT = "港口的風從早上吹到晚上，渡輪公司說明天照常開船，請旅客提前一小時到碼頭。\n" * 12
SELECTORS = (
    *("title::text", "meta::attr(content)", "#main-content::text", ".push-tag::text"),
    *(".push-userid::text", ".push-content::text", ".push-ipdatetime::text", "a::attr(href)"),
    *(".f2::text", "img::attr(src)", "h1::text"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Threads of 25 remarks, some 6 kB each, as a crawl leaves them."""
    root = Root.open(tmp_path_factory.mktemp("reparse") / "a", create=True)
    rows = []
    with WarcWriter(root, "run1") as writer:
        for n in range(PAGES):
            url = f"https://www.ptt.cc/bbs/Test/M.{1767294000 + n}.A.ABC.html"
            body = page([f"這班船我昨天坐過，浪很大但是準時{n}"] * 9, TEXT, f"題{n}").encode()
            at = START + timedelta(seconds=n)
            made = writer.write(exchange(url, body, fetched_at=at, fetch_id=f"f{n}"))
            more = {"url": url, "fetch_id": f"f{n}", "observed_at": at, "source": "ptt"}
            rows.append(fetch(made, payload=body, **more))
    commit(Log(root), "b1", {"fetches": rows})
    return root


def bare(root, out):
    rows = []
    for path in root.warc.rglob("*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                record.http_headers  # noqa: B018 - parsed on access
                selector = Selector(record.reader.read().decode("utf-8", "replace"))
                rows.append({str(n): selector.css(s).getall() for n, s in enumerate(SELECTORS)})
    pq.write_table(pa.Table.from_pylist(rows), out, compression="lz4")


def read(root, count):
    result = reparse(root.path, Wanted(), dry_run=True, pool=processes(count))
    assert (result.pages, result.unreadable) == (PAGES, [])
    return result.seconds


def test_reparse_a_core_beside_a_bare_script(archive, tmp_path):
    ratios = []
    for n in range(3):
        began = time.perf_counter()
        bare(archive, tmp_path / f"{n}.parquet")
        ratios.append((time.perf_counter() - began) / read(archive, 1))
    sys.stdout.write(f"\nreparse a core, speed beside the bare script: {max(ratios):.2f}\n")
    assert statistics.median(ratios) >= 0.7


def test_two_processes_beside_one(archive):
    ratios = [read(archive, 1) / read(archive, 2) for _ in range(3)]
    sys.stdout.write(f"\nreparse, two processes beside one: {max(ratios):.2f}\n")
    assert max(ratios) >= 1.8
