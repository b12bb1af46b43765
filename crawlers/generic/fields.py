"""Author, text, floor and id of the records of a list.

Records of a list are made from one template. So the element that holds the author (or the text)
is looked for once, over all records: the kind of element whose contents differ from record to
record, are short (or long), and whose class or link says what it is.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from archive.model import Moment
from crawlers.generic.idents import find_idents
from crawlers.generic.noise import is_control, is_noise
from crawlers.generic.records import Record
from crawlers.generic.stamps import HINT, plain
from crawlers.generic.survey import Survey

__all__ = ["Fields", "read_fields"]

_AUTHOR = re.compile(
    r"author|user|nick|poster|member|creator|(?<![a-z])name|byline|commenter|owner|xw1|who|handle|authi"
)
_NOT_AUTHOR = re.compile(
    r"avatar|time|date|level|rank|group|title|badge|count|vote|like|reply|quote|signature|stat|location|area"
)
_PROFILE = re.compile(
    r"/(?:u|user|users|member|members|profile|people|space|home|author|authors|id|account|ucenter|@)[/?.=-]"
    r"|[?&](?:uid|user|userid|author|un|u|mod=space)=?|space-(?:uid|username)|home\.php|/~|/@|weibo\.com/u|^javascript",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"content|text|message|(?<![a-z])body|postbody|comment-?(?:main|txt|info|p)|reply-?(?:con|txt)|msg|t_f\b|desc"
    r"|markdown|cooked|prose|detail|short\b|entry|article|bd\b|cont\b|word"
)
_APART = re.compile(
    r"signature|sign\b|attach|rate|toolbar|action|operate|tool|footer|btn|button|meta|avatar"
    r"|badge|profile|userinfo|user-info|sidebar|stats|pstatus|children|sub-?comment|hidden"
)
_QUOTE = re.compile(r"quote")
_REACTION = re.compile(r"^([推噓嘘→])\s+(?=\S)")
_FLOOR = re.compile(
    r"^\s*(?:第\s?)?(?:#\s?(\d{1,6})|(\d{1,6})\s?(?:楼|樓|层|層|F\b|#))|^\s*(楼主|樓主|沙发|板凳|地板)"
)
_FLOORS = {"楼主": 1, "樓主": 1, "沙发": 2, "板凳": 3, "地板": 4}
_RANK = re.compile(r"usergroup|credit|medal|level|rank|badge", re.IGNORECASE)
_NAME = re.compile(r"^[@＠]?[^\s:：|]{1,30}(?: [^\s:：|]{1,20}){0,3}$")


@dataclass(frozen=True, slots=True)
class Fields:
    """What one record shows; `known`: its markup names an author or a text as such."""

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
class _Candidate:
    kind: str
    text: str
    score: float
    line: int
    last: int


def read_fields(seen: Survey, records: list[Record]) -> list[Fields]:
    """The fields of all records of a list, in its order."""
    authors = _authors(seen, records)
    idents = find_idents(seen, records)
    common = _common_lines(seen, records)
    boxes = _content_boxes(seen, records, authors)
    found = []
    for number, record in enumerate(records):
        author = authors[number]
        box = boxes[number]
        text, linked = _text(seen, record, author, box, common)
        found.append(
            Fields(
                author=author.text.lstrip("@＠") if author else "",
                text=text,
                moment=record.stamp.moment,
                floor=_floor(seen, record),
                ident=idents[number],
                parent=idents[record.parent] or None if record.parent >= 0 else None,
                linked=linked,
                known=bool(author and author.score >= 3.0) and box >= 0,
            )
        )
    return found


def _candidates(seen: Survey, record: Record) -> Iterator[_Candidate]:
    """Short texts of a record that may be its author, with what speaks for them."""
    for index in record.lines(40):
        line = seen.lines[index]
        box = seen.boxes[line.box]
        near = 1.0 if abs(index - record.stamp.line) <= 2 else 0.0
        for mark in line.marks:
            text = " ".join(mark.text.split())
            element, cls = mark.element, mark.cls
            link = element.get("href") or ""
            numbered = text.isdigit() and len(text) > 4 and _PROFILE.search(link)
            if mark is record.stamp.mark or not (numbered or _is_name(text)):
                continue
            score = near + (1.0 if element.tag == "a" else 0.0)
            if (
                element.get("itemprop") in {"author", "name", "creator"}
                or element.get("rel") == "author"
            ):
                score += 3.0
            if _AUTHOR.search(cls) and not _NOT_AUTHOR.search(cls):
                score += 3.0
            elif _AUTHOR.search(box.cls) and not _NOT_AUTHOR.search(box.cls):
                score += 2.0
            score += 2.0 if link and _PROFILE.search(link) else 0.0
            score -= 3.0 if _RANK.search(link) else 0.0
            kind = f"{plain(box.cls)}>{element.tag}.{plain(cls)}"
            yield _Candidate(kind, text, score, index, index)
        if _is_name(line.text) and index != record.stamp.line:
            score = near + (
                3.0 if _AUTHOR.search(box.cls) and not _NOT_AUTHOR.search(box.cls) else 0.0
            )
            score += 0.5 if box.tag in {"h3", "h4", "h5", "cite", "dt"} else 0.0
            yield _Candidate(f"{plain(box.cls)}>", line.text, score, index, index)


def _is_name(text: str) -> bool:
    return bool(1 < len(text) <= 40 or (text and text > "\u3400")) and bool(
        _NAME.match(text) and not is_control(text) and not text.isdigit() and not HINT.search(text)
    )


def _authors(seen: Survey, records: list[Record]) -> list[_Candidate | None]:
    """The author of each record: of the kind of element that is best over all records."""
    tables: list[dict[str, _Candidate]] = []
    scores: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    for record in records:
        table: dict[str, _Candidate] = {}
        for candidate in _candidates(seen, record):
            table.setdefault(candidate.kind, candidate)
        for kind, candidate in table.items():
            scores[kind] += candidate.score
            values.setdefault(kind, set()).add(candidate.text)
        tables.append(table)
    several = len(records) >= 4
    order = [
        kind
        for kind, score in scores.most_common(12)
        if score > 0 and not (several and len(values[kind]) == 1)
    ]
    found: list[_Candidate | None] = []
    for table in tables:
        found.append(next((table[kind] for kind in order if kind in table), None))
    return found


def _common_lines(seen: Survey, records: list[Record]) -> frozenset[str]:
    """Lines that many records have in common: the template's words, not the readers'."""
    if len(records) < 3:
        return frozenset()
    counts: Counter[str] = Counter()
    for record in records:
        counts.update({seen.lines[i].text for i in record.lines()})
    return frozenset(
        text
        for text, count in counts.items()
        if count >= max(3.0, len(records) * 0.6) and len(text) < 40
    )


def _content_boxes(
    seen: Survey, records: list[Record], authors: list[_Candidate | None]
) -> list[int]:
    """The box of each record that holds its text, or -1: of the best kind over all records."""
    scores: Counter[str] = Counter()
    tables: list[dict[str, tuple[int, float]]] = []
    texts, linked = seen.sizes()
    for record, author in zip(records, authors, strict=True):
        table: dict[str, tuple[int, float]] = {}
        number = record.box
        while number < len(seen.boxes) and seen.boxes[number].first < record.last:
            box = seen.boxes[number]
            holds_time = box.first <= record.stamp.line < box.last
            holds_author = author is not None and box.first <= author.line < box.last
            inside = (
                box.first >= record.first
                and box.last > box.first
                and not _in_hole(record, box.first)
            )
            if inside and not (holds_time or holds_author):
                kind = f"{box.tag}.{plain(box.cls)}"
                if not _APART.search(box.cls):
                    size = texts[box.last] - texts[box.first]
                    links = linked[box.last] - linked[box.first]
                    bonus = 2.5 if _CONTENT.search(box.cls) else 1.0
                    score = (size - 0.9 * links) * bonus + (5.0 if bonus > 1 else 0.0)
                    if kind not in table or score > table[kind][1]:
                        table[kind] = (number, score)
            number += 1
        tables.append(table)
        for kind, (_, score) in table.items():
            scores[kind] += score
    order = [kind for kind, score in scores.most_common(6) if score > 0]
    if not order:
        return [-1] * len(records)
    least = scores[order[0]] * 0.3
    order = [kind for kind in order if scores[kind] >= least]
    return [next((table[kind][0] for kind in order if kind in table), -1) for table in tables]


def _is_chinese(seen: Survey, record: Record) -> bool:
    """Whether a record is in Chinese: Chinese boards quote whole floors, others reply within."""
    return any(
        "\u4e00" <= char <= "\u9fff" for i in record.lines(60) for char in seen.lines[i].text
    )


def _in_hole(record: Record, line: int) -> bool:
    return any(start <= line < end for start, end in record.holes)


def _text(
    seen: Survey, record: Record, author: _Candidate | None, box: int, common: frozenset[str]
) -> tuple[str, float]:
    """The text of a record, and the share of it that is links."""
    first, last = record.first, record.last
    if box >= 0:
        first, last = seen.boxes[box].first, seen.boxes[box].last
    kept, links, size = [], 0, 0
    skipped: set[int] = set()
    chinese = _is_chinese(seen, record)
    for number in range(record.box, len(seen.boxes)):
        inner = seen.boxes[number]
        if inner.first >= last:
            break
        role = inner.element.get("data-role", "").lower()
        quoted = inner.tag == "blockquote" or _QUOTE.search(inner.cls) is not None
        apart = _APART.search(inner.cls) or _APART.search(role) or (quoted and chinese)
        if number != box and inner.first >= first and apart:
            skipped.update(range(inner.first, inner.last))
    for index in record.lines():
        if not first <= index < last:
            continue
        line = seen.lines[index]
        text = line.text
        if index in skipped:
            continue
        if box < 0 or index == record.stamp.line:
            text = _without(text, record, author, index)
        if not text or text in common or (is_control(text) and (box < 0 or len(text) < 4)):
            continue
        if box < 0 and is_noise(text):
            continue
        kept.append(text)
        links += line.links
        size += len(line.text)
    return "\n".join(kept), links / size if size else 0.0


def _without(text: str, record: Record, author: _Candidate | None, index: int) -> str:
    """A line without the author and the time that stand in it."""
    if index == record.stamp.line:
        shown = record.stamp.moment.raw
        text = text.replace(shown, " ", 1) if shown in text else text
        if record.stamp.mark is not None:
            text = text.replace(" ".join(record.stamp.mark.text.split()), " ", 1)
    if author is not None and index == author.line:
        text = text.replace(author.text, " ", 1)
    text = _REACTION.sub("", text.strip()) if author is not None else text
    return text.strip(" \t:：|·•,，-—/")


def _floor(seen: Survey, record: Record) -> int | None:
    for index in record.lines(40):
        line = seen.lines[index]
        for text in (line.text, *(mark.text for mark in line.marks)):
            if len(text) <= 60 and (found := _FLOOR.match(text)):
                number = found[1] or found[2]
                return int(number) if number else _FLOORS[found[3]]
    return None
