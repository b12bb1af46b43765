"""Reparse beside the least that could be done: FastWARC, parsel, 11 selectors and a Parquet file.

The bare script gives no times, ids, versions, scripts or search keys, and compares nothing with
what the archive holds; the ratio says what those cost. Processor time of one core is compared,
start-up taken off by a first run. Two kinds of pages of some 6 kB: a newspaper's article (one row
of text a page) and a forum's thread with 24 remarks (25 rows of text).
"""

import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from archive_rows import exchange, fetch
from fastwarc.warc import ArchiveIterator, WarcRecordType
from parsel import Selector

from archive.commit import commit
from archive.log import Log
from archive.root import Root
from archive.warc_write import WarcWriter
from crawlers.pools import processes
from crawlers.reparse import Wanted, reparse
from tests.bench.pages_served import article_page, thread_page
from tests.bench.rivals import FIELDS

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]
PAGES = 1500
START = datetime(2026, 2, 1, tzinfo=UTC)
SELECTORS = (
    *("title::text", "meta::attr(content)", "#main-content::text", ".push-tag::text"),
    *(".push-userid::text", ".push-content::text", ".push-ipdatetime::text", "a::attr(href)"),
    *(".f2::text", "img::attr(src)", "h1::text"),
)


KINDS = {
    "articles": (
        "people",
        "http://society.people.com.cn/n1/2026/0105/c1008-4{n:07d}.html",
        lambda n: article_page(n, 6000),
        tuple(FIELDS.values()),
    ),
    "threads": (
        "ptt",
        "https://www.ptt.cc/bbs/Test/M.1767{n:06d}.A.ABC.html",
        lambda n: thread_page(n, 24),
        SELECTORS,
    ),
}


def built(folder, kind):
    """An archive as a crawl of these pages leaves it: evidence, and the rows read from it."""
    source, address, page, _ = KINDS[kind]
    root = Root.open(folder, create=True)
    rows = []
    with WarcWriter(root, "run1") as writer:
        for n in range(PAGES):
            url, body, at = address.format(n=n), page(n), START + timedelta(seconds=n)
            made = writer.write(exchange(url, body, fetched_at=at, fetch_id=f"f{n}"))
            more = {"url": url, "fetch_id": f"f{n}", "observed_at": at, "source": source}
            rows.append(fetch(made, payload=body, **more))
    commit(Log(root), "b1", {"fetches": rows})
    written = reparse(root.path, Wanted(), pool=processes(1)).written
    assert written >= PAGES * (2 if kind == "articles" else 50)
    return root


@pytest.fixture(scope="module", params=KINDS)
def archive(request, tmp_path_factory):
    return built(tmp_path_factory.mktemp(request.param) / "a", request.param), request.param


def bare(root, selectors, out):
    """As such scripts are written; pages come gzipped from the site, as most do."""
    rows = []
    for path in root.warc.rglob("*.warc.gz"):
        with path.open("rb") as stream:
            records = ArchiveIterator(
                stream, record_types=WarcRecordType.response, auto_decode="content"
            )
            for record in records:
                selector = Selector(record.reader.read().decode("utf-8", "replace"))
                rows.append({str(n): selector.css(s).getall() for n, s in enumerate(selectors)})
    assert len(rows) == PAGES
    assert all(sum(map(bool, row.values())) >= 7 for row in rows)
    pq.write_table(pa.Table.from_pylist(rows), out, compression="lz4")


def taken(call, *given):
    began = time.process_time()
    call(*given)
    return time.process_time() - began


def read(root, count):
    result = reparse(root.path, Wanted(), dry_run=True, pool=processes(count))
    assert (result.pages, result.unreadable) == (PAGES, [])
    assert not any(table.rows for table in result.tables)
    return result.seconds


def test_reparse_a_core_beside_a_bare_script(archive, tmp_path):
    root, kind = archive
    selectors, ratios = KINDS[kind][3], []
    read(root, 1)
    for n in range(5):
        least = taken(bare, root, selectors, tmp_path / f"{n}.parquet")
        ours = taken(read, root, 1)
        ratios.append(least / ours)
    each = f"{1000 * least / PAGES:.2f} and {1000 * ours / PAGES:.2f} ms a page"
    found = statistics.median(ratios)
    sys.stdout.write(f"\nreparse of {kind}, speed beside the bare script: {found:.2f} ({each})\n")
    assert found >= 0.7


def used(root, count, pages):
    """Seconds of processor that the first pages take, in this process and those that it starts."""
    before = os.times()
    wanted = Wanted(until=START + timedelta(seconds=pages))
    assert reparse(root.path, wanted, dry_run=True, pool=processes(count)).pages == pages
    return sum(os.times()[:4]) - sum(before[:4])


def test_two_processes_take_no_more_than_one(archive):
    """What two free cores would make of it: the clock of a busy machine says nothing.

    The difference of two runs leaves out the start, which a worker pays once.
    """
    root, kind = archive
    ratios = []
    for _ in range(3):
        one, two = (used(root, n, PAGES) - used(root, n, 500) for n in (1, 2))
        ratios.append(2 * one / two)
    found = statistics.median(ratios)
    sys.stdout.write(f"\nreparse of {kind}, two processes beside one: {found:.2f} (processor)\n")
    assert found >= 1.8


def test_two_processes_by_the_clock(archive):
    root, kind = archive
    if os.getloadavg()[0] > 1:
        pytest.skip("the machine is busy: the clock would measure its other work")
    ratios = [read(root, 1) / read(root, 2) for _ in range(3)]
    sys.stdout.write(f"\nreparse of {kind}, two processes beside one: {max(ratios):.2f} (clock)\n")
    assert max(ratios) >= 1.8
