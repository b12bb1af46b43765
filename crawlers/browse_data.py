"""What the browsing pages show of single pieces: the archived page behind one, files of many."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from archive.errors import UsageError
from archive.export import export
from archive.query import evidence, rows_as_dicts, warc_resolver
from archive.warc_read import read_capture, read_record
from crawlers.browse_reader import Reader, picked

__all__ = ["ArchivedPage", "archived_page", "export_picked", "raw_record", "sources"]

_SOURCE_CHARACTERS = 200_000
_MADE = (
    "source, thread_id, version, text, text_hans, script, published_at, published_raw, "
    "published_precision, state, url, fetch_id, observed_at"
)
_EXPORTED: Final = {"comments": f"comment_id, {_MADE}", "articles": f"article_id, title, {_MADE}"}
_EXPORT = """
CREATE TEMP TABLE picked AS
SELECT 'comment' AS kind, source || '/' || thread_id || '/' || comment_id AS id, source,
       thread_id, NULL AS title, text, text_hans, script, published_at, published_raw,
       published_precision, seen_state AS state, votes_up, url, fetch_id, observed_at
FROM picked_comments
UNION ALL
SELECT 'article', source || '/' || article_id, source, thread_id, title, text, text_hans, script,
       published_at, published_raw, published_precision, seen_state, votes_up, url, fetch_id,
       observed_at
FROM picked_articles ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """The exchange behind a row: what was stated when it was fetched, and what lies there now."""

    row: dict[str, Any]
    place: str
    fetched: dict[str, Any]
    sha256: str
    status: int
    headers: Sequence[tuple[str, str]]
    source: str
    cut: int
    older: Sequence[dict[str, Any]] = field(default=())


def sources(reader: Reader) -> list[str]:
    """The sources that have been visited, in order."""
    rows = reader.ask(
        "SELECT DISTINCT source FROM (SELECT source FROM article_history UNION ALL "
        "SELECT source FROM comment_history) ORDER BY 1"
    )
    return [row["source"] for row in rows]


def archived_page(reader: Reader, wanted: str) -> ArchivedPage:
    """The page behind an id; raises `UsageError` for an unknown one or where nothing was kept."""
    with reader.cursor() as connection:
        found = evidence(reader.root, wanted, connection)
        newest = next((one for one in found if one.pointer), None)
        if newest is None or newest.pointer is None:
            raise UsageError(f"{wanted} has no WARC record: nothing of that exchange was kept")
        capture = read_capture(reader.root, newest.pointer, warc_resolver(connection))
        fetched = rows_as_dicts(
            connection.execute(
                "SELECT url, observed_at, content_type, charset_used, payload_sha256, page_class "
                "FROM fetches WHERE fetch_id = ?",
                [newest.row["fetch_id"]],
            )
        )
    stated = fetched[0] if fetched else {}
    source = capture.body.decode(stated.get("charset_used") or "utf-8", "replace")
    pointer = newest.pointer
    return ArchivedPage(
        row=newest.row,
        place=f"warc/{pointer.filename}, bytes {pointer.offset} to "
        f"{pointer.offset + pointer.length}, {pointer.record_type}",
        fetched=stated,
        sha256=hashlib.sha256(capture.body).hexdigest(),
        status=capture.status,
        headers=capture.headers,
        source=source[:_SOURCE_CHARACTERS],
        cut=max(0, len(source) - _SOURCE_CHARACTERS),
        older=[one.row for one in found if one is not newest and one.pointer],
    )


def raw_record(reader: Reader, wanted: str) -> bytes:
    """The WARC record behind an id, unzipped; raises `UsageError` where there is none."""
    with reader.cursor() as connection:
        for found in evidence(reader.root, wanted, connection):
            if found.pointer:
                return read_record(reader.root, found.pointer)
    raise UsageError(f"{wanted} has no WARC record: nothing of that exchange was kept")


def export_picked(reader: Reader, ids: Sequence[str], form: str, out: Path) -> None:
    """Write the pieces of these ids to a file in one of the formats of `archive.export`."""
    with reader.cursor() as cursor:
        for table, columns in _EXPORTED.items():
            picked(cursor, table, ids, columns)
        cursor.execute(_EXPORT)
        export(cursor, "SELECT * FROM picked", form, out)
