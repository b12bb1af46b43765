"""Runs and their counters: what is under way, what an interrupted run had reached."""

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive.errors import StorageError
from archive.queue import Run

__all__ = ["DDL", "RESUME_WITHIN", "Runs", "alike", "words_of"]

# An interrupted run older than this has lists too stale to go on from; its pages stay queued.
RESUME_WITHIN = timedelta(hours=24)
CLOCK_SLACK = timedelta(minutes=10)
"""How far a clock may step back without harm: it is set right by small steps all the time."""

DDL = """
CREATE TABLE IF NOT EXISTS runs(
  run TEXT PRIMARY KEY, scope TEXT NOT NULL, command TEXT NOT NULL, started REAL NOT NULL,
  finished REAL, taken INTEGER NOT NULL DEFAULT 0, parts INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally(
  run TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(run, name)) WITHOUT ROWID;
"""


def words_of(command: str) -> tuple[str, dict[str, str]]:
    """A run's command as its verb and site, and its options by name; values may hold blanks."""
    head, *words = command.split(" --")
    return head, dict(word.partition("=")[::2] for word in words)


def alike(command: str) -> str:
    """What runs have in common that walk the same lists, whatever they take from them.

    The bounds of a rolling window move with each run; a range with an end is itself alone.
    """
    head, words = words_of(command)
    if "since" in words and "until" not in words:
        words["since"] = ""
    kept = {k: v for k, v in words.items() if k not in {"limit", "revisit"}}
    return " --".join((head, *(f"{name}={value}" for name, value in kept.items())))


def _place(command: str) -> str:
    """The parts of a site that a run goes to, by whichever verb and for whichever days."""
    head, words = words_of(command)
    for name in ("limit", "revisit", "since", "until"):
        words.pop(name, None)
    return " --".join((head.partition(" ")[2], *map("=".join, words.items())))


class Runs:
    """The operations on `runs` and `tally`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def begin(self, run: Run, command: str) -> Run:
        """Start a run, or take up the one that the same command left unfinished.

        The run comes back with the id, the count of targets taken and the start of the old one.
        """
        now = datetime.now(UTC)
        row = self._db.execute(
            "SELECT run, taken, parts FROM runs WHERE scope = ? AND command = ?"
            " AND finished IS NULL AND started > ? ORDER BY started DESC",
            (run.scope, command, (now - RESUME_WITHIN).timestamp()),
        ).fetchone()
        self._db.execute(
            "UPDATE runs SET finished = -1 WHERE scope = ? AND finished IS NULL AND run IS NOT ?",
            (run.scope, None if row is None else row[0]),
        )
        if row is not None:
            run_id, taken, parts = row
            self._db.execute("UPDATE runs SET parts = parts + 1 WHERE run = ?", (run_id,))
            return replace(run, run_id=run_id, taken=taken, part=parts + 1)
        self._db.execute(
            "INSERT INTO runs(run, scope, command, started) VALUES(?,?,?,?)",
            (run.run_id, run.scope, command, now.timestamp()),
        )
        return run

    def refuse_past(self, now: datetime) -> None:
        """Raise `StorageError` where the clock shows a time before that of earlier runs.

        What is seen now would be filed below what was seen before: the next run, or a state file
        made anew, would take old versions for the newest and record edits that never were.
        """
        query = "SELECT max(max(started, coalesce(finished, 0))) FROM runs"
        newest = datetime.fromtimestamp(self._db.execute(query).fetchone()[0] or 0, UTC)
        if now < newest - CLOCK_SLACK and not os.environ.get("SHENGLU_CLOCK_BACK"):
            raise StorageError(
                f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, but the archive holds a"
                f" run of {newest:%Y-%m-%d %H:%M}; set the clock. Only if it was wrong then and is"
                " right now: SHENGLU_CLOCK_BACK=1 lets runs begin (docs/operations.md)"
            )

    def started_at(self, run_id: str) -> datetime:
        """When the run began."""
        row = self._db.execute("SELECT started FROM runs WHERE run = ?", (run_id,)).fetchone()
        return datetime.fromtimestamp(row[0], UTC)

    def taken(self, run_id: str) -> int:
        """How many articles and threads the run has taken, in all its processes."""
        row = self._db.execute("SELECT taken FROM runs WHERE run = ?", (run_id,)).fetchone()
        return int(row[0]) if row else 0

    def is_open(self, run_id: str) -> bool:
        """Whether nobody has finished the run yet."""
        row = self._db.execute("SELECT finished FROM runs WHERE run = ?", (run_id,)).fetchone()
        return row is not None and row[0] is None

    def finish(self, run_id: str, when: datetime) -> None:
        """Mark the run finished: the next one starts anew."""
        self._db.execute("UPDATE runs SET finished = ? WHERE run = ?", (when.timestamp(), run_id))

    def count(self, run_id: str, tally: Mapping[str, int], *, taken: int | None) -> None:
        """Add to the run's counters."""
        self._db.executemany(
            "INSERT INTO tally VALUES(?,?,?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(run_id, name, n) for name, n in tally.items() if n],
        )
        if taken is not None:
            self._db.execute("UPDATE runs SET taken = ? WHERE run = ?", (taken, run_id))

    def before(self, run: Run) -> str | None:
        """The last finished run of the scope that walked the same lists as this one."""
        wanted = alike(self._command(run.run_id))
        rows = self._db.execute(
            "SELECT run, command FROM runs WHERE scope = ? AND finished > 0 AND run <> ?"
            " ORDER BY finished DESC",
            (run.scope, run.run_id),
        )
        return next((one for one, command in rows if alike(command) == wanted), None)

    def history(self, run: Run, most: int) -> list[dict[str, int]]:
        """The counters of the last finished runs over the same parts of the site, newest first.

        Parts differ: a board that hides addresses is no board with a broken rule. Where a part is
        new, those of the whole site stand in.
        """
        rows = self._db.execute(
            "SELECT run, command FROM runs WHERE scope = ? AND finished > 0 AND run <> ?"
            " ORDER BY finished DESC",
            (run.scope, run.run_id),
        ).fetchall()
        wanted = _place(self._command(run.run_id))
        same = [one for one, command in rows if _place(command) == wanted]
        return [self.tally(one) for one in (same or [one for one, _ in rows])[:most]]

    def _command(self, run_id: str) -> str:
        row = self._db.execute("SELECT command FROM runs WHERE run = ?", (run_id,)).fetchone()
        return str(row[0]) if row else ""

    def restore(self, run_id: str, scope: str, command: str, times: tuple[float, float]) -> None:
        """Enter a finished run as the archive shows it; `times` are its start and end."""
        self._db.execute(
            "INSERT OR IGNORE INTO runs(run, scope, command, started, finished) VALUES(?,?,?,?,?)",
            (run_id, scope, command, *times),
        )

    def tally(self, run_id: str) -> dict[str, int]:
        """The run's counters by name."""
        rows = self._db.execute("SELECT name, n FROM tally WHERE run = ? ORDER BY name", (run_id,))
        return {name: int(n) for name, n in rows}
