"""One state file, several processes and threads: nobody is refused for what another one does."""

import threading
import time
from datetime import UTC, datetime

from archive.errors import StorageError
from archive.ledger import Completion, Ledger
from archive.model import Link, PageClass
from archive.queue import Offer, Run

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def forget(drain):
    del drain


def test_reading_and_another_process_do_not_keep_a_run_from_writing(tmp_path):
    """SQLite refuses at once to write over a read that another connection has overtaken."""
    mine, other = Ledger(tmp_path / "state.db"), Ledger(tmp_path / "state.db")
    until = time.monotonic() + 1.5
    failed = []

    def again(act):
        try:
            while time.monotonic() < until and not failed:
                act()
        except StorageError as error:
            failed.append(error)

    row = Completion(None, "ptt", "f", NOW, rows={"fetches": [{"url": "x" * 2_000}] * 20})
    acts = (
        lambda: mine.drain(forget),
        lambda: mine.apply(Run("run-1", "ptt"), [row] * 20),
        lambda: other.apply(Run("run-1", "ptt"), [row]),
    )
    threads = [threading.Thread(target=again, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    mine.close()
    other.close()
    assert failed == []


def test_who_was_kept_waiting_is_alive_once_it_leases(tmp_path):
    ledger = Ledger(tmp_path / "state.db")
    slow, other = (Run("run-1", "ptt", owner=name) for name in ("slow", "other"))
    with ledger.transaction():
        ledger.owners.alive(slow, -1)  # not heard of for too long
    link = Link("https://a.example/1", PageClass.LIST)
    (lease,) = ledger.apply(slow, [Offer(link, "ptt", link.url)], lease=1, holds=30)
    with ledger.transaction():
        ledger.queue.recover("ptt", retry_failed=False)
    assert ledger.apply(other, [], lease=1) == []
    with ledger.transaction():
        assert not ledger.queue.taken_over(slow, lease.key)
    ledger.close()
