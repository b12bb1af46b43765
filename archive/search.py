"""Finds articles and comments by folded words: through the index where there is one, else a scan.

The caller folds the words with the function that made `search_key`, so a query in one script
finds texts in both. Index and scan propose, `archive.search_query` verifies: both give the same
hits, the index sooner. A scan reads the snapshot's texts: a million comments take seconds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.errors import StorageError, UsageError
from archive.query import connect
from archive.root import Root
from archive.search_query import BREAK, Node, Span, match, within
from archive.search_scan import scan

__all__ = ["Fold", "Found", "Hit", "Search", "has_index", "search"]

_THREADS = """
SELECT source, thread_id, arg_max(url, (version, observed_at)) AS url
FROM article_history WHERE thread_id IN (SELECT unnest(?)) GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for, and where.

    A site stands for all sources of its engine too (`discuz` for `discuz:host`). A thread is its
    id, or source/id. `near`: at most so many other characters among the words.
    """

    tree: Node
    sites: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    authors: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    near: int | None = None
    limit: int | None = 20


@dataclass(frozen=True, slots=True)
class Fold:
    """The function that makes search keys, and the name of its version."""

    key: Callable[[str], str]
    version: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece and the places in it: offsets in `whole`, which is title, `BREAK` and text."""

    row: dict[str, Any]
    whole: str
    spans: tuple[Span, ...]

    @property
    def text_at(self) -> int:
        """The offset in `whole` at which the text begins."""
        return self.whole.index(BREAK) + 1


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, newest first; `notes` say what the reader should know of how they were found."""

    hits: list[Hit]
    notes: list[str] = field(default_factory=list)


def has_index() -> bool:
    """Whether the library that the index needs is installed."""
    try:
        import tantivy  # noqa: F401, PLC0415 - an optional library, asked for on use
    except ImportError:
        return False
    return True


def search(
    root: Root, wanted: Search, fold: Fold, *, index: bool = True, filing: bool = True
) -> Found:
    """The newest pieces, in their latest version, that the tree is true of.

    Time is that of publication, or of observation where none is known. An index that is a little
    behind is brought up to date first, unless `filing` is False: then nothing is written, and
    what it lacks is read beside it. `index` False scans in any case.
    """
    notes: list[str] = []
    if index and has_index():
        try:
            rows = _proposed(root, wanted, fold, notes, filing=filing)
        except (StorageError, UsageError) as error:
            notes.append(f"scanned without the index: {error}")
        else:
            return Found(_linked(root, _verified(rows, wanted, fold)), notes)
    elif index:
        notes.append("scanned: install shenglu[search] for an index")
    with connect(root, sandbox=True) as connection:
        hits = _verified(scan(connection, wanted, fold.key), wanted, fold)
    return Found(_linked(root, hits), notes)


def _proposed(
    root: Root, wanted: Search, fold: Fold, notes: list[str], *, filing: bool
) -> Iterable[dict[str, Any]]:
    """Rows by the index, which is brought up to date first if it may be filed into."""
    from archive import search_index, search_newer, search_read  # noqa: PLC0415 - an optional library

    if filing:
        notes += search_index.refresh(root, fold)
    reader = search_read.Reader.open(root, fold)
    lacking = search_index.unfiled(root, fold)
    if rows := lacking.rows("articles") + lacking.rows("comments"):
        if rows > search_index.SMALL and not notes:
            notes.append(search_index.behind(rows))
        return search_newer.joined(root, lacking, reader, wanted, fold.key)
    return reader.candidates(wanted)


def _linked(root: Root, hits: list[Hit]) -> list[Hit]:
    """The hits; a comment without a permalink of its own gets its thread's."""
    bare = [hit.row for hit in hits if hit.row["url"] is None and hit.row["thread_id"]]
    if not bare:
        return hits
    threads = sorted({row["thread_id"] for row in bare})
    with connect(root, sandbox=True) as connection:
        rows = connection.execute(_THREADS, [threads]).fetchall()
    known = {(source, thread): url for source, thread, url in rows}
    for row in bare:
        row["url"] = known.get((row["source"], row["thread_id"]))
    return hits


def _verified(rows: Iterable[dict[str, Any]], wanted: Search, fold: Fold) -> list[Hit]:
    hits = []
    for hit in _matches(rows, wanted, fold):
        hits.append(hit)
        if wanted.limit is not None and len(hits) >= wanted.limit:
            break
    return hits


def _matches(rows: Iterable[dict[str, Any]], wanted: Search, fold: Fold) -> Iterator[Hit]:
    for row in rows:
        whole = f"{row['title'] or ''}{BREAK}{row['text'] or ''}"
        key = fold.key(whole)
        spans = match(wanted.tree, whole, key)
        if spans is None:
            continue
        if wanted.near is None or within(wanted.tree, wanted.near, whole, key):
            yield Hit(row, whole, tuple(spans))
