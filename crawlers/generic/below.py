"""Remarks below single posts: small lists inside of the records of a page's list.

Questions and answers, and boards with remarks to each floor, show them. A list counts as one
only where its own boxes are called remarks; a quotation has an author and a time as well.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from crawlers.generic.fields import Fields, read_fields, with_idents
from crawlers.generic.records import Record, kind_of
from crawlers.generic.stamps import Stamp
from crawlers.generic.survey import Survey

__all__ = ["remarks_below"]

_OWN = re.compile(r"comment|repl(?:y|ies)\b|dianping|pstl|remark|pinglun")
_QUOTED = re.compile(r"quot|signature|cite")
Kept = Sequence[tuple[Record, Fields]]


def remarks_below(
    seen: Survey, lists: Iterable[Sequence[Record]], kept: Kept
) -> Iterator[tuple[Fields, int]]:
    """Remarks that stand inside of posts, each with the number of its post in `kept`."""
    starts = [record.first for record, _ in kept]
    chosen = {record.stamp for record, _ in kept}
    taken: set[int] = set()
    for records in lists:
        hosts: dict[Stamp, int] = {}
        for record in records:
            place = bisect_right(starts, record.stamp.line) - 1
            if place >= 0 and record.stamp.line < kept[place][0].last:
                hosts[record.stamp] = place
        if not chosen.isdisjoint(hosts) or len(hosts) < len(records):
            continue
        inner = _inner(seen, {stamp: kept[place][0] for stamp, place in hosts.items()})
        for record, field in zip(
            inner, with_idents(seen, inner, read_fields(seen, inner)), strict=True
        ):
            place, lines = hosts[record.stamp], set(range(record.first, record.last))
            post = kept[place][1]
            new = field.text and field.text not in post.text and lines.isdisjoint(taken)
            if new and field.author and _is_later(record, post):
                taken |= lines
                yield field, place


def _is_later(record: Record, post: Fields) -> bool:
    """Whether a time is not that of the post itself, which may show its own twice."""
    at, before = record.stamp.moment.at, post.moment.at if post.moment else None
    return at is not None and before is not None and at > before


def _inner(seen: Survey, hosts: dict[Stamp, Record]) -> list[Record]:
    """A record for each time: the outermost box of a kind that holds one of them each."""
    boxes = {stamp: _boxes(seen, stamp, host) for stamp, host in hosts.items()}
    held = Counter(number for numbers in boxes.values() for number in numbers)
    kinds = Counter(
        kind
        for numbers in boxes.values()
        for kind in {kind_of(seen, number) for number in numbers if held[number] == 1}
    )
    shared = {kind for kind, count in kinds.items() if count == len(hosts)}
    found: list[Record] = []
    for stamp, numbers in boxes.items():
        fit = [n for n in numbers if held[n] == 1 and kind_of(seen, n) in shared]
        if fit:
            box = seen.boxes[fit[-1]]
            found.append(Record(fit[-1], box.first, box.last, stamp))
    return found


def _boxes(seen: Survey, stamp: Stamp, host: Record) -> list[int]:
    """Boxes around a time that are called remarks, inside of a post and behind its beginning."""
    found: list[int] = []
    for number in seen.ancestors(seen.lines[stamp.line].box):
        box = seen.boxes[number]
        if box.first <= host.first or box.last > host.last:
            break
        if box.tag == "blockquote" or _QUOTED.search(box.cls):
            return []
        if _OWN.search(box.cls):
            found.append(number)
    return found
