"""`check --repair`: damaged or missing table files made anew, from what can be read and the WARC.

A damaged file leaves the archive for one with its readable row groups. Content and sightings that
are lost then come back by reading the month's captures again (`crawlers.reparse`): as versions with
`change=reparse`, since which number they had is not known. Lost rows of `fetches` are made from the
WARC records themselves; robots, attempt and failures without a record are not in there. What only
the tables knew (`visits`, `runs`, `quarantine`, `removals`) cannot be made again, and is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from archive import files, swap
from archive.check import Report, check
from archive.commit import commit, parquet_options
from archive.compact import REWRITE_LOCK
from archive.lock import Lock
from archive.log import Log, LoggedFile
from archive.model import Capture
from archive.partition import Partition
from archive.query import connect
from archive.root import Root
from archive.schema import table as known_table
from archive.warc_cold import warc_files
from archive.warc_read import iter_captures
from crawlers.answer import Answer, read_answer
from crawlers.pools import processes
from crawlers.registry import site_for
from crawlers.reparse import Wanted, reparse
from crawlers.site import text_facts
from crawlers.view import View
from pipelines.identity import new_run_id
from pipelines.records import Context, fetch_row

__all__ = ["Repaired", "repair"]

_DAMAGE = frozenset(
    {"missing", "truncated", "changed", "flipped", "unreadable", "row_count", "schema_drift"}
)
_FROM_CAPTURES = frozenset({"articles", "comments", "article_observations", "comment_observations"})
_GROUP = 2_000


@dataclass(slots=True)
class Repaired:
    """One file: rows that the log knew, rows still readable, rows made again."""

    file: str
    table: str
    rows: int
    kept: int
    made: int = 0
    note: str = ""


def repair(archive: Path, report: Report | None = None) -> list[Repaired]:
    """Make damaged table files anew, as far as that goes; what was done, file by file.

    Raises:
        LockedError: a compaction, removal or other repair is under way.
        StorageError, CorruptError: the disk refuses, or the log itself is damaged.
    """
    root = Root.open(archive)
    found = report or check(root)
    names = {f.file for f in found.findings if f.kind in _DAMAGE and f.file.startswith("tables/")}
    lock = Lock(root.state / "locks", REWRITE_LOCK, "check --repair")
    try:
        log = Log(root)
        swap.recover(log)
        damaged = [file for file in log.snapshot().files if file.path in names]
        done = [_salvage(log, file) for file in damaged]
        if any(one.table == "fetches" for one in done):
            _share(done, {"fetches"}, _fetches_again(root, log))
        _content_again(archive, damaged, done)
    finally:
        lock.release()
    for one in done:
        one.note = _note(one)
    return done


def _salvage(log: Log, file: LoggedFile) -> Repaired:
    """Put the readable row groups in the place of the file."""
    made = known_table(file.table)
    groups = list(_readable(swap.located(log.root, file.path), made.schema))
    rows = sum(group.num_rows for group in groups)
    run = new_run_id(datetime.now(UTC))
    step = swap.Swap(log, f"repair-{run}", "repair")
    step.begin()
    add = []
    if rows:
        place = Partition(file.table, Partition.parse(file.path).month, f"repair-{run}").path
        there = step.place(place)
        options = parquet_options(file.table, made.schema)
        with files.replacing(there) as out:
            pq.write_table(pa.concat_tables(groups), out, **options)
        sha256, size = files.sha256_file(there)
        add.append(LoggedFile(str(place), file.table, rows, size, sha256))
    step.finish(add, [file.path])
    return Repaired(file.path, file.table, file.rows, rows)


def _readable(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """The row groups that can be read and whose page checksums are right."""
    try:
        opened = pq.ParquetFile(path, page_checksum_verification=True)
    except (pa.ArrowException, OSError):
        return
    with opened:
        for number in range(opened.metadata.num_row_groups):
            try:
                group = opened.read_row_group(number)
                group.validate(full=True)
                yield group.select(schema.names).cast(schema)
            except (pa.ArrowException, OSError, KeyError):
                continue


def _fetches_again(root: Root, log: Log) -> int:
    """Rows of `fetches` for WARC records that no row points to; how many."""
    with connect(root) as connection:
        known = {r[0] for r in connection.execute("SELECT fetch_id FROM fetches").fetchall()}
        sources = dict(
            connection.execute(
                "SELECT fetch_id, min(source) FROM (SELECT fetch_id, source FROM article_history"
                " UNION ALL SELECT fetch_id, source FROM comment_history"
                " UNION ALL SELECT fetch_id, source FROM quarantine) GROUP BY 1"
            ).fetchall()
        )
    run, rows, total = new_run_id(datetime.now(UTC)), list[dict[str, Any]](), 0
    for capture in _captures(root):
        if capture.fetch_id in known:
            continue
        rows.append(_fetch_again(capture, sources.get(capture.fetch_id)))
        if len(rows) == _GROUP:
            commit(log, f"repair-{run}-{total}", {"fetches": rows})
            total, rows = total + len(rows), []
    commit(log, f"repair-{run}-{total}", {"fetches": rows})
    return total + len(rows)


def _captures(root: Root) -> Iterator[Capture]:
    for path in warc_files(root):
        yield from iter_captures(path, root, lambda _damage: None)


def _fetch_again(capture: Capture, source: str | None) -> dict[str, Any]:
    if capture.pointer is not None and capture.pointer.record_type == "resource":
        capture = replace(capture, status=200)  # a saved page, as the import enters it
    view = View(capture)
    site = site_for(view)
    if source is None:
        source = site.source(view.address) if site else urlsplit(capture.url).hostname or "unknown"
    view, reading = read_answer(Answer(capture), site.pages if site else ())
    # Our fetch ids are the run id, the part and a number.
    run_id = capture.fetch_id.rsplit("-", 2)[0]
    context = Context(source, run_id, b"", parser=reading.parser)
    row = fetch_row(capture, reading.data, context, reading=text_facts(view))
    if capture.pointer is not None and capture.pointer.record_type == "revisit":
        row |= {"payload_sha256": None, "payload_bytes": None}
    return row | {"robots": None, "attempt": None}


def _content_again(archive: Path, damaged: Sequence[LoggedFile], done: list[Repaired]) -> None:
    """Read the captures of the damaged months again."""
    months = {Partition.parse(file.path).month for file in damaged if file.table in _FROM_CAPTURES}
    for month in sorted(months):
        first = datetime.strptime(f"{month}+0000", "%Y-%m%z")
        after = _month_after(first)
        result = reparse(archive, Wanted(since=first, until=after), pool=processes(1))
        for table in result.tables:
            _share(done, {table.table}, table.rows, month)


def _month_after(first: datetime) -> datetime:
    if first.month == 12:
        return first.replace(year=first.year + 1, month=1)
    return first.replace(month=first.month + 1)


def _share(done: list[Repaired], tables: set[str], rows: int, month: str = "") -> None:
    """Count rows made again towards the files that lost them."""
    for one in done:
        if one.table in tables and month in one.file:
            one.made = min(rows, one.rows - one.kept)
            rows -= one.made


def _note(one: Repaired) -> str:
    lost = one.rows - one.kept - one.made
    if not lost:
        return "every row is there again"
    if one.table in _FROM_CAPTURES or one.table == "fetches":
        return f"{lost} rows have no evidence in the WARC, or today's code does not find them"
    return f"{lost} rows of {one.table} are in no other place; restore the file from a backup"
