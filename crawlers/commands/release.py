"""`shenglu release`: a frozen, citable copy of the newest snapshot."""

from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Freeze a citable copy, or verify one.")
@click.argument("name")
@ARCHIVE
@click.option("--since", metavar="DATE", help="Only rows observed this day or later (+08:00).")
@click.option("--until", metavar="DATE", help="... up to and with this day.")
@click.option("--site", "sites", multiple=True, help="Only this source; may be given again.")
@click.option("--verify", "verifying", is_flag=True, help="Compare release NAME with its sums.")
def command(
    name: str,
    archive: Path,
    since: str | None,
    until: str | None,
    sites: tuple[str, ...],
    *,
    verifying: bool,
) -> int:
    """Write releases/NAME: Parquet, checksums, data dictionary and a card.

    A release is never changed: the name must be new. The same snapshot and name give the same
    bytes. With --verify, exit with 1 when files differ from the checksums.
    """
    from archive.release import Filters, release, verify
    from archive.root import Root
    from crawlers.commands.printing import progress
    from crawlers.options import parse_when

    root = Root.open(archive)
    if verifying:
        findings = verify(root.releases / name)
        for finding in findings:
            click.echo(f"{finding.kind}: {finding.file}: {finding.what}\n    {finding.remedy}")
        click.echo(f"{name}: {'changed' if findings else 'as released'}")
        return 1 if findings else 0
    filters = Filters(
        since=parse_when(since) if since else None,
        until=parse_when(until, end=True) if until else None,
        sources=sites,
    )
    folder = release(root, name, filters, progress(shown=True))
    click.echo(str(folder))
    return 0
