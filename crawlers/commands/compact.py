"""`shenglu compact`: many small files into few big ones, beside a running crawl."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Put small files together; safe beside a running crawl.")
@ARCHIVE
@click.option(
    "--keep",
    metavar="HOURS",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    help="Keep replaced files this long for readers of an older snapshot.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(archive: Path, *, keep: float, as_json: bool) -> None:
    """Put the files of closed days, then of closed months together, sorted.

    The rows stay the same, which is verified before the files are exchanged, a month's folder
    at a time and in one step. Also finishes what a killed compaction left half done, deletes
    files replaced more than HOURS ago, and sweeps what dead writers left.
    """
    from archive.compact import compact
    from archive.root import Root
    from crawlers.commands.printing import progress

    done = compact(Root.open(archive), keep=keep * 3600, progress=progress(shown=not as_json))
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        f"{done.files_before} files ({done.bytes_before} bytes) became {done.files_after} "
        f"({done.bytes_after} bytes) with {done.rows} rows"
    )
    for number, what in (
        (done.recovered, "unfinished compactions were finished"),
        (done.deleted, "compactions' replaced files were deleted"),
        (done.swept, "files of no commit were swept"),
    ):
        if number:
            click.echo(f"{number} {what}")
