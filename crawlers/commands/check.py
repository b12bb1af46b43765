"""`shenglu check`: does the archive hold what its log says it holds."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawlers.commands.options import ARCHIVE_OR_S3

if TYPE_CHECKING:
    from archive.check import Report

__all__ = ["command"]


@click.command(short_help="Verify files, log and evidence of the archive.")
@ARCHIVE_OR_S3
@click.option("--quick", is_flag=True, help="Skip hashes and payloads; sizes and headers remain.")
@click.option("--repair", "mend", is_flag=True, help="Make damaged table files anew, then check.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(archive: Path | str, *, quick: bool, mend: bool, as_json: bool) -> int:
    """Compare every file with the log and every row of fetches with its WARC record.

    Exits with 1 when something is found; each finding says what mends it. Changes nothing,
    unless --repair is given: table files are then made anew from what can still be read of
    them and from the WARC, and what cannot be made again is said.
    """
    if isinstance(archive, str):
        report = _check_remote(archive, quick=quick, mend=mend)
    else:
        if mend:
            _repair(archive, as_json=as_json)
        report = _check(archive, quick=quick, shown=not as_json)
    if as_json:
        click.echo(json.dumps({"ok": report.ok, **asdict(report)}, ensure_ascii=False, indent=2))
        return 0 if report.ok else 1
    for finding in report.findings:
        click.echo(f"{finding.kind}: {finding.file}: {finding.what}\n    {finding.remedy}")
    state = "sound" if report.ok else f"{len(report.findings)} findings"
    click.echo(
        f"{state}: {report.commits} commits, {report.files} files, {report.bytes} bytes, "
        f"{report.captures} captures{' (quick: no hashes)' if quick else ''}"
    )
    return 0 if report.ok else 1


def _check(archive: Path, *, quick: bool, shown: bool) -> "Report":
    from archive.check import check
    from archive.root import Root
    from crawlers.commands.printing import progress

    return check(Root.open(archive), quick=quick, progress=progress(shown=shown))


def _check_remote(url: str, *, quick: bool, mend: bool) -> "Report":
    from archive.bucket import Bucket
    from archive.errors import UsageError
    from archive.remote import check_remote

    if mend:
        raise UsageError("a bucket is mended by `shenglu mirror` from the archive on disk")
    return check_remote(Bucket.at(url), quick=quick)


def _repair(archive: Path, *, as_json: bool) -> None:
    from crawlers.repair import repair

    for one in repair(archive):
        click.echo(
            f"{one.file}: {one.rows} rows were lost or in doubt; {one.kept} read, {one.made} made "
            f"again: {one.note}",
            err=as_json,
        )
