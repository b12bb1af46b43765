"""`shenglu release`: a frozen, citable copy of the newest snapshot; verified and compared."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawlers.commands.options import ARCHIVE

if TYPE_CHECKING:
    from archive.release import Filters, Tagger
    from archive.release_diff import Difference

__all__ = ["command"]

_SHOWN = 20


@click.command(short_help="Freeze a citable copy; verify one, or compare two.")
@click.argument("words", nargs=-1, required=True, metavar="NAME | verify NAME | diff OLD NEW")
@ARCHIVE
@click.option("--since", metavar="DATE", help="Only rows observed this day or later (+08:00).")
@click.option("--until", metavar="DATE", help="... up to and with this day.")
@click.option("--site", "sites", multiple=True, help="Only this source; may be given again.")
@click.option(
    "--topic",
    "topics",
    multiple=True,
    metavar="WORD",
    help="Only articles and comments with this word, in either script; may be given again (or).",
)
@click.option(
    "--alias-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML table of your own names, added to the shipped one, for the column `entities`.",
)
@click.option("--verify", "verifying", is_flag=True, help="The same as `release verify NAME`.")
@click.option("--json", "as_json", is_flag=True, help="Print findings or differences as JSON.")
def command(words: tuple[str, ...], archive: Path, **options: Any) -> int:
    """Write releases/NAME: Parquet, checksums, data dictionary, descriptors and a card.

    A release is never changed: the name must be new. The same snapshot, name and options give
    the same bytes. `verify` exits with 1 when files differ from the checksums. `diff` tells what
    NEW has that OLD has not: pieces added, edited, deleted, restored, missing, reparsed, removed.
    Both take a name in the archive, or the folder of a release (a path with a slash).
    """
    match words:
        case ("diff", old, new):
            return _diff(_folder(archive, old), _folder(archive, new), as_json=options["as_json"])
        case ("verify", name):
            return _verify(_folder(archive, name), as_json=options["as_json"])
        case (name,) if name not in {"diff", "verify"}:
            if options["verifying"]:
                return _verify(_folder(archive, name), as_json=options["as_json"])
            return _make(archive, name, options)
        case _:
            raise click.UsageError("give NAME, `verify NAME` or `diff OLD NEW`")


def _folder(archive: Path, name: str) -> Path:
    """The folder of a release; no archive is needed for one that lies elsewhere."""
    from archive.errors import UsageError
    from archive.root import Root

    if "/" in name or name in {".", ".."}:
        return Path(name)
    releases = Root.open(archive).releases
    if not (releases / name).is_dir():
        there = (
            sorted(p.name for p in releases.iterdir() if p.name[0] != ".")
            if releases.is_dir()
            else []
        )
        raise UsageError(f"no release {name}; there are {', '.join(there) or 'none'}")
    return releases / name


def _make(archive: Path, name: str, options: dict[str, Any]) -> int:
    from archive.files import read, sha256_file
    from archive.release import SUMS, release
    from archive.root import Root
    from crawlers.commands.printing import progress

    made = (_filters(options), progress(shown=True), _tagger(options["alias_file"]))
    folder = release(Root.open(archive), name, *made)
    rows = json.loads(read(folder / "release.json"))["rows"]
    counts = ", ".join(f"{count} {table}" for table, count in rows.items() if count)
    click.echo(f"{counts}\ncite it as {name}, SHA256SUMS {sha256_file(folder / SUMS)[0]}", err=True)
    click.echo(str(folder))
    return 0


def _filters(options: dict[str, Any]) -> "Filters":
    from dataclasses import replace

    from archive.release import Filters
    from crawlers.options import parse_when

    since, until, topics = options["since"], options["until"], options["topics"]
    chosen = Filters(
        since=parse_when(since) if since else None,
        until=parse_when(until, end=True) if until else None,
        sources=options["sites"],
    )
    if not topics:
        return chosen
    from pipelines.search_key import search_key

    words = tuple(dict.fromkeys(word.strip() for word in topics))
    if not all(words):
        raise click.UsageError("--topic needs a word")
    return replace(chosen, topic=words, fold=search_key)


def _tagger(own: Path | None) -> "Tagger":
    from archive.files import read
    from archive.release import Tagger
    from pipelines.aliases import digest, load, shipped_table

    tables = [shipped_table()]
    if own:
        tables.append(read(own).decode("utf-8", "replace"))
    return Tagger(load(*tables).certain, digest(*tables))


def _verify(folder: Path, *, as_json: bool) -> int:
    from dataclasses import asdict

    from archive.release import signatures, verify

    findings = verify(folder)
    if as_json:
        found = [asdict(finding) for finding in findings]
        click.echo(json.dumps({"ok": not found, "findings": found, "signed": signatures(folder)}))
        return 1 if findings else 0
    for finding in findings:
        click.echo(f"{finding.kind}: {finding.file}: {finding.what}\n    {finding.remedy}")
    for name in signatures(folder):
        click.echo(f"{name}: a signature of the checksums, to be checked with the tool it is from")
    click.echo(f"{folder.name}: {'changed' if findings else 'as released'}")
    return 1 if findings else 0


def _diff(old: Path, new: Path, *, as_json: bool) -> int:
    from archive.release_diff import KINDS, differences, row_counts

    before, after = row_counts(old), row_counts(new)
    counts: dict[tuple[str, str], int] = {}
    shown: list[Difference] = []
    for one in differences(old, new):
        counts[one.table, one.kind] = counts.get((one.table, one.kind), 0) + 1
        if as_json:
            click.echo(json.dumps(one.as_json(), ensure_ascii=False))
        elif counts[one.table, one.kind] <= _SHOWN and one.kind != "added":
            shown.append(one)
    if as_json:
        return 0
    for table, rows in after.items():
        told = [f"{n} {kind}" for kind in KINDS if (n := counts.get((table, kind)))]
        pieces = f": {', '.join(told)}" if told else ""
        click.echo(f"{table}: {before[table]} rows, then {rows}{pieces}")
    for one in shown:
        named = f"  ({', '.join(one.columns)})" if one.columns else ""
        click.echo(f"  {one.kind}  {one.id}{named}")
    if any(n > _SHOWN for (_, kind), n in counts.items() if kind != "added"):
        click.echo(f"first {_SHOWN} of each kind; --json gives all", err=True)
    return 0
