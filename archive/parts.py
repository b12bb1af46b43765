"""Many files' rows in order, into few big files: what compaction and releases share.

DuckDB sorts, and spills to disk what does not fit into its memory; rows come back as a stream
and are written one row group at a time. So memory is bounded whatever the size of the input.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from archive import files
from archive.commit import parquet_options
from archive.schema import Table
from archive.views import HISTORY

__all__ = ["PART_ROWS", "Form", "sorted_rows", "write_parts"]

PART_ROWS = 1_200_000
"""Rows of one file: some 170 MB of comments."""

_STREAM = 60_000


@dataclass(frozen=True, slots=True)
class Form:
    """How the files are written: zstd level, whether no rows make an empty file, file mode."""

    level: int
    empty: bool = False
    mode: int = 0o644


def sorted_rows(
    connection: duckdb.DuckDBPyConnection,
    made: Table,
    where: tuple[str, Sequence[Any]] = ("true", ()),
) -> Iterable[pa.RecordBatch]:
    """All versions of a table's rows under a condition, in the table's order, as a stream.

    Every column takes part in the order, so equal keys never come out either way.
    """
    condition, values = where
    names = [column.name for column in made.columns]
    order = ", ".join(f'"{n}" NULLS LAST' for n in [*made.sort, *names])
    listed = ", ".join(f'"{n}"' for n in names)
    view = HISTORY.get(made.name, made.name)
    sql = f"SELECT {listed} FROM {view} WHERE {condition} ORDER BY {order}"  # noqa: S608 - schema names
    return connection.sql(sql, params=list(values)).to_arrow_reader(_STREAM) or ()


def write_parts(
    rows: Iterable[pa.RecordBatch], made: Table, place: Callable[[int], Path], form: Form
) -> Iterator[Path]:
    """Write a stream of rows to `place(0)`, `place(1)`, ...; yields each file once durable."""
    options = parquet_options(made.name, made.schema, form.level)
    group = options.pop("row_group_size")
    groups = _groups(rows, made, group)
    for number in range(1_000_000):
        first = next(groups, None)
        if first is None and (number or not form.empty):
            return
        path = place(number)
        with (
            files.replacing(path, form.mode) as out,
            pq.ParquetWriter(out, made.schema, **options) as writer,
        ):
            written = 0
            while first is not None:
                writer.write_table(first, row_group_size=group)
                written += first.num_rows
                first = next(groups, None) if written < PART_ROWS else None
        yield path


def _groups(rows: Iterable[pa.RecordBatch], made: Table, size: int) -> Iterator[pa.Table]:
    """Tables of exactly `size` rows (the last one fewer), whatever pieces DuckDB gives."""
    held: list[pa.Table] = []
    count = 0
    for batch in rows:
        piece = pa.Table.from_batches([batch]).cast(made.schema)
        while count + piece.num_rows >= size:
            head = piece.slice(0, size - count)
            yield pa.concat_tables([*held, head]).combine_chunks()
            piece, held, count = piece.slice(size - count), [], 0
        if piece.num_rows:
            held.append(piece)
            count += piece.num_rows
    if held:
        yield pa.concat_tables(held).combine_chunks()
