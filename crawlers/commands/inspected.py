"""Prints what `shenglu sites test` found out about a page."""

from typing import Any

import click

__all__ = ["print_inspection"]

_WIDE = 100


def print_inspection(found: dict[str, Any]) -> None:
    """The page, its fields with provenance, what was missed, remarks and links."""
    for name in ("url", "site", "parser", "page_class", "reason", "bytes", "charset"):
        click.echo(f"{name:<12}{'-' if found[name] in (None, '') else found[name]}")
    click.echo("\nfields")
    for row in found["fields"]:
        origin = f"   [{row['from']}]" if row["from"] else ""
        click.echo(f"  {row['field']:<15}{_short(row['value'])}{origin}")
    _missed(found["missed"])
    _comments(found["comments"])
    if found["thread"]:
        click.echo(f"\nthread  {_pairs(found['thread'])}")
    click.echo("\nlinks" if found["links"] else "\nlinks: none")
    for kind, links in found["links"].items():
        click.echo(f"  {kind}: {links['count']}")
        for url in links["first"]:
            click.echo(f"    {url}")
    for problem in found["problems"]:
        click.echo(f"problem: {problem}")


def _short(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return (
            f"{value['at'] or 'unread'} ({value['raw']!r}, {value['precision']}, {value['method']})"
        )
    text = " ".join(str(value).split())
    size = f" ... {len(str(value))} characters" if len(text) > _WIDE else ""
    return text[:_WIDE] + size


def _pairs(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)


def _missed(rows: list[dict[str, Any]]) -> None:
    if rows:
        click.echo("\nrules that found nothing (! where no rule of the field found anything)")
    for row in rows:
        for rule in row["rules"]:
            click.echo(f"  {'!' if row['lost'] else ' '} {row['field']:<13}{rule}")


def _comments(comments: dict[str, Any]) -> None:
    click.echo(f"\ncomments: {comments['count']}")
    if not comments["count"]:
        return
    click.echo(f"  with  {_pairs(comments['with'])}")
    click.echo(f"  state {_pairs(comments['states'])}")
    for one in comments["first"]:
        at = one["published"]["at"] if one["published"] else None
        head = _pairs({"id": one["comment_id"], "floor": one["floor"], "answers": one["parent_id"]})
        click.echo(f"  {one['author'] or '-'}  {at or '-'}  ({head})")
        click.echo(f"    {_short(one['text'])}")
