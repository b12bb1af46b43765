"""Known pages asked for again: what is due, how much of it, and walks that end at the end."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from archive.again import look_at_due, look_at_vanished
from archive.ledger import Completion, Ledger
from archive.model import Link, PageClass, ThreadPage
from archive.queue import Look, Offer, Revisit, Run, Validators
from archive.runs import words_of
from pipelines.revisits import GROWN, LATEST, SOONEST, next_look

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HELD = Validators(etag='"a"')
HOUR = 3_600


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "state.db")
    yield made
    made.close()


def offer(number, page=1):
    url = f"http://x/{number}-{page}"
    return Offer(Link(url, PageClass.THREAD, str(number)), "ptt", url)


def comment(thread, comment_id):
    row = {"source": "ptt", "thread_id": thread, "comment_id": comment_id, "text": "好"}
    return row | {"state": "visible", "content_sha256": comment_id, "script": "hans"}


def read(lease, ids, look=None, offers=()):
    thread = lease.link.thread_id
    rows = [comment(thread, one) for one in ids]
    walk = ThreadPage(thread, None)
    return Completion(
        *(lease, "ptt", "f", NOW),
        comments=rows,
        thread=walk,
        validators=HELD,
        look=look or Look(),
        offers=offers,
    )


def known(ledger, looks):
    """A finished run that has read a thread for each look."""
    run = ledger.runs.begin(Run("run-1", "ptt"), "crawl")
    leases = ledger.apply(run, [offer(n) for n in range(len(looks))], lease=99)
    ledger.apply(run, [read(one, ["c"], look) for one, look in zip(leases, looks, strict=True)])
    with ledger.transaction():
        ledger.runs.finish(run.run_id, NOW)


def due_in(ledger, budget, number=2, **more):
    run = ledger.runs.begin(Run(f"run-{number}", "ptt", Revisit.DUE, **more), "crawl")
    with ledger.transaction():
        count = look_at_due(ledger, run, budget)
    urls = [lease.link.url for lease in ledger.apply(run, [], lease=99)]
    assert len(urls) == count
    with ledger.transaction():
        ledger.runs.finish(run.run_id, NOW)
    return urls


def test_what_is_due_is_asked_for_the_most_overdue_first(ledger):
    now = time.time()
    looks = [
        Look(now - 2 * HOUR, 1, now - HOUR),  # by its whole interval
        Look(now - 30 * HOUR, 1, now - HOUR),  # by a part of it
        Look(now - HOUR, 1, now + HOUR),
        Look(now - HOUR, 1, None),
    ]
    known(ledger, looks)
    assert due_in(ledger, 1) == ["http://x/0-1"]
    assert due_in(ledger, 9, 3) == ["http://x/1-1"]
    assert due_in(ledger, 9, 4) == []


def test_the_budget_and_the_limit_bound_the_looks(ledger):
    now = time.time()
    known(ledger, [Look(now - 9 * HOUR, 1, now - n - 1) for n in range(9)])
    assert len(due_in(ledger, 4)) == 4
    assert len(due_in(ledger, 9, 3, limit=2)) == 2
    assert len(due_in(ledger, 9, 4)) == 3


def test_a_list_brings_no_look_beyond_the_budget(ledger):
    now = time.time()
    known(ledger, [Look(now - 9 * HOUR, 1, now - 1)])
    run = ledger.runs.begin(Run("run-2", "ptt", Revisit.DUE), "crawl")
    assert ledger.apply(run, [offer(0)], lease=9) == []


@pytest.mark.parametrize("how", ["due", "vanished"])
def test_a_thread_asked_again_is_walked_through_all_its_pages(ledger, how):
    run = ledger.runs.begin(Run("run-1", "ptt"), "crawl")
    due = Look(time.time() - HOUR, 2, time.time() - 1)
    (first,) = ledger.apply(run, [offer(0)], lease=9)
    (second,) = ledger.apply(run, [read(first, ["a"], due, [offer(0, 2)])], lease=9)
    ledger.apply(run, [read(second, ["b"])])
    with ledger.transaction():
        ledger.runs.finish(run.run_id, NOW)
    ledger.drain(lambda _: None)

    kind = Revisit.DUE if how == "due" else Revisit.ALL
    run = ledger.runs.begin(Run("run-2", "ptt", kind), "crawl")
    if how == "due":
        with ledger.transaction():
            assert look_at_due(ledger, run, 9) == 1
    else:
        assert look_at_vanished(ledger, run) == 1
    (first,) = ledger.apply(run, [], lease=9)
    assert first.look.seen == 2
    (second,) = ledger.apply(run, [read(first, ["a"], due, [offer(0, 2)])], lease=9)
    ledger.apply(run, [read(second, ["b"])])
    rows = {}
    ledger.drain(lambda drain: rows.update(drain.rows))
    assert [(v["pages"], v["fetched"], v["stop_reason"]) for v in rows["visits"]] == [(2, 2, "end")]
    assert not rows.get("comment_observations")


def looked(hours_ago, seen):
    return Look((NOW - timedelta(hours=hours_ago)).timestamp(), seen)


def wait(age, seen=5, before=None):
    """Hours until the next look, None for never."""
    published = None if age is None else NOW - timedelta(hours=age)
    look = next_look(NOW, published, seen, before or Look())
    return None if look.due is None else (look.due - NOW.timestamp()) / HOUR


def test_waits_grow_with_age():
    assert [wait(age) for age in (0, 0.2, 1, 48)] == [0.5, 0.5, 1, 48]
    assert wait(-5) == 0.5  # a date in the future
    assert wait(None, before=looked(6, 5)) == 12
    assert wait(None) == SOONEST / timedelta(hours=1)


def test_growth_brings_the_next_look_forward():
    assert wait(48, 5 + GROWN, looked(24, 5)) == 24
    assert wait(48, 5 + 4 * GROWN, looked(24, 5)) == 6
    assert wait(48, 5 + 999 * GROWN, looked(24, 5)) == 0.5
    assert wait(48, 4, looked(24, 5)) == 48  # fewer than before are no growth


def test_the_last_look():
    days = LATEST / timedelta(hours=1)
    assert wait(days - 2) == 2
    assert wait(days + 1, 5, looked(400, 5)) is None
    assert wait(days + 1, 5) is None
    assert wait(days * 9, 6, looked(24, 5)) == 24 * GROWN


def walked(ledger, number, command, listed, revisit=Revisit.ALL):
    """A finished run that met these threads on its lists; which pages it asked for, in all."""
    run = ledger.runs.begin(Run(f"run-{number}", "ptt", revisit), command)
    asked = ledger.apply(run, [offer(one) for one in listed], lease=99)
    ledger.apply(run, [read(one, ["c"]) for one in asked])
    if look_at_vanished(ledger, run):
        last = ledger.apply(run, [], lease=99)
        ledger.apply(run, [read(one, ["c"]) for one in last])
        asked += last
    with ledger.transaction():
        ledger.runs.finish(run.run_id, datetime.now(UTC))
    return sorted(lease.link.url for lease in asked)


def test_another_board_and_a_backfill_are_no_lists_that_lost_their_threads(ledger):
    stock, gossip = "crawl ptt --board=Stock --revisit=all", "crawl ptt --board=Gossiping"
    walked(ledger, 1, stock, [1, 2, 3])
    assert walked(ledger, 2, gossip, [7]) == ["http://x/7-1"]
    night = "backfill ptt --board=Stock --index=1..9 --revisit=never"
    assert walked(ledger, 3, night, [1, 2, 3, 4, 5], Revisit.NEVER) == [
        "http://x/4-1",
        "http://x/5-1",
    ]
    # 3 left the list after run 1, whatever other runs saw in between
    assert walked(ledger, 4, stock, [1, 2]) == ["http://x/1-1", "http://x/2-1", "http://x/3-1"]
    assert walked(ledger, 5, gossip, []) == ["http://x/7-1"]


def test_a_rolling_window_looks_at_what_left_it_and_a_fixed_one_only_at_its_own(ledger):
    rolling = "crawl ptt --board=Stock --since=2026-11-2{}T00:00:00+00:00"
    walked(ledger, 1, rolling.format(1), [1, 2])
    assert "http://x/1-1" in walked(ledger, 2, rolling.format(2), [2])
    day = "crawl ptt --board=Stock --since=2026-01-01T00:00:00 --until=2026-01-02T00:00:00"
    assert walked(ledger, 3, day, [9]) == ["http://x/9-1"]


def test_a_run_is_held_against_runs_over_the_same_part_of_its_site(ledger):
    for number, board in enumerate(["Stock", "Stock", "Gossiping"], 1):
        walked(ledger, number, f"crawl ptt --board={board} --revisit=all", [number])
        with ledger.transaction():
            ledger.runs.count(f"run-{number}", {"pages": number}, taken=None)

    def history(number, command):
        run = ledger.runs.begin(Run(f"run-{number}", "ptt"), command)
        return [one["pages"] for one in ledger.runs.history(run, 9)]

    assert history(5, "crawl ptt --board=Stock --since=2026-11-21") == [2, 1]
    assert history(6, "backfill ptt --board=Gossiping --revisit=never") == [3]
    assert history(7, "crawl ptt --board=NBA") == [3, 2, 1]


def test_options_with_blanks_are_read_from_a_command():
    head, words = words_of("crawl web --url=http://x/a b,http://x/c --revisit=all")
    assert head == "crawl web"
    assert words == {"url": "http://x/a b,http://x/c", "revisit": "all"}
