"""What a person reads after a run: one line a site, then what needs attention."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from crawlers.run import Report

__all__ = ["print_reports"]

_COLUMNS = (
    "site",
    "articles",
    "threads",
    "declared/fetched",
    "comments +new ~edit -gone",
    "pages by class",
    "scripts",
    "quarantined",
    "MB",
    "s",
)


def _named(tally: Mapping[str, int], prefix: str) -> str:
    found = {k.removeprefix(prefix): n for k, n in tally.items() if k.startswith(prefix) and n}
    return " ".join(f"{name} {n}" for name, n in sorted(found.items(), key=lambda kv: -kv[1]))


def _cells(report: "Report") -> list[str]:
    tally = report.tally
    count = tally.get
    gone = count("comments.delete", 0) + count("comments.missing", 0)
    return [
        report.site,
        f"+{count('articles.new', 0)} ~{count('articles.edit', 0)} -{count('articles.delete', 0)}",
        str(count("threads", 0)),
        f"{count('declared', 0)}/{count('fetched', 0)}",
        f"+{count('comments.new', 0)} ~{count('comments.edit', 0)} -{gone}",
        _named(tally, "pages."),
        _named(tally, "script."),
        str(count("quarantined", 0)),
        f"{count('bytes', 0) / 1e6:.1f}",
        f"{report.seconds:.1f}",
    ]


def print_reports(reports: Sequence["Report"], on_terminal: bool) -> None:  # noqa: FBT001 - from isatty()
    """Print the table of runs, then gates that failed and runs that will go on."""
    console = Console(width=None if on_terminal else 200, no_color=not on_terminal, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for report in reports:
        table.add_row(*_cells(report))
    console.print(table)
    for report in reports:
        _remarks(console, report)


def _remarks(console: Console, report: "Report") -> None:
    tally = report.tally
    if report.resumed:
        console.print(f"{report.site}: went on with an interrupted run")
    news = sum(n for k, n in tally.items() if k.startswith(("articles.", "comments.")))
    if report.finished and not news:
        again = tally.get("revisits", 0)
        console.print(
            f"{report.site}: {'' if report.gates else 'nothing new; '}no row was added"
            f" ({again} of {tally.get('pages', 0)} pages unchanged on the server)"
        )
    for gate in report.gates:
        console.print(f"{report.site}: gate failed: {gate}", style="red")
    if report.paused and report.error is None:
        console.print(f"{report.site}: paused: {report.paused}; the same command goes on")
    elif not report.finished and report.error is None:
        console.print(f"{report.site}: stopped early; the same command goes on", style="yellow")
