"""A thread that changes while it is walked: nothing that moved to a page read before is "gone"."""

import sqlite3
from datetime import UTC, datetime

import pytest

from archive.ledger import Completion, Ledger
from archive.model import Link, PageClass, ThreadPage
from archive.queue import Offer, Run, Validators
from archive.removal import Suppressed, Target

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HELD = Validators(etag='"a"')


def offer(page):
    url = f"http://x/7-{page}"
    return Offer(Link(url, PageClass.THREAD, "7"), "bbs", url)


def comment(number):
    row = {"source": "bbs", "thread_id": "7", "comment_id": str(number), "text": "好"}
    return row | {"state": "visible", "content_sha256": str(number), "script": "hans"}


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "state.db")
    yield made
    made.close()


def walk(ledger, number, pages):
    """A run that reads these pages: (ids, what the page declares); its tally and missing ids."""
    run = ledger.runs.begin(Run(f"run-{number}", "bbs"), "crawl bbs")
    leases = ledger.apply(run, [offer(1)], lease=1)
    for at, (ids, declared) in enumerate(pages, 1):
        more = [offer(at + 1)] if at < len(pages) else []
        done = Completion(
            *(leases[0], "bbs", f"f{number}-{at}", NOW),
            comments=[comment(one) for one in ids],
            thread=ThreadPage("7", declared),
            validators=HELD,
            offers=more,
        )
        leases = ledger.apply(run, [done], lease=1)
    rows = {}
    while ledger.drain(lambda one: rows.update(one.rows)):
        pass
    tally = ledger.runs.tally(run.run_id)
    with ledger.transaction():
        ledger.runs.finish(run.run_id, NOW)
    sightings = rows.get("comment_observations", [])
    return tally, sorted(row["comment_id"] for row in sightings if row["state"] == "missing")


WHOLE = [((1, 2, 3), 9), ((4, 5, 6), 9), ((7, 8, 9), 9)]
SETTLED = [((1, 3, 4), 8), ((5, 6, 7), 8), ((8, 9), 8)]


def test_a_deletion_between_two_pages_makes_nothing_else_missing(ledger):
    walk(ledger, 1, WHOLE)
    # 2 goes after page 1 was read; 4 moves up to page 1 and is met by nobody.
    tally, missing = walk(ledger, 2, [((1, 2, 3), 9), ((5, 6, 7), 8), ((8, 9), 8)])
    assert missing == []
    assert tally["threads.shifted"] == 1
    tally, missing = walk(ledger, 3, SETTLED)
    assert missing == ["2"]
    assert "threads.shifted" not in tally


def test_a_deletion_before_the_walk_is_noticed_at_once(ledger):
    walk(ledger, 1, WHOLE)
    assert walk(ledger, 2, SETTLED)[1] == ["2"]


def test_posts_that_move_down_are_met_twice_and_stay_one(ledger):
    walk(ledger, 1, WHOLE)
    tally, missing = walk(ledger, 2, [((1, 2, 3), 9), ((3, 4, 5), 10), ((6, 7, 8), 10), ((9,), 10)])
    assert missing == []
    assert tally["fetched"] == 9


def test_a_state_file_without_the_column_is_brought_up_to_date(tmp_path):
    path = tmp_path / "state.db"
    Ledger(path).close()
    db = sqlite3.connect(path)
    db.execute("ALTER TABLE visits DROP COLUMN shrunk")
    db.close()
    made = Ledger(path)
    assert walk(made, 1, WHOLE)[1] == []
    made.close()


def test_a_page_that_breaks_off_makes_nothing_missing_that_is_still_declared(ledger):
    walk(ledger, 1, [((1, 2, 3, 4, 5, 6, 7), 7)])
    run = ledger.runs.begin(Run("run-2", "bbs"), "crawl bbs")
    (lease,) = ledger.apply(run, [offer(1)], lease=1)
    done = Completion(
        *(lease, "bbs", "f2", NOW),
        comments=[comment(one) for one in (1, 2, 3, 4, 5)],
        thread=ThreadPage("7", 7, cut=True),
        validators=HELD,
    )
    ledger.apply(run, [done])
    rows = {}
    ledger.drain(lambda one: rows.update(one.rows))
    assert [row["stop_reason"] for row in rows["visits"]] == ["error"]
    assert not [r for r in rows.get("comment_observations", []) if r["state"] == "missing"]
    assert ledger.runs.tally("run-2")["threads.collapsed"] == 1


def test_a_removal_that_was_cut_short_makes_nothing_missing(ledger):
    """Its row stands, what is known has not been cleaned yet: a crawl comes between."""
    walk(ledger, 1, [((1, 2, 3), 3)])
    secret = b"k" * 32
    keys = (Target("comment", ("bbs", "7", one)).key(secret) for one in "123")
    ledger.suppressed = Suppressed(keys, secret)
    tally, missing = walk(ledger, 2, [((1, 2, 3), 3)])
    assert missing == []
    assert "threads.collapsed" not in tally
