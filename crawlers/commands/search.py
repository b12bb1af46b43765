"""`shenglu search`: words in either script, found in articles and comments."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]


@click.command(short_help="Find words, in either script, in articles and comments.")
@click.argument("words", nargs=-1)
@ARCHIVE
@click.option("--aliases", is_flag=True, help="A name also finds its other names, masked or not.")
@click.option(
    "--alias-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML table of your own names, added to the shipped one; means --aliases too.",
)
@click.option(
    "--near", type=click.IntRange(0), help="At most so many other characters among the words."
)
@click.option("--site", "sites", multiple=True, help="Only this site; may be given again.")
@click.option("--since", metavar="DATE", help="Only what is dated this day or later (+08:00).")
@click.option("--until", metavar="DATE", help="... up to and with this day.")
@click.option("--author-hash", "authors", multiple=True, help="Only this author's; repeatable.")
@click.option("--thread", "threads", multiple=True, help="Only this thread (id or source/id).")
@click.option("--limit", type=click.IntRange(min=1), default=20, help="At most so many (20).")
@click.option("--count", "counting", is_flag=True, help="Count all hits, by source and kind.")
@click.option("--index", "build", is_flag=True, help="Build the index or bring it up to date.")
@click.option("--rebuild", is_flag=True, help="Build the index anew.")
@click.option("--scan", is_flag=True, help="Read the texts themselves, not the index.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def command(words: tuple[str, ...], archive: Path, **options: Any) -> None:
    """Print the newest pieces that hold all WORDS, whichever script either is written in.

    OR, AND, NOT and parentheses combine words; "..." in quotes is a phrase. Each hit has source,
    time, script, a piece of the original text, permalink, and the id that `shenglu query
    --evidence` takes. `docs/search.md` has examples.
    """
    from archive.errors import UsageError
    from archive.root import Root

    root = Root.open(archive)
    if options["build"] or options["rebuild"]:
        _build(root, anew=options["rebuild"])
        if not words:
            return
    if not " ".join(words).strip():
        raise UsageError("give at least one word to search for")
    _search(root, " ".join(words), options)


def _build(root: Any, *, anew: bool) -> None:
    from archive.errors import UsageError
    from archive.search import has_index
    from crawlers.commands.printing import progress
    from pipelines.search_words import fold

    if not has_index():
        raise UsageError("the index needs tantivy: pip install 'shenglu[search]'")
    from archive.search_index import build

    rows, number = build(root, fold(), progress(shown=True), anew=anew)
    click.echo(f"indexed {rows} pieces; the index stands at commit {number}", err=True)


def _search(root: Any, words: str, options: dict[str, Any]) -> None:
    from archive.search import Search, search
    from crawlers.options import parse_when
    from pipelines.search_words import fold, query

    since, until = options["since"], options["until"]
    wanted = Search(
        tree=query(words, _aliases(options)),
        sites=options["sites"],
        since=parse_when(since) if since else None,
        until=parse_when(until, end=True) if until else None,
        authors=options["authors"],
        threads=options["threads"],
        near=options["near"],
        limit=None if options["counting"] else options["limit"] + 1,
    )
    found = search(root, wanted, fold(), index=not options["scan"])
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if options["counting"]:
        _print_counts(found.hits, options)
        return
    rows = [_row(hit) for hit in found.hits[: options["limit"]]]
    if options["as_csv"]:
        _print_csv(rows)
    for row in [] if options["as_csv"] else rows:
        if options["as_json"]:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            _print(row)
    if not rows:
        click.echo(f"nothing found{_elsewhere(root, options['sites'])}", err=True)
    elif len(found.hits) > len(rows):
        told = f"the newest {len(rows)} hits; --limit shows more, --count counts all"
        click.echo(told, err=True)


def _elsewhere(root: Any, sites: tuple[str, ...]) -> str:
    """What to tell of sites that the archive does not have."""
    from archive.query import connect

    if not sites:
        return ""
    with connect(root, sandbox=True) as connection:
        rows = connection.execute(
            "SELECT DISTINCT source FROM (SELECT source FROM article_history UNION ALL "
            "SELECT source FROM comment_history) ORDER BY 1"
        ).fetchall()
    known = [row[0] for row in rows]
    lost = [site for site in sites if not {site} & {*known, *(n.split(":")[0] for n in known)}]
    if not lost:
        return ""
    return f"; nothing here is of {', '.join(lost)}: the archive has {', '.join(known) or 'no row'}"


def _print_counts(hits: list[Any], options: dict[str, Any]) -> None:
    """How many hits there are, by source and kind, and how many by alias or ambiguous."""
    from collections import Counter

    from crawlers.commands.printing import choose_format, print_rows

    counts = Counter(
        (hit.row["source"], hit.row["kind"], _by_alias(hit.spans), _ambiguous(hit.spans))
        for hit in hits
    )
    names = ("source", "kind", "by_alias", "ambiguous", "hits")
    form = choose_format(as_json=options["as_json"], as_csv=options["as_csv"])
    print_rows(names, [(*key, counts[key]) for key in sorted(counts)], form)
    click.echo(f"{len(hits)} hits", err=True)


def _by_alias(spans: Any) -> bool:
    """Whether no place says what was typed."""
    return bool(spans) and all(span.how != "word" for span in spans)


def _ambiguous(spans: Any) -> bool:
    return bool(spans) and all(span.ambiguous for span in spans)


def _aliases(options: dict[str, Any]) -> Any:
    """The table that the options ask for, or None."""
    if not (options["aliases"] or options["alias_file"]):
        return None
    from archive.files import read
    from pipelines.aliases import load, shipped, shipped_table

    if not options["alias_file"]:
        return shipped()
    return load(shipped_table(), read(options["alias_file"]).decode("utf-8", "replace"))


def _row(hit: Any) -> dict[str, Any]:
    from crawlers.commands.printing import plain
    from pipelines.search_words import snippet

    at, line = hit.text_at, snippet(hit)
    matched = [
        {
            "field": "title" if span.start < at else "text",
            "start": span.start - (0 if span.start < at else at),
            "end": span.end - (0 if span.start < at else at),
            "written": hit.whole[span.start : span.end],
            "how": span.how,
            "ambiguous": span.ambiguous,
        }
        for span in hit.spans
    ]
    names = ("kind", "source", "thread_id", "time", "script", "title", "url", "evidence")
    return {
        **{name: plain(hit.row[name]) for name in names},
        "author_hash": hit.row["author_hash"],
        "snippet": line.text,
        "marks": [list(mark) for mark in line.marks],
        "by_alias": _by_alias(hit.spans),
        "ambiguous": _ambiguous(hit.spans),
        "matched": matched,
    }


def _print_csv(rows: list[dict[str, Any]]) -> None:
    from crawlers.commands.printing import print_rows

    names = [
        *("time", "kind", "source", "thread_id", "script", "title", "snippet"),
        *("found", "by_alias", "ambiguous", "author_hash", "url", "evidence"),
    ]
    made = (
        {**row, "found": " ".join(dict.fromkeys(one["written"] for one in row["matched"]))}
        for row in rows
    )
    print_rows(names, ([row[name] for name in names] for row in made), "csv")


def _print(row: dict[str, Any]) -> None:
    when = row["time"][:16].replace("T", " ")
    flags = [name for name in ("by_alias", "ambiguous") if row[name]]
    if flags:
        ways = dict.fromkeys(f"{m['written']} ({m['how']})" for m in row["matched"])
        flags = [f"[{', '.join(flags).replace('_', ' ')}: {', '.join(ways)}]"]
    click.echo("  ".join([row["source"], f"{when}Z", row["script"] or "-", row["kind"], *flags]))
    if row["title"]:
        click.echo(f"  {row['title']}")
    click.echo(f"  {_marked(row)}\n  {row['url'] or '-'}  {row['evidence']}")


def _marked(row: dict[str, Any]) -> str:
    if not sys.stdout.isatty():
        return str(row["snippet"])
    text, at = "", 0
    for start, end in row["marks"]:
        styled = click.style(row["snippet"][start:end], fg="red", bold=True)
        text, at = text + row["snippet"][max(at, 0) : start] + styled, end
    return text + str(row["snippet"][at:])
