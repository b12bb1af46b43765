"""The archive: model, schema, commit log, Parquet tables, WARC evidence, releases.

For analysts: `archive.open("var/archive").polars("comments")` (docs/analysts.md).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from archive.access import Archive

__all__ = ["open"]


def open(path: "str | Path") -> "Archive":  # noqa: A001 - read as `archive.open`
    """The archive, or the release, in that folder, for reading: see `archive.access.Archive`."""
    from archive.access import Archive  # noqa: PLC0415 - other rooms import no DuckDB by this

    return Archive(path)
