"""Take-down: removes a person's or a page's content from everything but finished releases.

Order of events: the removal is committed first (so nothing brings the thing back), then tables
and WARC are written anew without it and exchanged under one log entry, then the old files and
the state file's traces are deleted, then what is left is searched for the removed words.
Repeating the same removal after a crash goes on where it stopped.

The evidence of a page goes as a whole: a page that showed a removed comment is removed from the
WARC on all its captures, and the rows of `fetches` that pointed there say so. Rows that others
wrote stay, even where they quote. Finished releases are immutable: those that hold the content
are named, and the operator decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from archive import files, forget_warc, swap
from archive.commit import commit
from archive.compact import REWRITE_LOCK
from archive.forget_state import clean_state
from archive.forget_tables import Gone, select, write_tables
from archive.ledger import Ledger
from archive.lock import all_locks
from archive.log import Log
from archive.mirror import settle
from archive.query import connect
from archive.removal import HOLDS_REMOVED, Suppressed, Target
from archive.root import Root
from archive.session import STATE_FILE

__all__ = ["Forgotten", "forget", "removed_again"]


@dataclass(slots=True)
class Forgotten:
    """What a take-down removed, and where the content still is (releases, quotes)."""

    rows: dict[str, int] = field(default_factory=dict)
    records: int = 0
    releases: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def forget(root: Root, targets: Sequence[Target], *, run_id: str, reason: str = "") -> Forgotten:
    """Take these down; without targets, only what earlier removals find again.

    Raises:
        LockedError: a run, a compaction or another removal is under way.
        StorageError, CorruptError: the archive cannot be read or written.
    """
    locks = all_locks(root.state / "locks", "forget", REWRITE_LOCK)
    try:
        log = Log(root)
        swap.recover(log)
        _drain(root, log)
        _enter(root, log, targets, run_id, reason)
        _delete_old(root, log)
        done = _remove(root, log, targets, run_id)
        _delete_old(root, log)
    finally:
        for lock in locks:
            lock.release()
    return done


def removed_again(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Fetch ids of pages that showed removed content again and are still in the WARC."""
    sql = "SELECT fetch_id FROM fetches WHERE page_reason = ? AND warc_filename IS NOT NULL"
    return [row[0] for row in connection.execute(sql, [HOLDS_REMOVED]).fetchall()]


def _drain(root: Root, log: Log) -> None:
    path = root.state / STATE_FILE
    if path.exists():
        ledger = Ledger(path)
        try:
            while ledger.drain(lambda drain: commit(log, drain.batch_id, drain.rows)):
                pass
        finally:
            ledger.close()


def _enter(root: Root, log: Log, targets: Sequence[Target], run_id: str, reason: str) -> None:
    """Commit a row for each removal; one that is there already stays as it is."""
    secret = root.author_key()
    for target in targets:
        key = target.key(secret)
        row = {
            "source": target.source,
            "kind": target.kind,
            "key_hash": key,
            "reason": reason or None,
            "run_id": run_id,
            "observed_at": datetime.now(UTC),
        }
        commit(log, f"removal-{key}", {"removals": [row]})


def _remove(root: Root, log: Log, targets: Sequence[Target], run_id: str) -> Forgotten:
    batch_id = f"forget-{run_id}"
    step = swap.Swap(log, batch_id, "forget")
    snapshot = log.snapshot()
    with connect(root, snapshot=snapshot) as connection:
        gone = select(connection, targets, removed_again(connection))
        words = forget_warc.needles(gone.texts)
        places = gone.places | set(forget_warc.scan(root, words))
        gone.add_places(connection, places)
        places |= gone.repeats(connection)
        gone.add_places(connection, places)
        done = Forgotten(rows=dict(gone.rows), releases=_releases(root, gone))
        if not (any(gone.rows.values()) or places):
            return done
        step.begin()
        pointed = gone.pointed(connection)
        moves = forget_warc.rewrite(root, places, known=lambda *place: place in pointed)
        done.records = moves.removed
        add, remove = write_tables(connection, step, moves.places)
    secret = root.author_key()
    suppressed = Suppressed((target.key(secret) for target in targets), secret)
    # Before the commit: while the tables still say what is to go, all of this can be repeated.
    clean_state(
        root.state / STATE_FILE,
        gone.items,
        unwanted=suppressed.holds,
        moved=moves.places,
        gone=places,
    )
    step.finish(add, remove, [path for name in moves.old for path in _warc_files(name)])
    _delete_old(root, log)
    settle(root)
    done.left = _left(root, words)
    return done


def _warc_files(name: str) -> tuple[str, str]:
    """A WARC file and its index, as paths below the root."""
    return f"warc/{name}", f"warc/{name.rpartition('.warc')[0]}.cdxj"


def _delete_old(root: Root, log: Log) -> None:
    """Delete what was replaced at once: it holds what was removed."""
    swap.purge(log, older_than=-1)
    files.remove(root.state / "log-cache.msgpack")
    # Caches that hold texts: the next search makes its index anew, the other is an earlier state.
    files.remove_tree(root.state / "search")
    for old in root.state.glob("*.old"):
        files.remove(old)


def _releases(root: Root, gone: Gone) -> list[str]:
    """The releases that hold some of the rows; they are immutable, so they are only named."""
    folders = sorted(root.releases.iterdir()) if root.releases.is_dir() else []
    shown = [folder for folder in folders if not folder.name.startswith(".")]
    return [folder.name for folder in shown if gone.in_release(folder)]


def _left(root: Root, words: frozenset[bytes]) -> list[str]:
    """Where removed words still are: WARC records, tables, files of the state."""
    left = [f"warc/{name} at byte {offset}" for name, offset in forget_warc.scan(root, words)]
    with connect(root) as connection:
        left += _left_in_tables(connection, words)
    for path in sorted(p for p in root.state.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if any(word in data for word in words):
            left.append(path.relative_to(root.path).as_posix())
    return left


def _left_in_tables(connection: duckdb.DuckDBPyConnection, words: frozenset[bytes]) -> list[str]:
    texts = []
    for word in words:
        try:
            texts.append(word.decode("utf-8"))
        except UnicodeDecodeError:
            continue  # the same line in another coding; tables are UTF-8
    left = []
    look: Callable[[str, str, str], str] = (
        "SELECT source || '/' || {} FROM {} WHERE EXISTS"
        " (SELECT 1 FROM (SELECT unnest(?) AS w) WHERE contains({}, w))"
    ).format
    for view, key, column in (
        ("comment_history", "thread_id || '/' || comment_id", "text"),
        ("article_history", "article_id", "text"),
        ("quarantine", "coalesce(url, '')", "coalesce(excerpt, '')"),
    ):
        if texts:
            rows = connection.execute(look(key, view, column), [texts]).fetchall()
            left += [f"{view}: {row[0]} (quotes it)" for row in rows]
    return left
