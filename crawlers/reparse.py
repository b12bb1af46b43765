"""`reparse`: today's page objects and text pipeline over the captures that the archive holds.

Captures are read in a pool (`crawlers.pools`: processes, or a cluster), in the order in which they
lie in the WARC; the rows are compared with what is known (`archive.reread`) and only what differs
is written, as new versions with `change=reparse`. Doing it again writes nothing.
docs/decisions/0021-reparse.md says why rows keep the time of their capture.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from archive import files, gate
from archive.ledger import Ledger
from archive.model import WarcPointer
from archive.query import connect
from archive.reread import Difference, apply, differences, stage_views
from archive.root import Root
from archive.session import STATE_FILE, Plan, Session
from crawlers.pools import Pool, processes
from crawlers.rereading import Chunk, Task
from pipelines.identity import new_run_id

__all__ = ["Result", "Wanted", "reparse"]

SCOPE = "reparse"
_CHUNK = 250
_POINTER = ("warc_filename", "warc_record_offset", "warc_record_length", "warc_type")
_CLASSES = "('article', 'thread', 'list', 'feed', 'api', 'paywall')"
_TASKS = """
WITH good AS (
  SELECT url, observed_at, {held} FROM fetches
  WHERE warc_type IN ('response', 'resource') AND status IN (0, 200) AND page_class IN {classes}
)
SELECT f.fetch_id, f.run_id, f.source, f.url, f.method, f.observed_at, f.status,
  {pointer}, {held_names}
FROM fetches AS f ASOF LEFT JOIN good ON f.url = good.url AND f.observed_at > good.observed_at
WHERE f.warc_filename IS NOT NULL AND f.page_class IS NOT NULL
  AND coalesce(f.page_reason, '') NOT IN ('robots.txt', 'asked for by a page''s script')
  AND NOT starts_with(coalesce(f.page_reason, ''), 'redirected to another site')
  AND {condition}
ORDER BY f.warc_filename, f.warc_record_offset
"""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which captures: fetched in [since, until), of these sites (none: all), only failed ones.

    Failed are the pages with a quarantine row, and those of no known class.
    """

    since: datetime | None = None
    until: datetime | None = None
    sites: tuple[str, ...] = ()
    only_failed: bool = False

    def sql(self) -> tuple[str, list[Any]]:
        """A condition on `f`, and its values."""
        conditions = ["true"]
        values: list[Any] = []
        for bound, operator in ((self.since, ">="), (self.until, "<")):
            if bound is not None:
                conditions.append(f"f.observed_at {operator} ?")
                values.append(bound)
        if self.sites:
            tests = " OR ".join("f.source = ? OR starts_with(f.source, ?)" for _ in self.sites)
            conditions.append(f"({tests})")
            values += [value for site in self.sites for value in (site, f"{site}:")]
        if self.only_failed:
            conditions.append(
                "(f.page_class IN ('other', 'empty')"
                " OR f.fetch_id IN (SELECT fetch_id FROM quarantine))"
            )
        return " AND ".join(conditions), values


@dataclass(slots=True)
class Result:
    """What a reparse read, what differs by table, how many rows were written."""

    captures: int = 0
    pages: int = 0
    seconds: float = 0.0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Difference] = field(default_factory=list)
    written: int = 0


def reparse(
    archive: Path,
    wanted: Wanted,
    *,
    dry_run: bool = False,
    pool: Pool | None = None,
    report: Callable[[Result], None] | None = None,
    progress: Progress | None = None,
) -> Result:
    """Read the wanted captures again; write what differs unless `dry_run`.

    `report` is told the differences before anything is written.

    Raises:
        LockedError: another reparse is under way.
        UsageError, CorruptError, StorageError: the archive cannot be used.
    """
    root = Root.open(archive)
    session = None if dry_run else Session.begin(_plan(archive, wanted))
    stage = root.stage / f"reparse-{os.getpid()}-{new_run_id(datetime.now(UTC))}"
    finished = False
    try:
        files.make_folder(stage)
        result = Result()
        with gate.together(root), connect(root) as connection:
            _read_all(
                root,
                connection,
                wanted,
                (stage, pool or processes(os.cpu_count() or 1), result),
                progress,
            )
            result.tables = [differences(connection, t) for t in stage_views(connection, stage)]
            if report is not None:
                report(result)
            if session is not None:
                for table in result.tables:
                    if table.rows:
                        result.written += apply(connection, session, table.table)
        finished = bool(result.written)
    finally:
        files.remove_tree(stage)
        if session is not None:
            session.end("finished" if finished else "nothing new", finished=finished)
    return result


def _plan(archive: Path, wanted: Wanted) -> Plan:
    words = [f"--site {site}" for site in wanted.sites]
    words += [
        f"--{n} {t.isoformat()}" for n, t in (("since", wanted.since), ("until", wanted.until)) if t
    ]
    words += ["--only-failed"] if wanted.only_failed else []
    return Plan(
        archive=archive,
        site=SCOPE,
        scope=SCOPE,
        command=" ".join([SCOPE, *words]),
        run_id=new_run_id(datetime.now(UTC)),
    )


def _read_all(
    root: Root,
    connection: duckdb.DuckDBPyConnection,
    wanted: Wanted,
    job: tuple[Path, Pool, Result],
    progress: Progress | None,
) -> None:
    """Read every wanted capture; at most a few chunks wait at a time."""
    stage, pool, result = job
    began = datetime.now(UTC)
    condition, values = wanted.sql()
    sql = _TASKS.format(
        classes=_CLASSES,
        held=", ".join(f"{name} AS held_{name}" for name in _POINTER),
        held_names=", ".join(f"held_{name}" for name in _POINTER),
        pointer=", ".join(f"f.{name}" for name in _POINTER),
        condition=condition,
    )
    total = connection.execute(f"SELECT count(*) FROM ({sql})", values).fetchall()[0][0]  # noqa: S608 - our own statement
    chunks = _chunks(root, connection.cursor().execute(sql, values), stage)
    for done in pool(chunks):
        result.pages += done.pages
        result.unreadable += done.unreadable
        result.captures = result.pages + len(result.unreadable)
        if progress is not None:
            progress("reparse", result.captures, total)
    result.unreadable.sort()
    result.seconds = (datetime.now(UTC) - began).total_seconds()


def _chunks(root: Root, rows: duckdb.DuckDBPyConnection, stage: Path) -> Iterator[Chunk]:
    metas = _metas(root)
    for number in count():
        found = rows.fetchmany(_CHUNK)
        if not found:
            return
        yield Chunk(root.path, stage, number, [_task(row, metas) for row in found])


def _task(row: tuple[Any, ...], metas: dict[str, dict[str, str | int]]) -> Task:
    fetch_id, run_id, source, url, method, observed_at, status, *places = row
    pointer = WarcPointer(*places[:4])
    held = WarcPointer(*places[4:]) if places[4] is not None else None
    return Task(
        *(fetch_id, run_id, source, url, method, observed_at, pointer, held, metas.get(url, {})),
        drawn=status == HTTPStatus.OK and pointer.record_type == "resource",
    )


def _metas(root: Root) -> dict[str, dict[str, str | int]]:
    """What travelled with the links, as far as the state file still knows."""
    path = root.state / STATE_FILE
    if not path.exists():
        return {}
    ledger = Ledger(path)
    try:
        return ledger.queue.metas()
    finally:
        ledger.close()
