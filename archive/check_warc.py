"""Checks that every `fetches` row's pointer leads to the capture that it claims.

For each pointer: a whole record lies there, its target URI is the row's URL, its block and
payload have the digests that the record states, and the decoded payload has the SHA-256 that
the row states. Revisits have no payload; their original must be among the rows.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive.errors import CaptureError, StorageError
from archive.finding import Finding
from archive.log import LoggedFile
from archive.model import WarcPointer
from archive.root import Root
from archive.warc_read import read_stored
from archive.warc_record import StoredRecord, parse_date

__all__ = ["check_pointers"]

_COLUMNS = [
    "fetch_id",
    "url",
    "payload_sha256",
    "warc_filename",
    "warc_record_offset",
    "warc_record_length",
    "warc_type",
    "observed_at",
]
_REMEDY = "restore the WARC file from a backup; the rows made from it remain valid"
_THREADS = 4
_ALGORITHMS = {"sha1", "sha256", "sha512", "md5"}

Row = dict[str, Any]
Originals = frozenset[tuple[str, datetime]]


def check_pointers(
    root: Root,
    fetches: Sequence[LoggedFile],
    *,
    quick: bool,
    tell: Callable[[str, int, int], None],
) -> tuple[int, list[Finding]]:
    """The number of pointers looked at, and what is wrong with them."""
    by_file, originals = _pointers(root, fetches)
    findings: list[Finding] = []

    def one(item: tuple[str, list[Row]]) -> list[Finding]:
        return list(_check_warc(root, item, originals, quick=quick))

    with ThreadPoolExecutor(_THREADS) as pool:
        for done, found in enumerate(pool.map(one, sorted(by_file.items())), 1):
            tell("warc", done, len(by_file))
            findings += found
    return sum(len(rows) for rows in by_file.values()), findings


def _pointers(root: Root, fetches: Sequence[LoggedFile]) -> tuple[dict[str, list[Row]], Originals]:
    by_file: dict[str, list[Row]] = {}
    originals = set()
    for file in fetches:
        with pq.ParquetFile(root.path / file.path) as opened:
            for batch in opened.iter_batches(columns=_COLUMNS):
                kept = batch.filter(pc.is_valid(batch["warc_filename"]))
                for row in kept.to_pylist():
                    by_file.setdefault(row["warc_filename"], []).append(row)
                    if row["warc_type"] != "revisit":
                        originals.add((row["url"], row["observed_at"]))
    return by_file, frozenset(originals)


def _check_warc(
    root: Root, item: tuple[str, list[Row]], originals: Originals, *, quick: bool
) -> Iterator[Finding]:
    name, rows = item
    shown = f"warc/{name}"
    if not (root.warc / name).is_file():
        what = f"{len(rows)} rows of fetches point to it, the disk has it not"
        yield Finding("warc_missing", shown, what, _REMEDY)
        return
    for row in sorted(rows, key=lambda row: row["warc_record_offset"] or 0):
        where = f"fetch {row['fetch_id']} (byte {row['warc_record_offset']})"
        try:
            pointer = WarcPointer(name, row["warc_record_offset"], row["warc_record_length"])
            wrong = list(_compare(read_stored(root, pointer), row, originals, quick=quick))
        except (CaptureError, StorageError, TypeError) as error:
            yield Finding("warc_pointer", shown, f"{where}: {error}", _REMEDY)
            continue
        for what in wrong:
            yield Finding("warc_mismatch", shown, f"{where}: {what}", _REMEDY)


def _compare(record: StoredRecord, row: Row, originals: Originals, *, quick: bool) -> Iterator[str]:
    if record.url != row["url"].partition("#")[0]:
        yield f"the record is of {record.url}, the row of {row['url']}"
    if record.type != row["warc_type"]:
        yield f"the record is a {record.type}, the row says {row['warc_type']}"
    if quick:
        return
    if not _matches(record.field("WARC-Block-Digest"), record.block):
        yield "the block does not have the digest that its record states"
    if record.type == "revisit":
        original = (
            record.field("WARC-Refers-To-Target-URI"),
            parse_date(record.field("WARC-Refers-To-Date")),
        )
        if original not in originals:
            yield f"it is a revisit of {original[0]} at {original[1]}, which no row knows"
        return
    raw, payload, _ = record.payload()
    if not _matches(record.field("WARC-Payload-Digest"), raw):
        yield "the payload does not have the digest that its record states"
    wanted = row["payload_sha256"]
    if wanted and hashlib.sha256(payload).hexdigest() != wanted:
        yield "the decoded payload does not have the SHA-256 of the row"


def _matches(labelled: str, data: bytes) -> bool:
    """Whether a `sha256:BASE32` (or hex, or another algorithm) digest is that of the data."""
    algorithm, _, value = labelled.partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in _ALGORITHMS:
        return not labelled  # none stated, none broken
    made = hashlib.new(algorithm, data)
    return value.lower() == made.hexdigest() or value.upper().rstrip("=") == base64.b32encode(
        made.digest()
    ).decode("ascii").rstrip("=")
