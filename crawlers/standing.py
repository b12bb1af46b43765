"""How far a site's last backfill has come: read beside it while it goes on, or after.

The state file is only read. What remains is what is queued: pages that lists will still lead to
are not known. The pace is that of the last fetches, so that a pause of the night does not count.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.model import Link
from archive.queue import Offer, page_key
from archive.root import Root
from archive.session import STATE_FILE
from pipelines.urls import canonical

__all__ = ["Standing", "known_pages", "standing"]

_RECENT = 200
_STATE = {
    "run": "SELECT run, scope, command, started, finished, parts FROM runs"
    " WHERE (scope = :site OR scope LIKE :site || ':%') AND command LIKE 'backfill %'"
    " ORDER BY started DESC LIMIT 1",
    "tally": "SELECT name, n FROM tally WHERE run = ?",
    "waiting": "SELECT count(*) FROM pages JOIN names ON scope = id WHERE name = ?"
    " AND state IN (0, 1)",
    "failed": "SELECT count(*) FROM pages JOIN names s ON scope = s.id"
    " JOIN names r ON run = r.id WHERE s.name = ? AND r.name = ? AND state = 3",
    "done": "SELECT 1 FROM pages WHERE key = ? AND state = 2",
    "alive": "SELECT count(*) FROM owners WHERE scope = ? AND until > ?",
}
_PACE = """SELECT count(*), date_diff('millisecond', min(observed_at), max(observed_at)) / 1000.0
  FROM (SELECT observed_at FROM fetches WHERE run_id = ? ORDER BY observed_at DESC LIMIT ?)"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A backfill as it stands; `eta_seconds` None: nothing waits, or no pace is known yet."""

    run_id: str
    command: str
    state: str
    started: datetime
    parts: int
    pages: int
    waiting: int
    failed: int
    seconds_a_page: float | None

    @property
    def eta_seconds(self) -> float | None:
        """How long what is queued will take."""
        pace = self.seconds_a_page
        return None if pace is None or not self.waiting else self.waiting * pace

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run_id": self.run_id,
            "command": self.command,
            "state": self.state,
            "started": self.started.isoformat(timespec="seconds"),
            "parts": self.parts,
            "pages": self.pages,
            "waiting": self.waiting,
            "failed": self.failed,
            "seconds_a_page": self.seconds_a_page,
            "eta_seconds": self.eta_seconds,
        }

    def lines(self) -> list[str]:
        """For people."""
        whole = self.pages + self.waiting
        share = f" ({self.pages / whole:.0%} of what is known of it)" if whole else ""
        begun = f"{self.started:%Y-%m-%d %H:%M} UTC"
        shown = [
            f"{self.command}",
            f"  {self.state}, begun {begun}, taken up again {self.parts - 1} times",
            f"  {self.pages} pages done{share}, {self.waiting} waiting, {self.failed} failed",
        ]
        if self.eta_seconds is not None:
            hours = self.eta_seconds / 3600
            shown.append(f"  about {hours:.1f} hours to go, at {self.seconds_a_page:.1f} s a page")
        return shown


@contextmanager
def known_pages(
    root: Root | None, source: Callable[[str], str]
) -> Iterator[Callable[[Link], bool]]:
    """A test whether the archive holds a link's page; `source` names a URL's source."""
    path = None if root is None else root.state / STATE_FILE
    if path is None or not path.exists():
        yield lambda _: False
        return
    state = _open(path)

    def is_known(link: Link) -> bool:
        named = source(link.url)
        key = page_key(named, Offer(link, named, canonical(link.url)))
        return state.execute(_STATE["done"], (key,)).fetchone() is not None

    try:
        yield is_known
    finally:
        state.close()


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)


def standing(root: Root, site: str, base: Any) -> Standing | None:
    """The site's last backfill, or None; `base` is a connection to the archive's tables."""
    path = root.state / STATE_FILE
    if not path.exists():
        return None
    state = _open(path)
    try:
        row = state.execute(_STATE["run"], {"site": site}).fetchone()
        if row is None:
            return None
        run_id, scope, command, started, finished, parts = row
        tally = dict(state.execute(_STATE["tally"], (run_id,)).fetchall())
        waiting = state.execute(_STATE["waiting"], (scope,)).fetchone()[0]
        failed = state.execute(_STATE["failed"], (scope, run_id)).fetchone()[0]
        alive = state.execute(_STATE["alive"], (scope, time.time())).fetchone()[0]
    finally:
        state.close()
    count, seconds = base.execute(_PACE, [run_id, _RECENT]).fetchall()[0]
    return Standing(
        run_id=run_id,
        command=command,
        state=_word(finished, running=bool(alive)),
        started=datetime.fromtimestamp(started, UTC),
        parts=parts,
        pages=tally.get("pages", 0),
        waiting=waiting,
        failed=failed,
        seconds_a_page=round(seconds / (count - 1), 3) if count > 1 else None,
    )


def _word(finished: float | None, *, running: bool) -> str:
    if finished is not None:
        return "finished" if finished > 0 else "given up: another command was started instead"
    return "running" if running else "paused: the same command goes on"
