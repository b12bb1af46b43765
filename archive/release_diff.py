"""What changed between two releases, piece by piece. Reads nothing but their Parquet files.

A piece is an article or a comment; its newest version in each release is compared. `added`: only
the newer release has it. `removed`: only the older has it (other filters, or taken out on request).
`edited`, `deleted`, `restored`: it has a newer version. `missing`: a full walk no longer met it.
`reparsed`: equal content, read otherwise (parser, normaliser, derived text, time, parent).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from archive.errors import UsageError
from archive.schema import TABLES, Table

__all__ = ["KINDS", "Difference", "differences", "row_counts"]

KINDS: Final = ("added", "edited", "deleted", "restored", "missing", "reparsed", "removed")
"""What can have happened to a piece, in the order in which it is reported."""

_IDS: Final = {
    "articles": ("source", "article_id"),
    "comments": ("source", "thread_id", "comment_id"),
}
# Where a row was seen says nothing about how it was read.
_NOT_READING: Final = {"version", "change", "run_id", "fetch_id", "observed_at", "content_sha256"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One piece that differs: `id` as `shenglu query --evidence` takes it, versions, columns."""

    table: str
    kind: str
    id: str
    old_version: int | None
    new_version: int | None
    columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The difference as plain values."""
        return asdict(self)


def differences(old: Path, new: Path) -> Iterator[Difference]:
    """The pieces that differ, by table, kind and id; raises `UsageError` for a folder without data.

    Both tables are read whole into DuckDB, which spills what does not fit.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, keys in _IDS.items():
            for side, folder in (("old", old), ("new", new)):
                seen = f"{name.removesuffix('s')}_observations"
                globs = (_glob(folder, name), _glob(folder, seen))
                connection.execute(_latest(side, globs, keys))
            cursor = connection.execute(_compare(TABLES[name], keys))
            while rows := cursor.fetchmany(10_000):
                for kind, key, before, after, columns in rows:
                    yield Difference(name, kind, key, before, after, tuple(columns or ()))


def row_counts(folder: Path) -> dict[str, int]:
    """Rows of every table of a release; raises `UsageError` where there is no data."""
    with duckdb.connect(":memory:") as connection:
        return {name: _count(connection, _glob(folder, name)) for name in TABLES}


def _count(connection: duckdb.DuckDBPyConnection, glob: str) -> int:
    found = connection.execute("SELECT count(*) FROM read_parquet($1)", [glob]).fetchone()
    return int(found[0]) if found else 0


def _glob(folder: Path, table: str) -> str:
    parts = folder / "data" / table
    if not parts.is_dir():
        raise UsageError(f"{folder} is no release: it has no data/{table}")
    return str(parts / "*.parquet")


def _latest(side: str, globs: tuple[str, str], keys: tuple[str, ...]) -> str:
    rows, sightings = (glob.replace("'", "''") for glob in globs)
    key = ", ".join(keys)
    return f"""
CREATE OR REPLACE TEMP TABLE {side} AS
SELECT * FROM (
  SELECT * FROM read_parquet('{rows}')
  QUALIFY row_number() OVER (
    PARTITION BY {key} ORDER BY observed_at DESC, fetch_id DESC, version DESC) = 1
) LEFT JOIN (
  SELECT {key}, arg_max(state, observed_at) = 'missing' AS missing
  FROM read_parquet('{sightings}') GROUP BY ALL
) USING ({key})
"""  # noqa: S608 - names of our schema, quoted paths


def _compare(made: Table, keys: tuple[str, ...]) -> str:
    read = [c.name for c in made.columns if c.name not in {*keys, *_NOT_READING}]
    changed = ", ".join(
        f"CASE WHEN old.{name} IS DISTINCT FROM new.{name} THEN '{name}' END" for name in read
    )
    key = " || '/' || ".join(f"coalesce(new.{name}, old.{name})" for name in keys)
    same = " AND ".join(f"old.{name} = new.{name}" for name in keys)
    order = ", ".join(f"'{kind}'" for kind in KINDS)
    return f"""
SELECT * FROM (
  SELECT CASE
           WHEN old.source IS NULL THEN 'added'
           WHEN new.source IS NULL THEN 'removed'
           WHEN new.version > old.version AND new.change IN ('delete', 'restore')
             THEN new.change || 'd'
           WHEN new.missing AND old.missing IS NOT true THEN 'missing'
           WHEN new.content_sha256 IS NOT DISTINCT FROM old.content_sha256 THEN 'reparsed'
           ELSE 'edited'
         END AS kind,
         {key} AS id, old.version, new.version,
         CASE WHEN old.source IS NOT NULL AND new.source IS NOT NULL
              THEN list_filter([{changed}], lambda x: x IS NOT NULL) END AS columns
  FROM old FULL JOIN new ON {same}
) WHERE kind <> 'reparsed' OR len(columns) > 0
ORDER BY list_position([{order}], kind), id
"""  # noqa: S608 - names of our schema
