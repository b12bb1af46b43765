"""What a run leaves besides its rows: a manifest, metrics for Prometheus, and alerts.

The manifest is the run as JSON below `meta/runs/`, written once and never changed. Metrics go to
a file for node_exporter's textfile collector. Alerts go out through apprise (mail, webhook,
DingTalk, Feishu, Telegram and many more), which the extra `alerts` installs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import StorageError, UsageError
from archive.files import write_atomic
from archive.root import Root
from archive.session import product_version

if TYPE_CHECKING:
    from crawlers.run import Report

__all__ = ["Alerts", "metrics", "write_manifest", "write_metrics"]

FORMAT = "shenglu.run/1"


def write_manifest(
    root: Root, report: "Report", command: str, settings: Mapping[str, Any]
) -> Path | None:
    """Write meta/runs/RUN_ID.json, or RUN_ID.stopped.json for a run that will go on; its path.

    None for a run that never began (locked, no archive).
    """
    if not report.run_id:
        return None
    about = {
        "format": FORMAT,
        "archive_id": root.archive_id,
        "version": product_version(),
        "command": command,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        **report.as_dict(),
        "settings": dict(settings),
        "fields": _shares(report.tally),
    }
    name = report.run_id if report.finished else f"{report.run_id}.stopped"
    path = root.meta / "runs" / f"{name}.json"
    text = json.dumps(about, ensure_ascii=False, indent=2, default=str)
    write_atomic(path, f"{text}\n".encode())
    return path


def _shares(tally: Mapping[str, int]) -> dict[str, float]:
    """How full each field is: `thread.comment.author` -> 0.98."""
    found = {}
    for name, count in tally.items():
        if name.startswith("has."):
            place = name.removeprefix("has.")
            whole = tally.get(f"of.{place.rpartition('.')[0]}", 0)
            found[place] = round(count / whole, 4) if whole else 0.0
    return found


def metrics(reports: Sequence["Report"], now: datetime) -> str:
    """The reports in Prometheus' text format (version 0.0.4)."""
    lines: list[str] = []

    def add(name: str, help_text: str, rows: Iterable[tuple[str, float]]) -> None:
        lines.extend((f"# HELP shenglu_{name} {help_text}", f"# TYPE shenglu_{name} gauge"))
        lines.extend(f"shenglu_{name}{{{labels}}} {value:g}" for labels, value in rows)

    sites = [(f'site="{one.site}"', one) for one in reports]
    add("run_exit_code", "Exit code of the last run.", ((s, r.exit_code) for s, r in sites))
    add("run_seconds", "Duration of the last run.", ((s, r.seconds) for s, r in sites))
    ended = [(s, now.timestamp()) for s, _ in sites]
    lines.append("# HELP shenglu_run_end_seconds When the last run ended (Unix time).")
    lines.append("# TYPE shenglu_run_end_seconds gauge")
    lines.extend(f"shenglu_run_end_seconds{{{s}}} {when:.0f}" for s, when in ended)
    add(
        "run_gate_failed",
        "1 for each gate that the last run failed.",
        ((f'{s},gate="{name}"', 1) for s, r in sites for name in sorted({g.name for g in r.gates})),
    )
    shown = ("pages", "errors", "exchanges", "bytes", "items", "traps", "quarantined", "threads")
    add(
        "run_count",
        "Counters of the last run.",
        (
            (f'{s},name="{name}"', count)
            for s, r in sites
            for name, count in sorted(r.tally.items())
            if name in shown or name.startswith(("pages.", "articles.", "comments.", "stop."))
        ),
    )
    return "\n".join((*lines, ""))


def write_metrics(path: Path, reports: Sequence["Report"]) -> None:
    """Write the metrics, whole or not at all: node_exporter may read at any time.

    Raises:
        StorageError: the file cannot be written.
    """
    write_atomic(path.absolute(), metrics(reports, datetime.now(UTC)).encode())


class Alerts:
    """Where to tell somebody; made before a crawl, so that a wrong address is told at once."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Check the addresses.

        Raises:
            UsageError: apprise is not installed, or it cannot read an address.
        """
        self._sender: Any = None
        if not urls:
            return
        try:
            import apprise  # noqa: PLC0415 - an extra, needed only here
        except ImportError:
            raise UsageError(
                "--alert needs apprise: install it with `pip install 'shenglu[alerts]'`"
            ) from None
        self._sender = apprise.Apprise()
        for url in urls:
            if not self._sender.add(url):
                raise UsageError(
                    f"--alert: {url.partition(':')[0]}: is no address that apprise reads; its"
                    " forms are listed at https://appriseit.com/services/"
                )

    def tell(self, reports: Sequence["Report"]) -> bool:
        """Send one message if any run failed or is out of line; whether one went out.

        Raises:
            StorageError: the message was due and could not be delivered.
        """
        bad = [one for one in reports if one.exit_code]
        if self._sender is None or not bad:
            return False
        title = "shenglu: " + ", ".join(f"{r.site} ended with {r.exit_code}" for r in bad)
        lines = [line for one in bad for line in _said(one)]
        if not self._sender.notify(title=title, body="\n".join(lines)):
            raise StorageError("an alert could not be delivered; see the log for the service")
        return True


def _said(report: "Report") -> Iterable[str]:
    if report.error is not None:
        yield f"{report.site}: {report.error}"
    elif not report.finished:
        yield f"{report.site}: stopped early; the same command goes on"
    yield from (f"{report.site}: gate failed: {gate}" for gate in report.gates)
