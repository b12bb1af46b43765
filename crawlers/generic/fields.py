"""Author, text, floor and id of the records of a list.

Records of a list are made from one template. So the element that holds the author (or the text)
is looked for once, over all records: the kind of element whose contents differ from record to
record, are short (or long), and whose class or link says what it is.
"""

import re
from dataclasses import dataclass, replace

from archive.model import Moment
from crawlers.generic.authors import Candidate, find_authors
from crawlers.generic.contents import APART, content_boxes, is_form
from crawlers.generic.idents import find_idents
from crawlers.generic.nesting import parents
from crawlers.generic.records import Record
from crawlers.generic.survey import Survey
from crawlers.generic.telnet import sent_lines
from crawlers.generic.trimming import is_own, is_row, without
from crawlers.generic.votes import find_votes

__all__ = ["Fields", "read_fields", "with_idents"]

_QUOTE = re.compile(r"(?<!to)quote")  # not XenForo's js-selectToQuote
_QUOTES = re.compile(
    r"(?:引用|引言|quote|originally posted by.{0,40}|原帖由.{0,60})\s?[:：]?$", re.IGNORECASE
)
_SENT = 4  # lines of the shortest post of a terminal board
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FLOOR = re.compile(
    r"^\s*[\[【(（]?\s?(?:第\s?)?(?:#\s?(\d{1,6})|(\d{1,6})\s?(?:楼|樓|层|層|F\b|#))|^\s*(楼主|樓主|沙发|板凳|地板)"
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
    votes: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class _Template:
    """What a list's records have in common: lines of their template, and their language."""

    common: frozenset[str]
    chinese: bool


def read_fields(seen: Survey, records: list[Record]) -> list[Fields]:
    """The fields of all records of a list, in its order; ids are added by `with_idents`."""
    authors = find_authors(seen, records)
    template = _Template(_common_lines(seen, records, authors), _is_chinese(seen, records))
    boxes = content_boxes(seen, records, authors, template.common)
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
    votes = find_votes(seen, records)
    return [
        replace(
            field, ident=ident, parent=idents[number] or None if number >= 0 else None, votes=vote
        )
        for field, ident, number, vote in zip(fields, idents, above, votes, strict=True)
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


def _is_chinese(seen: Survey, records: list[Record]) -> bool:
    """Whether remarks are Chinese: Chinese boards quote whole floors, others reply within."""
    texts = (seen.lines[i].text for record in records[:8] for i in record.lines(20))
    return any(map(_CHINESE.search, texts))


def _text(
    seen: Survey,
    record: Record,
    author: Candidate | None,
    box: int,
    template: _Template,
) -> tuple[str, float]:
    """The text of a record, and the share of it that is links."""
    sent = sent_lines(seen, record) if record.last - record.first >= _SENT else None
    if sent is not None:
        return "\n".join(seen.lines[number].text for number in sent), 0.0
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
        if box < 0 or index in {record.stamp.line, author.line if author else -1}:
            text = without(text, record, author, index)
        if is_own(text, template.common, flat=box < 0):
            kept.append(text)
            links += line.links
            size += len(line.text)
    if len(kept) > 1:  # a row of buttons; a remark that is the word 赞 stands alone
        kept = [text for text in kept if not is_row(text)] or kept
    return "\n".join(kept), links / size if size else 0.0


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
        quoted = quotes and (inner.tag == "blockquote" or _QUOTE.search(inner.cls))
        form = number > record.box and is_form(inner)
        if quoted or form or APART.search(inner.cls) or (role and APART.search(role)):
            skipped.update(range(inner.first, inner.last))
    if quotes:
        for index in range(*span):
            if len(seen.lines[index].text) <= 60 and _QUOTES.match(seen.lines[index].text):
                skipped.update(_quoted(seen, index, span))
    return skipped


def _quoted(seen: Survey, index: int, span: tuple[int, int]) -> range:
    """The lines of the box that a heading 引用: opens, if it does not hold the whole remark."""
    found = range(index, index)
    for number in seen.ancestors(seen.lines[index].box, 4):
        box = seen.boxes[number]
        if box.first != index or box.last >= span[1] or box.first < span[0]:
            break
        found = range(box.first, box.last)
    return found if len(found) > 1 else range(index, index)


def _floor(seen: Survey, record: Record) -> int | None:
    for index in record.lines(40):
        line = seen.lines[index]
        for text in (line.text, *(mark.text for mark in line.marks)):
            if len(text) <= 60 and (found := _FLOOR.match(text)):
                number = found[1] or found[2]
                return int(number) if number else _FLOORS[found[3]]
        for mark in line.marks:
            if mark.element.get("itemprop") == "position" and mark.text.isdigit():
                return int(mark.text)
    return None
