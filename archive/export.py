"""Writes rows of a query into a file for another program: CSV, Excel, Parquet, Stata, SPSS, R.

A format is a row of `FORMATS`. What a format cannot hold is never dropped in silence: each writer
counts it by column in `Notices`, and those that lose part of a value say so with `cut`. A file
appears whole or not at all.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from archive.errors import StorageError, UsageError
from archive.query import run

__all__ = ["FORMATS", "Format", "Notices", "Rows", "export", "flat", "format_of", "needed"]

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write rows: the suffix that stands for it, and `module:function` that writes."""

    suffix: str
    writer: str
    doc: str


FORMATS: Final = {
    "csv": Format(".csv", "archive.export_text:write_csv", "CSV that Excel opens safely"),
    "jsonl": Format(".jsonl", "archive.export_text:write_jsonl", "JSON lines"),
    "parquet": Format(".parquet", "archive.export_text:write_parquet", "Parquet"),
    "xlsx": Format(".xlsx", "archive.export_sheet:write_xlsx", "Excel workbook"),
    "stata": Format(".dta", "archive.export_stats:write_stata", "Stata 14 or newer"),
    "spss": Format(".sav", "archive.export_stats:write_spss", "SPSS"),
    "rds": Format(".rds", "archive.export_rds:write_rds", "R data frame"),
}
"""The formats by name. A writer takes `Rows`, the path to write and `Notices`."""


@dataclass(slots=True)
class Notices:
    """What a reader of the file must know: (what, column) and how many values."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    cut: bool = False
    rows: int = 0

    def count(self, what: str, column: str, number: int = 1, *, cut: bool = False) -> None:
        """Count values of a column; `cut` where part of them is lost."""
        if number:
            self.counts[what, column] = self.counts.get((what, column), 0) + number
            self.cut = self.cut or cut

    def lines(self) -> list[str]:
        """One sentence each, for people."""
        return [
            f"{column}: {number} {what}" if number else f"{column}: {what}"
            for (what, column), number in self.counts.items()
        ]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows to write: their schema and, once, their batches; what columns mean, if known."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    docs: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return list(self.schema.names)

    def table(self) -> pa.Table:
        """All rows at once, for formats that need them so."""
        return pa.Table.from_batches(list(self.batches), schema=self.schema)


def format_of(out: Path, name: str | None = None) -> str:
    """The format by name, else by the file's suffix; raises `UsageError` for neither."""
    if name is not None:
        return name
    found = [form for form, made in FORMATS.items() if made.suffix == out.suffix.lower()]
    if not found:
        known = ", ".join(f"{made.suffix} ({form})" for form, made in FORMATS.items())
        raise UsageError(f"{out.name} tells no format; give --format, or one of {known}")
    return found[0]


def export(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    form: str,
    out: Path,
    docs: Mapping[str, str] | None = None,
) -> Notices:
    """Write the rows of one SELECT; returns what to tell.

    `docs` say what columns mean: labels in Stata and SPSS, a sheet in Excel.

    Raises `UsageError` for other SQL and where a library is missing, `StorageError` when the disk
    refuses.
    """
    module, _, function = FORMATS[form].writer.partition(":")
    write: Callable[[Rows, Path, Notices], None] = getattr(import_module(module), function)
    run(connection, f"DESCRIBE {sql}").fetchall()  # refuses what is no single SELECT
    reader: Any = connection.sql(sql).to_arrow_reader(_BATCH)
    notices = Notices()
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        write(Rows(reader.schema, _counted(reader, notices), docs or {}), unfinished, notices)
        unfinished.replace(out)
    except OSError as error:
        raise StorageError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return notices


def _counted(batches: Iterable[pa.RecordBatch], notices: Notices) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        notices.rows += batch.num_rows
        yield batch


def flat(value: Any) -> Any:
    """A value as a cell can hold it: lists and structures as JSON, times as ISO 8601 in UTC."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        at = value.astimezone(UTC) if value.tzinfo else value
        return at.isoformat().replace("+00:00", "Z")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=flat)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def needed(module: str) -> Any:
    """An optional library; raises `UsageError` that says how to get it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"this format needs {error.name}; install the extra: pip install 'shenglu[export]'"
        ) from error
