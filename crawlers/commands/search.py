"""`shenglu search`: words in either script, found in articles and comments."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]

_BEFORE = 24
_AFTER = 56


@click.command(short_help="Find words, in either script, in articles and comments.")
@click.argument("words", nargs=-1, required=True)
@ARCHIVE
@click.option("--site", "sites", multiple=True, help="Only this site; may be given again.")
@click.option("--since", metavar="DATE", help="Only what is dated this day or later (+08:00).")
@click.option("--until", metavar="DATE", help="... up to and with this day.")
@click.option("--limit", type=click.IntRange(min=1), default=20, help="At most so many (20).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def command(words: tuple[str, ...], archive: Path, *, as_json: bool, **options: Any) -> None:
    """Print the newest pieces that hold all WORDS, whichever script either is written in.

    Each hit has source, time, script, a piece of the original text, permalink, and the id that
    `shenglu query --evidence` takes.
    """
    from archive.errors import UsageError
    from archive.query import connect
    from archive.root import Root
    from archive.search import Search, find
    from crawlers.options import parse_when
    from pipelines.search_key import search_key

    folded = [search_key(word) for word in " ".join(words).split()]
    if not folded:
        raise UsageError("give at least one word to search for")
    since, until = options["since"], options["until"]
    wanted = Search(
        words=folded,
        sites=options["sites"],
        since=parse_when(since) if since else None,
        until=parse_when(until, end=True) if until else None,
        limit=options["limit"],
    )
    with connect(Root.open(archive), sandbox=True) as connection:
        hits = find(connection, wanted, search_key)
    for hit in hits:
        _print(hit, folded, as_json=as_json)
    if not hits:
        click.echo("nothing found", err=True)


def _print(hit: dict[str, Any], words: list[str], *, as_json: bool) -> None:
    from crawlers.commands.printing import plain

    snippet, span = _snippet(hit, words)
    if as_json:
        shown = {
            name: plain(hit[name])
            for name in ("kind", "source", "time", "script", "title", "url", "evidence")
        }
        click.echo(json.dumps({**shown, "snippet": snippet}, ensure_ascii=False))
        return
    if sys.stdout.isatty():
        start, end = span
        marked = click.style(snippet[start:end], fg="red", bold=True)
        snippet = snippet[:start] + marked + snippet[end:]
    click.echo(f"{hit['source']}  {hit['time']:%Y-%m-%d %H:%M}Z  {hit['script']}  {hit['kind']}")
    if hit["title"]:
        click.echo(f"  {hit['title']}")
    click.echo(f"  {snippet}\n  {hit['url'] or '-'}  {hit['evidence']}")


def _snippet(hit: dict[str, Any], words: list[str]) -> tuple[str, tuple[int, int]]:
    """A line of the original text around the first hit, and the hit's place in it."""
    from pipelines.search_key import locate

    text, key = hit["text"] or "", hit["search_key"] or ""
    places = sorted((key.find(word), len(word)) for word in words if word in key)
    at, length = places[0] if places else (0, 0)
    start, end = locate(text, at, at + length) if length else (0, 0)
    left, right = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    before = ("…" if left else "") + text[left:start].replace("\n", " ")
    found = text[start:end].replace("\n", " ")
    after = text[end:right].replace("\n", " ") + ("…" if right < len(text) else "")
    return before + found + after, (len(before), len(before) + len(found))
