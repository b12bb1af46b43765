"""Author, text, floor and id of the records of a list.

Records of a list are made from one template. So the element that holds the author (or the text)
is looked for once, over all records: the kind of element whose contents differ from record to
record, are short (or long), and whose class or link says what it is.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.model import Moment
from crawlers.generic.authors import Candidate, find_authors
from crawlers.generic.idents import find_idents
from crawlers.generic.nesting import parents
from crawlers.generic.noise import is_control, is_noise
from crawlers.generic.records import Record
from crawlers.generic.stamps import plain
from crawlers.generic.survey import Box, Survey

__all__ = ["Fields", "read_fields", "with_idents"]

_CONTENT = re.compile(
    r"content|text|message|(?<![a-z])body|postbody|comment-?(?:main|txt|info|p)|reply-?(?:con|txt)|msg|t_f\b|desc"
    r"|markdown|cooked|prose|detail|short\b|entry|article|bd\b|cont\b|word"
)
_APART = re.compile(
    r"signature|sign\b|attach|rate|toolbar|action|operate|tool|footer|btn|button|meta|avatar"
    r"|badge|profile|userinfo|user-info|sidebar|stats|pstatus|children|sub-?comment|hidden"
)
_PERSON = re.compile(r"user|author|member|poster|profile")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ADDRESS = re.compile(r"\s+\d{1,3}(?:\.\d{1,3}){3}\s*$")
_REACTION = re.compile(r"^([推噓嘘→])\s+(?=\S)")
_FLOOR = re.compile(
    r"^\s*(?:第\s?)?(?:#\s?(\d{1,6})|(\d{1,6})\s?(?:楼|樓|层|層|F\b|#))|^\s*(楼主|樓主|沙发|板凳|地板)"
)
_FLOORS = {"楼主": 1, "樓主": 1, "沙发": 2, "板凳": 3, "地板": 4}


@dataclass(frozen=True, slots=True)
class Fields:
    """What one record shows; `known`: its markup names the author as one."""

    author: str = ""
    text: str = ""
    moment: Moment | None = None
    floor: int | None = None
    ident: str = ""
    author_id: str | None = None
    parent: str | None = None
    linked: float = 0.0
    known: bool = False


@dataclass(frozen=True, slots=True)
class _Template:
    """What a list's records have in common: lines of their template, and their language."""

    common: frozenset[str]
    chinese: bool


def read_fields(seen: Survey, records: list[Record]) -> list[Fields]:
    """The fields of all records of a list, in its order; ids are added by `with_idents`."""
    authors = find_authors(seen, records)
    template = _Template(_common_lines(seen, records, authors), _is_chinese(seen, records))
    boxes = _content_boxes(seen, records, authors, template.common)
    found = []
    for number, record in enumerate(records):
        author = authors[number]
        box = boxes[number]
        text, linked = _text(seen, record, author, box, template)
        found.append(
            Fields(
                author=author.text.lstrip("@＠") if author else "",
                text=text,
                moment=record.stamp.moment,
                floor=_floor(seen, record),
                linked=linked,
                known=author is not None and author.score >= 3.0,
            )
        )
    return found


def with_idents(seen: Survey, records: list[Record], fields: list[Fields]) -> list[Fields]:
    """The same with the ids that the page gives the records, and those that they answer."""
    idents = find_idents(seen, records)
    above = parents(seen, records)
    return [
        replace(field, ident=ident, parent=idents[number] or None if number >= 0 else None)
        for field, ident, number in zip(fields, idents, above, strict=True)
    ]


def _common_lines(
    seen: Survey, records: list[Record], authors: list[Candidate | None]
) -> frozenset[str]:
    """Lines that many records have in common: the template's words, not the readers'.

    Counted by author and time: a remark that several lists repeat is no template.
    """
    if len(records) < 3:
        return frozenset()
    shown: dict[str, set[tuple[str, str]]] = {}
    keys: set[tuple[str, str]] = set()
    for number, (record, author) in enumerate(zip(records, authors, strict=True)):
        key = (author.text if author else str(number), record.stamp.moment.raw)
        keys.add(key)
        for index in record.lines():
            if len(text := seen.lines[index].text) < 40:
                shown.setdefault(text, set()).add(key)
    most = max(3.0, 0.6 * len(keys))
    return frozenset(text for text, by in shown.items() if len(by) >= most)


def _content_boxes(
    seen: Survey,
    records: list[Record],
    authors: list[Candidate | None],
    common: frozenset[str],
) -> list[int]:
    """The box of each record that holds its text, or -1: of the best kind over all records."""
    scores: defaultdict[str, float] = defaultdict(float)
    tables: list[dict[str, tuple[int, float]]] = []
    texts, linked = seen.sizes()
    told = _told(seen, common)
    for record, author in zip(records, authors, strict=True):
        table: dict[str, tuple[int, float]] = {}
        number, form = record.box, range(0)
        while number < len(seen.boxes) and seen.boxes[number].first < record.last:
            box = seen.boxes[number]
            if number > record.box and _is_form(box):
                form = range(box.first, box.last)
            holds_time = box.first <= record.stamp.line < box.last
            holds_author = author is not None and box.first <= author.line < box.last
            inside = (
                box.first >= record.first
                and box.first < box.last <= record.last
                and not _in_hole(record, box.first)
                and box.first not in form
            )
            if inside and not (holds_time or holds_author):
                kind = f"{box.tag}.{plain(box.cls)}"
                if not _APART.search(box.cls):
                    size = texts[box.last] - texts[box.first] - told[box.last] + told[box.first]
                    links = linked[box.last] - linked[box.first]
                    bonus = 2.5 if _holds_text(box.cls) else 1.0
                    score = (size - 0.9 * links) * bonus + (5.0 if bonus > 1 else 0.0)
                    if kind not in table or score > table[kind][1]:
                        table[kind] = (number, score)
            number += 1
        tables.append(table)
        for kind, (_, score) in table.items():
            scores[kind] += score
    # What most records have is theirs; what one has may be a remark below it.
    for kind, count in Counter(kind for table in tables for kind in table).items():
        scores[kind] *= count / len(tables)
    best = sorted(scores, key=lambda kind: -scores[kind])[:6]
    order = [kind for kind in best if scores[kind] > 0]
    if not order:
        return [-1] * len(records)
    least = scores[order[0]] * 0.3
    order = [kind for kind in order if scores[kind] >= least]
    return [next((table[kind][0] for kind in order if kind in table), -1) for table in tables]


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


def _is_chinese(seen: Survey, records: list[Record]) -> bool:
    """Whether remarks are Chinese: Chinese boards quote whole floors, others reply within."""
    texts = (seen.lines[i].text for record in records[:8] for i in record.lines(20))
    return any(map(_CHINESE.search, texts))


def _in_hole(record: Record, line: int) -> bool:
    return any(start <= line < end for start, end in record.holes)


def _text(
    seen: Survey,
    record: Record,
    author: Candidate | None,
    box: int,
    template: _Template,
) -> tuple[str, float]:
    """The text of a record, and the share of it that is links."""
    first, last = record.first, record.last
    if box >= 0:
        first, last = seen.boxes[box].first, seen.boxes[box].last
    skipped = _apart(seen, record, box, (first, last), quotes=template.chinese)
    kept, links, size = [], 0, 0
    for index in record.lines():
        if index in skipped or not first <= index < last:
            continue
        line = seen.lines[index]
        text = line.text
        if box < 0 or index == record.stamp.line:
            text = _without(text, record, author, index)
        if _is_text(text, template, flat=box < 0):
            kept.append(text)
            links += line.links
            size += len(line.text)
    return "\n".join(kept), links / size if size else 0.0


def _is_form(box: Box) -> bool:
    """Whether a box is the form to answer a remark with."""
    return box.tag == "form" and box.element.find(".//textarea") is not None


def _apart(
    seen: Survey, record: Record, box: int, span: tuple[int, int], *, quotes: bool
) -> set[int]:
    """Lines of a record that are signature, attachment, buttons, or (`quotes`) quoted."""
    skipped: set[int] = set()
    for number in range(record.box, len(seen.boxes)):
        inner = seen.boxes[number]
        if inner.first >= span[1]:
            break
        if number == box or inner.first < span[0] or inner.first == inner.last:
            continue
        role = (inner.element.get("data-role") or "").lower()
        quoted = quotes and (inner.tag == "blockquote" or "quote" in inner.cls)
        form = number > record.box and _is_form(inner)
        if quoted or form or _APART.search(inner.cls) or (role and _APART.search(role)):
            skipped.update(range(inner.first, inner.last))
    return skipped


def _is_text(text: str, template: _Template, *, flat: bool) -> bool:
    """Whether a line is the reader's own; `flat`: no box holds the text alone."""
    if not text or text in template.common:
        return False
    if flat:
        return not is_control(text) and not is_noise(text)
    return len(text) >= 4 or not is_control(text)


def _without(text: str, record: Record, author: Candidate | None, index: int) -> str:
    """A line without the author and the time that stand in it."""
    if index == record.stamp.line:
        shown = record.stamp.moment.raw
        text = text.replace(shown, " ", 1) if shown in text else text
        if record.stamp.mark is not None:
            text = text.replace(" ".join(record.stamp.mark.text.split()), " ", 1)
    if author is not None and index == author.line:
        text = text.replace(author.text, " ", 1)
    text = _REACTION.sub("", text.strip()) if author is not None else text
    text = _ADDRESS.sub("", text)
    return text.strip(" \t:：|·•,，-—/")


def _floor(seen: Survey, record: Record) -> int | None:
    for index in record.lines(40):
        line = seen.lines[index]
        for text in (line.text, *(mark.text for mark in line.marks)):
            if len(text) <= 60 and (found := _FLOOR.match(text)):
                number = found[1] or found[2]
                return int(number) if number else _FLOORS[found[3]]
    return None
