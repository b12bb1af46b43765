"""Reads a release with SQL: the views of `archive.views` over the files in its folder.

A release needs no archive beside it: whoever got the folder asks it by the same names.
"""

from datetime import datetime
from pathlib import Path

import duckdb

from archive.release_schema import RELEASED
from archive.views import statements

__all__ = ["connect_release", "is_release"]


def is_release(folder: Path) -> bool:
    """Whether a release lies in that folder."""
    return (folder / "release.json").is_file()


def connect_release(
    folder: Path, *, sandbox: bool = False, as_of: datetime | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection with the views over one release; `sandbox` and `as_of` as in `archive.query`."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    parts = {
        name: sorted(map(str, (folder / "data" / name).resolve().glob("*.parquet")))
        for name in RELEASED
    }
    if sandbox:
        allowed = [str((folder / "data").resolve())]
        connection.execute("SET allowed_directories = $1", [allowed])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    for statement in statements(parts, as_of, tables=RELEASED):
        connection.execute(statement)
    return connection
