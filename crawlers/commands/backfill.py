"""`shenglu backfill`: years of a site, a range of its pages, or pages that lie in files."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import click

from crawlers.commands.crawl import general_words, run_sites, tell
from crawlers.commands.options import LOOSE, crawl_options, site_words

__all__ = ["command"]

_ACTIONS = ("plan", "run", "status")


@click.command(context_settings=LOOSE, short_help="Fetch a range of a site, or read saved pages.")
@click.argument("site", nargs=-1, type=click.UNPROCESSED, metavar="[SITE] [plan|run|status]")
@click.option(
    "--range",
    metavar="URL",
    help="Pages by address: https://.../thread-{100..200}-1-1.html, or by day:"
    " {2025-01-01..2025-01-31:%Y%m%d}.",
)
@click.option(
    "--urls",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Pages of the site, an address a line.",
)
@click.option(
    "--sitemap", metavar="URL", help="What a sitemap or feed of the site lists; comma between."
)
@click.option(
    "--from-files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="MANIFEST",
    help="Read saved pages: JSON lines of id, url, path, content_type, fetched_at.",
)
@click.option(
    "--from-warc",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="PATH",
    help="Read WARC files, whoever wrote them; a folder means all in it. May be given again.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="With --from-warc: only pages of this host and those below it; may be given again.",
)
@crawl_options
def command(site: tuple[str, ...], **given: Any) -> int:
    """Fetch what a site published in a range, once: known pages are not asked again.

    \b
      shenglu backfill ptt plan --board Stock --index 100..200
      shenglu backfill ptt --board Stock --index 100..200
      shenglu backfill ptt status
      shenglu backfill ptt --board Stock --since 2025-01-01 --until 2025-12-31
      shenglu backfill v2ex --range "https://www.v2ex.com/t/{1100000..1100500}"
      shenglu backfill --from-files saved/manifest.jsonl
      shenglu backfill --from-warc CC-NEWS-20260101000000-00001.warc.gz --host example.org

    `plan` tells requests, hours and bytes and fetches nothing; `status` how far the last one is. It
    can be stopped at any time and goes on when the same command is given again. Saved pages and
    WARC records go through the same line as fetched ones: WARC, records, Parquet.
    """  # noqa: D301 - click takes the character itself: do not wrap this paragraph
    if given["from_files"] is not None or given["from_warc"]:
        if site or (given["from_files"] is not None and given["from_warc"]):
            raise click.UsageError(
                "--from-files and --from-warc stand alone: each page says what it is"
            )
        return _files(given)
    if not site or site[0].startswith("--"):
        raise click.UsageError("name a SITE first, or give --from-files or --from-warc")
    name, *rest = site
    action = rest.pop(0) if rest and rest[0] in _ACTIONS else "run"
    words = site_words(rest)
    given["revisit"] = "never"
    if action == "run":
        return run_sites([name], words, given, "backfill")
    return _plan(name, words, given) if action == "plan" else _status(name, given)


def _plan(name: str, words: dict[str, str], given: dict[str, Any]) -> int:
    from archive.query import connect
    from archive.root import Root
    from crawlers.estimate import Record, estimate, record_of
    from crawlers.run import find_sites
    from crawlers.standing import known_pages

    (found,) = find_sites([name])
    spider = found(**general_words(words, given, "backfill"))
    if not spider.links:
        raise click.UsageError(
            f"{name} has nothing to start from; `shenglu sites {name}` says what"
        )
    record = Record()
    archive: Path = given["archive"]
    root = Root.open(archive) if archive.is_dir() else None
    if root is not None:
        with connect(root) as base:
            record = record_of(base, name)
    delay = spider.delay if given["delay"] is None else given["delay"]
    with known_pages(root, spider.source) as is_known:
        said = estimate(name, (spider.links, spider.asked), record, delay, is_known)
    click.echo(
        json.dumps(said.as_dict(), indent=2) if given["as_json"] else "\n".join(said.lines())
    )
    return 0


def _status(name: str, given: dict[str, Any]) -> int:
    from archive.query import connect
    from archive.root import Root
    from crawlers.run import find_sites
    from crawlers.standing import standing

    find_sites([name])
    root = Root.open(given["archive"])
    with connect(root) as base:
        found = standing(root, name, base)
    if found is None:
        click.echo(f"{name}: no backfill so far", err=True)
        return 0
    shown = json.dumps(found.as_dict(), ensure_ascii=False, indent=2)
    click.echo(shown if given["as_json"] else "\n".join(found.lines()))
    return 0


def _files(given: dict[str, Any]) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from crawlers.manifest import Alerts
    from crawlers.replay import import_files
    from crawlers.replay_warc import Chosen, import_warc
    from crawlers.summary import print_reports

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # systemd's word for Ctrl-C
    console = Console(stderr=True)
    keep: bool = given["keep_names"]
    alerts = Alerts(given["alerts"])
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if given["from_warc"]:
            wanted = Chosen.of(given["from_warc"], given["hosts"], given["since"], given["until"])
            report = import_warc(wanted, given["archive"], keep_names=keep, progress=progress)
        else:
            report = import_files(
                given["from_files"], given["archive"], keep_names=keep, progress=progress
            )
    if given["as_json"]:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        print_reports([report], sys.stdout.isatty())
    tell([report], given, alerts)
    return report.exit_code
