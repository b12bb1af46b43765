"""The full-text index: tantivy over 1- and 2-grams of the search keys. A cache, never the truth.

It lies in `state/search/` and may be deleted at any time. It holds the latest version of each
piece, filed under the piece's id, and follows the log: rows of new commits are filed, a compaction
changes nothing, and a removal (forget) makes it be built anew, since it holds texts. Filing is
idempotent, so a process that dies between the index's commit and `about.json` does no harm.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import tantivy

from archive import files
from archive.errors import LockedError, StorageError
from archive.log import Entry, Log, Snapshot, decode_entry, entry_path
from archive.query import connect
from archive.root import Root
from archive.search_query import BREAK
from archive.search_scan import PIECES

if TYPE_CHECKING:
    from archive.search import Fold

__all__ = [
    "BESIDE",
    "SMALL",
    "About",
    "about",
    "behind",
    "build",
    "drop",
    "folder",
    "open_index",
    "refresh",
    "schema",
    "unfiled",
]

SMALL = 20_000
"""So many new rows are filed on the way to an answer; more wait for `build`."""

BESIDE = 250_000
"""So many unfiled rows are read beside the index; with more, the whole archive is scanned."""

_FORMAT = 1
_TOKENS = "grams"
_HEAP = 256_000_000
_READING = "1GB"
_PAGE = 20_000
_COMMIT_ROWS = 1_000_000

_LATEST = """
WITH piece AS ({pieces}), many AS (
  SELECT kind, source, id FROM piece GROUP BY ALL HAVING count(*) > 1
), best AS (
  SELECT kind, source, id, max(struct_pack(observed_at, fetch_id, version)) AS newest
  FROM piece SEMI JOIN many USING (kind, source, id) GROUP BY ALL
)
SELECT kind, source, thread_id, id, title, text, script, url, author_hash,
       epoch_us(time) AS time, version, epoch_us(observed_at) AS observed, fetch_id
FROM piece LEFT JOIN best USING (kind, source, id)
WHERE newest IS NULL OR newest = struct_pack(observed_at, fetch_id, version)
"""
"""The latest version of each piece; only pieces with several versions are compared."""

Progress = Callable[[str, int, int], None]


class About(msgspec.Struct, frozen=True):
    """What the index covers: the archive, its commits up to `number`, and who folded the keys."""

    format: int
    archive_id: str
    fold: str
    number: int


def folder(root: Root) -> Path:
    """Where the index lies."""
    return root.state / "search"


@cache
def schema() -> tantivy.Schema:
    """The fields of a document; `row` is all that a hit shows, as msgpack."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("gram", tokenizer_name=_TOKENS, index_option="basic")
    for name in ("key", "site", "thread", "author"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("time", indexed=True, fast=True)
    builder.add_bytes_field("row", stored=True)
    return builder.build()


def about(root: Root) -> About | None:
    """What the index covers; None where there is none, or one of another format."""
    data = files.read_if_present(folder(root) / "about.json")
    if data is None:
        return None
    try:
        found = msgspec.json.decode(data, type=About)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if found.format == _FORMAT else None


def open_index(root: Root) -> tantivy.Index:
    """The index on disk; raises `StorageError` where it cannot be read."""
    place = folder(root) / "index"
    try:
        index = tantivy.Index(schema(), str(place))
    except (ValueError, OSError) as error:
        raise StorageError(
            f"{place} cannot be opened ({error}); delete the folder {folder(root)}, then run "
            "`shenglu search --index`"
        ) from error
    grams = tantivy.Tokenizer.ngram(1, 2, prefix_only=False)
    index.register_tokenizer(_TOKENS, tantivy.TextAnalyzerBuilder(grams).build())
    return index


def drop(root: Root) -> None:
    """Delete the index and every text in it."""
    files.remove_tree(folder(root))


def behind(rows: int) -> str:
    """The note that so many rows are read beside the index."""
    return f"{rows} rows are newer than the index; `shenglu search --index` files them"


def refresh(root: Root, fold: "Fold") -> list[str]:
    """File what came since, if it is little; returns notes for the reader.

    Raises `StorageError` where there is no index and much to file: `build` makes one.
    """
    log = Log(root)
    now = log.snapshot()
    known, new = _pending(root, now, fold)
    rows = new.rows("articles") + new.rows("comments")
    if known is not None and known.number == now.number:
        return []
    if rows > SMALL:
        if known is None:
            raise StorageError(
                f"there is none for {rows} rows; `shenglu search --index` builds it once"
            )
        return [behind(rows)]
    try:
        _file(root, fold, known, new)
    except LockedError as error:
        if known is None:
            raise StorageError(str(error)) from error
        return [str(error)]
    return []


def unfiled(root: Root, fold: "Fold") -> Snapshot:
    """The files that the index does not hold; raises `StorageError` where it is of no use."""
    known, new = _pending(root, Log(root).snapshot(), fold)
    if known is None:
        raise StorageError("there is no index of this archive; `shenglu search --index` builds it")
    if (rows := new.rows("articles") + new.rows("comments")) > BESIDE:
        raise StorageError(f"{rows} rows are newer than it; `shenglu search --index` files them")
    return new


def build(root: Root, fold: "Fold", progress: Progress, *, anew: bool = False) -> tuple[int, int]:
    """Bring the index up to the newest snapshot; returns rows filed and the snapshot's number.

    `anew` throws the old one away first. Raises `LockedError` while another process files.
    """
    if anew:
        drop(root)
    now = Log(root).snapshot()
    known, new = _pending(root, now, fold)
    return _file(root, fold, known, new, progress), now.number


def _pending(root: Root, now: Snapshot, fold: "Fold") -> tuple[About | None, Snapshot]:
    """What the index covers, if it can go on from there, and the files still to be filed."""
    known = about(root)
    usable = (
        known is not None
        and known.archive_id == root.archive_id
        and known.fold == fold.version
        and known.number <= now.number
    )
    if not usable or known is None:
        return None, now
    entries = [_entry(root, number) for number in range(known.number + 1, now.number + 1)]
    if any(entry.operation == "forget" for entry in entries):
        return None, now
    added = {f.path for e in entries if e.operation == "append" for f in e.add}
    # A file that was compacted away since lives on in the compacted one: file all of that.
    live = {f.path for f in now.files}
    merged = {f.path for e in entries if e.operation == "compact" for f in e.add}
    wanted = added if added <= live else added | merged
    return known, Snapshot(now.number, tuple(f for f in now.files if f.path in wanted))


def _entry(root: Root, number: int) -> Entry:
    path = entry_path(root, number)
    return decode_entry(path, files.read(path))


def _file(
    root: Root,
    fold: "Fold",
    known: About | None,
    new: Snapshot,
    progress: Progress = lambda _stage, _done, _total: None,
) -> int:
    if known is None:
        drop(root)
    files.make_folder(folder(root) / "index")
    index = open_index(root)
    try:
        writer = index.writer(_HEAP, 1)
    except ValueError as error:
        raise LockedError("another process is filing into the search index") from error
    filed, total = 0, new.rows("articles") + new.rows("comments")
    older = None if known is None else index.searcher()
    for filed, row in enumerate(_rows(root, new), 1):
        if older is not None and not _replace(older, writer, row):
            continue
        writer.add_document(_document(row, fold))
        if filed % _PAGE == 0:
            progress("indexed", filed, total)
        if filed % _COMMIT_ROWS == 0:
            writer.commit()
    writer.commit()
    writer.wait_merging_threads()
    progress("indexed", total, total)
    made = About(_FORMAT, root.archive_id, fold.version, new.number)
    files.write_atomic(folder(root) / "about.json", msgspec.json.encode(made) + b"\n")
    return filed


def _rows(root: Root, new: Snapshot) -> Iterator[dict[str, Any]]:
    with connect(root, snapshot=new, sandbox=True, memory_limit=_READING) as connection:
        result = connection.execute(_LATEST.format(pieces=PIECES))
        names = [column[0] for column in result.description or ()]
        while rows := result.fetchmany(_PAGE):
            for row in rows:
                yield dict(zip(names, row, strict=True))


def _key(row: dict[str, Any]) -> str:
    return f"{row['kind']} {row['source']}/{row['id']}"


def _replace(older: tantivy.Searcher, writer: tantivy.IndexWriter, row: dict[str, Any]) -> bool:
    """Take out the version that is filed; False where that is a newer one."""
    query = tantivy.Query.term_query(schema(), "key", _key(row), "basic")
    hits = older.search(query, limit=1, count=False).hits
    if not hits:
        return True
    filed = msgspec.msgpack.decode(older.doc(hits[0][1])["row"][0])
    order = ("observed", "fetch_id", "version")
    if tuple(filed[name] or 0 for name in order) > tuple(row[name] or 0 for name in order):
        return False
    writer.delete_documents_by_term("key", _key(row))
    return True


def _document(row: dict[str, Any], fold: "Fold") -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("gram", fold.key(f"{row['title'] or ''}{BREAK}{row['text'] or ''}"))
    made.add_text("key", _key(row))
    source, thread = row["source"], row["thread_id"]
    for name in {source, source.partition(":")[0]}:
        made.add_text("site", name)
    if thread is not None:
        made.add_text("thread", thread)
        made.add_text("thread", f"{source}/{thread}")
    if row["author_hash"] is not None:
        made.add_text("author", row["author_hash"])
    made.add_integer("time", row["time"])
    made.add_bytes("row", msgspec.msgpack.encode(row))
    return made
