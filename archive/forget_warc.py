"""WARC files without some of their records: the evidence half of a take-down.

Records are gzip members of their own, so those that stay are copied byte for byte into a file of
another name (those of a cold file, `x.warc.zst`, become gzip again); the new places are handed back
for the rows that point there. Torn places are not copied: nothing points to them. The old file is
deleted by the caller, after the commit.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive import cdxj, files
from archive.root import Root
from archive.warc import gzip_member
from archive.warc_cold import warc_files
from archive.warc_read import iter_records, read_record
from archive.warc_record import StoredRecord

__all__ = ["LEAST_NEEDLE", "Moves", "Place", "Places", "needles", "rewrite", "scan"]

LEAST_NEEDLE = 8
"""Characters below which a line of text is too common to be searched for."""

_CODINGS = ("utf-8", "gb18030", "big5")
_AGAIN = re.compile(r"(?:\.r([0-9]+))?\.warc\.(?:gz|zst)$")

Place = tuple[str, int]
Places = dict[Place, tuple[str, int, int]]
"""Where a record is now: (old file, offset) -> (new file, offset, length)."""


@dataclass(slots=True)
class Moves:
    """Where records went; old files, removed records."""

    places: Places = field(default_factory=dict)
    old: list[str] = field(default_factory=list)
    removed: int = 0


def needles(texts: Iterable[str]) -> frozenset[bytes]:
    """The lines of texts that are long enough to be searched for, in the codings of pages."""
    found: set[bytes] = set()
    for line in {part.strip() for text in texts for part in text.splitlines()}:
        if len(line) < LEAST_NEEDLE:
            continue
        for coding in _CODINGS:
            found.add(line.encode(coding, "ignore"))
        found.add(json.dumps(line)[1:-1].encode())
        found.add(json.dumps(line)[1:-1].encode().upper().replace(b"\\U", b"\\u"))
    return frozenset(one for one in found if len(one) >= LEAST_NEEDLE)


def scan(root: Root, wanted: Collection[bytes]) -> Iterator[tuple[str, int]]:
    """The (file, offset) of every record whose payload holds one of the needles."""
    if not wanted:
        return
    pattern = re.compile(b"|".join(re.escape(one) for one in sorted(wanted)))
    for path in warc_files(root, twice=True):
        for record in iter_records(path, root, _ignore):
            if record.pointer is not None and pattern.search(record.payload()[1]):
                yield record.pointer.filename, record.pointer.offset


def _ignore(_damage: object) -> None:
    """Torn tails are no news here; `check` tells what is damaged."""


def rewrite(
    root: Root, gone: Collection[tuple[str, int]], *, known: Callable[[str, int], bool]
) -> Moves:
    """Write each file that holds one of those records anew without it and its request.

    `known` tells whether a row points to a record; one that no row knows is left out too.
    Raises `StorageError`.
    """
    moves = Moves()
    for name in sorted({filename for filename, _ in gone}):
        path = root.warc / name
        if not path.is_file():
            continue
        found = _AGAIN.search(name)
        number = int(found[1] or 0) + 1 if found else 1
        target = path.with_name(_AGAIN.sub(f".r{number}.warc.gz", path.name))
        new = target.relative_to(root.warc).as_posix()
        moves.old.append(name)
        with files.replacing(target) as out, path.open("rb") as source:
            for record in _staying(root, path, gone, known, moves):
                pointer = record.pointer
                if pointer is None:
                    continue
                if path.suffix == ".zst":  # no dictionary stays: it is made of what it packs
                    member = gzip_member(read_record(root, pointer))
                else:
                    source.seek(pointer.offset)
                    member = source.read(pointer.length)
                moves.places[name, pointer.offset] = (new, out.tell(), len(member))
                out.write(member)
        cdxj.write_index(root, target)
    return moves


def _staying(
    root: Root,
    path: Path,
    gone: Collection[tuple[str, int]],
    known: Callable[[str, int], bool],
    moves: Moves,
) -> Iterator[StoredRecord]:
    kept = ""
    for record in iter_records(path, root, _ignore):
        if record.pointer is None:
            continue
        place = record.pointer.filename, record.pointer.offset
        if record.type in {"response", "revisit", "resource"}:
            kept = ""
            if place in gone or not known(*place):
                moves.removed += 1
                continue
            kept = record.field("WARC-Record-ID")
        elif record.type == "request" and record.field("WARC-Concurrent-To") != kept:
            continue
        yield record
