"""The state file made anew from the archive: what is known of each item, and which pages are done.

Reads the current snapshot in batches of bounded size. What only the state file knew is lost and
costs fetches, never rows: pages that were queued are found again through their lists, and pages
done without a stored ETag are asked for without conditions once.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet as pq

from archive.ledger import Ledger
from archive.log import Log
from archive.root import Root
from archive.swap import located

__all__ = ["rebuild_known"]

_BATCH = 20_000
_ITEMS = (("articles", "article_id"), ("comments", "comment_id"))
_VERSION = ("source", "thread_id", "version", "content_sha256", "state", "observed_at")
_RUN = ("run_id", "source", "command", "started_at", "observed_at", "summary")
_SIGHTING = ("source", "votes_up", "votes_down", "reply_count", "state", "observed_at")


def rebuild_known(
    root: Root, ledger: Ledger, *, progress: Callable[[int], None] | None = None
) -> int:
    """Fill the ledger's table of known items from the snapshot; returns rows read.

    Later versions win over earlier ones; the order of files does not matter.

    Raises:
        CorruptError: the log cannot be read.
        StorageError: the state file cannot be written.
    """
    total = 0
    for table, id_column in _ITEMS:
        places = ("root_id", "depth") if table == "comments" else ()
        for rows in _rows(root, table, (id_column, *_VERSION, *places)):
            with ledger.transaction():
                for row in rows:
                    ledger.known.restore(row, id_column)
            total += len(rows)
            if progress is not None:
                progress(total)
        thread = ("thread_id",) if table == "comments" else ()
        sightings = f"{table.removesuffix('s')}_observations"
        for rows in _rows(root, sightings, (id_column, *thread, *_SIGHTING)):
            with ledger.transaction():
                for row in rows:
                    ledger.known.restore_sighting(row, id_column)
            total += len(rows)
    _restore_runs(root, ledger)
    return total


def _restore_runs(root: Root, ledger: Ledger) -> None:
    """Finished runs and their counters: what the next run is held against."""
    for rows in _rows(root, "runs", _RUN):
        with ledger.transaction():
            for row in rows:
                times = row["started_at"].timestamp(), row["observed_at"].timestamp()
                ledger.runs.restore(row["run_id"], row["source"], row["command"], times)
                counters = json.loads(row["summary"] or "{}")
                ledger.runs.count(row["run_id"], counters, taken=None)


def _rows(root: Root, table: str, columns: tuple[str, ...]) -> Iterator[list[dict[str, Any]]]:
    """The table's rows in order of observation within a file, some at a time."""
    files = sorted(Log(root).snapshot().of(table), key=lambda f: f.path)
    for file in files:
        with pq.ParquetFile(located(root, file.path)) as parquet:
            for batch in parquet.iter_batches(batch_size=_BATCH, columns=list(columns)):
                yield sorted(batch.to_pylist(), key=lambda row: row["observed_at"])
