"""A bounded buffer of rows on their way to one commit.

Bytes are an estimate (characters count three, as Chinese does in UTF-8; all else eight): enough
to bound memory, cheap enough to run on every row. Pure; not thread-safe.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from archive.schema import table as known_table

__all__ = ["Batch"]

Row = Mapping[str, Any]


class Batch:
    """Rows by table until a limit is reached.

    A limit is a signal, not a wall: the rows of one page stay together, so the batch may pass
    it by one page. The caller commits when `full`.
    """

    def __init__(self, max_rows: int = 50_000, max_bytes: int = 64 << 20) -> None:
        self.max_rows = max_rows
        self.max_bytes = max_bytes
        self._clear()

    def add(self, table: str, rows: Iterable[Row]) -> bool:
        """Add rows of one table; True when the batch should now be committed.

        Raises `SchemaError` for an unknown table, before any row is taken.
        """
        kept = self._rows.setdefault(known_table(table).name, [])
        for row in rows:
            kept.append(row)
            self._count += 1
            self._bytes += _weight(row)
        return self.full

    @property
    def full(self) -> bool:
        """Whether a limit is reached."""
        return self._count >= self.max_rows or self._bytes >= self.max_bytes

    @property
    def bytes(self) -> int:
        """Estimated bytes held."""
        return self._bytes

    def __len__(self) -> int:
        return self._count

    def take(self) -> dict[str, list[Row]]:
        """The rows by table, tables without rows left out; the batch is empty afterwards."""
        rows = {name: kept for name, kept in self._rows.items() if kept}
        self._clear()
        return rows

    def _clear(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self._count = 0
        self._bytes = 0


def _weight(row: Row) -> int:
    total = 0
    for value in row.values():
        if isinstance(value, str):
            total += 3 * len(value)
        elif isinstance(value, list | tuple):
            total += sum(3 * len(str(item)) for item in value)
        elif value is not None:
            total += 8
    return total
