"""What the archive already holds of each article and comment, so that only news becomes rows.

One row an item: its version, what that version said (a hash), what the last sighting said (a
hash), and its place in the thread. A record is compared here, inside the transaction that also
queues its rows; so a page parsed twice, before or after a crash, makes rows once.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from archive.model import Change, State

__all__ = ["ARTICLES", "DDL", "HIDDEN", "Known", "News"]

Row = Mapping[str, Any]

DDL = """
CREATE TABLE IF NOT EXISTS known(
  source TEXT NOT NULL, thread_id TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
  content TEXT NOT NULL, sighting BLOB, state TEXT NOT NULL,
  root_id TEXT, depth INTEGER,
  PRIMARY KEY(source, thread_id, id)) WITHOUT ROWID;
"""

# An article is filed under a thread that no site can have, so that both kinds share one table.
ARTICLES = "\0article"
HIDDEN = frozenset({State.COLLAPSED, State.LOCKED, State.MISSING})
"""States in which a site may hold the text back: an empty text is no new content then."""

_SIGHTED = ("votes_up", "votes_down", "reply_count", "state")


@dataclass(frozen=True, slots=True)
class News:
    """Rows of one page that say something new, and how many of each change."""

    versions: list[dict[str, Any]]
    sightings: list[dict[str, Any]]


def _sighting(row: Row) -> bytes:
    said = "\0".join(str(row.get(name)) for name in _SIGHTED)
    return blake2b(said.encode(), digest_size=8).digest()


class Known:
    """The operations on `known`; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def compare(self, rows: Iterable[Row], sightings: Iterable[Row], id_column: str) -> News:
        """Keep the versions and sightings that say something new, and remember them.

        `rows` lack `version` and `change`; they are filled here. A sighting without a row
        of the same id on the page is compared too.
        """
        versions = [v for row in rows if (v := self._version(row, id_column)) is not None]
        seen = [s for row in sightings if (s := self._seen(row, id_column)) is not None]
        return News(versions, seen)

    def _version(self, row: Row, id_column: str) -> dict[str, Any] | None:
        place = _place(row, id_column)
        old = self._db.execute(
            "SELECT version, content, state FROM known WHERE source=? AND thread_id=? AND id=?",
            place,
        ).fetchone()
        content, state = row["content_sha256"], row["state"]
        if old is not None and (old[1] == content or (state in HIDDEN and not row.get("text"))):
            return None
        version = 1 if old is None else old[0] + 1
        self._db.execute(
            "INSERT INTO known(source, thread_id, id, version, content, state, root_id, depth)"
            " VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET version=excluded.version,"
            " content=excluded.content, state=excluded.state",
            (*place, version, content, state, row.get("root_id"), row.get("depth")),
        )
        change = _change(None if old is None else old[2], state)
        return {**row, "version": version, "change": str(change)}

    def _seen(self, row: Row, id_column: str) -> dict[str, Any] | None:
        place, said = _place(row, id_column), _sighting(row)
        changed = self._db.execute(
            "UPDATE known SET sighting = ? WHERE source=? AND thread_id=? AND id=?"
            " AND sighting IS NOT ?",
            (said, *place, said),
        ).rowcount
        return dict(row) if changed else None

    def missing(self, source: str, thread_id: str, visit: str) -> list[str]:
        """Comments of a thread that a visit walked to its end without meeting them."""
        rows = self._db.execute(
            "SELECT id FROM known k WHERE source=? AND thread_id=? AND state <> 'deleted'"
            " AND NOT EXISTS (SELECT 1 FROM visit_seen s WHERE s.visit=? AND s.id=k.id)",
            (source, thread_id, visit),
        )
        return [row[0] for row in rows]

    def places(
        self, source: str, thread_id: str, ids: Sequence[str]
    ) -> dict[str, tuple[str, int | None]]:
        """Root and depth of comments that earlier pages of the thread brought."""
        found: dict[str, tuple[str, int | None]] = {}
        for comment_id in ids:
            row = self._db.execute(
                "SELECT root_id, depth FROM known WHERE source=? AND thread_id=? AND id=?",
                (source, thread_id, comment_id),
            ).fetchone()
            if row is not None and row[0] is not None:
                found[comment_id] = (row[0], row[1])
        return found

    def reread(self, row: Row, id_column: str, *, held: int | None) -> dict[str, Any]:
        """Give a row that was read anew from an old capture its version, and remember it.

        `held` is the number of versions that the item is taken to have, where the row is what is
        in force now; None where a later capture is. Only in the first case, and only if no crawl
        has added a version meanwhile, does what the next crawl compares with change.
        """
        place = _place(row, id_column)
        old = self._db.execute(
            "SELECT version FROM known WHERE source=? AND thread_id=? AND id=?", place
        ).fetchone()
        version = 1 if old is None else old[0] + 1
        row = {**row, "version": version, "change": str(Change.REPARSE)}
        if old is None or old[0] == held:
            self._enter(row, id_column)
        else:
            self._db.execute(
                "UPDATE known SET version=? WHERE source=? AND thread_id=? AND id=?",
                (version, *place),
            )
        return row

    def _enter(self, row: Row, id_column: str) -> None:
        self._db.execute(
            "INSERT INTO known(source, thread_id, id, version, content, state, root_id, depth)"
            " VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET version=excluded.version,"
            " content=excluded.content, state=excluded.state, root_id=excluded.root_id,"
            " depth=excluded.depth",
            (
                *_place(row, id_column),
                row["version"],
                row["content_sha256"],
                row["state"],
                row.get("root_id"),
                row.get("depth"),
            ),
        )

    def reread_sighting(self, row: Row, id_column: str, *, latest: bool) -> dict[str, Any]:
        """Remember a sighting that was read anew, if it is the item's latest."""
        if latest:
            self._db.execute(
                "UPDATE known SET sighting=? WHERE source=? AND thread_id=? AND id=?",
                (_sighting(row), *_place(row, id_column)),
            )
        return dict(row)

    def restore(self, row: Row, id_column: str) -> None:
        """Enter an item as the archive shows it: its last version number, the content in force."""
        self._enter(row, id_column)

    def restore_sighting(self, row: Row, id_column: str) -> None:
        """Enter the latest sighting of an item that is known."""
        self._db.execute(
            "UPDATE known SET sighting=? WHERE source=? AND thread_id=? AND id=?",
            (_sighting(row), *_place(row, id_column)),
        )


def _place(row: Row, id_column: str) -> tuple[str, str, str]:
    thread = ARTICLES if id_column == "article_id" else row["thread_id"]
    return row["source"], thread, row[id_column]


def _change(before: str | None, after: str) -> Change:
    if before is None:
        return Change.NEW
    if after == State.DELETED and before != State.DELETED:
        return Change.DELETE
    if before == State.DELETED and after != State.DELETED:
        return Change.RESTORE
    return Change.EDIT
