"""Rows become durable, sorted Parquet files and one log entry, or nothing.

Order of events: each file is written, synced and renamed; then the entry that names them all is
created. A crash before the entry leaves files of no commit: readers that follow the log ignore
them, and committing the same batch again overwrites them, because the names come from the batch
id. So a caller must give a batch id to the same rows only, for good.
"""

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from archive import files, gate
from archive.errors import SchemaError
from archive.log import Commit, Log, LoggedFile
from archive.partition import Partition, check_batch_id, month_of
from archive.root import Root
from archive.schema import Table, conform
from archive.schema import table as known_table

__all__ = ["commit", "parquet_options", "sweep_uncommitted"]

Row = Mapping[str, Any]

_ROW_GROUPS = {"articles": 10_000}
_ROW_GROUP = 20_000
_PAGE = 256 << 10
"""Bytes of a page. A look-up of one thread unpacks one group's keys and one page a column."""

_LOOKED_UP = ("thread_id", "comment_id", "article_id", "fetch_id")
"""Columns that a point look-up asks for: they get a Bloom filter."""

_OURS = re.compile(r"(outbox|compact|rows|repair)-[\w.-]+\.parquet")
_UNIQUE = frozenset({"text", "text_hans", "search_key", "content_sha256", "payload_sha256"})
"""Nearly every value differs: a dictionary would be built only to be thrown away."""


def commit(log: Log | Root, batch_id: str, rows: Mapping[str, Sequence[Row]]) -> Commit | None:
    """Commit rows of several tables in one step; None where there is nothing to do.

    Nothing to do means no rows, or a batch id that the log already has. Rows are split by the
    UTC month of `observed_at` and sorted by their table's sort key. Pass the same `Log` each
    time: a `Root` makes the whole log be read again. Raises `SchemaError` before anything is
    written, `StorageError` when the disk refuses, in which case nothing is committed.
    """
    log = Log(log) if isinstance(log, Root) else log
    check_batch_id(batch_id)
    log.catch_up()
    if log.has(batch_id):
        return None
    prepared = _prepare(batch_id, rows)
    if not prepared:
        return None
    with gate.together(log.root):
        written = [_write(log.root, place, data) for place, data in prepared]
        return log.append(batch_id, written)


def _prepare(batch_id: str, rows: Mapping[str, Sequence[Row]]) -> list[tuple[Partition, pa.Table]]:
    prepared = []
    for name in sorted(rows):
        wanted = known_table(name)
        for month, part in sorted(_by_month(wanted, rows[name]).items()):
            data = conform(name, part).sort_by([(key, "ascending") for key in wanted.sort])
            prepared.append((Partition(name, month, batch_id), data))
    return prepared


def _by_month(wanted: Table, rows: Sequence[Row]) -> dict[str, list[Row]]:
    months: dict[str, list[Row]] = {}
    places: dict[Any, list[Row]] = {}  # the rows of a page share their time
    for row in rows:
        at = row.get(wanted.observed)
        place = places.get(at)
        if place is None:
            try:
                place = months.setdefault(month_of(at), [])
            except SchemaError as error:
                raise SchemaError(f"{wanted.name}.{wanted.observed}: {error}") from error
            places[at] = place
        place.append(row)
    return months


def _write(root: Root, place: Partition, data: pa.Table) -> LoggedFile:
    # Encoded in memory: a batch is bounded, and the hash then needs no second reading.
    buffer = io.BytesIO()
    pq.write_table(data, buffer, **parquet_options(place.table, data.schema))
    encoded = buffer.getvalue()
    path = place.path
    files.write_atomic(root.path / path, encoded)
    return LoggedFile(
        path=str(path),
        table=place.table,
        rows=data.num_rows,
        bytes=len(encoded),
        sha256=hashlib.sha256(encoded).hexdigest(),
    )


def parquet_options(table: str, schema: pa.Schema, level: int = 3) -> dict[str, Any]:
    """The keyword arguments of `pyarrow.parquet.ParquetWriter` for a table.

    `level` is zstd's: 3 for commits, 6 to 9 for files that are written once for good. Page
    checksums let a reader notice a flipped bit; the page index and the Bloom filters let it
    skip pages and row groups.
    """
    group = _ROW_GROUPS.get(table, _ROW_GROUP)
    blooms = {name: {"ndv": group, "fpp": 0.01} for name in _LOOKED_UP if name in schema.names}
    order: list[tuple[str, Literal["ascending"]]] = [
        (key, "ascending") for key in known_table(table).sort
    ]
    return {
        "compression": "zstd",
        "compression_level": level,
        "use_dictionary": [name for name in schema.names if name not in _UNIQUE],
        "write_page_index": True,
        "write_page_checksum": True,
        "bloom_filter_options": blooms or None,
        "sorting_columns": pq.SortingColumn.from_ordering(schema, order, null_placement="at_end"),
        "row_group_size": group,
        "data_page_size": _PAGE,
    }


def sweep_uncommitted(log: Log, older_than: float = files.DEBRIS_AGE) -> list[Path]:
    """Delete temporary files, and data files of no commit, that are older than that (seconds).

    Only what has a name as shenglu gives them: what a person put there is `check`'s to report. The
    gate spares a writer that has renamed its files and not yet created its entry, though it was
    stopped for hours or the clock leapt. Releases under construction are left alone: they take
    long, and clean up after themselves.
    """
    root = log.root
    folders = (root.tables, root.log, root.meta, root.warc, root.state)
    swept = [path for folder in folders for path in files.sweep(folder, older_than)]
    with gate.idle(root) as idle:
        if idle:  # else somebody is between files and entry: the next sweep is soon enough
            swept += files.sweep_except(root.tables, _kept(log), older_than)
    return swept


def _kept(log: Log) -> frozenset[Path]:
    """The files of the snapshot, and those that no shenglu wrote."""
    live = {log.root.path / f.path for f in log.snapshot().files}
    foreign = (p for p in log.root.tables.rglob("*") if not _OURS.fullmatch(p.name))
    return frozenset({*live, *foreign})
