"""`shenglu doctor`: is the installation sound, is the archive usable."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Look for what is wrong with the installation or the archive.")
@ARCHIVE
@click.option("--rebuild", "remake", is_flag=True, help="Remake the state file from the archive.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(archive: Path, *, remake: bool, as_json: bool) -> int:
    """Check the installation and the archive, and say what mends each fault found.

    What dead processes left is cleaned up on the way: unfinished exchanges of files are finished,
    files of no commit deleted when they are an hour old, missing CDXJ indexes written.
    The state file is a cache: --rebuild remakes it from the tables. Queued pages are then found
    again through their lists; no row is lost or doubled.
    """
    from crawlers.doctor import examine, mend, rebuild

    if (archive / "meta" / "archive.json").exists():
        for line in mend(archive):
            click.echo(line, err=as_json)
    if remake:
        rows = rebuild(archive)
        click.echo(f"state file remade from {rows} rows of the archive", err=as_json)
    findings = list(examine(archive))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    else:
        for one in findings:
            mark = "ok  " if one.ok else "BAD "
            click.echo(f"{mark} {one.what}: {one.found}")
            if not one.ok and one.remedy:
                click.echo(f"     {one.remedy}")
    return 0 if all(one.ok for one in findings) else 1
