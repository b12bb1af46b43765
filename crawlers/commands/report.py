"""`shenglu report`: the state of the archive on one page."""

import json
from pathlib import Path

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Write the state of the archive as one HTML page.")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@ARCHIVE
@click.option("--since", metavar="DATE", help="Only what was observed this day or later (+08:00).")
@click.option("--json", "as_json", is_flag=True, help="Write the figures as JSON instead.")
def command(out: Path, archive: Path, since: str | None, *, as_json: bool) -> None:
    """Write coverage, freshness, completeness, errors and latency of the archive to OUT.

    One HTML file that opens offline: no script, nothing fetched. A file that is there is
    replaced. With --json, OUT gets the same figures for a program.
    """
    from archive.errors import StorageError
    from archive.report import gather_report
    from archive.root import Root
    from crawlers.chains import reprinted
    from crawlers.commands.printing import plain
    from crawlers.options import parse_when
    from crawlers.report import render

    root, start = Root.open(archive), parse_when(since) if since else None
    figures = gather_report(root, start) | {"reprints": reprinted(root, start)}
    text = json.dumps(plain(figures), ensure_ascii=False, indent=2) if as_json else render(figures)
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {out}: {error.strerror or error}") from error
    click.echo(str(out))
