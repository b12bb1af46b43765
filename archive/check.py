"""Checks an archive against its log and its evidence, and says how to mend what is wrong.

Read-only. Hashing runs in threads (SHA-256 and reads release the interpreter lock); WARC
pointers are checked file by file in order of offset, so that each file is read once, forward.
`quick` skips the hashes and the WARC payloads: sizes, footers and record headers remain.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive import files, gate, swap
from archive.check_warc import check_pointers
from archive.errors import CorruptError, SchemaError, StorageError
from archive.finding import Finding
from archive.forget import removed_again
from archive.log import Log, LoggedFile, Snapshot, decode_entry, entry_path, numbers
from archive.partition import Partition
from archive.query import connect
from archive.root import Root
from archive.schema import table as known_table
from archive.swap import located

__all__ = ["Finding", "Progress", "Report", "check", "content_findings", "stranger"]

_RESTORE = "restore it from a backup, or run `shenglu check --repair`, which reads warc/ again"
_THREADS = 4

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) now and then."""


@dataclass(slots=True)
class Report:
    """What a check found, and how much it looked at."""

    findings: list[Finding] = field(default_factory=list)
    commits: int = 0
    files: int = 0
    bytes: int = 0
    captures: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check(root: Root, *, quick: bool = False, progress: Progress | None = None) -> Report:
    """Check the whole archive; findings are data, so nothing is raised for damage."""
    tell = progress or _silent
    report = Report()
    report.findings += _check_key(root)
    log = Log(root, cached=False)
    try:
        snapshot = log.snapshot()
    except (CorruptError, StorageError) as error:
        report.findings.append(_log_finding(root, error))
        return report  # without the log nothing says what the files should be
    report.commits = snapshot.number
    report.findings += _check_log_folder(root)
    with gate.together(root):
        snapshot = log.snapshot()
        report.findings += _check_swaps(log)
        report.findings += _check_strangers(root, snapshot)
        report.findings += _check_files(root, snapshot, quick=quick, tell=tell)
    report.files = len(snapshot.files)
    report.bytes = sum(file.bytes for file in snapshot.files)
    damaged = {finding.file for finding in report.findings}
    readable = [f for f in snapshot.of("fetches") if f.path not in damaged]
    report.captures, found = check_pointers(root, readable, quick=quick, tell=tell)
    report.findings += found
    report.findings += _check_removed(root, readable)
    report.findings.sort(key=lambda finding: (finding.file, finding.kind, finding.what))
    return report


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress for nobody."""


def _check_key(root: Root) -> Iterator[Finding]:
    name = root.key_file.relative_to(root.path).as_posix()
    try:
        root.author_key()
    except (StorageError, CorruptError) as error:
        yield Finding("key_damaged", name, str(error), "restore meta/author_key from a backup")
        return
    if root.key_file.stat().st_mode & 0o077:
        yield Finding(
            "key_exposed",
            name,
            "the secret of the author hashes can be read by other users",
            f"chmod 600 {root.key_file}",
        )


def _log_finding(root: Root, error: Exception) -> Finding:
    what = str(error)
    present = numbers(root)
    gap = next((n for n, found in enumerate(present, 1) if n != found), None)
    if gap is not None:
        name = entry_path(root, gap).relative_to(root.path).as_posix()
        return Finding("log_gap", name, what, "restore the log folder from a backup")
    named = next((n for n in present if entry_path(root, n).name in what), None)
    name = entry_path(root, named).relative_to(root.path).as_posix() if named else "log"
    return Finding("log_malformed", name, what, "restore the log folder from a backup")


def _check_log_folder(root: Root) -> Iterator[Finding]:
    present = numbers(root)
    known = {entry_path(root, number).name for number in present}
    for number in present:
        yield from _check_names(root, number)
    for path in sorted(root.log.iterdir()) if root.log.exists() else ():
        if path.name not in known and not path.name.startswith("."):
            yield Finding(
                "log_stranger",
                path.relative_to(root.path).as_posix(),
                "no commit has such a name",
                "move it out of log/",
            )


def _check_names(root: Root, number: int) -> Iterator[Finding]:
    """A commit of rows names its files by its id: where they differ, the entry was changed."""
    path = entry_path(root, number)
    entry = decode_entry(path, files.read(path))
    stems = {Path(file.path).stem for file in entry.add} or {entry.batch_id}
    if entry.operation == "append" and stems != {entry.batch_id}:
        yield Finding(
            "log_malformed",
            path.relative_to(root.path).as_posix(),
            f"its batch id {entry.batch_id} is not that of its files",
            "restore the log folder from a backup",
        )


def _check_swaps(log: Log) -> Iterator[Finding]:
    try:
        for folder in swap.pending(log):
            yield Finding(
                "unfinished",
                folder.relative_to(log.root.path).as_posix(),
                "a compaction, removal or repair died half done",
                "run `shenglu compact`, which goes on to the end; no row is lost",
            )
    except (CorruptError, StorageError) as error:
        yield Finding("unfinished", "retired", str(error), "see the message")


def _check_removed(root: Root, fetches: list[LoggedFile]) -> Iterator[Finding]:
    """Pages that a crawl met again although something on them was removed."""
    with connect(root, snapshot=Snapshot(0, tuple(fetches))) as connection:
        for fetch_id in removed_again(connection):
            yield Finding(
                "removed_again",
                "warc",
                f"fetch {fetch_id} shows what was removed before",
                "run `shenglu forget --again`",
            )


def _check_strangers(root: Root, snapshot: Snapshot) -> Iterator[Finding]:
    known = {root.path / file.path for file in snapshot.files}
    for folder, _, names in os.walk(root.tables):
        for name in sorted(names):
            path = Path(folder, name)
            if path in known or (name.startswith(".") and name.endswith(".tmp")):
                continue
            shown = path.relative_to(root.path).as_posix()
            yield stranger(shown)


def stranger(path: str) -> Finding:
    """What to say of a file under tables/ that no commit names."""
    if path.endswith(".parquet"):
        return Finding(
            "orphan",
            path,
            "no commit names this file; a writer died, or is at work just now",
            "run the crawl again, which commits it; if it stays then, delete it",
        )
    return Finding(
        "not_parquet",
        path,
        "only Parquet may lie under tables/: other files break plain readers",
        "move it out of tables/",
    )


def _check_files(
    root: Root, snapshot: Snapshot, *, quick: bool, tell: Progress
) -> Iterator[Finding]:
    total = len(snapshot.files)

    def one(file: LoggedFile) -> list[Finding]:
        return list(_check_file(root, file, quick=quick))

    with ThreadPoolExecutor(_THREADS) as pool:
        for done, found in enumerate(pool.map(one, snapshot.files), 1):
            tell("tables", done, total)
            yield from found


def _check_file(root: Root, file: LoggedFile, *, quick: bool) -> Iterator[Finding]:
    path = located(root, file.path)
    try:
        size = path.stat().st_size
        if size != file.bytes:
            kind = "truncated" if size < file.bytes else "changed"
            yield Finding(kind, file.path, f"{size} bytes, the log says {file.bytes}", _RESTORE)
            return
        if not quick and (found := files.sha256_file(path)[0]) != file.sha256:
            what = f"SHA-256 is {found}, the log says {file.sha256}"
            yield Finding("flipped", file.path, what, _RESTORE)
            return
    except FileNotFoundError:
        yield Finding("missing", file.path, "the log names it, the disk has it not", _RESTORE)
        return
    except (OSError, StorageError) as error:
        yield Finding("unreadable", file.path, str(error), _RESTORE)
        return
    yield from content_findings(path, file)


def content_findings(source: Any, file: LoggedFile) -> Iterator[Finding]:
    """What is wrong with the content of a Parquet file, given as a path or an open file."""
    try:
        place = Partition.parse(file.path)
        with pq.ParquetFile(source) as opened:
            rows, schema = opened.metadata.num_rows, opened.schema_arrow
        wanted = known_table(file.table).schema
    except (pa.ArrowException, OSError, SchemaError) as error:
        yield Finding("unreadable", file.path, str(error), _RESTORE)
        return
    if place.table != file.table:
        what = f"the log puts it into {file.table}"
        yield Finding("schema_drift", file.path, what, _RESTORE)
    if rows != file.rows:
        yield Finding("row_count", file.path, f"{rows} rows, the log says {file.rows}", _RESTORE)
    if not schema.equals(wanted):
        what = f"columns differ from the schema of {file.table}: {_difference(schema, wanted)}"
        yield Finding("schema_drift", file.path, what, "rewrite it with the shenglu that wrote it")


def _difference(found: pa.Schema, wanted: pa.Schema) -> str:
    has = {f.name: str(f.type) for f in found}
    needs = {f.name: str(f.type) for f in wanted}
    odd = [n for n in {**needs, **has} if has.get(n) != needs.get(n)]
    return ", ".join(f"{n} ({has.get(n)} for {needs.get(n)})" for n in odd) or "their order"
