"""Compares an archive with the truth of the replicas: every field of every row.

An empty list means equal. Used by the integration tests and by the demo; reads through the same
views that analysts use.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.query import connect, rows_as_dicts
from archive.root import Root
from pipelines.privacy import author_hash, pseudonymous_id
from tests.replicas.truth import Truth, TruthArticle, TruthComment, lines, truth

__all__ = ["counts", "differences"]

Row = Mapping[str, Any]
_MOST = 40


def differences(archive: Path, epochs: Mapping[str, int], sources: Mapping[str, str]) -> list[str]:
    """What the archive has wrong, site by site; `sources` gives a site's name in the rows."""
    root = Root.open(archive)
    found: list[str] = []
    with connect(root) as base:
        for site, epoch in epochs.items():
            source = sources.get(site, site)
            key = (root.author_key(), source)
            state = _pseudonymous(truth(site, epoch), *key)
            for table, truths, compare in (
                ("articles", _by_key(state.articles), _article),
                ("comments", _by_key(state.comments), _comment),
            ):
                rows = _rows(base, table, source)
                gone = _gone(state) if table == "comments" else {}
                wrong = _against(truths, rows, gone, compare, key)
                found.extend(f"{site} {table}: {one}" for one in wrong)
            found.extend(
                f"{site} threads: {one}" for one in _threads(base, source, truth(site, epoch))
            )
            found.extend(f"{site}: {one}" for one in _doubled(base, source))
    return found[:_MOST]


def counts(archive: Path) -> dict[str, int]:
    """Rows of every table, all versions."""
    root = Root.open(archive)
    tables = ("article_history", "comment_history", "article_observations", "comment_observations")
    with connect(root) as base:
        return {t: base.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}  # noqa: S608 - our names


def _rows(base: Any, table: str, source: str) -> dict[Any, Row]:
    rows = rows_as_dicts(base.execute(f"SELECT * FROM {table} WHERE source = ?", [source]))  # noqa: S608 - our names
    if table == "articles":
        return {row["article_id"]: row for row in rows}
    return {(row["thread_id"], row["comment_id"]): row for row in rows}


def _by_key(rows: Iterable[TruthArticle | TruthComment]) -> dict[Any, Any]:
    return {
        (r.thread_id, r.comment_id) if isinstance(r, TruthComment) else r.article_id: r
        for r in rows
    }


def _pseudonymous(state: Truth, key: bytes, source: str) -> Truth:
    """The truth with comment ids as the archive writes them: without the handle in them."""

    def renamed(one: TruthComment) -> str:
        hashed = author_hash(key, source, one.author, one.author_id)
        return pseudonymous_id(one.comment_id, one.author, hashed)

    before = {s for e in range(1, state.epoch) for s in truth(state.site, e).comments}
    ids = {(c.thread_id, c.comment_id): renamed(c) for c in (*before, *state.comments)}
    comments = tuple(
        replace(
            c,
            comment_id=ids[c.thread_id, c.comment_id],
            parent_id=ids.get((c.thread_id, c.parent_id or ""), c.parent_id),
        )
        for c in state.comments
    )
    gone = tuple((thread, ids[thread, one]) for thread, one in state.gone)
    return replace(state, comments=comments, gone=gone)


def _gone(state: Truth) -> dict[tuple[str, str], None]:
    return dict.fromkeys(state.gone)


def _against(
    truths: Mapping[Any, Any],
    rows: Mapping[Any, Row],
    gone: Mapping[Any, None],
    compare: Any,
    key: tuple[bytes, str],
) -> Iterator[str]:
    for name in truths.keys() - rows.keys():
        yield f"lost {name}"
    for name in rows.keys() - truths.keys() - gone.keys():
        if rows[name]["state"] != "deleted":
            yield f"invented {name}"
    for name in gone.keys() & rows.keys():
        if rows[name]["seen_state"] not in {"missing", "deleted"}:
            yield f"{name} is gone and stands as {rows[name]['seen_state']}"
    # Where a comment has gone the later floors move up; a row keeps the floor of its version.
    shifted = {name[0] for name in gone}
    for name in truths.keys() & rows.keys():
        for column, wanted, got in compare(truths[name], rows[name], *key):
            if wanted != got and not (column == "floor" and name[0] in shifted):
                yield f"{name}.{column}: {got!r} is not {wanted!r}"


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _utc(when: datetime | None) -> datetime | None:
    return when.astimezone(UTC) if when else None


def _article(
    true: TruthArticle, row: Row, key: bytes, source: str
) -> Iterator[tuple[str, Any, Any]]:
    yield "title", true.title, row["title"]
    yield "text", lines(true.text), lines(row["text"] or "")
    yield "published_at", _when(true.published_at), _utc(row["published_at"])
    yield "kind", true.kind, row["kind"]
    yield "thread_id", true.thread_id, row["thread_id"]
    yield "section", true.section, row["section"]
    yield "medium", true.medium, row["medium"]
    yield "editor", true.editor, row["editor"]
    yield "images", len(true.images), len(row["images"] or ())
    yield "state", true.state, row["state"]
    for column in ("votes_up", "votes_down", "reply_count"):
        yield column, getattr(true, column), row[column]
    yield "author", author_hash(key, source, true.author, true.author_id), row["author_hash"]


def _comment(
    true: TruthComment, row: Row, key: bytes, source: str
) -> Iterator[tuple[str, Any, Any]]:
    if true.state == "visible":
        yield "text", lines(true.text), lines(row["text"] or "")
    yield "state", true.state, row["seen_state"]
    yield "published_at", _when(true.published_at), _utc(row["published_at"])
    for column in ("floor", "parent_id", "reaction", "votes_up", "votes_down"):
        yield column, getattr(true, column), row[column]
    yield "author", author_hash(key, source, true.author, true.author_id), row["author_hash"]


def _threads(base: Any, source: str, state: Truth) -> Iterator[str]:
    rows = rows_as_dicts(base.execute("SELECT * FROM threads WHERE source = ?", [source]))
    got = {row["thread_id"]: row for row in rows if row["last_visit_at"] is not None}
    for thread in state.threads:
        row = got.get(thread.thread_id)
        if row is None:
            yield f"{thread.thread_id} was never visited"
            continue
        if row["comments_declared"] != thread.declared:
            said = row["comments_declared"]
            yield f"{thread.thread_id}: declared {said} is not {thread.declared}"
        if row["stop_reason"] != thread.stop:
            yield f"{thread.thread_id}: stopped by {row['stop_reason']}, not {thread.stop}"


def _doubled(base: Any, source: str) -> Iterator[str]:
    for table, key in (
        ("article_history", "article_id, version"),
        ("comment_history", "thread_id, comment_id, version"),
    ):
        query = f"SELECT {key} FROM {table} WHERE source = ? GROUP BY {key} HAVING count(*) > 1"  # noqa: S608 - our names
        yield from (f"doubled {row}" for row in base.execute(query, [source]).fetchall())
