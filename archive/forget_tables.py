"""Which rows a take-down removes, and the tables written anew without them."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from archive import files, swap
from archive.commit import parquet_options
from archive.forget_warc import Place, Places
from archive.log import LoggedFile
from archive.partition import Partition
from archive.removal import Target
from archive.schema import table as known_table

__all__ = ["Gone", "select", "write_tables"]


_TABLES = """
CREATE TEMP TABLE gone_articles(source VARCHAR, article_id VARCHAR);
CREATE TEMP TABLE gone_comments(source VARCHAR, thread_id VARCHAR, comment_id VARCHAR);
CREATE TEMP TABLE gone_threads(source VARCHAR, thread_id VARCHAR);
CREATE TEMP TABLE gone_sources(source VARCHAR);
CREATE TEMP TABLE gone_fetches(fetch_id VARCHAR);
CREATE TEMP TABLE bare_fetches(fetch_id VARCHAR);
"""
_ARTICLES = "INSERT INTO gone_articles SELECT source, article_id FROM article_history WHERE "
_COMMENTS = (
    "INSERT INTO gone_comments SELECT source, thread_id, comment_id FROM comment_history WHERE "
)
_AUTHOR = "source = $1 AND author_hash = $2"
_THREAD = "source = $1 AND thread_id = $2"
_SITE = "source = $1 OR starts_with(source, $1 || ':')"
_PAGE = "fetch_id IN (SELECT fetch_id FROM gone_fetches)"
_BY_URL = "SELECT fetch_id FROM fetches WHERE url = $1 OR canonical_url = $1"
# What each kind of removal selects; $1, $2, ... are the parts of its target.
_SELECT = {
    "author": (_ARTICLES + _AUTHOR, _COMMENTS + _AUTHOR),
    "comment": (_COMMENTS + _THREAD + " AND comment_id = $3",),
    "thread": (
        _ARTICLES + _THREAD,
        _COMMENTS + _THREAD,
        "INSERT INTO gone_threads VALUES ($1, $2)",
        "INSERT INTO gone_fetches SELECT fetch_id FROM article_history WHERE " + _THREAD,  # noqa: S608 - our own words
        "INSERT INTO gone_fetches SELECT fetch_id FROM comment_history WHERE " + _THREAD,  # noqa: S608 - our own words
    ),
    "url": (
        "INSERT INTO gone_fetches " + _BY_URL,
        _ARTICLES + "url = $1 OR (" + _PAGE + " AND $1 <> '')",
        _COMMENTS + "url = $1 OR (" + _PAGE + " AND $1 <> '')",
    ),
    "site": (
        _ARTICLES + _SITE,
        _COMMENTS + _SITE,
        "INSERT INTO gone_threads SELECT source, thread_id FROM visits WHERE " + _SITE,  # noqa: S608 - our own words
        "INSERT INTO gone_fetches SELECT fetch_id FROM fetches WHERE " + _SITE,  # noqa: S608 - our own words
        "INSERT INTO gone_sources SELECT source FROM runs WHERE " + _SITE,  # noqa: S608 - our own words
    ),
}
_EVIDENCE = """
INSERT INTO bare_fetches
WITH touched AS (
  SELECT fetch_id FROM article_history SEMI JOIN gone_articles USING (source, article_id)
  UNION SELECT fetch_id FROM comment_history SEMI JOIN gone_comments
    USING (source, thread_id, comment_id)
  UNION SELECT fetch_id FROM article_observations SEMI JOIN gone_articles
    USING (source, article_id)
  UNION SELECT fetch_id FROM comment_observations SEMI JOIN gone_comments
    USING (source, thread_id, comment_id)
  UNION SELECT fetch_id FROM gone_fetches
  UNION SELECT unnest($1)
), same_page AS (
  SELECT fetch_id FROM fetches SEMI JOIN (
    SELECT source, canonical_url FROM fetches SEMI JOIN touched USING (fetch_id)
  ) USING (source, canonical_url)
)
SELECT fetch_id FROM touched UNION SELECT fetch_id FROM same_page
"""
_PLACES = """
SELECT DISTINCT warc_filename, warc_record_offset FROM fetches
SEMI JOIN bare_fetches USING (fetch_id) WHERE warc_filename IS NOT NULL
"""
# A revisit says "the page is as it was": without that page it is evidence of nothing.
_REPEATS = """
SELECT DISTINCT again.warc_filename, again.warc_record_offset
FROM fetches AS again JOIN fetches AS page USING (url, payload_sha256)
WHERE page.fetch_id IN (SELECT fetch_id FROM bare_fetches) AND again.warc_filename IS NOT NULL
"""
# What stays of each table; fetches of removed pages keep the fact of the exchange only.
_STAYS = {
    "articles": "ANTI JOIN gone_articles USING (source, article_id)",
    "article_observations": "ANTI JOIN gone_articles USING (source, article_id)",
    "comments": "ANTI JOIN gone_comments USING (source, thread_id, comment_id)",
    "comment_observations": "ANTI JOIN gone_comments USING (source, thread_id, comment_id)",
    "visits": "ANTI JOIN gone_threads USING (source, thread_id)",
    "quarantine": "ANTI JOIN bare_fetches USING (fetch_id)",
    "fetches": "ANTI JOIN gone_fetches USING (fetch_id)",
    "runs": "ANTI JOIN gone_sources USING (source)",
}
_BARE = ("payload_sha256", "warc_filename", "warc_record_offset", "warc_record_length", "warc_type")


@dataclass(slots=True)
class Gone:
    """What is to go: rows by table, texts, items, and places in the WARC."""

    rows: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    items: list[tuple[str, str | None, str]] = field(default_factory=list)
    places: set[Place] = field(default_factory=set)

    def add_places(self, connection: duckdb.DuckDBPyConnection, places: Collection[Place]) -> None:
        """Count the exchanges of these records in, too."""
        for name, offset in places:
            connection.execute(
                "INSERT INTO bare_fetches SELECT fetch_id FROM fetches"
                " WHERE warc_filename = ? AND warc_record_offset = ?",
                [name, offset],
            )
        self.rows["fetches"] = _one(connection, "SELECT count(DISTINCT fetch_id) FROM bare_fetches")

    def repeats(self, connection: duckdb.DuckDBPyConnection) -> set[Place]:
        """The places of captures that showed the same bytes under the same URL."""
        return set(connection.execute(_REPEATS).fetchall())

    def pointed(self, connection: duckdb.DuckDBPyConnection) -> set[Place]:
        """Every place that a row points to."""
        sql = (
            "SELECT warc_filename, warc_record_offset FROM fetches WHERE warc_filename IS NOT NULL"
        )
        return set(connection.execute(sql).fetchall())

    def in_release(self, folder: Path) -> bool:
        """Whether a release has one of the items."""
        held: set[Any] = set()
        for name, key in (
            ("articles", ["source", "article_id"]),
            ("comments", ["source", "thread_id", "comment_id"]),
        ):
            for path in sorted((folder / "data" / name).glob("*.parquet")):
                columns = pq.read_table(path, columns=list(key), partitioning=None).to_pylist()
                held |= {(r["source"], r.get("thread_id"), r[key[-1]]) for r in columns}
        return any(item in held for item in self.items)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def select(
    connection: duckdb.DuckDBPyConnection, targets: Sequence[Target], fetch_ids: Sequence[str]
) -> Gone:
    """Find everything that the targets and these exchanges concern, as temporary tables."""
    connection.execute(_TABLES)
    for target in targets:
        _one_target(connection, target)
    connection.execute(_EVIDENCE, [list(fetch_ids)])
    gone = Gone()
    for name, key in (
        ("article", "source, NULL, article_id"),
        ("comment", "source, thread_id, comment_id"),
    ):
        gone.items += connection.execute(f"SELECT DISTINCT {key} FROM gone_{name}s").fetchall()  # noqa: S608 - our own names
        columns = "source, article_id" if name == "article" else key
        history = f"FROM {name}_history SEMI JOIN gone_{name}s USING ({columns})"
        gone.rows[f"{name}s"] = _one(connection, f"SELECT count(*) {history}")
        gone.texts += [
            r[0] for r in connection.execute(f"SELECT text {history}").fetchall() if r[0]
        ]
        sightings = f"FROM {name}_observations SEMI JOIN gone_{name}s USING ({columns})"
        gone.rows[f"{name}_observations"] = _one(connection, f"SELECT count(*) {sightings}")
    gone.places = set(connection.execute(_PLACES).fetchall())
    return gone


def _one_target(connection: duckdb.DuckDBPyConnection, target: Target) -> None:
    for statement in _SELECT[target.kind]:
        connection.execute(statement, list(target.parts))


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    step: swap.Swap,
    moved: Places,
    only: Collection[str] = tuple(_STAYS),
) -> tuple[list[LoggedFile], list[str]]:
    """Write each file that changes anew; what to add and what to remove."""
    connection.execute(
        "CREATE TEMP TABLE moved(old VARCHAR, old_at BIGINT, new VARCHAR,"
        " new_at BIGINT, new_length BIGINT)"
    )
    if moved:
        rows = [(*old, *new) for old, new in moved.items()]
        connection.executemany("INSERT INTO moved VALUES (?, ?, ?, ?, ?)", rows)
    add, remove = [], []
    for file in step.log.snapshot().files:
        made = _anew(connection, step, file) if file.table in only else None
        if made is not None:
            remove.append(file.path)
            add += made
    return add, remove


def _anew(
    connection: duckdb.DuckDBPyConnection, step: swap.Swap, file: LoggedFile
) -> list[LoggedFile] | None:
    """The file that takes this one's place (none if no row stays); None if nothing changes."""
    path = swap.located(step.log.root, file.path)
    source = "(SELECT * FROM read_parquet($1)) AS row"
    stays = f"{source} {_STAYS[file.table]}"
    left = int(connection.execute(f"SELECT count(*) FROM {stays}", [str(path)]).fetchall()[0][0])  # noqa: S608 - our own names
    if left == file.rows and (file.table != "fetches" or not _touched(connection, path)):
        return None
    if not left:
        return []
    made = known_table(file.table)
    place = Partition.parse(file.path)
    digest = hashlib.sha256(file.path.encode()).hexdigest()[:12]
    kind = place.batch[: len("compact-month")] if place.batch.startswith("compact-") else "rows"
    name = f"{kind}-{digest}-{step.batch_id}"
    target = Partition(file.table, place.month, name).path
    columns = ", ".join(_column(c.name, file.table) for c in made.columns)
    more = ""
    if file.table == "fetches":
        more = (
            " LEFT JOIN moved ON row.warc_filename = moved.old"
            " AND row.warc_record_offset = moved.old_at"
            " LEFT JOIN (SELECT DISTINCT fetch_id AS bare FROM bare_fetches)"
            " ON row.fetch_id = bare"
        )
    order = ", ".join(f"row.{name} NULLS LAST" for name in made.sort)
    sql = f"SELECT {columns} FROM (SELECT * FROM {stays}) AS row{more} ORDER BY {order}"  # noqa: S608 - our own names
    data = _arrow(connection.sql(sql, params=[str(path)])).cast(made.schema)
    there = step.place(target)
    with files.replacing(there) as out:
        pq.write_table(data, out, **parquet_options(file.table, made.schema))
    sha256, size = files.sha256_file(there)
    return [LoggedFile(str(target), file.table, data.num_rows, size, sha256)]


def _arrow(result: duckdb.DuckDBPyRelation) -> pa.Table:
    return pa.Table.from_batches(result.to_arrow_reader())


def _touched(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    sql = (
        "SELECT count(*) FROM read_parquet($1) AS row WHERE row.warc_filename IS NOT NULL AND ("
        "fetch_id IN (SELECT fetch_id FROM bare_fetches) OR EXISTS (SELECT 1 FROM moved"
        " WHERE old = row.warc_filename AND old_at = row.warc_record_offset))"
    )
    return bool(connection.execute(sql, [str(path)]).fetchall()[0][0])


def _column(name: str, table: str) -> str:
    if table != "fetches" or name not in {*_BARE, "page_reason"}:
        return f'row."{name}"'
    if name == "page_reason":
        return (
            "CASE WHEN bare IS NULL THEN row.page_reason ELSE 'evidence removed' END AS page_reason"
        )
    now = {"warc_filename": "coalesce(moved.new, row.warc_filename)"}
    now["warc_record_length"] = "coalesce(moved.new_length, row.warc_record_length)"
    now["warc_record_offset"] = "coalesce(moved.new_at, row.warc_record_offset)"
    return f"CASE WHEN bare IS NULL THEN {now.get(name, f'row.{name}')} END AS {name}"
