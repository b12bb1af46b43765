"""Delta Lake and Iceberg tables over the archive's own Parquet files.

Each data file of the newest snapshot is hard-linked below the target folder (copied where the
target is on another file system), so nothing is written twice, the bytes stay those that the log
vouches for, and a later compaction does not disturb the readers. The table formats' own files lie
beside the links, never under `tables/`. A table is a frozen picture of one snapshot: make it again
for a newer one. `lake.json`, written last, says which; a folder without it is unfinished.

Limits: removals (`shenglu forget`) do not reach such a folder, as they do not reach a release.
Iceberg's metadata holds absolute paths, so that folder cannot be moved; Delta's can.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa

from archive import files, gate
from archive.errors import StorageError, UsageError
from archive.log import Log, LoggedFile
from archive.partition import MONTH_KEY
from archive.root import Root
from archive.schema import TABLES
from archive.swap import located

__all__ = ["LAKES", "lake"]

_DONE = "lake.json"
_BEGUN = ".unfinished.tmp"

Maker = Callable[[Path, str, Sequence[Path]], None]


def lake(
    root: Root, form: str, out: Path, tables: Sequence[str] = (), *, replace: bool = False
) -> dict[str, int]:
    """Make a folder of Delta or Iceberg tables, one a table of the archive; rows by table.

    Raises `UsageError` for an unknown table, a folder that holds anything else or a finished lake
    (unless `replace`), and where the library is missing; `StorageError` when the disk refuses.
    """
    wanted = _wanted(tables)
    module, maker = LAKES[form]
    _library(module, form)
    out = out.absolute()
    _refuse(root, out, replace=replace)
    snapshot = Log(root).snapshot()
    files.remove_tree(out)
    files.write_atomic(out / _BEGUN, b"")
    rows = {}
    for name in wanted:
        there = snapshot.of(name)
        with gate.together(root):
            linked = [_link(root, file, out) for file in there]
        with _refusals(form, out / name):
            maker(out, name, linked)
        rows[name] = sum(file.rows for file in there)
    about = {"format": form, "archive_id": root.archive_id, "snapshot": snapshot.number}
    files.write_atomic(out / _DONE, json.dumps(about | {"rows": rows}, indent=2).encode() + b"\n")
    files.remove(out / _BEGUN)
    return rows


def _wanted(tables: Sequence[str]) -> list[str]:
    unknown = [name for name in tables if name not in TABLES]
    if unknown:
        raise UsageError(f"no table {unknown[0]!r}; tables are {', '.join(TABLES)}")
    return [name for name in TABLES if name in tables or not tables]


def _library(module: str, form: str) -> None:
    try:
        import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--format {form} needs {error.name}; install the extra: pip install 'shenglu[{form}]'"
        ) from error


def _refuse(root: Root, out: Path, *, replace: bool) -> None:
    if out == root.path or root.path in out.parents or out in root.path.parents:
        raise UsageError(f"{out} overlaps the archive; give a folder outside of {root.path}")
    with files.disk("look into", out):
        present = {path.name for path in out.iterdir()} if out.exists() else set()
    if _DONE in present and not replace:
        raise UsageError(f"{out} exists; --force replaces it")
    if present and not present & {_DONE, _BEGUN}:
        raise UsageError(f"{out} is not empty and was not made by this command; give another")


def _link(root: Root, file: LoggedFile, out: Path) -> Path:
    inside = PurePosixPath(file.path).relative_to("tables")
    target = out / inside
    files.link_or_copy(located(root, file.path), target)
    return target


@contextmanager
def _refusals(form: str, folder: Path) -> Iterator[None]:
    """The table libraries raise errors of many families; the message is what matters."""
    try:
        yield
    except Exception as error:
        raise StorageError(
            f"cannot make the {form} table {folder}: {error}; mend that and run again"
        ) from error


def _delta(out: Path, name: str, linked: Sequence[Path]) -> None:
    deltalake = import_module("deltalake")
    month = pa.field(MONTH_KEY, pa.string())
    if not linked:
        schema = deltalake.Schema.from_arrow(TABLES[name].schema.append(month))
        deltalake.DeltaTable.create(str(out / name), schema, partition_by=[MONTH_KEY])
        return
    key = deltalake.Schema.from_arrow(pa.schema([month]))
    deltalake.convert_to_deltalake(str(out / name), partition_by=key, partition_strategy="hive")


def _iceberg(out: Path, name: str, linked: Sequence[Path]) -> None:
    sql = import_module("pyiceberg.catalog.sql")
    catalog = sql.SqlCatalog("shenglu", uri=f"sqlite:///{out / 'catalog.db'}", warehouse=_uri(out))
    try:
        catalog.create_namespace_if_not_exists("shenglu")
        made = catalog.create_table(
            f"shenglu.{name}", TABLES[name].schema, location=_uri(out / name)
        )
        _by_month(made, TABLES[name].observed)
        if linked:
            made.add_files([_uri(path) for path in linked])
    finally:
        catalog.close()


def _uri(path: Path) -> str:
    # Not `as_uri`: Iceberg's readers take the path as it stands, percent signs and all.
    return f"file://{path}"


def _by_month(made: Any, observed: str) -> None:
    transforms = import_module("pyiceberg.transforms")
    with made.update_spec() as spec:
        spec.add_field(observed, transforms.MonthTransform(), MONTH_KEY)


LAKES: Final[dict[str, tuple[str, Maker]]] = {
    "delta": ("deltalake", _delta),
    "iceberg": ("pyiceberg.catalog.sql", _iceberg),
}
"""The formats by name: the library that they need, and who makes one table."""
