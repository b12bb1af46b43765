"""Reads an archive that `archive.mirror` has published to an S3 bucket.

The log is copied into a cache folder and read by the same code as a local one; data files are read
in place, by ranges. Nothing in the bucket is ever changed. Supported: SQL over every view, and the
check of log, files and the presence of evidence. Whatever writes, searches an index or reads WARC
records needs the archive on a disk.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path

import duckdb
import pyarrow as pa

from archive import files
from archive.bucket import Bucket
from archive.check import Report, content_findings, stranger
from archive.errors import CorruptError, StorageError, UsageError
from archive.finding import Finding
from archive.log import Log, LoggedFile, Snapshot, entry_path
from archive.mirror import DESCRIPTOR, log_key
from archive.root import Root
from archive.views import statements

__all__ = ["check_remote", "connect_remote", "remote_snapshot"]

_AGAIN = "run `shenglu mirror` again from the archive; if it stays, delete the object first"


def remote_snapshot(bucket: Bucket) -> tuple[Snapshot, dict[str, int]]:
    """The newest published snapshot, and every object below the prefix with its size.

    Raises `UsageError` where there is no archive, `CorruptError`, `StorageError`.
    """
    about = bucket.get(DESCRIPTOR)
    if about is None:
        raise UsageError(f"no archive at {bucket.url()}; `shenglu mirror` makes one")
    home = _cache() / hashlib.sha256(bucket.url().encode() + about).hexdigest()[:32]
    files.write_atomic(home / DESCRIPTOR, about)
    root = Root.open(home)
    # The log is listed last: what it names has been there before.
    objects = bucket.sizes()
    _fetch_log(bucket, root, objects)
    return Log(root, cached=False).snapshot(), objects


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "shenglu"


def _fetch_log(bucket: Bucket, root: Root, objects: dict[str, int]) -> None:
    number = 1
    while log_key(number) in objects:
        path = entry_path(root, number)
        if not path.exists() or path.stat().st_size != objects[log_key(number)]:
            data = bucket.get(log_key(number))
            if data is None:
                raise StorageError(f"{bucket.url(log_key(number))} vanished; run again")
            files.write_atomic(path, data)
        number += 1
    for stale in sorted(root.log.glob("*.json")) if root.log.exists() else ():
        if int(stale.stem) >= number:
            files.remove(stale)


def connect_remote(
    bucket: Bucket, *, as_of: datetime | None = None, memory_limit: str = "1500MB"
) -> duckdb.DuckDBPyConnection:
    """A connection with the views over the newest published snapshot; it can reach nothing else.

    Raises as `remote_snapshot` does, and `UsageError` where a library is missing.
    """
    snapshot, _ = remote_snapshot(bucket)
    try:
        wrapper = import_module("fsspec.implementations.arrow").ArrowFSWrapper
    except ModuleNotFoundError as error:
        raise UsageError(
            f"S3 needs {error.name}; install the extra: pip install 'shenglu[s3]'"
        ) from error
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{memory_limit}'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET parquet_metadata_cache = true")
    connection.register_filesystem(wrapper(bucket.arrow))
    connection.execute("SET allowed_directories = $1", [[bucket.url("tables")]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    files_of: dict[str, list[str]] = {}
    for file in snapshot.files:
        files_of.setdefault(file.table, []).append(bucket.url(file.path))
    for statement in statements(files_of, as_of):
        connection.execute(statement)
    return connection


def check_remote(bucket: Bucket, *, quick: bool = False) -> Report:
    """Check what is published: log, presence, size, hash and content of files, WARC sizes.

    `quick` skips hashes and contents. Findings are data; only an unreachable store raises.
    """
    report = Report()
    try:
        snapshot, objects = remote_snapshot(bucket)
    except CorruptError as error:
        report.findings.append(Finding("log_malformed", "log", str(error), _AGAIN))
        return report
    report.commits = snapshot.number
    report.findings += _strangers(snapshot, objects)
    for file in snapshot.files:
        report.findings += _file(bucket, file, objects, quick=quick)
    report.files = len(snapshot.files)
    report.bytes = sum(file.bytes for file in snapshot.files)
    if not report.findings:
        report.captures, found = _evidence(bucket, objects)
        report.findings += found
    report.findings.sort(key=lambda finding: (finding.file, finding.kind, finding.what))
    return report


def _strangers(snapshot: Snapshot, objects: dict[str, int]) -> Iterator[Finding]:
    live = {file.path for file in snapshot.files}
    for key in sorted(objects):
        if key.startswith("log/") and key > log_key(snapshot.number):
            what = "entries before it are missing: a mirroring was cut short, or is under way"
            yield Finding(
                "log_gap", key, what, "run `shenglu mirror` again, which goes on to the end"
            )
        elif key.startswith("tables/") and key not in live:
            yield stranger(key)


def _file(
    bucket: Bucket, file: LoggedFile, objects: dict[str, int], *, quick: bool
) -> Iterator[Finding]:
    size = objects.get(file.path)
    if size is None:
        yield Finding("missing", file.path, "the log names it, the bucket has it not", _AGAIN)
    elif size != file.bytes:
        kind = "truncated" if size < file.bytes else "changed"
        yield Finding(kind, file.path, f"{size} bytes, the log says {file.bytes}", _AGAIN)
    elif not quick and (found := bucket.sha256(file.path)) != file.sha256:
        yield Finding(
            "flipped", file.path, f"SHA-256 is {found}, the log says {file.sha256}", _AGAIN
        )
    elif not quick:
        try:
            with bucket.arrow.open_input_file(
                bucket.url(file.path).removeprefix("s3://")
            ) as source:
                yield from content_findings(source, file)
        except (pa.ArrowException, OSError) as error:
            yield Finding("unreadable", file.path, str(error), _AGAIN)


def _evidence(bucket: Bucket, objects: dict[str, int]) -> tuple[int, list[Finding]]:
    """Whether each WARC file that rows point to is long enough; nothing where none was mirrored."""
    if not any(key.startswith("warc/") for key in objects):
        return 0, []
    asked = (
        "SELECT warc_filename, count(*), max(warc_record_offset + warc_record_length) "
        "FROM fetches WHERE warc_filename IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    with connect_remote(bucket) as connection:
        pointed = connection.execute(asked).fetchall()
    found = []
    for name, rows, end in pointed:
        key = f"warc/{name}"
        if objects.get(key, 0) < end:
            what = f"{rows} rows point into it, up to byte {end}; it has {objects.get(key, 0)}"
            found.append(Finding("warc_missing", key, what, _AGAIN))
    return sum(rows for _, rows, _ in pointed), found
