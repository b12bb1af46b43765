"""Many small files into few big ones, sorted, beside a running crawl.

A closed day's files of a table become one; a closed month's become files of 1.2 million rows,
compressed harder. What arrives later for a closed month (an outbox that a crash left, rows of a
`reparse`) is gathered in a file of its own, and the month is written anew when that holds more
than an eighth of it. The rows stay the same: their number and the sum of their hashes are
compared, from the new files as they lie on disk, before anything is exchanged.

Every step can be cut short: until the exchange (`archive.swap`) the old files count.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from archive import files, swap
from archive.commit import sweep_uncommitted
from archive.errors import CorruptError, StorageError
from archive.lock import Lock
from archive.log import Log, LoggedFile, Snapshot
from archive.mirror import settle
from archive.partition import Partition
from archive.parts import Form, sorted_rows, write_parts
from archive.query import connect
from archive.root import Root
from archive.schema import Table
from archive.schema import table as known_table
from archive.views import HISTORY

__all__ = ["REWRITE_LOCK", "Compacted", "Job", "compact", "jobs"]

REWRITE_LOCK = "rewrite"
"""Scope of the lock of everything that puts files in place of others."""

_DAY, _MONTH = "compact-day", "compact-month"
_DAY_LEVEL, _MONTH_LEVEL = 3, 9
_LATE_SHARE = 8
_SETTLE = timedelta(hours=1)
_MEMORY, _THREADS = "1GB", 2
"""DuckDB's bound. Each thread sorts in memory of its own: with many, it could not be kept."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """Files of one table and month to be put together; `label` is the day or month."""

    table: str
    label: str
    inputs: tuple[LoggedFile, ...]

    @property
    def month(self) -> str:
        """The month of the folder."""
        return self.label[: len("YYYY-MM")]

    @property
    def batch_id(self) -> str:
        """Named after what goes in, so that a repeated attempt is the same one."""
        names = "\0".join(sorted(file.path for file in self.inputs))
        digest = hashlib.sha256(names.encode()).hexdigest()[:12]
        kind = _MONTH if self.label == self.month else _DAY
        return f"{kind}-{self.table}-{self.label}-{digest}"


@dataclass(slots=True)
class Compacted:
    """What a compaction did."""

    jobs: int = 0
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    rows: int = 0
    recovered: int = 0
    deleted: int = 0
    swept: int = 0


def compact(
    root: Root,
    *,
    now: datetime | None = None,
    keep: float = swap.GRACE,
    progress: Progress | None = None,
) -> Compacted:
    """Compact what is closed at `now`, finish and clean up what earlier processes left.

    `keep` is the number of seconds for which replaced files stay for readers of an older
    snapshot. Raises `LockedError` when another rewrite is under way, `CorruptError` for a
    damaged input (nothing is changed then), `StorageError` when the disk refuses.
    """
    lock = Lock(root.state / "locks", REWRITE_LOCK, "compact")
    try:
        log = Log(root)
        done = Compacted(recovered=swap.recover(log))
        todo = list(jobs(log.snapshot(), root, now or datetime.now(UTC)))
        for number, job in enumerate(todo, 1):
            _count(done, job, _run(log, job))
            if progress is not None:
                progress("compact", number, len(todo))
        done.deleted = len(swap.purge(log, keep))
        done.swept = len(sweep_uncommitted(log))
        settle(root)
    finally:
        lock.release()
    return done


def jobs(snapshot: Snapshot, root: Root, now: datetime) -> Iterator[Job]:
    """What is worth doing: closed days of open months, closed months, late arrivals.

    A day is closed an hour after midnight UTC, so that rows on their way are not late.
    """
    today = (now.astimezone(UTC) - _SETTLE).date()
    months: dict[tuple[str, str], list[LoggedFile]] = {}
    for file in snapshot.files:
        months.setdefault((file.table, Partition.parse(file.path).month), []).append(file)
    for (table, month), members in sorted(months.items()):
        if month < f"{today:%Y-%m}":
            yield from _closed_month(table, month, members)
        else:
            yield from _closed_days(table, members, root, today)


def _closed_month(table: str, month: str, members: Sequence[LoggedFile]) -> Iterator[Job]:
    done = [f for f in members if Partition.parse(f.path).batch.startswith(_MONTH)]
    late = [f for f in members if f not in done]
    if late and _rows(late) * _LATE_SHARE >= _rows(done):
        yield Job(table, month, tuple(members))
    elif len(late) > 1:
        yield Job(table, f"{month}-late", tuple(late))


def _closed_days(
    table: str, members: Sequence[LoggedFile], root: Root, today: date
) -> Iterator[Job]:
    days: dict[date, list[LoggedFile]] = {}
    for file in members:
        last = _last_observed(root, file)
        if last is not None and last < today:
            days.setdefault(last, []).append(file)
    for day, found in sorted(days.items()):
        if len(found) > 1:
            yield Job(table, day.isoformat(), tuple(found))


def _rows(some: Iterable[LoggedFile]) -> int:
    return sum(file.rows for file in some)


def _last_observed(root: Root, file: LoggedFile) -> date | None:
    """The day (UTC) of the file's latest row, from its footer; None where it has no rows.

    A file that spans midnight belongs to the later day.
    """
    made = known_table(file.table)
    at = [column.name for column in made.columns].index(made.observed)
    try:
        footer = pq.read_metadata(root.path / file.path)
        groups: list[Any] = [
            footer.row_group(n).column(at).statistics for n in range(footer.num_row_groups)
        ]
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file, str(error)) from error
    latest = [s.max for s in groups if s is not None and s.has_min_max]
    return max(latest).astimezone(UTC).date() if latest else None


def _run(log: Log, job: Job) -> list[LoggedFile]:
    root, made = log.root, known_table(job.table)
    for file in job.inputs:
        path = root.path / file.path
        if not path.exists() or files.sha256_file(path) != (file.sha256, file.bytes):
            raise _damaged(file, "it is not the file that the log names")
    step = swap.Swap(log, job.batch_id, "compact")
    step.begin()
    paths: list[str] = []

    def place(number: int) -> Path:
        where = Partition(job.table, job.month, f"{job.batch_id}-{number:05d}").path
        paths.append(str(where))
        return step.place(where)

    level = _MONTH_LEVEL if job.label == job.month else _DAY_LEVEL
    snapshot = Snapshot(0, job.inputs)
    with (
        _told(job),
        connect(root, snapshot=snapshot, memory_limit=_MEMORY) as connection,
    ):
        connection.execute(f"SET threads = {_THREADS}")
        written = list(write_parts(sorted_rows(connection, made), made, place, Form(level)))
        view = HISTORY.get(made.name, made.name)
        before = _fingerprint(connection, made, view)
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in written)
        after = _fingerprint(connection, made, f"read_parquet([{listed}])")
    if before != after or before[0] != _rows(job.inputs):
        raise CorruptError(
            f"{job.batch_id}: {before[0]} rows went in, {after[0]} came out, or others; nothing "
            "was changed; run `shenglu check`"
        )
    add = [_logged(step, made.name, path) for path in paths[: len(written)]]
    step.finish(add, [file.path for file in job.inputs])
    return add


@contextmanager
def _told(job: Job) -> Iterator[None]:
    """Say which job found no room to be sorted in; its old files stay."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StorageError(
            f"{job.batch_id}: {_MEMORY} of memory do not hold what one key has ({error}); nothing "
            "was changed, and the small files stay readable; report it"
        ) from error


def _fingerprint(
    connection: duckdb.DuckDBPyConnection, made: Table, relation: str
) -> tuple[int, int]:
    """Number of rows, and the sum of their hashes: equal for the same rows in any order."""
    columns = ", ".join(f'"{column.name}"' for column in made.columns)
    sql = f"SELECT count(*), sum(hash({columns})::HUGEINT) FROM {relation}"  # noqa: S608 - schema names, quoted paths
    rows, total = connection.execute(sql).fetchall()[0]
    return int(rows), int(total or 0)


def _logged(step: swap.Swap, table: str, path: str) -> LoggedFile:
    there = step.place(path)
    sha256, size = files.sha256_file(there)
    return LoggedFile(path, table, pq.read_metadata(there).num_rows, size, sha256)


def _damaged(file: LoggedFile, why: str) -> CorruptError:
    return CorruptError(
        f"{file.path} cannot be compacted: {why}; `shenglu check` says more, "
        "`shenglu check --repair` mends what can be mended"
    )


def _count(done: Compacted, job: Job, made: Sequence[LoggedFile]) -> None:
    done.jobs += 1
    done.files_before += len(job.inputs)
    done.files_after += len(made)
    done.bytes_before += sum(file.bytes for file in job.inputs)
    done.bytes_after += sum(file.bytes for file in made)
    done.rows += _rows(made)
