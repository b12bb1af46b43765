"""Which rows a release holds: by time of observation, by source, by the words of a topic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import duckdb

__all__ = ["Filters"]

_FOUND: Final = {
    "articles": ("article_history", "source, article_id"),
    "article_observations": ("article_history", "source, article_id"),
    "comments": ("comment_history", "source, thread_id, comment_id"),
    "comment_observations": ("comment_history", "source, thread_id, comment_id"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows a release holds: observed in [since, until), of these sources (none: all).

    `topic` are words as typed, compared folded: articles and comments of which any version holds
    any of them, with all their versions and sightings. The sampling frame (`visits`, `fetches`,
    `runs`, `quarantine`) stays whole: a share needs its denominator.
    """

    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    fold: Callable[[str], str] = str.casefold

    def as_json(self) -> dict[str, Any]:
        """The filters as plain values."""
        return {
            "since": self.since.astimezone(UTC).isoformat() if self.since else None,
            "until": self.until.astimezone(UTC).isoformat() if self.until else None,
            "sources": sorted(self.sources),
            "topic": sorted(self.topic),
        }

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give the connection what `sql` needs: the fold, since titles have no folded column."""
        if self.topic:
            connection.create_function("fold", self.fold, ["VARCHAR"], "VARCHAR")

    def sql(self, table: str) -> tuple[str, list[Any]]:
        """A condition on that table with placeholders, and its values."""
        conditions = ["true"]
        values: list[Any] = []
        if self.since:
            conditions.append("observed_at >= ?")
            values.append(self.since)
        if self.until:
            conditions.append("observed_at < ?")
            values.append(self.until)
        if self.sources:
            conditions.append(f"source IN ({', '.join('?' * len(self.sources))})")
            values.extend(self.sources)
        if self.topic and table in _FOUND:
            condition, words = self._about(*_FOUND[table])
            conditions.append(condition)
            values.extend(words)
        return " AND ".join(conditions), values

    def _about(self, view: str, key: str) -> tuple[str, list[str]]:
        tests, values = [], []
        for word in map(self.fold, self.topic):
            tests.append("contains(search_key, ?)")
            values.append(word)
            if view == "article_history":
                tests.append("contains(fold(coalesce(title, '')), ?)")
                values.append(word)
        found = f"SELECT {key} FROM {view} WHERE {' OR '.join(tests)}"  # noqa: S608 - names from this module
        return f"({key}) IN ({found})", values
