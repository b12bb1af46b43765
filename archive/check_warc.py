"""Checks that every `fetches` row's pointer leads to the capture that it claims.

For each pointer: a whole record lies there, its target URI is the row's URL, its block and
payload have the digests that the record states, and the decoded payload has the SHA-256 that
the row states. A revisit has no payload: the row of its original must exist and state the same.

Rows come sorted by file and offset from DuckDB, which can spill to disk, and are held some
thousands at a time: memory stays bounded and each WARC file is read forward.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb

from archive.check_between import Place, check_between
from archive.errors import CaptureError, StorageError
from archive.finding import Finding
from archive.log import LoggedFile, Snapshot
from archive.model import WarcPointer
from archive.query import connect
from archive.root import Root
from archive.warc_read import read_stored
from archive.warc_record import StoredRecord, bare_uri, parse_date

__all__ = ["check_pointers"]

_FILES = "SELECT warc_filename, count(*) FROM fetches GROUP BY 1 HAVING warc_filename IS NOT NULL"
_POINTERS = """
SELECT warc_filename, warc_record_offset, warc_record_length, warc_type, fetch_id, url,
       payload_sha256
FROM fetches WHERE warc_filename IS NOT NULL
ORDER BY warc_filename, warc_record_offset, fetch_id
"""
_PLACES = """
SELECT DISTINCT warc_filename, warc_record_offset, warc_record_length FROM fetches
WHERE warc_record_length IS NOT NULL AND warc_record_offset IS NOT NULL ORDER BY ALL
"""
_ORIGINAL = """
SELECT payload_sha256 FROM fetches
WHERE url = $1 AND observed_at = $2 AND warc_type IN ('response', 'resource') LIMIT 1
"""
_REMEDY = "restore the WARC file from a backup; the rows made from it remain valid"
_THREADS = 4
_CHUNK = 1000
_ALGORITHMS = {"sha1", "sha256", "sha512", "md5"}

Row = tuple[str, int | None, int | None, str | None, str, str, str | None]
Originals = Callable[[StoredRecord], tuple[str | None] | None]


def check_pointers(
    root: Root,
    fetches: Sequence[LoggedFile],
    *,
    quick: bool,
    tell: Callable[[str, int, int], None],
) -> tuple[int, list[Finding]]:
    """The number of pointers looked at, and what is wrong with them."""
    with connect(root, snapshot=Snapshot(0, tuple(fetches))) as connection:
        counts = dict(connection.execute(_FILES).fetchall())
        absent = {name for name in counts if not (root.warc / name).is_file()}
        findings = [_absent(name, counts[name]) for name in sorted(absent)]
        total, done = sum(counts.values()), 0

        def work(rows: Sequence[Row]) -> list[Finding]:
            originals = _originals(connection.cursor())
            kept = (row for row in rows if row[0] not in absent)
            return [f for row in kept for f in _check_row(root, row, originals, quick=quick)]

        result = connection.cursor().execute(_POINTERS)
        with ThreadPoolExecutor(_THREADS) as pool:
            while rows := result.fetchmany(_CHUNK * _THREADS):
                chunks = [rows[at : at + _CHUNK] for at in range(0, len(rows), _CHUNK)]
                for found in pool.map(work, chunks):
                    findings += found
                done += len(rows)
                tell("warc", done, total)
        if not quick:
            told = {finding.file for finding in findings}  # a false pointer shifts what is between
            places = (p for p in _places(connection) if f"warc/{p[0]}" not in told)
            findings += check_between(root, places)
    return total, findings


def _places(connection: duckdb.DuckDBPyConnection) -> Iterator[Place]:
    result = connection.execute(_PLACES)
    while rows := result.fetchmany(_CHUNK):
        yield from rows


def _absent(name: str, rows: int) -> Finding:
    what = f"{rows} rows of fetches point to it, the disk has it not"
    return Finding("warc_missing", f"warc/{name}", what, _REMEDY)


def _originals(connection: duckdb.DuckDBPyConnection) -> Originals:
    """Finds the payload hash that the row of a revisit's original states, if there is a row."""

    def find(record: StoredRecord) -> tuple[Any, ...] | None:
        url = bare_uri(record.field("WARC-Refers-To-Target-URI"))
        date = parse_date(record.field("WARC-Refers-To-Date"))
        found: tuple[Any, ...] | None = connection.execute(_ORIGINAL, [url, date]).fetchone()
        return found

    return find


def _check_row(root: Root, row: Row, originals: Originals, *, quick: bool) -> Iterator[Finding]:
    name, offset, length, _, fetch_id, _, _ = row
    shown, where = f"warc/{name}", f"fetch {fetch_id} (byte {offset})"
    if offset is None or length is None:
        yield Finding("warc_pointer", shown, f"{where}: the pointer is incomplete", _REMEDY)
        return
    try:
        record = read_stored(root, WarcPointer(name, offset, length))
        wrong = list(_compare(record, row, originals, quick=quick))
    except (CaptureError, StorageError) as error:
        yield Finding("warc_pointer", shown, f"{where}: {error}", _REMEDY)
        return
    for what in wrong:
        yield Finding("warc_mismatch", shown, f"{where}: {what}", _REMEDY)


def _compare(record: StoredRecord, row: Row, originals: Originals, *, quick: bool) -> Iterator[str]:
    *_, kind, _, url, wanted = row
    if record.url != url.partition("#")[0]:
        yield f"the record is of {record.url}, the row of {url}"
    if record.type != kind:
        yield f"the record is a {record.type}, the row says {kind}"
    if quick:
        return
    if not _matches(record.field("WARC-Block-Digest"), record.block):
        yield "the block does not have the digest that its record states"
    if record.type == "revisit":
        original = originals(record)
        if original is None:
            yield f"no row knows the original, {record.field('WARC-Refers-To-Target-URI')}"
        elif wanted and original[0] and wanted != original[0]:
            yield "it repeats a payload that has another SHA-256 than the row"
        return
    raw, payload, _ = record.payload()
    if not _matches(record.field("WARC-Payload-Digest"), raw):
        yield "the payload does not have the digest that its record states"
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
