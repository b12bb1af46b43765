"""What the browsing pages show, as plain values: hits, threads as trees, archived pages.

Every request opens its own connection to the newest snapshot, read-only and kept away from files
outside the archive, so that pages never show half of a commit and requests share nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from archive.errors import UsageError
from archive.export import export
from archive.query import connect, evidence, rows_as_dicts, warc_resolver
from archive.root import Root
from archive.search import Hit as FoundHit
from archive.search import Search
from archive.search import search as search_archive
from archive.warc_read import read_capture, read_record
from pipelines.hant import to_hant
from pipelines.search_words import fold, query

__all__ = [
    "FORMS",
    "SHOWN",
    "ArchivedPage",
    "Hit",
    "Node",
    "archived_page",
    "converter",
    "export_picked",
    "raw_record",
    "search",
    "sources",
    "thread",
]

FORMS: Final = {"original": "Original", "hans": "简体", "hant": "繁體"}
"""The forms in which a text can be shown."""
SHOWN: Final = 300
"""Comments on one page of a thread."""

_BEFORE, _AFTER = 30, 90
_SOURCE_CHARACTERS = 200_000
_COMMENT_COLUMNS = (
    "comment_id, parent_id, depth, floor, reaction, author_hash, author_name, ip_region, text, "
    "text_hans, published_at, published_raw, version, change, state, seen_state, deletion_kind, "
    "votes_up, votes_down, url, observed_at"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit: the row, and its text around the first word, cut in three for highlighting."""

    row: dict[str, Any]
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Node:
    """One comment of a tree: the row, how deep it is shown, its earlier versions."""

    row: dict[str, Any]
    depth: int
    versions: Sequence[dict[str, Any]] = ()


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


def converter(form: str) -> Callable[[str | None, str | None], str]:
    """A function (text, text_hans) -> text in that form; an unknown form means the original."""
    if form == "hans":
        return lambda text, hans: hans if hans is not None else text or ""
    if form == "hant":
        return lambda text, _hans: to_hant(text or "").text
    return lambda text, _hans: text or ""


def sources(root: Root) -> list[str]:
    """The sources that have been visited, in order."""
    with connect(root, sandbox=True) as connection:
        rows = connection.execute(
            "SELECT DISTINCT source FROM (SELECT source FROM article_history UNION ALL "
            "SELECT source FROM comment_history) ORDER BY 1"
        ).fetchall()
    return [row[0] for row in rows]


def search(root: Root, words: str, site: str, form: str, limit: int) -> list[Hit]:
    """The newest pieces that the query is true of, in either script.

    Scans: an index would have to be brought up to date, and these pages write nothing.
    """
    if not words.split():
        return []
    wanted = Search(tree=query(words), sites=(site,) if site else (), limit=limit)
    found = search_archive(root, wanted, fold(), index=False).hits
    with connect(root, sandbox=True) as connection:
        places = _places(connection, [hit.row for hit in found])
    show = converter(form)
    return [_hit(hit, places.get(hit.row["evidence"], {}), show) for hit in found]


def _places(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Where each hit is read: thread and comment, or the article."""
    sql = """
SELECT source || '/' || thread_id || '/' || comment_id AS id, thread_id, comment_id,
       NULL AS article_id, text_hans
FROM comments WHERE id IN (SELECT unnest($ids))
UNION ALL
SELECT source || '/' || article_id, thread_id, NULL, article_id, text_hans
FROM articles WHERE source || '/' || article_id IN (SELECT unnest($ids))
"""
    found = connection.execute(sql, {"ids": [row["evidence"] for row in rows]})
    return {row.pop("id"): row for row in rows_as_dicts(found)}


def _hit(found: FoundHit, place: dict[str, Any], show: Callable[..., str]) -> Hit:
    """The hit with what stands around its first place in the text."""
    row, head = found.row | place, found.text_at
    text = show(row["text"] or "", row.get("text_hans"))
    spans = sorted((span.start - head, span.end - head) for span in found.spans)
    start, end = next(((a, b) for a, b in spans if a >= 0), (0, 0))
    left, right = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    before = ("…" if left else "") + text[left:start]
    return Hit(row, before, text[start:end], text[end:right] + ("…" if right < len(text) else ""))


def thread(root: Root, source: str, wanted: str, form: str, page: int) -> dict[str, Any]:
    """A thread: its head, its opening piece, a page of its comments as a tree, the versions.

    `wanted` is a thread id, or an article id where an article has no thread. Raises `UsageError`
    for an unknown one.
    """
    key = {"source": source, "id": wanted}
    with connect(root, sandbox=True) as connection:

        def ask(sql: str) -> list[dict[str, Any]]:
            return rows_as_dicts(connection.execute(sql, key))

        pieces = ask(
            "SELECT * FROM articles WHERE source = $source AND (thread_id = $id OR "
            "article_id = $id) ORDER BY thread_id IS NOT DISTINCT FROM $id DESC, article_id"
        )
        heads = ask("SELECT * FROM threads WHERE source = $source AND thread_id = $id")
        comments = ask(
            f"SELECT {_COMMENT_COLUMNS} FROM comments "  # noqa: S608 - our own column names
            "WHERE source = $source AND thread_id = $id "
            "ORDER BY floor NULLS LAST, published_at NULLS LAST, comment_id"
        )
        earlier = ask(
            "SELECT comment_id, version, change, observed_at, text, text_hans, state "
            "FROM comment_history WHERE source = $source AND thread_id = $id AND comment_id IN "
            "(SELECT comment_id FROM comment_history WHERE source = $source AND "
            "thread_id = $id AND version > 1) ORDER BY version"
        )
        edits = ask(
            "SELECT article_id, version, change, observed_at, title, text, text_hans, state "
            "FROM article_history WHERE source = $source AND (thread_id = $id OR "
            "article_id = $id) ORDER BY version"
        )
    if not pieces and not comments and not heads:
        raise UsageError(f"no thread or article {source}/{wanted}")
    show = converter(form)
    for row in (*pieces, *comments, *earlier, *edits):
        row["shown"] = show(row["text"], row["text_hans"])
    for row in pieces:
        row["shown_title"] = show(row["title"], row["title_hans"])
    nodes = _tree(comments, earlier)
    return {
        "head": heads[0] if heads else None,
        "piece": pieces[0] if pieces else None,
        "edits": edits if len(edits) > 1 else [],
        "nodes": nodes[(page - 1) * SHOWN : page * SHOWN],
        "total": len(nodes),
        "pages": max(1, -(-len(nodes) // SHOWN)),
    }


def _tree(comments: Sequence[dict[str, Any]], earlier: Sequence[dict[str, Any]]) -> list[Node]:
    """Comments below what they answer, each level in the order that it came in.

    An answer to a comment that is not here, or to itself, stands at the top.
    """
    versions: dict[str, list[dict[str, Any]]] = {}
    for row in earlier:
        versions.setdefault(row["comment_id"], []).append(row)
    known = {row["comment_id"] for row in comments}
    answers: dict[str | None, list[dict[str, Any]]] = {}
    for row in comments:
        parent = row["parent_id"] if row["parent_id"] in known else None
        answers.setdefault(parent, []).append(row)
    nodes: list[Node] = []
    placed: set[str] = set()
    open_rows = [(row, 0) for row in reversed(answers.get(None, []))]
    while open_rows:
        row, depth = open_rows.pop()
        identifier = row["comment_id"]
        if identifier in placed:
            continue
        placed.add(identifier)
        nodes.append(Node(row, depth, versions.get(identifier, [])))
        open_rows += [(answer, depth + 1) for answer in reversed(answers.get(identifier, []))]
    # What is left answers itself in a ring.
    nodes += [Node(row, 0, ()) for row in comments if row["comment_id"] not in placed]
    return nodes


def archived_page(root: Root, wanted: str) -> ArchivedPage:
    """The page behind an id; raises `UsageError` for an unknown one or where nothing was kept."""
    with connect(root) as connection:
        found = evidence(root, wanted, connection)
        newest = next((one for one in found if one.pointer), None)
        if newest is None or newest.pointer is None:
            raise UsageError(f"{wanted} has no WARC record: nothing of that exchange was kept")
        capture = read_capture(root, newest.pointer, warc_resolver(connection))
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


def raw_record(root: Root, wanted: str) -> bytes:
    """The WARC record behind an id, unzipped; raises `UsageError` where there is none."""
    with connect(root) as connection:
        for found in evidence(root, wanted, connection):
            if found.pointer:
                return read_record(root, found.pointer)
    raise UsageError(f"{wanted} has no WARC record: nothing of that exchange was kept")


def export_picked(root: Root, ids: Sequence[str], form: str, out: Path) -> None:
    """Write the pieces of these ids to a file in one of the formats of `archive.export`."""
    sql = """
CREATE TEMP TABLE picked AS
SELECT 'comment' AS kind, source || '/' || thread_id || '/' || comment_id AS id, source,
       thread_id, NULL AS title, text, text_hans, script, published_at, published_raw,
       published_precision, seen_state AS state, votes_up, url, fetch_id, observed_at
FROM comments WHERE id IN (SELECT unnest($ids))
UNION ALL
SELECT 'article', source || '/' || article_id, source, thread_id, title, text, text_hans, script,
       published_at, published_raw, published_precision, seen_state, votes_up, url, fetch_id,
       observed_at
FROM articles WHERE source || '/' || article_id IN (SELECT unnest($ids))
ORDER BY id
"""
    with connect(root, sandbox=True) as connection:
        connection.execute(sql, {"ids": list(ids)})
        export(connection, "SELECT * FROM picked", form, out)
