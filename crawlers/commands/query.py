"""`shenglu query`: SQL over the newest snapshot, and the evidence behind a row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE_OR_S3

__all__ = ["command"]

_PAGE = 1000
_ON_TERMINAL = 100


@click.command(short_help="Query the archive with SQL, or show the evidence of a row.")
@click.argument("sql", required=False)
@ARCHIVE_OR_S3
@click.option("--columns", metavar="VIEW", help="List a view's columns with type and meaning.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"Print at most this many rows (on a terminal {_ON_TERMINAL} unless given).",
)
@click.option("--as-of", metavar="TIME", help="Leave out what was observed after this day or time.")
@click.option("--evidence", metavar="ID", help="Show the WARC record that a row was read from.")
@click.option("--raw", is_flag=True, help="With --evidence: the record's bytes as stored.")
def command(sql: str | None, archive: Path | str, evidence: str | None, **options: Any) -> None:
    """Run one SELECT over the archive's newest snapshot, or over a release.

    Without SQL, list the views. `articles` and `comments` hold the latest versions,
    `article_history` and `comment_history` all of them; `--columns comments` says what each
    column means.
    With --as-of, every view shows the archive as it was seen up to that day (+08:00) or time.
    ID is a fetch id, source/article_id or source/thread_id/comment_id. --archive may also be the
    folder of a release.
    """
    from archive.errors import UsageError
    from archive.release_access import is_release
    from archive.root import Root

    if sql and evidence:
        raise UsageError("give SQL or --evidence, not both")
    if options["columns"] and (sql or evidence):
        raise UsageError("--columns VIEW stands alone")
    if options["raw"] and not evidence:
        raise UsageError("--raw goes with --evidence")
    if isinstance(archive, str):
        if evidence:
            raise UsageError("evidence is read from an archive on disk, not from a bucket")
        _run(archive, sql, options)
        return
    if is_release(archive):
        if evidence:
            raise UsageError("a release holds no WARC; ask the archive that it was made from")
        _run(archive, sql, options)
        return
    root = Root.open(archive)
    if evidence:
        from crawlers.commands.evidence import show_evidence

        show_evidence(root, evidence, raw=options["raw"], as_json=options["as_json"])
    else:
        _run(root, sql, options)


def _connect(place: Any, as_of: Any) -> Any:
    if isinstance(place, str):
        from archive.bucket import Bucket
        from archive.remote import connect_remote

        return connect_remote(Bucket.at(place), as_of=as_of)
    if isinstance(place, Path):
        from archive.release_access import connect_release

        return connect_release(place, sandbox=True, as_of=as_of)
    from archive.query import connect

    return connect(place, sandbox=True, as_of=as_of)


def _run(place: Any, sql: str | None, options: dict[str, Any]) -> None:
    from archive.query import run
    from crawlers.commands.printing import choose_format, print_rows
    from crawlers.options import parse_when

    form = choose_format(as_json=options["as_json"], as_csv=options["as_csv"])
    given = options["as_of"]
    as_of = parse_when(given, end=True) if given else None
    with _connect(place, as_of) as connection:
        if options["columns"]:
            rows = _columns(connection, options["columns"])
            print_rows(("column", "type", "holds"), rows, form, cut=False)
            return
        if not sql:
            print_rows(("view", "rows", "holds"), _views(connection), form, cut=False)
            return
        result = run(connection, sql)
        names = [column[0] for column in result.description or ()]
        limit = options["limit"] or (_ON_TERMINAL if form == "table" else None)
        count = print_rows(names, _fetch(result, limit), form)
        if form == "table" and count == limit and result.fetchone() is not None:
            click.echo(f"first {limit} rows; --limit N shows more", err=True)


def _views(connection: Any) -> list[tuple[Any, ...]]:
    from archive.views import VIEW_DOCS

    counted = []
    for name, doc in VIEW_DOCS.items():
        rows = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own view names
        counted.append((name, rows, doc))
    return counted


def _columns(connection: Any, view: str) -> list[tuple[str, str, str]]:
    from archive.errors import UsageError
    from archive.views import VIEW_DOCS, column_docs

    if view not in VIEW_DOCS:
        raise UsageError(f"no view {view!r}; views are {', '.join(VIEW_DOCS)}")
    docs = column_docs(view)
    described = connection.execute(f"DESCRIBE {view}").fetchall()
    return [(row[0], row[1], docs[row[0]]) for row in described]


def _fetch(result: Any, limit: int | None) -> Iterator[tuple[Any, ...]]:
    left = limit if limit is not None else -1
    while left and (rows := result.fetchmany(_PAGE if left < 0 else min(left, _PAGE))):
        yield from rows
        left -= len(rows) if left > 0 else 0
