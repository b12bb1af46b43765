"""The state file: nothing half-kept, nothing doubled, nothing forgotten."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.errors import LockedError, StorageError
from archive.ledger import Completion, Ledger
from archive.lock import Lock
from archive.model import Link, PageClass, StopReason, ThreadPage
from archive.outbox import Drain
from archive.queue import Lease, Look, Offer, Revisit, Run, Validators

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HELD = Validators(etag='"a"', fetched_at=NOW)


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "state.db")
    yield made
    made.close()


def a_run(number=1, **more):
    return Run(f"run-{number}", "ptt", **more)


def offer(url, kind=PageClass.THREAD, **more):
    return Offer(Link(url, kind, **more), "ptt", url)


def comment(comment_id, text="好", state="visible", **more):
    row = {"source": "ptt", "thread_id": "T", "comment_id": comment_id, "text": text}
    return row | {"state": state, "content_sha256": f"{text}/{state}", "script": "hant"} | more


def sighting(comment_id, up=0, state="visible"):
    place = {"source": "ptt", "thread_id": "T", "comment_id": comment_id}
    return place | {"votes_up": up, "votes_down": 0, "reply_count": None, "state": state}


def page(lease=None, ids=(), *, thread=True, validators=HELD, offers=(), **more):
    return Completion(
        lease=lease,
        source="ptt",
        fetch_id="f1",
        observed_at=NOW,
        comments=[comment(i) for i in ids],
        comment_observations=[sighting(i) for i in ids],
        thread=ThreadPage("T", declared=len(ids)) if thread else None,
        validators=validators,
        offers=offers,
        **more,
    )


def drained(ledger) -> dict:
    rows: dict = {}

    def write(drain: Drain):
        for table, some in drain.rows.items():
            rows.setdefault(table, []).extend(some)

    while ledger.drain(write):
        pass
    return rows


def lease_of(ledger, run, url="http://x/1", **more) -> Lease:
    return ledger.apply(run, [offer(url, **more)], lease=1)[0]


def test_a_page_is_leased_once_and_fetched_again_after_a_crash(ledger, tmp_path):
    run = a_run()
    assert len(ledger.apply(run, [offer("http://x/1")], lease=9)) == 1
    assert ledger.apply(run, [offer("http://x/1")], lease=9) == []
    ledger.close()
    again = Ledger(tmp_path / "state.db")
    with again.transaction():
        assert again.queue.recover("ptt", retry_failed=False) == 1
    (lease,) = again.apply(run, [], lease=9)
    assert lease.link.url == "http://x/1"
    assert lease.attempt == 2
    again.close()


def test_the_same_records_make_rows_once(ledger):
    run = a_run()
    ledger.apply(run, [page(lease_of(ledger, run), ["1", "2"])])
    ledger.apply(run, [page(None, ["1", "2"])])
    rows = drained(ledger)
    assert [r["comment_id"] for r in rows["comments"]] == ["1", "2"]
    assert {r["change"] for r in rows["comments"]} == {"new"}
    assert len(rows["comment_observations"]) == 2


@pytest.mark.parametrize(
    ("second", "change"),
    [
        (comment("1", "改了"), "edit"),
        (comment("1", "", "deleted"), "delete"),
        (comment("1", "", "collapsed"), None),
        (comment("1", "", "locked"), None),
    ],
)
def test_what_counts_as_a_new_version(ledger, second, change):
    run = a_run()
    ledger.apply(run, [page(lease_of(ledger, run), ["1"])])
    drained(ledger)
    seen = sighting("1", state=second["state"])
    ledger.apply(run, [replace(page(None, ["1"]), comments=[second], comment_observations=[seen])])
    rows = drained(ledger)
    got = [(r["version"], r["change"]) for r in rows.get("comments", [])]
    assert got == ([(2, change)] if change else [])
    assert len(rows.get("comment_observations", [])) == (second["state"] != "visible")


def test_a_deleted_comment_that_returns_is_restored(ledger):
    run = a_run()
    for row in (comment("1"), comment("1", "", "deleted"), comment("1")):
        ledger.apply(run, [replace(page(None, ["1"]), comments=[row])])
    assert [r["change"] for r in drained(ledger)["comments"]] == ["new", "delete", "restore"]


def test_a_vote_is_a_sighting_and_no_version(ledger):
    run = a_run()
    ledger.apply(run, [page(None, ["1"])])
    drained(ledger)
    ledger.apply(run, [replace(page(None, ["1"]), comment_observations=[sighting("1", up=5)])])
    rows = drained(ledger)
    assert "comments" not in rows
    assert [r["votes_up"] for r in rows["comment_observations"]] == [5]


def test_a_visit_ends_when_its_last_page_is_done(ledger):
    run = a_run()
    first = lease_of(ledger, run, thread_id="T")
    more = offer("http://x/1?page=2", thread_id="T")
    (second,) = ledger.apply(run, [page(first, ["1", "2"], offers=[more])], lease=1)
    assert "visits" not in drained(ledger)
    ledger.apply(run, [page(second, ["3"])])
    (visit,) = drained(ledger)["visits"]
    assert (visit["pages"], visit["fetched"], visit["stop_reason"]) == (2, 3, "end")


def test_missing_only_after_a_walk_to_the_end(ledger):
    run = a_run()
    ledger.apply(run, [page(lease_of(ledger, run, thread_id="T"), ["1", "2"])])
    drained(ledger)
    cut = replace(page(None, ["1"]), thread=ThreadPage("T", stop=StopReason.BUDGET))
    ledger.apply(a_run(2), [cut])
    assert "comment_observations" not in drained(ledger)
    ledger.apply(a_run(3), [page(None, ["1"])])
    (gone,) = drained(ledger)["comment_observations"]
    assert (gone["comment_id"], gone["state"]) == ("2", "missing")
    ledger.apply(a_run(4), [page(None, ["1"])])
    assert "comment_observations" not in drained(ledger)


def test_a_failed_page_ends_its_visit_with_error_and_comes_back_next_run(ledger):
    run = a_run()
    failed = page(lease_of(ledger, run, thread_id="T"), thread=False, validators=None)
    ledger.apply(run, [failed])
    assert drained(ledger)["visits"][0]["stop_reason"] == "error"
    with ledger.transaction():
        assert ledger.queue.recover("ptt", retry_failed=True) == 1


def test_limit_counts_targets_and_not_the_pages_of_a_thread(ledger):
    run = a_run(limit=2)
    work = [offer(f"http://x/{n}") for n in range(5)] + [offer("http://x/list", PageClass.LIST)]
    assert len(ledger.apply(run, work, lease=9)) == 3
    assert run.taken == 2


@pytest.mark.parametrize(
    ("revisit", "hint", "asked"),
    [
        (Revisit.ALL, "5", True),
        (Revisit.NEVER, "6", False),
        (Revisit.DUE, "5", False),
        (Revisit.DUE, "6", True),
    ],
)
def test_revisits(ledger, revisit, hint, asked):
    run = a_run()
    ledger.apply(run, [page(lease_of(ledger, run, hint="5"), look=Look(due=NOW.timestamp() + 1e9))])
    later = a_run(2, revisit=revisit)
    assert bool(ledger.apply(later, [offer("http://x/1", hint=hint)], lease=1)) is asked


def test_a_conditional_request_knows_what_is_held(ledger):
    run = a_run()
    ledger.apply(run, [page(lease_of(ledger, run))])
    (lease,) = ledger.apply(a_run(2), [offer("http://x/1")], lease=1)
    assert lease.validators == HELD


def test_a_drain_cut_off_after_its_commit_is_repeated_under_the_same_name(ledger):
    run = a_run()
    ledger.apply(run, [page(None, ["1"])])
    names = []

    def dies(drain: Drain):
        names.append(drain.batch_id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.drain(dies)
    ledger.apply(run, [page(None, ["2"])])  # more rows arrive before the repeat

    def writes(drain: Drain):
        names.append(drain.batch_id)

    while ledger.drain(writes):
        pass
    assert names[0] == names[1]
    assert len(set(names)) == 2


def test_an_error_in_a_group_keeps_nothing_of_it(ledger):
    run = a_run()
    lease = lease_of(ledger, run)
    with pytest.raises(KeyError):
        ledger.apply(run, [page(lease, ["1"]), replace(page(None), comments=[{"source": "ptt"}])])
    assert drained(ledger) == {}
    assert ledger.queue.open_pages("ptt") == 1


def test_an_interrupted_run_is_taken_up_again_and_a_finished_one_is_not(ledger):
    with ledger.transaction():
        ledger.runs.begin(a_run(1), "crawl ptt")
        again = ledger.runs.begin(a_run(2), "crawl ptt")
        assert (again.run_id, again.part) == ("run-1", 2)
        ledger.runs.finish("run-1", NOW)
        assert ledger.runs.begin(a_run(3), "crawl ptt").run_id == "run-3"
        assert ledger.runs.begin(a_run(4), "crawl ptt --limit=5").run_id == "run-4"


def test_counters_survive_the_process(ledger, tmp_path):
    run = a_run()
    ledger.apply(run, [page(None, ["1"], tally={"pages": 1})])
    other = Ledger(tmp_path / "state.db")
    assert other.runs.tally("run-1") == {
        "pages": 1,
        "comments.new": 1,
        "script.hant": 1,
        "threads": 1,
        "stop.end": 1,
        "declared": 1,
        "fetched": 1,
    }
    other.close()


def test_a_state_file_that_is_none_is_a_clear_error(tmp_path):
    (tmp_path / "state.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"state\.db"):
        Ledger(tmp_path / "state.db")


def test_a_full_disk_is_a_storage_error_and_harms_nothing(ledger):
    run = a_run()
    ledger.apply(run, [page(None, ["1"])])
    ledger._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match="full"):
        ledger.apply(run, [page(None, [str(n) for n in range(9999)])])
    ledger._db.execute("PRAGMA max_page_count = 1000000")
    assert len(drained(ledger)["comments"]) == 1


def test_the_lock_names_its_holder(tmp_path):
    held = Lock(tmp_path, "ptt", "crawl ptt")
    with pytest.raises(LockedError, match=r"process \d+ on .*crawl ptt"):
        Lock(tmp_path, "ptt", "crawl ptt --limit=5")
    Lock(tmp_path, "netease", "crawl netease").release()
    held.release()
    Lock(tmp_path, "ptt", "crawl ptt").release()


def test_lease_order_thread_pages_first_lists_last(ledger):
    run = a_run()
    first = lease_of(ledger, run, thread_id="T")
    work = [
        offer("http://x/list", PageClass.LIST),
        offer("http://x/2", thread_id="U"),
        page(first, ["1"], offers=[offer("http://x/1?page=2", thread_id="T")]),
    ]
    urls = [lease.link.url for lease in ledger.apply(run, work, lease=9)]
    assert urls == ["http://x/1?page=2", "http://x/2", "http://x/list"]


def test_sqlite_is_recent_enough():
    assert sqlite3.sqlite_version_info >= (3, 35)
