"""Columns that several tables share, and what a column and a table are.

`archive.schema` puts the tables together from these.
"""

from dataclasses import dataclass

import pyarrow as pa

__all__ = [
    "INT",
    "NUM",
    "ORIGIN",
    "PERSON",
    "SCHEMA_VERSION",
    "STATE",
    "STR",
    "STRS",
    "TEXT",
    "TIME",
    "TIMES",
    "TOOLS",
    "VERSION",
    "VOTES",
    "Column",
    "Table",
    "columns",
]

SCHEMA_VERSION = 1

STR = pa.string()
INT = pa.int64()
NUM = pa.int32()
TIME = pa.timestamp("us", tz="UTC")
STRS = pa.list_(pa.field("item", pa.string()))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, Arrow type, what it means (unit and limits included)."""

    name: str
    type: pa.DataType
    doc: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, sort order, and the time that places a row in a month."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...]
    observed: str = "observed_at"

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, version in its metadata."""
        fields = [pa.field(c.name, c.type) for c in self.columns]
        return pa.schema(fields, metadata={"shenglu.schema_version": str(SCHEMA_VERSION)})


def columns(*rows: tuple[str, pa.DataType, str]) -> tuple[Column, ...]:
    """Columns from (name, type, meaning)."""
    return tuple(Column(*row) for row in rows)


ORIGIN = columns(
    ("run_id", STR, "The run that made the row; key of `runs`."),
    ("fetch_id", STR, "The exchange that the row was read from; key of `fetches`."),
    ("observed_at", TIME, "When that exchange took place (UTC)."),
)
VERSION = columns(
    ("version", NUM, "1 for the first content seen, +1 for each change of content."),
    ("change", STR, "Why this version exists: new, edit, delete, restore, reparse."),
    ("content_sha256", STR, "SHA-256 (hex) of the published content that versions compare."),
)
TEXT = columns(
    ("text", STR, "Text as published; paragraphs end in a newline; never converted."),
    ("text_hans", STR, "Derived: `text` in Simplified characters, 1:1 in code points."),
    ("search_key", STR, "Derived: `text` folded so that both scripts compare equal, 1:1."),
    ("script", STR, "hans, hant, hant_naive, mixed, shared, ja or none."),
)
TIMES = columns(
    ("published_at", TIME, "Publication time in UTC; null where none is shown or readable."),
    ("published_raw", STR, "The time as the page shows it."),
    ("published_precision", STR, "Finest unit really shown: second ... year."),
    ("published_method", STR, "How raw became UTC: absolute, zone_assumed, epoch, relative, ..."),
)
STATE = columns(
    ("state", STR, "visible, deleted, missing, collapsed or locked at this sighting."),
    ("deletion_kind", STR, "author, moderator, platform or unknown; null when not deleted."),
)
VOTES = columns(
    ("votes_up", INT, "Approvals shown; null where the site shows none."),
    ("votes_down", INT, "Disapprovals shown; null where the site shows none."),
    ("reply_count", INT, "Replies that the site claims; null where it claims none."),
)
TOOLS = columns(
    ("parser", STR, "Page object that read the page, as name@version."),
    ("normaliser", STR, "Version and table digest of the text pipeline."),
    ("provenance", STR, "JSON object: field -> where its value came from."),
)
PERSON = columns(
    ("author_hash", STR, "Keyed hash of the author within its source; same person, same hash."),
    ("author_name", STR, "The handle itself; null unless the operator chose to keep names."),
    ("ip_region", STR, "Region or masked address that the site shows."),
)
