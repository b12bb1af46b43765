"""`shenglu check`: does the archive hold what its log says it holds."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Verify files, log and evidence of the archive.")
@ARCHIVE
@click.option("--quick", is_flag=True, help="Skip hashes and payloads; sizes and headers remain.")
@click.option("--repair", "mend", is_flag=True, help="Make damaged table files anew, then check.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(archive: Path, *, quick: bool, mend: bool, as_json: bool) -> int:
    """Compare every file with the log and every row of fetches with its WARC record.

    Exits with 1 when something is found; each finding says what mends it. Changes nothing,
    unless --repair is given: table files are then made anew from what can still be read of
    them and from the WARC, and what cannot be made again is said.
    """
    from archive.check import check
    from archive.root import Root
    from crawlers.commands.printing import progress

    if mend:
        _repair(archive, as_json=as_json)
    report = check(Root.open(archive), quick=quick, progress=progress(shown=not as_json))
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


def _repair(archive: Path, *, as_json: bool) -> None:
    from crawlers.repair import repair

    for one in repair(archive):
        click.echo(
            f"{one.file}: {one.rows} rows were lost or in doubt; {one.kept} read, {one.made} made "
            f"again: {one.note}",
            err=as_json,
        )
