"""How deep a remark stands, where a page says so by indentation and not by its tree.

Old and plain engines write a thread as a flat list, each remark with a margin, a class or an
attribute for its level. One kind of such a sign is believed: that which most remarks have.
"""

import re
from collections import Counter
from itertools import islice

from crawlers.generic.records import Record
from crawlers.generic.survey import Box, Survey

__all__ = ["by_indent"]

_MARGIN = re.compile(
    r"(?:margin|padding)(?:-left|-inline-start)\s*:\s*(\d+(?:\.\d+)?)\s*(?:px|r?em|ex|ch|pt|%|vw)?"
)
_CLASS = re.compile(r"(?:^|[\s_-])(?:depth|level|lvl|indent|nest(?:ing|ed)?)[-_]?(\d{1,2})(?:$|\s)")
_NAMES = ("data-depth", "data-level", "data-indent", "data-nesting", "aria-level", "indent")
_INNER = 8  # boxes in a record that may hold the sign (a cell before the text)


def by_indent(seen: Survey, records: list[Record]) -> list[int]:
    """For each record the number of the one that it answers by its level, or -1."""
    tables = [_signs(seen, records, number) for number in range(len(records))]
    kinds = Counter(kind for table in tables for kind in table)
    for kind, _ in kinds.most_common():
        levels = [table.get(kind, 0.0) for table in tables]
        if len(set(levels)) > 1 and kinds[kind] >= len(records) - levels.count(0.0):
            return _above(levels)
    return [-1] * len(records)


def _above(levels: list[float]) -> list[int]:
    """The nearest record before with a lesser level; the opening of a page is not meant by that."""
    # All others stand below an opening post, and answer it by being there.
    opened = levels.count(min(levels)) == 1 and levels[0] == min(levels)
    found: list[int] = []
    open_: list[int] = []
    for number, level in enumerate(levels):
        while open_ and levels[open_[-1]] >= level:
            open_.pop()
        above = open_[-1] if open_ else -1
        found.append(-1 if opened and above == 0 else above)
        open_.append(number)
    return found


def _signs(seen: Survey, records: list[Record], number: int) -> dict[str, float]:
    """The signs of a record's level: in boxes that hold it and no other record."""
    record = records[number]
    before = records[number - 1].stamp.line if number else -1
    after = records[number + 1].stamp.line if number + 1 < len(records) else len(seen.lines)
    found: dict[str, float] = {}
    for index in seen.ancestors(seen.lines[record.stamp.line].box):
        box = seen.boxes[index]
        if box.first <= before or box.last > after:
            break
        _read(box, found)
    inner = range(record.box + 1, len(seen.boxes))
    for index in islice(inner, _INNER):
        if seen.boxes[index].first >= record.last:
            break
        _read(seen.boxes[index], found)
    return found


def _read(box: Box, found: dict[str, float]) -> None:
    element = box.element
    style = element.get("style") or ""
    if "left" in style or "inline-start" in style:
        for shown in _MARGIN.finditer(style):
            found.setdefault(f"{box.tag}:{shown[0].partition(':')[0].strip()}", float(shown[1]))
    if level := _CLASS.search(box.cls):
        found.setdefault(f"{box.tag}:class", float(level[1]))
    for name in _NAMES:
        if (value := element.get(name)) and value.isdecimal() and len(value) <= 3:
            found.setdefault(f"{box.tag}:{name}", float(value))
