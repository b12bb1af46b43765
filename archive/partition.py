"""Where a row lies: (table, observed month, batch) <-> path below the archive root.

`tables/<table>/observed_month=YYYY-MM/<batch>.parquet`, months in UTC. Pure; the path is
relative, with forward slashes, as the log records it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Self

from archive.errors import SchemaError
from archive.schema import table as known_table

__all__ = ["MONTH_KEY", "Partition", "check_batch_id", "month_of"]

MONTH_KEY = "observed_month"
"""Name of the partition column that hive-aware readers add."""

_BATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_PARTS = 4


def check_batch_id(batch_id: str) -> str:
    """The batch id itself if it can be a file name; raises `SchemaError` otherwise."""
    if not _BATCH.fullmatch(batch_id):
        raise SchemaError(
            f"batch id {batch_id!r} cannot name a file; use up to 150 letters, digits, . _ -"
        )
    return batch_id


def month_of(observed_at: object) -> str:
    """The UTC month `YYYY-MM` of an aware time; raises `SchemaError` for anything else."""
    if not isinstance(observed_at, datetime) or observed_at.tzinfo is None:
        raise SchemaError(f"observed time must be an aware datetime, not {observed_at!r}")
    utc = observed_at.astimezone(UTC)
    return f"{utc.year:04d}-{utc.month:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One Parquet file's place: table, month, and the batch that made it."""

    table: str
    month: str
    batch: str

    @property
    def path(self) -> PurePosixPath:
        """The path below the root."""
        folder = f"{MONTH_KEY}={self.month}"
        return PurePosixPath("tables", self.table, folder, f"{self.batch}.parquet")

    @classmethod
    def of(cls, table: str, observed_at: datetime, batch: str) -> Self:
        """Where a row observed then belongs; raises `SchemaError`."""
        return cls(known_table(table).name, month_of(observed_at), check_batch_id(batch))

    @classmethod
    def parse(cls, path: str | PurePosixPath) -> Self:
        """The place that a path names; raises `SchemaError` where it is no such path."""
        parts = PurePosixPath(path).parts
        if len(parts) == _PARTS and parts[0] == "tables" and parts[3].endswith(".parquet"):
            key, _, month = parts[2].partition("=")
            if key == MONTH_KEY and _MONTH.fullmatch(month):
                batch = check_batch_id(parts[3].removesuffix(".parquet"))
                return cls(known_table(parts[1]).name, month, batch)
        raise SchemaError(f"{path} is no tables/<table>/{MONTH_KEY}=YYYY-MM/<batch>.parquet path")
