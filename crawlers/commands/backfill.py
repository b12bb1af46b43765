"""`shenglu backfill`: years of a site, a range of its pages, or pages that lie in files."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from crawlers.commands.crawl import run_sites
from crawlers.commands.options import LOOSE, crawl_options, site_words

__all__ = ["command"]


@click.command(context_settings=LOOSE, short_help="Fetch a range of a site, or read saved pages.")
@click.argument("site", nargs=-1, type=click.UNPROCESSED, metavar="[SITE]")
@click.option(
    "--from-files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="MANIFEST",
    help="Read saved pages: JSON lines of id, url, path, content_type, fetched_at.",
)
@crawl_options
def command(site: tuple[str, ...], from_files: Path | None, **given: Any) -> int:
    """Fetch what a site published in a range, once: known pages are not asked again.

    \b
      shenglu backfill ptt --board Stock --index 100..200
      shenglu backfill ptt --board Stock --since 2025-01-01 --until 2025-12-31
      shenglu backfill --from-files saved/manifest.jsonl

    It can be stopped at any time and goes on when the same command is given again. Saved pages
    go through the same line as fetched ones: WARC, records, Parquet.
    """  # noqa: D301 - click takes the character itself: do not wrap this paragraph
    if from_files is not None:
        if site:
            raise click.UsageError("--from-files takes no SITE: each page says what it is")
        return _files(from_files, given)
    if not site or site[0].startswith("--"):
        raise click.UsageError("name a SITE first, or give --from-files MANIFEST")
    return run_sites(
        [site[0]], site_words(list(site[1:])), {**given, "revisit": "never"}, "backfill"
    )


def _files(manifest: Path, given: dict[str, Any]) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from crawlers.replay import import_files
    from crawlers.summary import print_reports

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("pages", total=None)
        report = import_files(
            manifest,
            given["archive"],
            keep_names=given["keep_names"],
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if given["as_json"]:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        print_reports([report], sys.stdout.isatty())
    return report.exit_code
