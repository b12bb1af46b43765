"""`shenglu crawl`: one run over one or several sites."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from crawlers.commands.options import LOOSE, crawl_options, site_words, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawlers.manifest import Alerts
    from crawlers.run import Report

__all__ = ["command", "general_words", "run_sites", "tell"]

_WORDS = (
    "since",
    "until",
    "limit",
    "revisit",
    "base_url",
    "max_requests",
    "hours",
    "window",
    "looks",
)
_NAMED = ("range", "urls", "sitemap")


@click.command(context_settings=LOOSE, short_help="Crawl sites: new and changed things only.")
@click.argument("sites", nargs=-1, type=click.UNPROCESSED, required=True, metavar="SITE...")
@click.option(
    "--revisit",
    type=click.Choice(["all", "due", "never"]),
    default="all",
    show_default=True,
    help="Known pages on the lists walked: ask all again (conditionally), only those due by age "
    "or with news on the list, or none.",
)
@click.option(
    "--looks",
    metavar="N",
    help="With --revisit due: most known pages asked for again for their age or growth, whether a "
    "list shows them or not; the site's own number if not given (1000 mostly).",
)
@crawl_options
def command(sites: tuple[str, ...], **given: Any) -> int:
    """Crawl one or several SITEs once, politely, and commit what is new.

    A site's own options follow its name, for example

    \b
      shenglu crawl ptt --board Stock --limit 50
      shenglu crawl discuz --url https://bbs.example.org/forum-2-1.html
      shenglu crawl netease --section tech --since 2026-11-01

    `shenglu sites` lists sites and their options. An interrupted run goes on where it stopped
    when the same command is given again. Exit code 3: finished, but a gate failed (errors,
    blocked pages, no items, incomplete threads); 4: another run of the site is under way.
    """  # noqa: D301 - click takes the character itself: do not wrap this paragraph
    first = next((i for i, word in enumerate(sites) if word.startswith("--")), len(sites))
    return run_sites(
        list(dict.fromkeys(sites[:first])), site_words(list(sites[first:])), given, "crawl"
    )


def run_sites(names: list[str], words: dict[str, str], given: dict[str, Any], verb: str) -> int:
    """Crawl, print the reports, and give the worst exit code."""
    from archive.errors import ShengluError
    from crawlers.manifest import Alerts
    from crawlers.run import Report, crawl, find_sites
    from crawlers.summary import print_reports

    alerts = Alerts(given["alerts"])
    words = general_words(words, given, verb)
    try:
        reports = crawl(find_sites(names), words, given["archive"], **_settings(given))
    except ShengluError as error:
        # Nobody looks at a cron job that cannot start.
        tell([Report(name, error=error) for name in names], given, alerts)
        raise
    if given["as_json"]:
        click.echo(json.dumps([one.as_dict() for one in reports], ensure_ascii=False, indent=2))
    else:
        print_reports(reports, sys.stdout.isatty())
    for one in reports:
        if one.error is not None:
            click.echo(f"shenglu: {one.site}: {one.error}", err=True)
    tell(reports, given, alerts)
    return worst(one.exit_code for one in reports)


def tell(reports: "Sequence[Report]", given: dict[str, Any], alerts: "Alerts") -> None:
    """Write the metrics and send the alerts that were asked for."""
    from crawlers.manifest import write_metrics

    if given["metrics"] is not None:
        write_metrics(given["metrics"], reports)
    alerts.tell(reports)


def general_words(words: dict[str, str], given: dict[str, Any], verb: str) -> dict[str, str]:
    """The site's own words and those that every site knows."""
    general = {name: given[name] for name in (*_WORDS, *_NAMED) if given.get(name)}
    general |= {name: "yes" for name in ("keep_names", "join") if given[name]}
    return {**words, **general, "command": verb}


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """Scrapy settings that the options override."""
    from crawlers.options import user_agent

    settings: dict[str, Any] = {}
    if given["delay"] is not None:
        settings["DOWNLOAD_DELAY"] = settings["AUTOTHROTTLE_START_DELAY"] = given["delay"]
        settings["AUTOTHROTTLE_ENABLED"] = given["delay"] > 0
    if given["browser"]:
        from crawlers.browser import program

        program()
        settings["SHENGLU_BROWSER"] = True
    if given["contact"]:
        settings["USER_AGENT"] = user_agent(given["contact"])
    if given["verbose"]:
        settings["LOG_LEVEL"] = "DEBUG"
    for word in given["overrides"]:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"--set takes NAME=VALUE, not {word!r}")
        settings[name] = value
    return settings
