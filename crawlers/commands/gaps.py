"""`shenglu gaps`: days of a site that the archive lacks, and why."""

import json
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE, worst

__all__ = ["command"]

_BACK = 30


@click.command(short_help="List site-days that are missing, and why; fetch them.")
@click.argument("sites", nargs=-1, metavar="[SITE...]")
@ARCHIVE
@click.option("--since", metavar="DATE", help="From this day (+08:00); else the last 30 days.")
@click.option("--until", metavar="DATE", help="Up to and with this day; else yesterday.")
@click.option("--refill", is_flag=True, help="Crawl the missing days now, as lately.")
@click.option("--base-url", metavar="URL", help="With --refill: a replica or mirror.")
@click.option("--delay", type=click.FloatRange(0), help="With --refill: seconds between requests.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(sites: tuple[str, ...], archive: Path, **options: Any) -> int:
    """List days on which a site published far less than usual, as far as the archive knows.

    Exit code 3 when there are gaps and --refill is not given. With --refill each row of missing
    days is crawled in each way (board, section, ...) that the site was crawled in the week up to
    its last crawl; what the lists no longer show stays missing.
    """
    from archive.query import connect
    from archive.root import Root
    from crawlers.gaps import find_gaps, refill_words, sources_held

    root = Root.open(archive)
    with connect(root) as base:
        _known(sites, sources_held(base))
        found = find_gaps(base, _days(options["since"], options["until"]), sites)
        work = list(refill_words(base, found)) if options["refill"] else []
    if options["as_json"]:
        click.echo(json.dumps([gap.as_dict() for gap in found], ensure_ascii=False, indent=2))
    else:
        for gap in found:
            held = f"{gap.articles} articles" + (f", {gap.usual:g} are usual" if gap.usual else "")
            click.echo(f"{gap.source}  {gap.day}  {held}: {gap.why}")
        if not found:
            click.echo("no gaps", err=True)
    if not options["refill"]:
        return 3 if found else 0
    return _refill(work, archive, options)


def _known(sites: tuple[str, ...], held: set[str]) -> None:
    """A name misspelled must not read as "no gaps"."""
    from archive.errors import UsageError
    from crawlers.registry import sites as all_sites

    for name in sites:
        if name not in held and name not in all_sites():
            raise UsageError(f"no site {name!r}; the archive holds {', '.join(sorted(held))}")
        if name not in held:
            click.echo(f"{name}: the archive holds no run of it", err=True)


def _days(since: str | None, until: str | None) -> Any:
    from datetime import datetime, timedelta

    from crawlers.gaps import days_between
    from crawlers.options import CHINA, parse_when

    yesterday = (datetime.now(CHINA) - timedelta(days=1)).date()
    last = parse_when(until).astimezone(CHINA).date() if until else yesterday
    first = (
        parse_when(since).astimezone(CHINA).date() if since else last - timedelta(days=_BACK - 1)
    )
    return days_between(first, last)


def _refill(work: Any, archive: Path, options: dict[str, Any]) -> int:
    """One process a run: Scrapy's reactor starts once."""
    import subprocess
    import sys

    ended: list[int] = []
    for site, words in work:
        given = [f"--{name.replace('_', '-')}={value}" for name, value in words.items()]
        manners = {"--base-url": options["base_url"], "--delay": options["delay"]}
        given += [f"{name}={value}" for name, value in manners.items() if value is not None]
        run = [sys.executable, "-m", "crawlers.cli", "crawl", site, "--archive", str(archive)]
        click.echo(f"crawl {site} {' '.join(given)}", err=True)
        code = subprocess.run([*run, *given], check=False).returncode  # noqa: S603 - our own command
        ended.append(code if code >= 0 else 128 - code)  # killed: as a shell says it
    return worst(ended)
