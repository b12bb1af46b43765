"""`shenglu export`: the rows of a view or a query, as a file for another program."""

from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE_OR_S3

__all__ = ["command"]

_FORMATS = ("csv", "jsonl", "parquet", "xlsx", "stata", "spss", "rds")
_LAKES = ("delta", "iceberg")


@click.command(short_help="Write rows for Excel, Stata, SPSS, R or a program.")
@click.argument("out", type=click.Path(path_type=Path))
@ARCHIVE_OR_S3
@click.option("--table", "view", metavar="VIEW", help="A view: comments, articles, threads, ...")
@click.option("--sql", help="One SELECT over the views instead.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS + _LAKES), help="Default: by OUT's suffix."
)
@click.option("--force", is_flag=True, help="Replace OUT if it is there.")
def command(
    out: Path,
    archive: Path | str,
    view: str | None,
    sql: str | None,
    form: str | None,
    *,
    force: bool,
) -> int:
    """Write a view or the result of a query to the file OUT.

    The suffix tells the format: .csv, .jsonl, .parquet, .xlsx, .dta (Stata), .sav (SPSS), .rds
    (R). Ids stay text and no text runs as a formula. What a format cannot hold is counted and
    told on standard error; exit code 3 says that part of a value was cut. --archive may also be
    the folder of a release.

    --format delta or iceberg makes the folder OUT instead: the archive's tables (all, or the one
    of --table) over hard links of its own Parquet files, as of the newest snapshot.
    """
    if form in _LAKES:
        return _lake(out, archive, (view, sql), form, replace=force)
    from archive.errors import UsageError
    from archive.export import export, format_of
    from archive.views import column_docs

    if (view is None) == (sql is None):
        raise UsageError("give --table VIEW or --sql SELECT")
    chosen = format_of(out, form)
    if out.is_dir():
        raise UsageError(f"{out} is a folder; give a file")
    if out.exists() and not force:
        raise UsageError(f"{out} exists; --force replaces it")
    with _connect(archive) as connection:
        docs = column_docs(view) if view else None
        notices = export(connection, sql or _select(view or ""), chosen, out, docs)
    for line in notices.lines():
        click.echo(line, err=True)
    click.echo(f"{notices.rows} rows", err=True)
    click.echo(str(out))
    return 3 if notices.cut else 0


def _connect(archive: Path | str) -> Any:
    if isinstance(archive, str):
        from archive.bucket import Bucket
        from archive.remote import connect_remote

        return connect_remote(Bucket.at(archive))
    from archive.query import connect
    from archive.release_access import connect_release, is_release
    from archive.root import Root

    if is_release(archive):
        return connect_release(archive, sandbox=True)
    return connect(Root.open(archive), sandbox=True)


def _lake(
    out: Path,
    archive: Path | str,
    chosen: tuple[str | None, str | None],
    form: str,
    *,
    replace: bool,
) -> int:
    from archive.errors import UsageError
    from archive.lake import lake
    from archive.root import Root

    table, sql = chosen
    if isinstance(archive, str):
        raise UsageError(f"--format {form} links files of an archive on disk, not of a bucket")
    if sql is not None:
        raise UsageError(f"--format {form} takes whole tables; give --table NAME or neither")
    made = lake(Root.open(archive), form, out, [table] if table else [], replace=replace)
    for name, rows in made.items():
        click.echo(f"{out / name}: {rows} rows")
    return 0


def _select(view: str) -> str:
    from archive.errors import UsageError
    from archive.views import VIEW_DOCS

    if view not in VIEW_DOCS:
        raise UsageError(f"no view {view!r}; views are {', '.join(VIEW_DOCS)}")
    return f"SELECT * FROM {view}"  # noqa: S608 - one of our own view names
