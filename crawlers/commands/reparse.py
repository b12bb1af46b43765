"""`shenglu reparse`: today's code over the captures that the archive holds."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Read the archive's captures again with today's code.")
@ARCHIVE
@click.option("--since", metavar="DATE", help="Only captures of this day or later (+08:00).")
@click.option("--until", metavar="DATE", help="... up to and with this day.")
@click.option("--site", "sites", multiple=True, help="Only this source; may be given again.")
@click.option("--only-failed", is_flag=True, help="Only pages that gave problems or nothing.")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--processes", type=click.IntRange(min=1), help="Processes; default: one a core.")
@click.option("--dask", metavar="ADDRESS", help="Read on this dask.distributed cluster instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(archive: Path, *, as_json: bool, dry_run: bool, **given: Any) -> None:
    """Run page objects and text pipeline over the WARC again, and store what reads differently.

    Such rows are new versions with change=reparse and the time of their capture, so that they
    are never taken for edits. The differences are shown, field by field, before anything is
    written. A second reparse with the same code writes nothing.

    --dask tcp://host:8786 (extra `cluster`) needs workers with the same shenglu that see the
    archive under the same path; the outcome is the same, byte for byte.
    """
    from crawlers.commands.printing import plain, progress
    from crawlers.options import parse_when
    from crawlers.pools import cluster, processes
    from crawlers.reparse import Wanted, reparse

    since, until = given["since"], given["until"]
    wanted = Wanted(
        since=parse_when(since) if since else None,
        until=parse_when(until, end=True) if until else None,
        sites=given["sites"],
        only_failed=given["only_failed"],
    )
    if given["dask"] and given["processes"]:
        raise click.UsageError("--dask and --processes exclude each other")
    count = given["processes"]
    pool = cluster(given["dask"]) if given["dask"] else processes(count) if count else None
    result = reparse(
        archive,
        wanted,
        dry_run=dry_run,
        pool=pool,
        report=None if as_json else _show,
        progress=progress(shown=not as_json),
    )
    if as_json:
        click.echo(json.dumps(plain(asdict(result)), ensure_ascii=False, indent=2))
    elif dry_run:
        click.echo("dry run: nothing was written")
    else:
        click.echo(f"{result.written} rows written")


def _show(result: Any) -> None:
    """The differences, table by table and field by field, with an example each."""
    click.echo(
        f"{result.pages} captures read in {result.seconds:.1f} s, "
        f"{len(result.unreadable)} could not be read"
    )
    for fetch_id, reason in result.unreadable[:20]:
        click.echo(f"  {fetch_id}: {reason}")
    for found in result.tables:
        if found.rows:
            click.echo(f"{found.table}: {found.changed} rows read differently, {found.added} new")
        for name, number in sorted(found.fields.items(), key=lambda pair: -pair[1]):
            key, before, after = found.examples[name][0]
            click.echo(f"  {name}: {number} rows; {key}: {_short(before)} -> {_short(after)}")


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:39] + "…"
