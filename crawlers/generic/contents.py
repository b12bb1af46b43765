"""The box that holds the text of each record of a list.

Records are made from one template, so the kind of box is looked for once, over all of them: the one
that holds most of what is neither the template's own words nor links.
"""

import re
from collections import Counter, defaultdict
from functools import lru_cache

from crawlers.generic.authors import Candidate
from crawlers.generic.records import Record
from crawlers.generic.stamps import plain
from crawlers.generic.survey import Box, Survey

__all__ = ["APART", "content_boxes", "is_form"]

_CONTENT = re.compile(
    r"content|text|message|(?<![a-z])body|postbody|comment-?(?:main|txt|info|p)|reply-?(?:con|txt)|msg|t_f\b|desc"
    r"|markdown|cooked|prose|detail|short\b|[-_]con\b|txt\b|entry|article|bd\b|cont\b|word"
)
APART = re.compile(
    r"signature|sign\b|attach|rate|toolbar|action|operate|tool|footer|btn|button|meta|avatar"
    r"|badge|profile|userinfo|user-info|sidebar|stats|pstatus|children|sub-?comment|hidden"
)
"""Classes of what stands in a record and is not its text."""

_PERSON = re.compile(r"user|author|member|poster|profile")


def content_boxes(
    seen: Survey,
    records: list[Record],
    authors: list[Candidate | None],
    common: frozenset[str],
) -> list[int]:
    """The box of each record that holds its text, or -1: of the best kind over all records."""
    tables: list[dict[str, tuple[int, float]]] = []
    texts, linked = seen.sizes()
    told = _told(seen, common)
    for record, author in zip(records, authors, strict=True):
        table: dict[str, tuple[int, float]] = {}
        number, form = record.box, range(0)
        while number < len(seen.boxes) and seen.boxes[number].first < record.last:
            box = seen.boxes[number]
            if number > record.box and is_form(box):
                form = range(box.first, box.last)
            holds_time = box.first <= record.stamp.line < box.last
            holds_author = author is not None and box.first <= author.line < box.last
            inside = (
                box.first >= record.first
                and box.first < box.last <= record.last
                and not _in_hole(record, box.first)
                and box.first not in form
            )
            spoken = _spoken(seen, box, author) if holds_author else 0
            if inside and not holds_time and (spoken or not holds_author):
                kind = f"{box.tag}.{plain(box.cls)}"
                if not APART.search(box.cls):
                    size = texts[box.last] - texts[box.first] - told[box.last] + told[box.first]
                    size = spoken or size
                    links = 0 if spoken else linked[box.last] - linked[box.first]
                    bonus = 2.5 if _holds_text(box.cls) else 1.0
                    score = (size - 0.9 * links) * bonus + (5.0 if bonus > 1 else 0.0)
                    if kind not in table or score > table[kind][1]:
                        table[kind] = (number, score)
            number += 1
        tables.append(table)
    return _best(tables)


def _best(tables: list[dict[str, tuple[int, float]]]) -> list[int]:
    """Of each record's boxes (kind -> number and score) the one whose kind is the best over all."""
    scores: defaultdict[str, float] = defaultdict(float)
    for table in tables:
        for kind, (_, score) in table.items():
            scores[kind] += score
    # What most records have is theirs; what one has may be a remark below it.
    for kind, count in Counter(kind for table in tables for kind in table).items():
        scores[kind] *= count / len(tables)
    best = sorted(scores, key=lambda kind: -scores[kind])[:6]
    order = [kind for kind in best if scores[kind] > 0]
    least = scores[order[0]] * 0.3 if order else 0.0
    order = [kind for kind in order if scores[kind] >= least]
    return [next((table[kind][0] for kind in order if kind in table), -1) for table in tables]


def _spoken(seen: Survey, box: Box, author: Candidate | None) -> int:
    """Characters of what a box's only line says behind its author's name and a colon: 甲：…."""
    line = seen.lines[box.first].text
    if author is None or box.last != box.first + 1 or not line.startswith(author.text):
        return 0
    rest = line[len(author.text) :].lstrip()
    return len(rest) - 1 if rest[:1] in {":", "："} else 0


def _told(seen: Survey, common: frozenset[str]) -> list[int]:
    """Running sums over the lines: characters of the template's own words."""
    sums = [0]
    for line in seen.lines:
        sums.append(sums[-1] + (len(line.text) if line.text in common else 0))
    return sums


@lru_cache(maxsize=8192)
def _holds_text(cls: str) -> bool:
    """Whether a class is a word for the text of a remark, and not for what its author is."""
    found = _CONTENT.search(cls)
    return found is not None and not (found[0] in {"detail", "info"} and _PERSON.search(cls))


def _in_hole(record: Record, line: int) -> bool:
    return any(start <= line < end for start, end in record.holes)


def is_form(box: Box) -> bool:
    """Whether a box is the form to answer a remark with."""
    return box.tag == "form" and box.element.find(".//textarea") is not None
