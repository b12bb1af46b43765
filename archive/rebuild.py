"""The state file made anew from the archive: what is known of each item, and which pages are done.

Reads the current snapshot in batches of bounded size. What only the state file knew is lost and
costs fetches, never rows: pages that were queued are found again through their lists, and pages
done without a stored ETag are asked for without conditions once.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from archive import files, gate
from archive.ledger import Ledger
from archive.query import connect
from archive.root import Root

__all__ = ["make_state", "rebuild_known"]

_BATCH = 20_000
_ITEMS = {
    "articles": ("source, article_id", ""),
    "comments": (
        "source, thread_id, comment_id",
        ", arg_max(root_id, place) AS root_id, arg_max(depth, place) AS depth",
    ),
}
_VERSIONS = """
SELECT {key}, max(version) AS version, arg_max(content_sha256, place) AS content_sha256,
       arg_max(state, place) AS state {more}
FROM (SELECT *, (observed_at, fetch_id, version) AS place FROM {history}) GROUP BY {key}
"""
_SIGHTINGS = """
SELECT {key}, arg_max(said, (observed_at, run_id, fetch_id)) AS said
FROM (SELECT *, {{votes_up: votes_up, votes_down: votes_down, reply_count: reply_count,
                  state: state}} AS said FROM {sightings}) GROUP BY {key}
"""
_RUNS = "SELECT run_id, source, command, started_at, observed_at, summary FROM runs"


def make_state(root: Root, path: Path, *, progress: Callable[[int], None] | None = None) -> int:
    """Make the state file from the snapshot, whole or not at all; returns items and sightings.

    It is filled under another name: half of what is known, after a kill, would make the next run
    take the other half for new. What an earlier file left beside it goes first, since SQLite would
    take a stale WAL for its own.

    Raises:
        CorruptError: the log cannot be read.
        StorageError: the state file cannot be written.
    """
    folder = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    files.remove_tree(folder)
    ledger = Ledger(folder / path.name)
    try:
        total = rebuild_known(root, ledger, progress=progress)
    finally:
        ledger.close()
    with files.disk("make", path):
        for suffix in ("-wal", "-shm", ""):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.replace(old.with_name(old.name + ".old"))
        (folder / path.name).replace(path)
        files.sync_folder(path.parent)
    files.remove_tree(folder)
    return total


def rebuild_known(
    root: Root, ledger: Ledger, *, progress: Callable[[int], None] | None = None
) -> int:
    """Fill the ledger's table of known items from the snapshot; returns items and sightings.

    Raises:
        CorruptError: the log cannot be read.
        StorageError: the state file cannot be written.
    """
    total = 0
    with gate.together(root):
        for table, (key, more) in _ITEMS.items():
            item = table.removesuffix("s")
            id_column = key.rpartition(" ")[2]
            sql = _VERSIONS.format(key=key, more=more, history=f"{item}_history")
            for rows in _rows(root, sql):
                with ledger.transaction():
                    for row in rows:
                        ledger.known.restore(row, id_column)
                total += len(rows)
                if progress is not None:
                    progress(total)
            sql = _SIGHTINGS.format(key=key, sightings=f"{item}_observations")
            for rows in _rows(root, sql):
                with ledger.transaction():
                    for row in rows:
                        ledger.known.restore_sighting({**row, **row["said"]}, id_column)
                total += len(rows)
        _restore_runs(root, ledger)
    return total


def _restore_runs(root: Root, ledger: Ledger) -> None:
    """Finished runs and their counters: what the next run is held against."""
    for rows in _rows(root, _RUNS):
        with ledger.transaction():
            for row in rows:
                times = row["started_at"].timestamp(), row["observed_at"].timestamp()
                ledger.runs.restore(row["run_id"], row["source"], row["command"], times)
                counters = json.loads(row["summary"] or "{}")
                ledger.runs.count(row["run_id"], counters, taken=None)


def _rows(root: Root, sql: str) -> Iterator[list[dict[str, Any]]]:
    """The rows of a query over the snapshot, some at a time."""
    with connect(root) as connection:
        for batch in connection.sql(sql).to_arrow_reader(_BATCH) or ():
            yield batch.to_pylist()
