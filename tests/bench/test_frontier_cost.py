"""What the durable frontier costs by itself: page cycles a second, bytes a URL, memory.

A cycle is: offered, leased, completed with a row, in groups as a crawl makes them, each group one
transaction with its fsync. Processor time of one thread; the disk's
waits are in the clock's figure.
"""

import sys
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from archive.ledger import Completion, Ledger
from archive.model import Link, PageClass, WarcPointer
from archive.queue import Look, Offer, Run, Validators

GROUP = 64
NOW = datetime(2026, 1, 5, tzinfo=UTC)
LOOK = Look(NOW.timestamp(), 12, NOW.timestamp() + 86_400)
SITE = "https://news.example.com"


def say(line):
    sys.stdout.write(f"{line}\n")


def resident():
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 / 1e6


def offers(first, count):
    for n in range(first, first + count):
        url = f"{SITE}/2026/01/05/article-{n:09d}.html"
        yield Offer(Link(url, PageClass.ARTICLE, None), "example", url)


def completed(lease):
    pointer = WarcPointer(
        "2026/01/05/shenglu-20260105-00000.warc.gz", 123_456_789, 4_321, "response"
    )
    held = Validators(
        '"5f1e-62a9c1"',
        "Mon, 05 Jan 2026 08:00:00 GMT",
        sha256(lease.key).hexdigest(),
        NOW,
        pointer,
    )
    row = {"fetch_id": lease.key.hex(), "url": lease.link.url, "status": 200, "fetched_at": NOW}
    return Completion(
        lease, "example", lease.key.hex(), NOW, rows={"fetches": [row]}, validators=held, look=LOOK
    )


def forget(drain):
    del drain


def cycle(ledger, run, pages):
    """Pages through the frontier, group by group, the outbox emptied now and then."""
    done, leases = 0, []
    while done < pages:
        work = [*offers(done, GROUP), *map(completed, leases)]
        leases = ledger.apply(run, work, lease=GROUP)
        done += GROUP
        if done % (GROUP * 300) == 0:
            while ledger.drain(forget):
                pass
    ledger.apply(run, [completed(one) for one in leases])
    while ledger.drain(forget):
        pass


@pytest.mark.bench
@pytest.mark.timeout(1200)
def test_frontier_makes_5000_cycles_a_second_in_flat_memory(tmp_path):
    path = tmp_path / "frontier.db"
    ledger = Ledger(path)
    run = ledger.runs.begin(Run("20260105T000000000-abcdef", "example", owner="one"), "crawl")
    cycle(ledger, run, 10_000)  # caches filled
    before, pages = resident(), 30_000
    wall, processor = time.monotonic(), time.process_time()
    cycle(ledger, run, pages + 10_000)
    wall, processor = time.monotonic() - wall, time.process_time() - processor
    grown = resident() - before
    ledger.close()
    size = path.stat().st_size / (pages + 10_000)
    say(f"{pages / processor:.0f} cycles a second of processor, {pages / wall:.0f} by the clock")
    say(f"{size:.0f} MB a million pages done, {grown:.1f} MB of memory more after {pages} pages")
    assert pages / processor >= 5_000
    assert size <= 350
    assert grown < 30


@pytest.mark.bench
def test_a_million_urls_that_wait_take_at_most_350_mb(tmp_path):
    path, urls = tmp_path / "frontier.db", 100_000
    ledger = Ledger(path)
    run = ledger.runs.begin(Run("20260105T000000000-abcdef", "example", owner="one"), "crawl")
    for first in range(0, urls, 1_000):
        ledger.apply(run, list(offers(first, 1_000)))
    ledger.close()
    size = path.stat().st_size / urls
    say(f"{size:.0f} MB a million URLs that wait")
    assert size <= 350
