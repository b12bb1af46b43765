"""The id that a site gives each record, out of the attributes of its elements.

An attribute is an id when every record has it, on the same kind of element, and no two share
its value. Where a value is JSON (`data-field`), its members are looked at like attributes.
"""

import hashlib
import re
from collections import Counter
from functools import lru_cache

from lxml import etree

from crawlers.generic.metadata import mend_json
from crawlers.generic.records import Record
from crawlers.generic.survey import Survey

__all__ = ["find_idents", "hashed"]

_NAME = re.compile(
    r"(?:^|[-_.:])(?:id|cid|pid|mid|rid|tid|key|no)$|id$|thingid|permalink|^name$|^href$"
)
_GOOD = re.compile(r"comment|post|reply|cid|pid|mid|answer|^id$|data-id|thingid|msg")
_BAD = re.compile(
    r"user|uid|author|thread|topic|forum|article|parent|avatar|portrait|group|(?<![a-z])tid"
)
_VALUE = re.compile(r"^[\w.:-]*\d[\w.:-]*$")
_PREFIX = re.compile(
    r"^[A-Za-z]*?[A-Za-z_-]*?(?:comment|post|reply|cmt|answer|message|pid|cid|msg|li|div|p|r|c|floor|t1)?[-_]?(?=\d+$)"
    r"|^[A-Za-z]{2,12}[-_](?=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)"
)
_ANCHOR = re.compile(
    r"#(?:comment|post|reply|p|pid|r|c|msg|answer|entry)?[-_]?(\d{2,})$|[?&](?:pid|cid|comment_?id|p)=(\d{2,})"
)
_LONGEST = 5000


def find_idents(seen: Survey, records: list[Record]) -> list[str]:
    """An id for each record, empty strings where the page shows none."""
    tables = [_attributes(seen, record) for record in records]
    counts: Counter[str] = Counter(name for table in tables for name in table)
    best, rank = "", 0.0
    for name, count in counts.items():
        values = [table[name] for table in tables if name in table]
        attribute = name.rpartition("@")[2]
        # The opening post often has none; the ids of the rest must not depend on their number.
        opened = count == len(records) - 1 and name not in tables[0] and _GOOD.search(attribute)
        some = count >= min(len(records) * 0.8, max(2, len(records) - 1))
        if not (some or opened) or len(set(values)) < len(values) * 0.5:
            continue
        score = count / len(records) + len(set(values)) / len(values)
        score += 1.0 if _GOOD.search(attribute) else 0.0
        score -= 2.0 if _BAD.search(attribute) else 0.0
        score -= 0.05 * name.count("/")
        if score > rank:
            best, rank = name, score
    idents = [_PREFIX.sub("", table.get(best, "")) for table in tables]
    return idents if all(idents) or not best else _completed(tables, idents)


def _completed(tables: list[dict[str, str]], idents: list[str]) -> list[str]:
    """The same, where a record lacks the attribute, from one that says the same in the others."""
    same: dict[str, bool] = {}
    for table, ident in zip(tables, idents, strict=True):
        for name, value in table.items() if ident else ():
            same[name] = same.get(name, True) and _PREFIX.sub("", value) == ident
    alike = [name for name, equal in same.items() if equal]
    return [
        ident or next((_PREFIX.sub("", table[name]) for name in alike if name in table), "")
        for table, ident in zip(tables, idents, strict=True)
    ]


def _attributes(seen: Survey, record: Record) -> dict[str, str]:
    """Attributes of the record's boxes (and the box around it) that may be ids, first first."""
    found: dict[str, str] = {}
    boxes = seen.boxes
    around = boxes[record.box].parent
    if (
        around >= 0
        and boxes[around].first == record.first
        and boxes[around].last <= record.last + 1
    ):
        _collect(boxes[around].element, "..", found)
    number = record.box
    stop = min(len(boxes), record.box + 40)
    while number < stop and boxes[number].first < record.last:
        depth = boxes[number].depth - boxes[record.box].depth
        _collect(boxes[number].element, "/" * depth, found)
        number += 1
    for index in record.lines(30):
        for mark in seen.lines[index].marks:
            _collect(mark.element, "/////", found)
    return found


@lru_cache(maxsize=4096)
def _is_id(name: str) -> bool:
    return _NAME.search(name.lower()) is not None


def _collect(element: etree._Element, place: str, found: dict[str, str]) -> None:
    tag = str(element.tag)
    for name, value in element.items():
        if name in {"class", "style", "src", "title", "alt"}:
            continue
        if name == "href":
            if anchor := _ANCHOR.search(value):
                found.setdefault(f"{place}{tag}@permalink", anchor[1] or anchor[2])
        elif value[:1] == "{" and len(value) <= _LONGEST:
            text = value if '"' in value else value.replace("'", '"')
            _members(mend_json(text), f"{place}@{name}", found)
        elif len(value) <= 80 and _is_id(name) and _VALUE.match(value):
            found.setdefault(f"{place}{tag}@{name.lower()}", value)


def _members(value: object, place: str, found: dict[str, str], depth: int = 0) -> None:
    if isinstance(value, dict) and depth < 3:
        for name, inner in value.items():
            if isinstance(inner, dict):
                _members(inner, f"{place}.{name}", found, depth + 1)
            elif isinstance(inner, str | int) and _is_id(str(name)):
                text = str(inner)
                if len(text) <= 80 and _VALUE.match(text):
                    found.setdefault(f"{place}@{name}", text)


def hashed(*parts: str) -> str:
    """An id for a remark that the page gives none: the same remark has it on every visit."""
    return "h" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:20]
