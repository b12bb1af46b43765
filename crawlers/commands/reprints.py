"""`shenglu reprints`: which articles are one text, and which of them was first."""

import sys
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]

_COLUMNS = (
    *("cluster", "place", "relation", "evidence", "time", "time_is", "precision", "first_certain"),
    *("of", "similarity", "containment", "script", "medium", "reprint_source", "title", "url"),
)


@click.command(short_help="Find reprints: one text in several places, and the first of them.")
@ARCHIVE
@click.option("--site", "sites", multiple=True, help="Only this site; may be given again.")
@click.option("--since", metavar="DATE", help="Only what is dated this day or later (+08:00).")
@click.option("--until", metavar="DATE", help="... up to and with this day.")
@click.option("--id", "wanted", metavar="ID", help="Only the cluster of this article (source/id).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def command(archive: Path, *, as_json: bool, as_csv: bool, **options: Any) -> None:
    """Print the chain of each text that several articles share, earliest known first.

    Works across scripts. `relation` is first, copy, excerpt or extended; `of` is the earlier
    member that the text is most like. `first_certain` is false where another may have been
    earlier, since a time is coarse or unknown. Texts under 50 letters are left out.
    """
    from archive.root import Root
    from crawlers.browse_reader import Reader
    from crawlers.chain_of import chain_of
    from crawlers.chains import chains
    from crawlers.commands.printing import choose_format, print_rows

    root, wanted = Root.open(archive), options["wanted"]
    condition, values = _condition(options)
    if wanted and not values:
        table, note = chain_of(Reader(root), wanted)
        told = note or f"no reprint of {wanted}"
    else:
        table, compared = chains(root, condition, values, wanted)
        note, told = None, f"no reprints among {compared} articles"
    form = choose_format(as_json=as_json, as_csv=as_csv)
    if form == "table":
        for row in table:
            _print(row)
    else:
        print_rows(_COLUMNS, ([row[name] for name in _COLUMNS] for row in table), form)
    if note or not table:
        click.echo(f"note: {note}" if note and table else told, err=True)


def _condition(options: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    from crawlers.options import parse_when

    tests: list[str] = ["true"]
    values: list[Any] = []
    if options["sites"]:
        some = " OR ".join("source = ? OR starts_with(source, ?)" for _ in options["sites"])
        tests.append(f"({some})")
        values += [value for site in options["sites"] for value in (site, f"{site}:")]
    for name, operator in (("since", ">="), ("until", "<")):
        if options[name]:
            tests.append(f"coalesce(published_at, observed_at) {operator} ?")
            values.append(parse_when(options[name], end=name == "until"))
    return " AND ".join(tests), tuple(values)


def _print(row: dict[str, Any]) -> None:
    if row["place"] == 1:
        doubt = "" if row["first_certain"] else "  (another may be earlier)"
        click.echo(f"\n{row['title']}{doubt}", file=sys.stdout)
    like = "" if row["of"] is None else f"  {row['containment']:.0%} shared with {row['of']}"
    when = f"{row['time']:%Y-%m-%d %H:%M}Z" + ("" if row["time_is"] == "published" else " (seen)")
    click.echo(f"  {row['place']}. {when}  {row['relation']:8}  {row['evidence']}{like}")
    click.echo(f"     {row['script']}  {row['medium'] or '-'}  {row['url'] or '-'}")
