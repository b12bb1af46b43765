"""Known pages that a run asks for again without having met them on a list.

What left its list gets a last look at the end of a run; what is due by its age or growth is asked
for at the beginning. Both open a visit for each thread, so that its walk has an end.
"""

import time
from collections.abc import Iterable

from archive.ledger import Ledger
from archive.queue import Revisit, Run

__all__ = ["look_at_due", "look_at_vanished"]


def look_at_vanished(ledger: Ledger, run: Run) -> int:
    """Queue what the last run over the same lists met on them and this one did not; how many."""
    if not run.looks_back or (run.limit is not None and run.taken >= run.limit):
        return 0
    with ledger.transaction():
        before = ledger.runs.before(run)
        return 0 if before is None else _open(ledger, run, ledger.queue.vanished(run, before))


def look_at_due(ledger: Ledger, run: Run, budget: int) -> int:
    """Queue what is due, `budget` pages at most and no more than the run's limit; how many."""
    if run.revisit is not Revisit.DUE:
        return 0
    most = budget if run.limit is None else min(budget, run.limit - run.taken)
    if most <= 0:
        return 0
    count = _open(ledger, run, ledger.queue.due(run, most, time.time()))
    run.taken += count
    ledger.runs.count(run.run_id, {"revisits.due": count}, taken=run.taken)
    return count


def _open(ledger: Ledger, run: Run, places: Iterable[tuple[str, str | None]]) -> int:
    count = 0
    for source, thread in places:
        count += 1
        if thread is not None:
            ledger.visits.opened(run.run_id, source, thread)
    return count
