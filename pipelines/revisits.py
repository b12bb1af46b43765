"""When an article or thread is worth another look: by its age and by how it grows. Pure.

Most of what is deleted is deleted early, and most comments come early: so the waits are geometric,
each as long as the thread is old, half an hour at least (Cho and Garcia-Molina 2003 on pages that
change at different rates). A thread that gains comments faster than that is looked at sooner. The
last look comes when it is 30 days old, or later still while it grows.
"""

from datetime import UTC, datetime, timedelta

from archive.queue import Look

__all__ = ["GROWN", "LATEST", "SOONEST", "next_look"]

SOONEST = timedelta(minutes=30)
LATEST = timedelta(days=30)
GROWN = 8
"""Comments after which a thread is to be looked at again, whatever its age."""


def next_look(now: datetime, published: datetime | None, seen: int, before: Look) -> Look:
    """This look, and when the next one is due; `before` is the last one, `seen` the comments."""
    last = None if before.visited is None else datetime.fromtimestamp(before.visited, UTC)
    since = now - last if last is not None else timedelta()
    # Without a date the wait doubles from look to look, as it does with one.
    age = max(now - published, timedelta()) if published is not None else since * 2
    grown = 0 if last is None or before.seen is None else max(0, seen - before.seen)
    wait = max(age, SOONEST)
    if age < LATEST:
        wait = min(wait, max(LATEST - age, SOONEST))  # the last look
    elif not grown:
        return Look(now.timestamp(), seen)
    if grown:
        wait = min(wait, max(SOONEST, since * GROWN / grown))
    return Look(now.timestamp(), seen, (now + min(wait, LATEST)).timestamp())
