"""The sampling frame of a release: what was asked, what was seen, how complete, why it stopped.

Counts come from the release's own files, so a reader can make each of them again. What no visit
saw is named as a gap, never guessed at.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

__all__ = ["Frame", "frame_page", "gather_frame"]

Ask = Callable[[str], list[tuple[Any, ...]]]

_HEAD = """# Sampling frame

What was asked of each site, how often its threads were visited, how far each walk went and what
was not seen. Row by row it is the table `visits` (`declared`, `fetched`, `pages`, `stop_reason`,
`started_at`, `observed_at`) beside the table `fetches`. Times are UTC."""
_NEVER = (
    "What was never public, was taken down before the first visit, lies behind a login, or is on "
    "pages that no list led to is not here and cannot be counted."
)
_COMMANDS = """
SELECT source, command, version, count(*) AS runs, min(started_at), max(observed_at)
FROM runs GROUP BY ALL ORDER BY source, command, version
"""
_VISITS = """
SELECT source, count(*) AS visits, count(DISTINCT thread_id) AS threads,
       min(started_at), max(observed_at)
FROM visits GROUP BY source ORDER BY source
"""
_STOPS = """
SELECT source, coalesce(stop_reason, 'unknown') AS stopped, count(*) AS threads,
       count(*) FILTER (comments_declared IS NULL) AS undeclared,
       sum(comments_declared) AS declared,
       sum(comments_known) FILTER (comments_declared IS NOT NULL) AS known,
       count(*) FILTER (comments_known < comments_declared) AS short
FROM threads WHERE last_visit_at IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_REFUSED = """
SELECT source, coalesce(page_class, 'none') AS page_class, status, error, count(*) AS exchanges
FROM fetches
WHERE error IS NOT NULL OR status >= 400
   OR page_class IN ('blocked', 'captcha', 'login', 'paywall', 'soft404', 'empty')
GROUP BY ALL ORDER BY ALL
"""
_GAPS = (
    (
        "comments without a publication time",
        "SELECT count(*) FROM comments WHERE published_at IS NULL",
    ),
    (
        "articles without a publication time",
        "SELECT count(*) FROM articles WHERE published_at IS NULL",
    ),
    (
        "times whose year or day was inferred, not shown",
        (
            "SELECT count(*) FROM (SELECT published_method FROM comments UNION ALL "
            "SELECT published_method FROM articles) "
            "WHERE published_method IN ('year_inferred', 'relative')"
        ),
    ),
    (
        "comments whose text was gone or locked at first sight",
        "SELECT count(*) FROM comment_history WHERE version = 1 AND state IN ('deleted', 'locked')",
    ),
    (
        "comments that answer one which is not in this release",
        (
            "SELECT count(*) FROM comments c WHERE parent_id IS NOT NULL AND NOT EXISTS "
            "(FROM comments p WHERE p.source = c.source AND p.thread_id = c.thread_id "
            "AND p.comment_id = c.parent_id)"
        ),
    ),
    (
        "threads known but never visited",
        "SELECT count(*) FROM threads WHERE last_visit_at IS NULL",
    ),
    ("threads not read to their end", "SELECT count(*) FROM threads WHERE NOT complete"),
    (
        "threads visited only once, so that edits and deletions could not be seen",
        (
            "SELECT count(*) FROM (SELECT source, thread_id FROM visits GROUP BY ALL "
            "HAVING count(*) = 1)"
        ),
    ),
    ("pages or parts of pages that gave no record", "SELECT count(*) FROM quarantine"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame as rows; `gaps` are (what, how many)."""

    commands: Sequence[Sequence[Any]] = ()
    visits: Sequence[Sequence[Any]] = ()
    stops: Sequence[Sequence[Any]] = ()
    refused: Sequence[Sequence[Any]] = ()
    gaps: Sequence[tuple[str, int]] = ()

    def as_json(self) -> dict[str, Any]:
        """The frame as plain values."""
        return asdict(self)


def gather_frame(ask: Ask) -> Frame:
    """The frame of a connection with the views of `archive.views`."""
    return Frame(
        commands=ask(_COMMANDS),
        visits=ask(_VISITS),
        stops=ask(_STOPS),
        refused=ask(_REFUSED),
        gaps=[(what, ask(sql)[0][0]) for what, sql in _GAPS],
    )


def frame_page(frame: Frame, topic: Sequence[str] = ()) -> str:
    """The frame for people, in Markdown; `topic` are the words that the content was chosen by."""
    parts = [_HEAD]
    for title, columns, rows in (
        ("What was asked", "Source|Command|Version|Runs|First|Last", frame.commands),
        ("Visits", "Source|Visits|Threads|First|Last", frame.visits),
        (
            "How the last visit of each thread ended",
            (
                "Source|Stopped by|Threads|Declare no number|Comments declared|Known of these"
                "|Threads short of it"
            ),
            frame.stops,
        ),
        ("Exchanges that gave no content", "Source|Class|Status|Error|Exchanges", frame.refused),
    ):
        parts += [f"## {title}", _table(columns.split("|"), rows)]
    chosen = (
        f"Articles and comments were chosen by the words {', '.join(topic)} (either script); "
        "the frame and `visits`, `fetches`, `runs`, `quarantine` are those of everything visited."
        if topic
        else ""
    )
    parts += ["## Known gaps", _table(("Gap", "Rows"), frame.gaps), _NEVER, chosen]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "None."
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
