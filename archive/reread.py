"""Rows read anew from old captures, compared with what the archive holds: the core of `reparse`.

Versions of an item are ordered by (observed_at, fetch_id, version). For each re-read row the
element just before it in that order is what was in force:

- If it was read from the same capture, every value is compared: the reading changed or not.
- Otherwise the item was seen unchanged on that capture, or not at all: only the content hash is
  compared, and a content that the same run stored already (pages are not always read in the
  order in which they came) is no news.

Tools, provenance and the place in the thread (where the parent is the same) are no values. The
comparison runs in DuckDB, which spills to disk, so its memory is bounded. What differs is written
through the state file, as a crawl's rows are: version numbers stay right beside a running crawl.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from archive.known import HIDDEN
from archive.schema import Table
from archive.schema import table as known_table
from archive.session import Session
from archive.views import HISTORY

__all__ = ["CONTENT", "Difference", "apply", "differences", "stage_views"]

CONTENT = {"articles": ("source", "article_id"), "comments": ("source", "thread_id", "comment_id")}
"""Tables that hold content, with what identifies an item; their sightings go along."""

_SAID = ("votes_up", "votes_down", "reply_count", "state")
_NO_VALUE = frozenset(
    {
        *("version", "change", "run_id", "fetch_id", "observed_at"),
        *("parser", "normaliser", "provenance", "author_name", "root_id", "depth"),
    }
)
_GROUP = 500
_EXAMPLES = 3

_CHANGED = """
CREATE TEMP TABLE changed_{table} AS
WITH element AS (
  SELECT {key}, observed_at, fetch_id, {tie} AS tie, {content} AS content, {value} AS value,
         run_id, {version} AS version_number, {hidden} AS hidden, false AS fresh
  FROM {held} SEMI JOIN fresh_{table} USING ({key})
  UNION ALL
  SELECT {key}, new.observed_at, fetch_id, {last}, {content}, {value},
         origin.run_id, NULL, {hidden}, true
  FROM (SELECT * EXCLUDE (run_id) FROM fresh_{table}) AS new
  LEFT JOIN (SELECT fetch_id, run_id FROM fetches) AS origin USING (fetch_id)
), placed AS (
  SELECT *, lag(fetch_id) OVER w AS before_fetch, lag(content) OVER w AS before_content,
         lag(value) OVER w AS before_value, row_number() OVER w AS nth,
         coalesce(max(version_number) OVER (PARTITION BY {key}), 0) AS versions,
         count(*) FILTER (NOT fresh) OVER (PARTITION BY {key}, content, run_id) > 0 AS same_run
  FROM element
  WINDOW w AS (PARTITION BY {key} ORDER BY observed_at, fetch_id, tie)
), judged AS (
  SELECT *, fresh AND CASE
    WHEN before_fetch = fetch_id THEN value IS DISTINCT FROM before_value
    WHEN before_fetch IS NOT NULL
      AND (content IS NOT DISTINCT FROM before_content OR hidden) THEN false
    ELSE NOT same_run END AS news
  FROM placed
), kept AS (  -- what will be there; the last of an item is in force
  SELECT *, nth = max(nth) OVER (PARTITION BY {key}) AS latest
  FROM judged WHERE news OR NOT fresh
)
SELECT {key}, fetch_id, latest, versions, coalesce(before_fetch = fetch_id, false) AS again
FROM kept WHERE news
"""
_BASE = """
SELECT * FROM {held} AS row SEMI JOIN changed_{table} USING ({key}, fetch_id)
QUALIFY row_number() OVER (PARTITION BY {key}, fetch_id ORDER BY {tie} DESC) = 1
"""


@dataclass(slots=True)
class Difference:
    """What re-reading changes in one table.

    `fields` counts, by column, the rows read anew whose value differs; `examples` has a few of
    them as (id, before, after). `added` are rows of items or contents that were not known.
    """

    table: str
    changed: int = 0
    added: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows that a commit would write."""
        return self.changed + self.added


def stage_views(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Make the views `fresh_<table>` over the files `<table>-*.parquet`; the tables found."""
    found = []
    for name in (*CONTENT, *(_sightings(name) for name in CONTENT)):
        paths = sorted(str(path) for path in folder.glob(f"{name}-*.parquet"))
        if paths:
            listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
            connection.execute(
                f"CREATE TEMP VIEW fresh_{name} AS SELECT * FROM read_parquet([{listed}])"  # noqa: S608 - quoted paths
            )
            found.append(name)
    return found


def differences(connection: duckdb.DuckDBPyConnection, table: str) -> Difference:
    """Find the rows of `fresh_<table>` that say something new, as table `changed_<table>`."""
    made = known_table(table)
    words = _words(made)
    connection.execute(_CHANGED.format_map(words))
    found = Difference(table)
    counted = connection.execute(
        f"SELECT count(*) FILTER (again), count(*) FILTER (NOT again) FROM changed_{table}"  # noqa: S608 - our own table names
    ).fetchall()
    found.changed, found.added = counted[0]
    if found.changed:
        _by_field(connection, words, [c.name for c in made.columns], found)
    return found


def apply(
    connection: duckdb.DuckDBPyConnection,
    session: Session,
    table: str,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Put the changed rows of a table into the archive as new versions; returns how many."""
    made = known_table(table)
    key = _key(made)
    total, item, nth = 0, (), 0
    for group in _changed_rows(connection, made):
        written = []
        with session.ledger.transaction():
            for row in group:
                this = tuple(row[name] for name in key)
                item, nth = this, nth + 1 if this == item else 0
                written.append(_remembered(row, session, made, nth))
            session.ledger.outbox.put({table: written})
        total += len(group)
        if progress is not None:
            progress(total)
    return total


def _remembered(row: dict[str, Any], session: Session, made: Table, nth: int) -> dict[str, Any]:
    """The row as it is written; the state file knows of it. `nth`: of this item, from 0."""
    latest, versions = row.pop("latest"), row.pop("versions")
    row["run_id"] = session.run.run_id
    known, id_column = session.ledger.known, _key(made)[-1]
    if made.name not in CONTENT:
        return known.reread_sighting(row, id_column, latest=latest)
    _placed(row, session)
    return known.reread(row, id_column, held=versions + nth if latest else None)


def _key(made: Table) -> tuple[str, ...]:
    return CONTENT.get(made.name) or CONTENT[made.name.replace("_observations", "s")]


def _sightings(table: str) -> str:
    return f"{table.removesuffix('s')}_observations"


def _words(made: Table) -> Mapping[str, str]:
    """The parts of the statements that differ between content and sightings."""
    key = _key(made)
    columns = [column.name for column in made.columns]
    content = made.name in CONTENT
    values = [n for n in columns if n not in _NO_VALUE and n not in key]
    hashed = f"hash({', '.join(values if content else _SAID)})"
    states = ", ".join(f"'{state}'" for state in sorted(HIDDEN))
    return {
        "table": made.name,
        "key": ", ".join(key),
        "held": HISTORY.get(made.name, made.name),
        "content": "content_sha256" if content else hashed,
        "value": hashed,
        "version": "version" if content else "0",
        "tie": "version" if content else "run_id",
        "last": "2147483647" if content else "'~'",
        "hidden": f"state IN ({states}) AND coalesce(text, '') = ''" if content else "false",
    }


def _by_field(
    connection: duckdb.DuckDBPyConnection,
    words: Mapping[str, str],
    columns: list[str],
    found: Difference,
) -> None:
    """Count the differing values column by column, and keep a few examples."""
    table, key = words["table"], words["key"]
    connection.execute(f"CREATE TEMP TABLE base_{table} AS {_BASE.format_map(words)}")
    pairs = (
        f"fresh_{table} AS fresh SEMI JOIN changed_{table} USING ({key}, fetch_id) "
        f"JOIN base_{table} AS base USING ({key}, fetch_id)"
    )
    for name in (n for n in columns if n not in _NO_VALUE and n not in key.split(", ")):
        differ = f'fresh."{name}" IS DISTINCT FROM base."{name}"'
        count = connection.execute(f"SELECT count(*) FROM {pairs} WHERE {differ}").fetchall()[0][0]  # noqa: S608 - schema names
        if count:
            found.fields[name] = count
            shown = " || '/' || ".join(key.split(", "))
            sql = (
                f'SELECT {shown}, base."{name}", fresh."{name}" FROM {pairs} '  # noqa: S608 - schema names
                f"WHERE {differ} ORDER BY ALL LIMIT {_EXAMPLES}"
            )
            found.examples[name] = connection.execute(sql).fetchall()


def _changed_rows(
    connection: duckdb.DuckDBPyConnection, made: Table
) -> Iterator[list[dict[str, Any]]]:
    """The rows to write, in order, some hundreds at a time; each with `latest`, `versions`.

    An author's name is kept only where the row read before kept it, the place in the thread
    where the parent is the same.
    """
    words = _words(made)
    key = words["key"]
    columns = ", ".join(f'fresh."{c.name}"' for c in made.columns)
    base = ""
    if made.name in CONTENT:
        connection.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS base_{made.name} AS {_BASE.format_map(words)}"
        )
        columns += ", base.author_name AS held_name"
        if made.name == "comments":
            columns += (
                ", base.root_id AS held_root, base.depth AS held_depth,"
                " base.parent_id AS held_parent"
            )
        base = f"LEFT JOIN base_{made.name} AS base USING ({key}, fetch_id)"
    sql = (
        f"SELECT {columns}, changed.latest, changed.versions FROM fresh_{made.name} AS fresh "  # noqa: S608 - schema names
        f"JOIN changed_{made.name} AS changed USING ({key}, fetch_id) {base} "
        f"ORDER BY {key}, fresh.observed_at, fetch_id"
    )
    for batch in connection.sql(sql).to_arrow_reader(_GROUP) or ():
        yield batch.to_pylist()


def _placed(row: dict[str, Any], session: Session) -> None:
    """Settle what only the archive knows of a row: its place in the thread, its author's name."""
    if row.pop("held_name") is None:
        row["author_name"] = None
    if "held_root" not in row:
        return
    root, depth, parent = (row.pop(f"held_{name}") for name in ("root", "depth", "parent"))
    if root is not None and parent == row["parent_id"]:
        row["root_id"], row["depth"] = root, depth
    elif row["depth"] is None and row["parent_id"]:
        places = session.places(row["source"], row["thread_id"], [row["parent_id"]])
        if row["parent_id"] in places:
            above = places[row["parent_id"]]
            row["root_id"] = above[0]
            row["depth"] = None if above[1] is None else above[1] + 1
