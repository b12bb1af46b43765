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
@click.option("--warc", is_flag=True, help="Also make cold WARC files smaller (.warc.zst).")
@click.option(
    "--older-than",
    metavar="DAYS",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="With --warc: files whose run finished and that are that old.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(archive: Path, *, keep: float, warc: bool, older_than: float, as_json: bool) -> None:
    """Put the files of closed days, then of closed months together, sorted.

    The rows stay the same, which is verified before the files are exchanged, a month's folder
    at a time and in one step. Also finishes what a killed compaction left half done, deletes
    files replaced more than HOURS ago, and sweeps what dead writers left.

    With --warc, evidence that has grown cold is packed anew, each record by itself, with Zstandard
    and a dictionary trained on its file; its content stays byte for byte the same, which is
    verified. No run may be under way. warcio and pywb cannot read such files; FastWARC and every
    verb can.
    """
    from archive.cold import cool
    from archive.compact import compact
    from archive.root import Root
    from crawlers.commands.printing import progress

    root, told = Root.open(archive), progress(shown=not as_json)
    done = compact(root, keep=keep * 3600, progress=told)
    cooled = cool(root, older_than=older_than, progress=told) if warc else None
    if as_json:
        more = {"warc": asdict(cooled)} if cooled else {}
        click.echo(json.dumps(asdict(done) | more, ensure_ascii=False))
        return
    if cooled is not None:
        click.echo(
            f"{cooled.files} WARC files with {cooled.records} records: {cooled.bytes_before} bytes "
            f"became {cooled.bytes_after}"
        )
        for one in cooled.left:
            click.echo(f"left as it is: {one}")
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
