"""Reads the archive with SQL: DuckDB views over the files of the current snapshot.

The connection lives in memory; its views never change the archive. It keeps the snapshot that
it was opened on: open a new one to see later commits. Also finds the evidence behind a row.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from archive.errors import CorruptError, LockedError, UsageError
from archive.log import Log, Snapshot
from archive.model import WarcPointer
from archive.root import Root
from archive.swap import located
from archive.views import statements
from archive.warc_read import Resolver

__all__ = [
    "Evidence",
    "connect",
    "evidence",
    "rows_as_dicts",
    "run",
    "spill_folder",
    "warc_resolver",
]

_MEMORY = "1500MB"
"""DuckDB may take some hundred MB beyond it: together below 2 GB."""
_READS = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})
_POINTER = ("warc_filename", "warc_record_offset", "warc_record_length", "warc_type")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row and the WARC record that it was read from (None where nothing was kept)."""

    table: str
    row: dict[str, Any]
    pointer: WarcPointer | None


def connect(
    root: Root,
    *,
    snapshot: Snapshot | None = None,
    memory_limit: str = _MEMORY,
    sandbox: bool = False,
    as_of: datetime | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection with the views of `archive.views` over one snapshot, by default the newest.

    `sandbox` keeps SQL away from every file outside `tables/`, from the network and from
    extensions. What does not fit into `memory_limit` is spilled to disk below the root. Times
    are shown in UTC. `as_of` leaves out what was observed after that time. Raises `CorruptError`
    for a damaged log, or a file of the tables that is missing or damaged.
    """
    now = snapshot or Log(root).snapshot()
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{memory_limit}'")
    connection.execute("SET temp_directory = $1", [str(spill_folder(root))])
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET parquet_metadata_cache = true")
    files_of: dict[str, list[str]] = {}
    for file in now.files:
        files_of.setdefault(file.table, []).append(str(located(root, file.path)))
    if sandbox:
        allowed = [str(root.tables), str(root.path / "retired")]
        connection.execute("SET allowed_directories = $1", [allowed])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    try:
        for statement in statements(files_of, as_of):
            connection.execute(statement)
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        connection.close()
        first = str(error).strip().splitlines()[0]
        raise CorruptError(
            f"the tables cannot be read: {first}; `shenglu check` says which files are damaged"
        ) from error
    return connection


def spill_folder(root: Root) -> Path:
    """A folder that DuckDB makes when it must, and that is swept like any debris."""
    return root.path / f".query-{os.getpid()}.tmp"


def run(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()
) -> duckdb.DuckDBPyConnection:
    """Run one reading statement; the connection then holds its result.

    Raises `UsageError` for statements that write, and for SQL that DuckDB refuses;
    `LockedError` when a compaction has replaced files since the connection was opened.
    """
    try:
        parsed = connection.extract_statements(sql)
        if len(parsed) != 1 or parsed[0].type not in _READS:
            raise UsageError("give one SELECT, DESCRIBE, SUMMARIZE or EXPLAIN statement")
        return connection.execute(parsed[0], parameters)
    except duckdb.IOException as error:
        raise LockedError(
            f"files were replaced while the query ran, or are missing ({error}); open the "
            "archive again, and run `shenglu check` if that does not help"
        ) from error
    except duckdb.Error as error:
        raise UsageError(f"SQL: {error}") from error


def rows_as_dicts(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """All rows of a result, keyed by column name."""
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def evidence(
    root: Root, wanted: str, connection: duckdb.DuckDBPyConnection | None = None
) -> list[Evidence]:
    """The rows that an id names, newest first, each with its WARC pointer.

    `wanted` is a fetch id, `source/article_id` or `source/thread_id/comment_id` (ids may
    contain slashes themselves). Raises `UsageError` when nothing has that id.
    """
    reader = connection or connect(root)
    source, slash, rest = wanted.partition("/")
    found = _evidence_of(reader, "fetches", "row.fetch_id = ?", (wanted,))
    if slash:
        found += _evidence_of(
            reader, "article_history", "row.source = ? AND row.article_id = ?", (source, rest)
        )
        found += _evidence_of(reader, "comment_history", *_comment_condition(source, rest))
    if not found:
        raise UsageError(
            f"nothing has the id {wanted!r}; give a fetch id, source/article_id or "
            "source/thread_id/comment_id"
        )
    return found


def _comment_condition(source: str, rest: str) -> tuple[str, tuple[str, ...]]:
    """A condition on thread and comment id for each way to cut `rest` in two at a slash."""
    parts = rest.split("/")
    cuts = [("/".join(parts[:at]), "/".join(parts[at:])) for at in range(1, len(parts))]
    tests = " OR ".join("(row.thread_id = ? AND row.comment_id = ?)" for _ in cuts) or "false"
    return f"row.source = ? AND ({tests})", (source, *(value for cut in cuts for value in cut))


def _evidence_of(
    reader: duckdb.DuckDBPyConnection, view: str, condition: str, values: Sequence[str]
) -> list[Evidence]:
    pointer = ", ".join(f"origin.{name} AS _{name}" for name in _POINTER)
    sql = (
        f"SELECT row.*, {pointer} FROM {view} AS row "  # noqa: S608 - names from this module
        "LEFT JOIN fetches AS origin ON origin.fetch_id = row.fetch_id "
        f"WHERE {condition} ORDER BY row.observed_at DESC, origin.observed_at DESC"
    )
    made = []
    for row in rows_as_dicts(reader.execute(sql, values)):
        place = [row.pop(f"_{name}") for name in _POINTER]
        made.append(Evidence(view, row, _pointer(place)))
    return made


def _pointer(place: Sequence[Any]) -> WarcPointer | None:
    filename, offset, length, kind = place
    if filename is None or offset is None or length is None:
        return None
    return WarcPointer(filename, offset, length, kind or "response")


def warc_resolver(connection: duckdb.DuckDBPyConnection) -> Resolver:
    """Finds the stored payload of a URL at a time, for `archive.warc_read.read_capture`.

    The exchange of that very time is taken where it is known, else the nearest one before.
    """

    def resolve(url: str, at: datetime) -> WarcPointer | None:
        sql = (
            f"SELECT {', '.join(_POINTER)} FROM fetches "  # noqa: S608 - names from this module
            "WHERE url = $1 AND observed_at <= $2 AND warc_type IN ('response', 'resource') "
            "ORDER BY observed_at DESC LIMIT 1"
        )
        found = connection.execute(sql, [url, at]).fetchone()
        return _pointer(found) if found else None

    return resolve
