"""`shenglu survey`: sheets for coders, and the report of what they coded."""

import json
from pathlib import Path
from typing import Any

import click

from crawlers.commands.options import ARCHIVE

__all__ = ["command"]

_MANIFEST = "survey.json"
_DRAWN_BY = (
    *("query", "since", "until", "scope", "sites", "aliases", "alias_file", "ambiguous"),
    *("sample", "seed"),
)


@click.command(short_help="Sample voices on a topic, code them, report shares with quotes.")
@click.argument("topic", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@ARCHIVE
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of sheets and report.  [default: survey-TOPIC beside the topic file]",
)
@click.option(
    "--coded",
    "sheets",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A filled sheet (xlsx, csv), one a coder; may be given again.",
)
@click.option("--anew", is_flag=True, help="Draw the sample again, though there is one in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print counts or results as JSON.")
def command(
    topic: Path, archive: Path, out: Path | None, sheets: tuple[Path, ...], **options: Any
) -> None:
    """Draw a sample for TOPIC (a TOML file) and write coding sheets; with --coded, the report.

    The sheets are sheet.xlsx and sheet.csv: one copy for each coder, who fills the column `code`.
    The report is report.html, its numbers results.json. Exit code 3: the report was made, but
    entries of a sheet were refused; they are listed in it. `docs/survey.md` describes the file.
    """
    _need_libraries()
    folder = out or topic.parent / f"survey-{topic.stem}"
    if sheets:
        _report(topic, folder, sheets, as_json=options["as_json"])
    else:
        _sample(topic, archive, folder, anew=options["anew"], as_json=options["as_json"])


def _need_libraries() -> None:
    from importlib.util import find_spec

    from archive.errors import UsageError

    if not (find_spec("jinja2") and find_spec("openpyxl")):
        raise UsageError("surveys need two libraries: pip install 'shenglu[survey]'")


def _topic(path: Path) -> Any:
    from archive import files
    from pipelines.survey import read_topic

    return read_topic(files.read(path).decode("utf-8", "replace"))


def _aliases(topic: Any, beside: Path) -> Any:
    from archive import files
    from pipelines.aliases import load, shipped, shipped_table

    if topic.alias_file:
        mine = files.read(beside / topic.alias_file).decode("utf-8", "replace")
        return load(shipped_table(), mine)
    return shipped() if topic.aliases else None


def _sample(path: Path, archive: Path, folder: Path, *, anew: bool, as_json: bool) -> None:
    from archive.errors import UsageError
    from archive.root import Root
    from crawlers.survey_select import refuse_none, select
    from pipelines.search_words import fold

    if (folder / _MANIFEST).exists() and not anew:
        raise UsageError(
            f"{folder} holds a sample already; add --anew to draw it again, or give another --out"
        )
    topic, root = _topic(path), Root.open(archive)
    units, notes = select(root, topic, _aliases(topic, path.parent), fold())
    refuse_none(units, topic)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    counts = _draw(root, topic, folder, (units, notes))
    if as_json:
        click.echo(json.dumps({"out": str(folder), **counts}, ensure_ascii=False))
    else:
        words = ", ".join(f"{value} {name}" for name, value in counts.items())
        click.echo(f"{words}; sheets for coders in {folder}")


def _draw(root: Any, topic: Any, folder: Path, found: Any) -> dict[str, int]:
    """Write the sheets and the manifest; returns the counts."""
    from importlib.metadata import version

    import msgspec

    from archive import files
    from archive.log import Log
    from crawlers.survey_select import coverage, with_context
    from crawlers.survey_sheets import write_csv, write_xlsx
    from pipelines.survey import distinct, draw

    units, notes = found
    single = distinct(units)
    sample = with_context(root, draw(single, topic.sample, topic.seed))
    counts = {
        "selected": len(units),
        "copies": len(units) - len(single),
        "distinct": len(single),
        "sampled": len(sample),
    }
    about = {
        "archive_id": root.archive_id,
        "snapshot": Log(root).snapshot().number,
        "version": version("shenglu"),
    }
    manifest = {
        "topic": topic,
        "archive": about,
        "counts": counts,
        "coverage": coverage(root, units),
        "notes": notes,
        "units": sample,
    }
    write_xlsx(folder / "sheet.xlsx", topic, sample)
    write_csv(folder / "sheet.csv", sample)
    data = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    files.write_atomic(folder / _MANIFEST, data + b"\n")
    return counts


def _report(path: Path, folder: Path, sheets: tuple[Path, ...], *, as_json: bool) -> None:
    from archive import files
    from crawlers.survey_sheets import read_sheet
    from pipelines.survey_report import render
    from pipelines.survey_results import evaluate, summary

    topic = _topic(path)
    units, frame = _manifest(folder, topic)
    results = evaluate(topic, units, {name: read_sheet(p) for name, p in _coders(sheets)})
    numbers = summary(results, frame.counts)
    html = render(topic, units, results, frame)
    files.write_atomic(folder / "report.html", html.encode())
    text = json.dumps(numbers, ensure_ascii=False, indent=2)
    files.write_atomic(folder / "results.json", text.encode() + b"\n")
    if as_json:
        click.echo(json.dumps(numbers, ensure_ascii=False))
    else:
        _print(topic, numbers)
        click.echo(f"report: {folder / 'report.html'}")
    for problem in results.problems:
        click.echo(f"refused: {problem}", err=True)
    if results.problems:
        raise click.exceptions.Exit(3)


def _coders(sheets: tuple[Path, ...]) -> list[tuple[str, Path]]:
    """The name of each coder: the sheet's file name, with its folder where two are equal."""
    from archive.errors import UsageError

    stems = [path.stem for path in sheets]
    names = [
        path.stem if stems.count(path.stem) == 1 else f"{path.absolute().parent.name}/{path.stem}"
        for path in sheets
    ]
    if len(set(names)) < len(names):
        raise UsageError("two sheets have one name; name each after its coder")
    return list(zip(names, sheets, strict=True))


def _manifest(folder: Path, topic: Any) -> tuple[Any, Any]:
    """The sample that was drawn, and its frame; refuses one of another question."""
    import msgspec

    from archive import files
    from archive.errors import UsageError
    from pipelines.survey import Topic, Unit
    from pipelines.survey_report import Frame

    data = files.read_if_present(folder / _MANIFEST)
    if data is None:
        raise UsageError(f"{folder} holds no sample; run the command without --coded first")
    try:
        found = msgspec.json.decode(data)
        units = msgspec.convert(found["units"], list[Unit])
        drawn = msgspec.convert(found["topic"], Topic)
        frame = Frame(found["counts"], found["coverage"], found["notes"], found["archive"])
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise UsageError(f"{folder / _MANIFEST} is damaged ({error}); draw with --anew") from None
    if changed := [name for name in _DRAWN_BY if getattr(topic, name) != getattr(drawn, name)]:
        raise UsageError(
            f"the topic's {changed[0]} is not what the sample was drawn with; set it back, or "
            "draw again with --anew"
        )
    return units, frame


def _print(topic: Any, numbers: dict[str, Any]) -> None:
    from crawlers.commands.printing import print_rows

    rows = []
    for camp in topic.camps:
        share = numbers["camps"][camp.code]
        low, high = share["interval"]
        interval = f"{low:.1%} to {high:.1%}"
        rows.append((camp.label, share["count"], share["of"], f"{share['share']:.1%}", interval))
    print_rows(("camp", "voices", "of", "share", "95 % interval"), rows, "table")
    alpha = numbers["alpha"]
    click.echo(f"alpha {alpha if alpha is not None else 'not defined'}, ", nl=False)
    click.echo(f"{numbers['unsettled']} unsettled, {numbers['uncoded']} uncoded")
