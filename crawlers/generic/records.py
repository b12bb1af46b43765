"""Which boxes of a page are the records of a thread.

Records repeat, and each has one time. So times of one kind are taken together; the record of a
time is the largest box that holds no other of them. Where such a box is too small to hold the
text (a header row above a text row), the record runs on to the next one.
"""

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from crawlers.generic.stamps import Stamp
from crawlers.generic.survey import Survey

__all__ = ["Record", "find_groups"]

_MOST = 3000  # records of a page that are looked at
WORDS = re.compile(
    r"comment|repl(?:y|ies)|respon|post(?!code)|message|floor|answer|thread|topic|cmt|pinglun"
    r"|liuyan|huifu|remark|review|push|discuss|msg|tie\b|item"
)


@dataclass(frozen=True, slots=True)
class Record:
    """The lines `first` up to `last` of one remark; `box` holds its time, and mostly all of it."""

    box: int
    first: int
    last: int
    stamp: Stamp


def find_groups(seen: Survey, stamps: list[Stamp]) -> list[list[Record]]:
    """Candidate lists of records, one for each kind of time that the page shows."""
    kinds: dict[str, list[Stamp]] = {}
    for stamp in stamps:
        kinds.setdefault(stamp.kind, []).append(stamp)
    groups = []
    for group in kinds.values():
        distinct = _one_a_line(group)[:_MOST]
        records = _records(seen, distinct)
        if records:
            groups.append(records)
    return groups


def _one_a_line(stamps: list[Stamp]) -> list[Stamp]:
    lines: dict[int, Stamp] = {}
    for stamp in stamps:
        lines.setdefault(stamp.line, stamp)
    return list(lines.values())


def _records(seen: Survey, stamps: list[Stamp]) -> list[Record]:
    boxes = seen.boxes
    lines = [stamp.line for stamp in stamps]
    roots = []
    for stamp in stamps:
        root = seen.lines[stamp.line].box
        for box in seen.ancestors(root):
            held = bisect_left(lines, boxes[box].last) - bisect_left(lines, boxes[box].first)
            if held > 1:
                break
            if len(stamps) == 1 and not _single(seen, box, stamp):
                break
            root = box
        roots.append(root)
    if len(stamps) == 1 and not any(WORDS.search(boxes[n].cls) for n in seen.ancestors(roots[0])[:3]):
        return []
    return _spans(seen, stamps, roots)


def _single(seen: Survey, box: int, stamp: Stamp) -> bool:
    """Whether a lone time's record may grow to this box: one that is named as a record's part."""
    around = seen.boxes[box]
    if around.tag in {"body", "html", "main"} or around.last - around.first > 400:
        return False
    return around.depth > 2 and not re.search(r"(?:list|wrap|container|page|main)\b", around.cls)


def _spans(seen: Survey, stamps: list[Stamp], roots: list[int]) -> list[Record]:
    """Records as ranges of lines; header boxes without a text run on to the next record."""
    boxes = seen.boxes
    sizes = []
    for root, stamp in zip(roots, stamps, strict=True):
        box = boxes[root]
        texts = (seen.lines[i].text for i in range(box.first, box.last) if i != stamp.line)
        sizes.append(sum(map(len, texts)))
    thin = sum(size < 12 for size in sizes) > len(sizes) * 0.5
    records = []
    for number, (root, stamp) in enumerate(zip(roots, stamps, strict=True)):
        first, last = boxes[root].first, boxes[root].last
        parent = boxes[root].parent
        follows = boxes[roots[number + 1]].first if number + 1 < len(roots) else None
        if parent >= 0 and (thin or sizes[number] < 2):
            end = boxes[parent].last
            last = min(end, follows) if follows is not None and follows > first else end
            if number + 1 == len(roots) and records:
                longest = max(record.last - record.first for record in records)
                last = min(last, first + 2 * longest + 5)
        records.append(Record(root, first, max(last, first + 1), stamp))
    return records


def common_kind(seen: Survey, records: list[Record]) -> str:
    """The class of most record boxes."""
    return Counter(seen.boxes[record.box].cls for record in records).most_common(1)[0][0]
