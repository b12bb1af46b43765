"""`shenglu sites`: what can be crawled, and with which options."""

import json
import sys

import click

__all__ = ["command"]


@click.command(short_help="List the sites and their options.")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(name: str | None, *, as_json: bool) -> None:
    """List the sites that shenglu knows; with NAME, its options and manners."""
    from archive.errors import UsageError
    from crawlers.registry import sites

    known = sites()
    if name is not None and name not in known:
        raise UsageError(f"no site {name!r}; known: {', '.join(known)}")
    chosen = [known[name]] if name else list(known.values())
    rows = [
        {
            "site": site.name,
            "hosts": list(site.hosts),
            "gives": sorted({str(page.page_class) for page in site.pages}),
            "crawled": site.crawlable,
            "delay": site.delay,
            "options": dict(site.options),
            "robots": site.robots_note,
            "about": (site.__doc__ or "").strip().splitlines()[0],
        }
        for site in chosen
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif name:
        _one(rows[0])
    else:
        _table(rows)


def _table(rows: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    on_terminal = sys.stdout.isatty()
    console = Console(width=None if on_terminal else 160, no_color=not on_terminal, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("site", "crawled", "gives", "options", "about"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        options, gives = row["options"], row["gives"]
        table.add_row(
            str(row["site"]),
            "yes" if row["crawled"] else "saved pages only",
            " ".join(gives) if isinstance(gives, list) else "",
            " ".join(f"--{o}" for o in options) if isinstance(options, dict) else "",
            str(row["about"]),
        )
    console.print(table)


def _one(row: dict[str, object]) -> None:
    click.echo(f"{row['site']}: {row['about']}")
    click.echo(f"  crawled: {'yes' if row['crawled'] else 'no, saved pages only'}")
    click.echo(f"  delay:   {row['delay']} s between requests, longer where robots.txt asks")
    click.echo(f"  robots:  {row['robots'] or 'read and obeyed at each run'}")
    options = row["options"]
    for option, text in options.items() if isinstance(options, dict) else ():
        click.echo(f"  --{option}  {text}")
