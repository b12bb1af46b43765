"""What the page of a thread shows: its opening piece, its comments as a tree, their versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.errors import UsageError
from archive.query import rows_as_dicts
from crawlers.browse_forms import converter
from crawlers.browse_reader import Reader

__all__ = ["SHOWN", "Node", "thread"]

SHOWN: Final = 300
"""Comments on one page of a thread."""

_COMMENT_COLUMNS = (
    "comment_id, parent_id, depth, floor, reaction, author_hash, author_name, ip_region, text, "
    "text_hans, published_at, published_raw, version, change, state, seen_state, deletion_kind, "
    "votes_up, votes_down, url, observed_at"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One comment of a tree: the row, how deep it is shown, its earlier versions."""

    row: dict[str, Any]
    depth: int
    versions: Sequence[dict[str, Any]] = ()


def thread(reader: Reader, source: str, wanted: str, form: str, page: int) -> dict[str, Any]:
    """A thread: its head, its opening piece, a page of its comments as a tree, the versions.

    `wanted` is a thread id, or an article id where an article has no thread. Raises `UsageError`
    for an unknown one.
    """
    piece, edits = _piece(reader, source, wanted)
    key = {"source": source, "id": wanted}
    with reader.cursor() as cursor:

        def ask(sql: str) -> list[dict[str, Any]]:
            return rows_as_dicts(cursor.execute(sql, key))

        heads = ask("SELECT * FROM threads WHERE source = $source AND thread_id = $id")
        comments = ask(
            f"SELECT {_COMMENT_COLUMNS} FROM comments "  # noqa: S608 - our own column names
            "WHERE source = $source AND thread_id = $id "
            "ORDER BY floor NULLS LAST, published_at NULLS LAST, comment_id"
        )
        earlier = ask(
            "SELECT comment_id, version, change, observed_at, text, state FROM comment_history "
            "WHERE source = $source AND thread_id = $id "
            "QUALIFY max(version) OVER (PARTITION BY comment_id) > 1 ORDER BY version"
        )
    if not piece and not comments and not heads:
        raise UsageError(f"no thread or article {source}/{wanted}")
    show = converter(form)
    nodes = _tree(comments, earlier)
    shown = nodes[(page - 1) * SHOWN : page * SHOWN]
    for row in (*edits, *(row for node in shown for row in (node.row, *node.versions))):
        row["shown"] = show(row["text"])
    if piece:
        piece |= {"shown": show(piece["text"]), "shown_title": show(piece["title"])}
    return {
        "head": heads[0] if heads else None,
        "piece": piece,
        "edits": edits if len(edits) > 1 else [],
        "nodes": shown,
        "total": len(nodes),
        "pages": max(1, -(-len(nodes) // SHOWN)),
    }


def _piece(
    reader: Reader, source: str, wanted: str
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The piece that opens the thread, or the article of that id, and all its versions."""
    found = reader.ask(
        "SELECT article_id FROM article_history WHERE source = $source AND "
        "(thread_id = $id OR article_id = $id) "
        "ORDER BY thread_id IS NOT DISTINCT FROM $id DESC, article_id LIMIT 1",
        {"source": source, "id": wanted},
    )
    if not found:
        return None, []
    key = {"source": source, "id": found[0]["article_id"]}
    pieces = reader.ask("SELECT * FROM articles WHERE source = $source AND article_id = $id", key)
    versions = reader.ask(
        "SELECT article_id, version, change, observed_at, title, text, state "
        "FROM article_history WHERE source = $source AND article_id = $id ORDER BY version",
        key,
    )
    return (pieces[0] if pieces else None), versions


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
