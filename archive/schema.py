"""The one Arrow schema of every table, with a sentence on each column.

Every file of a table has exactly these columns in this order: a column that only newer files
have is hidden by DuckDB and Spark and raises in Polars. Enum-like strings stay plain strings
(dictionary-encoded on disk by Parquet itself) so that all readers see one type.
A change of any line here raises `SCHEMA_VERSION` and is noted in docs/archive-format.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa

from archive.errors import SchemaError
from archive.schema_columns import (
    INT,
    NUM,
    ORIGIN,
    PERSON,
    SCHEMA_VERSION,
    STATE,
    STR,
    STRS,
    TEXT,
    TIME,
    TIMES,
    TOOLS,
    VERSION,
    VOTES,
    Column,
    Table,
    columns,
)

__all__ = ["SCHEMA_VERSION", "TABLES", "Column", "Table", "conform", "empty_row", "table"]

Row = Mapping[str, Any]

FETCHES = Table(
    "fetches",
    "One row per HTTP exchange, redirects, retries and failures included.",
    columns(
        ("run_id", STR, "The run that made the exchange."),
        ("fetch_id", STR, "Unique id of the exchange."),
        ("observed_at", TIME, "When the response began to arrive or the attempt failed (UTC)."),
        ("source", STR, "Site that asked."),
        ("url", STR, "URL as requested."),
        ("canonical_url", STR, "URL without tracking, session and fragment parts."),
        ("method", STR, "HTTP method."),
        ("status", NUM, "HTTP status; 0 where there was no answer."),
        ("content_type", STR, "Content-Type as sent."),
        ("charset_declared", STR, "Charset that header or markup declares; null if none."),
        ("charset_used", STR, "Charset that the text was read with."),
        ("replacement_characters", INT, "U+FFFD in the decoded text."),
        ("payload_bytes", INT, "Bytes after content coding was removed."),
        ("payload_sha256", STR, "SHA-256 (hex) of those bytes."),
        ("page_class", STR, "What the page turned out to be."),
        ("page_reason", STR, "Why it was classed so."),
        ("robots", STR, "allow, deny, or unknown (robots.txt unreachable), or off."),
        ("attempt", NUM, "1 for the first try of this request in this run."),
        ("error", STR, "Failure without an answer, or null."),
        ("warc_filename", STR, "File below warc/; null where there is nothing to keep."),
        ("warc_record_offset", INT, "Byte offset of the record's gzip member."),
        ("warc_record_length", INT, "Length of that member in bytes."),
        ("warc_type", STR, "response, revisit or resource."),
    ),
    sort=("source", "observed_at", "fetch_id"),
)

ARTICLES = Table(
    "articles",
    "One row per content version of an article or of a thread's opening post.",
    (
        *columns(
            ("source", STR, "Site; for an engine that many sites run, engine:host."),
            ("article_id", STR, "The site's id of the piece; unique within source."),
            ("thread_id", STR, "Thread of its comments; null where there is none."),
            ("kind", STR, "news (a publisher's piece) or post (opening post)."),
            ("url", STR, "Canonical permalink."),
            ("title", STR, "Title as published."),
            ("title_hans", STR, "Derived: title in Simplified characters, 1:1."),
        ),
        *VERSION,
        *TEXT,
        *columns(
            ("authors", STRS, "Writers named by a publisher; empty for forum posts."),
            ("editor", STR, "Responsible editor."),
            ("medium", STR, "Outlet that the page names as its source (來源)."),
            ("section", STR, "Section, board or channel."),
        ),
        *PERSON,
        *TIMES,
        *columns(
            ("modified_at", TIME, "Time of the last edit that the page shows (UTC)."),
            ("images", STRS, "Image URLs in order."),
            ("reprint_source", STR, "Where the page says the text was taken from."),
            ("footer", STR, "Disclaimers and source lines taken out of the body."),
            ("minhash", STRS, "16 MinHash bands (hex) of the folded text, for near duplicates."),
        ),
        *STATE,
        *TOOLS,
        *ORIGIN,
    ),
    sort=("source", "thread_id", "article_id", "observed_at"),
)

COMMENTS = Table(
    "comments",
    "One row per content version of a comment.",
    (
        *columns(
            ("source", STR, "Site; for an engine that many sites run, engine:host."),
            ("thread_id", STR, "Thread that the comment belongs to."),
            ("comment_id", STR, "The site's id; unique within source and thread."),
            ("url", STR, "Permalink, to the floor where the site has one."),
        ),
        *VERSION,
        *columns(
            ("parent_id", STR, "Comment that it answers; null for the article itself."),
            ("root_id", STR, "First comment of its chain; itself when it answers none."),
            ("depth", NUM, "0 for an answer to the article, parent's depth + 1 otherwise."),
            ("floor", NUM, "Floor number that the site shows (樓)."),
            ("quoted_ids", STRS, "Comments that it quotes."),
            ("reaction", STR, "The site's own mark on it (PTT: 推, 噓, →)."),
        ),
        *PERSON,
        *TEXT,
        *TIMES,
        *STATE,
        *TOOLS,
        *ORIGIN,
    ),
    sort=("source", "thread_id", "floor", "comment_id", "observed_at"),
)

COMMENT_OBSERVATIONS = Table(
    "comment_observations",
    "One row per sighting of a comment that says something new (votes, state, replies).",
    (
        *columns(
            ("source", STR, "As in comments."),
            ("thread_id", STR, "As in comments."),
            ("comment_id", STR, "As in comments."),
        ),
        *VOTES,
        *columns(("state", STR, "missing only where the thread was walked to its end.")),
        *ORIGIN,
    ),
    sort=("source", "thread_id", "comment_id", "observed_at"),
)

ARTICLE_OBSERVATIONS = Table(
    "article_observations",
    "One row per sighting of an article that says something new (votes, state, replies).",
    (
        *columns(
            ("source", STR, "As in articles."),
            ("article_id", STR, "As in articles."),
        ),
        *VOTES,
        *columns(("state", STR, "As in articles.")),
        *ORIGIN,
    ),
    sort=("source", "article_id", "observed_at"),
)

VISITS = Table(
    "visits",
    "One row per walk through a thread: how much the site claims, how much was seen, why it ended.",
    (
        *columns(
            ("source", STR, "As in comments."),
            ("thread_id", STR, "As in comments."),
            ("declared", INT, "Comments that the site claims; null where it claims nothing."),
            ("fetched", INT, "Distinct comments seen on this visit."),
            ("pages", NUM, "Pages walked."),
            ("stop_reason", STR, "end, budget, error, locked, login or cap."),
            ("started_at", TIME, "First exchange of the visit (UTC)."),
        ),
        *ORIGIN,
    ),
    sort=("source", "thread_id", "observed_at"),
)

RUNS = Table(
    "runs",
    "One row per finished run.",
    columns(
        ("run_id", STR, "Id of the run."),
        ("source", STR, "Site."),
        ("command", STR, "crawl, backfill or import, with its options."),
        ("version", STR, "Version of shenglu."),
        ("started_at", TIME, "Start (UTC)."),
        ("observed_at", TIME, "End (UTC)."),
        ("outcome", STR, "finished, stopped or failed, and the gates that failed."),
        ("summary", STR, "JSON object of counters."),
    ),
    sort=("source", "observed_at"),
)

QUARANTINE = Table(
    "quarantine",
    "One row per page, or part of a page, that gave no record.",
    (
        *columns(
            ("source", STR, "Site."),
            ("url", STR, "URL of the page."),
            ("part", STR, "page, or the part of it that failed."),
            ("reason", STR, "Why, in words."),
            ("excerpt", STR, "At most 200 characters of what was refused."),
        ),
        *ORIGIN,
    ),
    sort=("source", "observed_at"),
)

REMOVALS = Table(
    "removals",
    "One row per take-down: that something was removed, not what.",
    columns(
        ("source", STR, "Site that it belonged to; null for a URL."),
        ("kind", STR, "author, comment, thread, url or site."),
        ("key_hash", STR, "Keyed hash (hex) of what was removed; keeps it from coming back."),
        ("reason", STR, "What the operator gave as the reason."),
        ("run_id", STR, "Id of the removal."),
        ("observed_at", TIME, "When it was asked for (UTC)."),
    ),
    sort=("source", "observed_at"),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        FETCHES,
        ARTICLES,
        COMMENTS,
        COMMENT_OBSERVATIONS,
        ARTICLE_OBSERVATIONS,
        VISITS,
        RUNS,
        QUARANTINE,
        REMOVALS,
    )
}


def table(name: str) -> Table:
    """The table of that name; raises `SchemaError` for an unknown one."""
    try:
        return TABLES[name]
    except KeyError:
        known = ", ".join(TABLES)
        raise SchemaError(f"no table {name!r}; tables are {known}") from None


def empty_row(name: str) -> dict[str, Any]:
    """A row of that table with every column null."""
    return {c.name: None for c in table(name).columns}


def conform(name: str, rows: Iterable[Row]) -> pa.Table:
    """Rows as an Arrow table of exactly that table's schema.

    A missing key becomes null; an unknown key or a value of the wrong type raises
    `SchemaError` that names the column.
    """
    wanted = table(name)
    rows = rows if isinstance(rows, Sequence) else list(rows)
    arrays = []
    known = 0
    for column in wanted.columns:
        values, given = _column(column.name, rows)
        known += given
        try:
            arrays.append(pa.array(values, type=column.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise SchemaError(f"{name}.{column.name}: {error}") from error
    if known != sum(map(len, rows)):
        unknown = {key for row in rows for key in row} - {c.name for c in wanted.columns}
        raise SchemaError(f"{name}: unknown columns {sorted(unknown)}")
    return pa.Table.from_arrays(arrays, schema=wanted.schema)


def _column(name: str, rows: Sequence[Row]) -> tuple[list[Any], int]:
    """The values of a column, and how many of the rows give one."""
    try:
        return list(map(itemgetter(name), rows)), len(rows)
    except KeyError:  # rows that leave it out: slower
        return [row.get(name) for row in rows], sum(name in row for row in rows)
