"""A frozen, citable copy of a snapshot: plain Parquet, its documentation, its checksums.

`releases/<name>/` appears whole or not at all and is never changed afterwards. Nothing in it
depends on the clock or the machine: the same snapshot, name, filters and table of names give the
same bytes (with the same versions of pyarrow and DuckDB).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from archive import files, gate
from archive.errors import UsageError
from archive.finding import Finding
from archive.lock import Lock
from archive.log import Log, Snapshot, decode_entry, entry_path
from archive.parts import Form, sorted_rows, write_parts
from archive.query import connect, spill_folder
from archive.release_card import Facts, data_dictionary, dictionary_page, gather, readme
from archive.release_descriptors import DataFile, card_head, croissant, datapackage
from archive.release_filters import Filters
from archive.release_frame import frame_page
from archive.release_schema import RELEASED, Tagger, tagged
from archive.root import Root
from archive.schema import SCHEMA_VERSION, TABLES

__all__ = ["SUMS", "Filters", "Tagger", "release", "signatures", "verify"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LEVEL = 9
_MEMORY = "1GB"
SUMS = "SHA256SUMS"
_SIGNATURES = tuple(f"{SUMS}.{kind}" for kind in ("minisig", "asc", "sig"))
_READ_ONLY = 0o444


def release(
    root: Root,
    name: str,
    filters: Filters | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    tagger: Tagger | None = None,
) -> Path:
    """Make `releases/<name>` from the present snapshot; returns the folder.

    `tagger` fills the column `entities`; without one it is null.

    Raises `UsageError` for a name that is taken or no file name, or when no row is left;
    `LockedError` while another release is made; `StorageError` when the disk refuses, in which
    case no release appears.
    """
    wanted = filters or Filters()
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a release; use letters, digits, . _ -")
    target = root.releases / name
    if target.exists():
        raise UsageError(f"release {name} exists and is never changed; choose another name")
    lock = Lock(root.state / "locks", "release", f"release {name}")  # a removal waits for it, too
    built = root.releases / f".{name}.tmp"
    try:
        snapshot = Log(root).snapshot()
        files.remove_tree(built)
        files.make_folder(built)
        with gate.together(root):  # no compaction exchanges files in the middle
            facts = _write_tables(root, built, snapshot, (wanted, tagger, progress or _silent))
        if not any(facts.rows.values()):
            raise UsageError("no row fits these filters; nothing was released")
        _write_documents(root, built, name, (snapshot, wanted, tagger, facts))
        _write_sums(built)
        files.publish_folder(built, target)
    finally:
        files.remove_tree(built)
        lock.release()
    return target


def verify(folder: Path) -> list[Finding]:
    """What differs from the release's checksums: missing, changed and extra files.

    Raises `UsageError` where no release lies.
    """
    sums = folder / SUMS
    if not sums.is_file():
        raise UsageError(f"{folder} is no release: it has no {SUMS}")
    remedy = "get the release again from where it was published"
    stated = {}
    for line in files.read(sums).decode().splitlines():
        value, _, name = line.partition("  ")
        stated[name] = value
    findings = []
    present = {path.relative_to(folder).as_posix(): path for path in _files_of(folder)}
    for name, value in sorted(stated.items()):
        if name not in present:
            findings.append(Finding("missing", name, "in the checksums, not on disk", remedy))
        elif files.sha256_file(present[name])[0] != value:
            findings.append(Finding("changed", name, "its SHA-256 is another one", remedy))
    extra = sorted(present.keys() - stated.keys() - {SUMS, *_SIGNATURES})
    findings += [Finding("extra", name, "not in the checksums", remedy) for name in extra]
    return findings


def signatures(folder: Path) -> list[str]:
    """The detached signatures of the checksums that lie beside them, not verified here.

    They are made and checked with the operator's own tool (minisign, gpg): docs/releases.md.
    """
    return [name for name in _SIGNATURES if (folder / name).is_file()]


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress for nobody."""


def _write_tables(
    root: Root,
    built: Path,
    snapshot: Snapshot,
    plan: tuple[Filters, Tagger | None, Callable[[str, int, int], None]],
) -> Facts:
    filters, tagger, tell = plan
    parts: dict[str, list[str]] = {}
    with connect(root, snapshot=snapshot, memory_limit=_MEMORY) as connection:
        filters.prepare(connection)
        for done, name in enumerate(TABLES, 1):
            tell("tables", done, len(TABLES))
            rows = sorted_rows(connection, TABLES[name], filters.sql(name))
            parts[name] = [
                str(path) for path in _write_parts(tagged(rows, name, tagger), built, name)
            ]
    return gather(parts, spill_folder(root), chosen=bool(filters.topic))


def _write_parts(rows: Iterable[pa.RecordBatch], built: Path, name: str) -> Iterator[Path]:
    def place(number: int) -> Path:
        return built / "data" / name / f"part-{number:05d}.parquet"

    yield from write_parts(rows, RELEASED[name], place, Form(_LEVEL, empty=True, mode=_READ_ONLY))


def _write_documents(
    root: Root, built: Path, name: str, plan: tuple[Snapshot, Filters, Tagger | None, Facts]
) -> None:
    snapshot, filters, tagger, facts = plan
    path = entry_path(root, snapshot.number)
    about = {
        "name": name,
        "archive_id": root.archive_id,
        "snapshot": snapshot.number,
        "snapshot_committed_at": decode_entry(path, files.read(path)).committed_at.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "written_with": {"duckdb": duckdb.__version__, "pyarrow": pa.__version__},
        "filters": filters.as_json(),
        "entities": tagger.version if tagger else None,
        "rows": facts.rows,
    }
    parts = {table: _data_files(built, table) for table in facts.rows}
    pages = {
        "release.json": _json(about),
        "croissant.json": _json(croissant(about, parts)),
        "datapackage.json": _json(datapackage(about, parts)),
        "sampling-frame.json": _json(facts.frame.as_json()),
        "SAMPLING_FRAME.md": frame_page(facts.frame, filters.topic),
        "data-dictionary.json": _json(data_dictionary()),
        "DATA_DICTIONARY.md": dictionary_page(),
        "README.md": card_head(about, parts) + readme(about, facts),
    }
    for filename, text in pages.items():
        files.write_atomic(built / filename, text.encode(), _READ_ONLY)


def _data_files(built: Path, table: str) -> list[DataFile]:
    made = []
    for path in sorted((built / "data" / table).iterdir()):
        digest, size = files.sha256_file(path)
        made.append(DataFile(path.relative_to(built).as_posix(), size, digest))
    return made


def _write_sums(built: Path) -> None:
    lines = [
        f"{files.sha256_file(path)[0]}  {path.relative_to(built).as_posix()}\n"
        for path in _files_of(built)
    ]
    files.write_atomic(built / SUMS, "".join(lines).encode(), _READ_ONLY)


def _files_of(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
