"""The report of a survey: one HTML file that opens offline, in which numbers lead to quotes.

No script, nothing from elsewhere; every value is escaped, since quotes are what strangers wrote.
Only our own plots, whose texts are escaped where they are drawn, go in as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.survey import Topic, Unit
from pipelines.survey_results import Results, report_values, summary

__all__ = ["Frame", "render"]

_TEMPLATE = Path(__file__).parent / "templates" / "survey.html.j2"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the sample was drawn from: counts, coverage of the threads, notes, and the archive."""

    counts: Mapping[str, int]
    coverage: Mapping[str, int]
    notes: Sequence[str] = ()
    archive: Mapping[str, Any] = field(default_factory=dict)


def render(topic: Topic, units: Sequence[Unit], results: Results, frame: Frame) -> str:
    """The report as HTML."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - an optional library

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(_TEMPLATE.read_text("utf-8"))
    return template.render(
        topic=topic,
        summary=summary(results, frame.counts),
        codes=results.codes,
        coverage={_COVERAGE[name]: value for name, value in frame.coverage.items()},
        notes=frame.notes,
        archive_id=frame.archive.get("archive_id", ""),
        snapshot=frame.archive.get("snapshot", ""),
        version=frame.archive.get("version", ""),
        **report_values(topic, units, results),
    )


_COVERAGE = {
    "threads": "Threads that the voices come from",
    "complete": "of them walked to the end with all comments",
    "known": "Comments that the archive knows in them",
    "declaring": "Threads whose site declares how many there are",
    "declared": "Comments that it declares there",
    "known_there": "Comments that the archive knows there",
}
