"""Many files' rows in order, into few big files: what compaction and releases share.

DuckDB sorts one range of keys after the other; rows come back as a stream and are written one row
group at a time. So memory is bounded whatever the size of the input.
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
from archive.key_ranges import ranges_of
from archive.schema import Table
from archive.views import HISTORY

__all__ = ["PART_ROWS", "RANGE_BYTES", "Form", "sorted_rows", "write_parts"]

PART_ROWS = 1_200_000
"""Rows of one file: some 170 MB of comments."""

RANGE_BYTES = 300 << 20
"""Bytes of rows that are sorted at once."""

_STREAM = 20_000
_ROW_BYTES = 400
"""What a row takes beside its texts."""
_SAMPLE = 20_000


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
) -> Iterator[pa.RecordBatch]:
    """All versions of a table's rows under a condition, in the table's order, as a stream.

    Rows with equal keys come in the order of their hashes, so never either way: all columns as keys
    would say the same and take twice the memory. What is too large to be sorted in memory is cut
    into ranges of the key, sorted one after the other: DuckDB's sort spills keys well, but not rows
    that are mostly text.
    """
    condition, values = where
    listed = ", ".join(f'"{column.name}"' for column in made.columns)
    order = ", ".join([*(f'"{n}" NULLS LAST' for n in made.sort), f"hash({listed})"])
    view = HISTORY.get(made.name, made.name)
    for some, more in _ranges(connection, made, where):
        sql = f"SELECT {listed} FROM {view} WHERE {condition} AND {some} ORDER BY {order}"  # noqa: S608 - schema names
        reader = connection.sql(sql, params=[*values, *more]).to_arrow_reader(_STREAM)
        yield from reader or ()


def _ranges(
    connection: duckdb.DuckDBPyConnection, made: Table, where: tuple[str, Sequence[Any]]
) -> list[tuple[str, list[Any]]]:
    """Conditions that cut the rows into ranges of the sort key, in order, by a sample of them."""
    condition, values = where
    view = HISTORY.get(made.name, made.name)
    texts = [column.name for column in made.columns if pa.types.is_string(column.type)]
    size = " + ".join(f'coalesce(strlen("{name}"), 0)' for name in texts)
    asked = f"SELECT coalesce(sum({_ROW_BYTES} + {size}), 0) FROM {view} WHERE {condition}"  # noqa: S608 - schema names
    total = int(connection.execute(asked, list(values)).fetchall()[0][0])
    parts = -(-total // RANGE_BYTES)
    if parts <= 1:
        return ranges_of(made.sort, ())
    keys = ", ".join(f'"{name}"' for name in made.sort)
    order = ", ".join(f'"{name}" NULLS LAST' for name in made.sort)
    sample = (
        f"SELECT {keys} FROM (SELECT {keys} FROM {view} WHERE {condition}) "  # noqa: S608 - schema names
        f"USING SAMPLE reservoir({_SAMPLE} ROWS) REPEATABLE (1)"
    )
    rows = connection.execute(f"SELECT * FROM ({sample}) ORDER BY {order}", list(values)).fetchall()  # noqa: S608 - as above
    cuts = list(dict.fromkeys(rows[len(rows) * n // parts] for n in range(1, parts)))
    return ranges_of(made.sort, cuts)


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
