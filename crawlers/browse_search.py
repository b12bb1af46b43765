"""What the search page shows: hits with the words around them, and how they were found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archive.root import Root
from archive.search import Hit as FoundHit
from archive.search import Search
from archive.search import search as search_archive
from crawlers.browse_forms import converter
from crawlers.options import parse_when
from pipelines.aliases import shipped
from pipelines.search_words import fold, query

__all__ = ["PAGE", "Asked", "Hit", "Results", "search"]

PAGE = 50
"""Hits on one page."""

_BEFORE, _AFTER = 30, 90
_PAGES = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says; days are those of +08:00."""

    words: str
    site: str = ""
    since: str = ""
    until: str = ""
    aliases: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit: the row, its text around the first word, cut in three for highlighting.

    `names` are the other names that stand there, where the words themselves do not.
    """

    row: dict[str, Any]
    before: str
    found: str
    after: str
    names: tuple[str, ...] = ()
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits, whether there are more, and notes on how they were found."""

    hits: list[Hit]
    more: bool
    notes: list[str]


def search(root: Root, asked: Asked, form: str) -> Results:
    """The newest pieces that the query is true of, in either script.

    An index is used but never written to: what it lacks is read beside it. The count of hits is
    unknown, since counting would read them all; at most 2,000 can be leafed through.
    """
    if not asked.words.split():
        return Results([], more=False, notes=[])
    page = min(max(1, asked.page), _PAGES)
    wanted = Search(
        tree=query(asked.words, shipped() if asked.aliases else None),
        sites=(asked.site,) if asked.site else (),
        since=parse_when(asked.since) if asked.since else None,
        until=parse_when(asked.until, end=True) if asked.until else None,
        limit=page * PAGE + 1,
    )
    found = search_archive(root, wanted, fold(), filing=False)
    show = converter(form)
    hits = [_hit(hit, show) for hit in found.hits[(page - 1) * PAGE : page * PAGE]]
    return Results(hits, len(found.hits) > page * PAGE and page < _PAGES, found.notes)


def _hit(found: FoundHit, show: Callable[[str | None], str]) -> Hit:
    """The hit with what stands around its first place in the text."""
    head, text = found.text_at, show(found.row["text"])
    spans = sorted((span.start - head, span.end - head) for span in found.spans)
    start, end = next(((a, b) for a, b in spans if a >= 0), (0, 0))
    left, right = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    by_alias = all(span.how != "word" for span in found.spans)
    written = (f"{found.whole[s.start : s.end]} ({s.how})" for s in found.spans)
    return Hit(
        _placed(found.row),
        ("…" if left else "") + text[left:start],
        text[start:end],
        text[end:right] + ("…" if right < len(text) else ""),
        tuple(dict.fromkeys(written)) if by_alias and found.spans else (),
        bool(found.spans) and all(span.ambiguous for span in found.spans),
    )


def _placed(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the ids of its own page, which its evidence id is made of."""
    rest = row["evidence"].removeprefix(f"{row['source']}/")
    comment = rest.removeprefix(f"{row['thread_id']}/") if row["kind"] == "comment" else None
    return {**row, "comment_id": comment, "article_id": None if comment else rest}
