"""Prints rows: a table on a terminal, TSV for a pipe, JSON lines or CSV where asked for."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import click

__all__ = ["FORMATS", "choose_format", "plain", "print_rows", "progress"]

FORMATS = ("table", "tsv", "json", "csv")
_WIDE = 60
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def choose_format(*, as_json: bool, as_csv: bool = False) -> str:
    """The output format: what was asked for, else a table on a terminal and TSV elsewhere."""
    if as_json:
        return "json"
    if as_csv:
        return "csv"
    return "table" if sys.stdout.isatty() else "tsv"


def plain(value: Any) -> Any:
    """A value as JSON can carry it: times as ISO 8601 in UTC, bytes as text."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return utc.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def print_rows(
    names: Sequence[str], rows: Iterable[Sequence[Any]], form: str, *, cut: bool = True
) -> int:
    """Print rows in one of `FORMATS`; returns how many there were.

    TSV has a header line and one line a row: tab, line end and backslash inside a value are
    written as in C. A table cuts long values to one line, unless `cut` is False.
    """
    if form == "table":
        return _table(names, rows, cut=cut)
    count = 0
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if form == "tsv":
        click.echo("\t".join(names))
    elif form == "csv":
        writer.writerow(names)
    for count, row in enumerate(rows, 1):  # noqa: B007 - counted for the caller
        values = [plain(value) for value in row]
        if form == "json":
            click.echo(json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False))
        elif form == "csv":
            writer.writerow([_text(value) for value in values])
        else:
            click.echo("\t".join(_text(value).translate(_ESCAPES) for value in values))
    return count


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]], *, cut: bool) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        # Text, not markup: a comment may hold what looks like a style tag.
        texts = [_text(plain(value)) for value in row]
        table.add_row(*(Text(_short(text) if cut else text) for text in texts))
    Console(highlight=False).print(table)
    return table.row_count


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDE else line[: _WIDE - 1] + "…"


def progress(*, shown: bool) -> Callable[[str, int, int], None]:
    """A callback (stage, done, total) that keeps one line of a terminal up to date."""

    def show(stage: str, done: int, total: int) -> None:
        if done == total or done % max(1, total // 100) == 0:
            end = "\n" if done == total else ""
            click.echo(f"\r{stage}: {done}/{total}{end}", nl=False, err=True)

    def silent(_stage: str, _done: int, _total: int) -> None:
        """For pipes and logs."""

    return show if shown and sys.stderr.isatty() else silent
