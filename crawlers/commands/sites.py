"""`shenglu sites`: what can be crawled, and how; `sites test` shows how one page is read."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]

_TEST = "test"


@click.command(short_help="List the sites and their options; test how a page is read.")
@click.argument("words", nargs=-1, metavar="[NAME | test PAGE]")
@click.option("--site", "site_name", metavar="NAME", help="With test: read it as this site's.")
@click.option("--url", default="", metavar="URL", help="With test: the address of a file's page.")
@click.option("--fetch", is_flag=True, help="With test: ask the site for the URL, once, politely.")
@click.option(
    "--contact", envvar="SHENGLU_CONTACT", default="", help="With --fetch: address for site owners."
)
@ARCHIVE
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(words: tuple[str, ...], *, as_json: bool, **given: Any) -> int:
    """List the sites that shenglu knows; with NAME, its options and manners.

    `shenglu sites test PAGE` reads one page and shows every field with its value and where it
    came from, the rules that found nothing, the comments and the links. PAGE is a file, a folder
    of tests/sites, or a URL: its latest capture in the archive, or with --fetch the site's own
    answer. Exit code 1: a page that nothing could be read from.
    """
    from archive.errors import UsageError

    if words[:1] == (_TEST,):
        if len(words) != 2:
            raise UsageError("give one file, folder or URL: shenglu sites test PAGE")
        return _test(words[1], given, as_json=as_json)
    if len(words) > 1:
        raise UsageError("give one NAME, or test and a PAGE")
    _list(words[0] if words else None, as_json=as_json)
    return 0


def _list(name: str | None, *, as_json: bool) -> None:
    from archive.errors import UsageError
    from crawlers.registry import site_rows, sites

    if name is not None and name not in sites():
        raise UsageError(f"no site {name!r}; known: {', '.join(sites())}")
    rows = [row for row in site_rows() if name in {None, row["site"]}]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif name:
        _one(rows[0])
    else:
        _table(rows)


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    on_terminal = sys.stdout.isatty()
    console = Console(width=None if on_terminal else 180, no_color=not on_terminal, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("site", "crawled", "verified", "gives", "options", "robots", "about"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            row["site"],
            "yes" if row["crawled"] else "saved pages only",
            row["verified"],
            " ".join(row["gives"]),
            " ".join(f"--{option}" for option in row["options"]),
            row["robots"] or "obeyed",
            row["about"],
        )
    console.print(table)
    console.print("verified: how the page objects were last checked; none was checked live")


def _one(row: dict[str, Any]) -> None:
    click.echo(f"{row['site']}: {row['about']}")
    click.echo(f"  crawled: {'yes' if row['crawled'] else 'no, saved pages only'}")
    click.echo(f"  verified: by {row['verified']}, not live")
    click.echo(f"  delay:   {row['delay']} s between requests, longer where robots.txt asks")
    click.echo(f"  robots:  {row['robots'] or 'read and obeyed at each run'}")
    for option, text in row["options"].items():
        click.echo(f"  --{option}  {text}")


def _test(page: str, given: dict[str, Any], *, as_json: bool) -> int:
    from archive.errors import UsageError
    from crawlers.inspection import inspect
    from crawlers.one_page import from_archive, from_file, from_web
    from crawlers.options import user_agent
    from crawlers.registry import sites

    name = given["site_name"] or ""
    if name and name not in sites():
        raise UsageError(f"no site {name!r}; known: {', '.join(sites())}")
    if not page.startswith(("http://", "https://")):
        capture = from_file(Path(page), given["url"])
    elif given["fetch"]:
        capture = from_web(page, user_agent(given["contact"]))
    else:
        capture = from_archive(given["archive"], page)
    found = inspect(capture, name)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        from crawlers.commands.inspected import print_inspection

        print_inspection(found)
    given_anything = (
        found["comments"]["count"]
        or found["links"]
        or any(row["value"] for row in found["fields"] if row["field"] in {"title", "text"})
    )
    return 0 if given_anything else 1
