"""Which boxes of a page are the records of a thread.

Records repeat, and each has one time. So times of one kind are taken together; the record of a
time is the largest box that holds no other of them. Where such a box is too small to hold the
text (a header row above a text row), the record runs on to the next one.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from crawlers.generic.names import beside
from crawlers.generic.noise import is_control
from crawlers.generic.stamps import Stamp, plain
from crawlers.generic.survey import Survey

__all__ = ["PROFILE", "REMARK", "WORDS", "Record", "are_teasers", "find_groups", "kind_of"]

_PLAIN = frozenset({"div", "p", "span", "section", "td", "ul", "ol"})  # no kind without a class
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_MOST = 3000  # records of a page that are looked at
_LONGEST = 3000  # lines of a remark; a longer box is a page
WORDS = re.compile(
    r"comment|repl(?:y|ies)|respon|post(?!code)|message|floor|answer|thread|topic|cmt|pinglun"
    r"|liuyan|huifu|remark|review|push|discuss|msg|tie\b|item"
)
PROFILE = re.compile(
    r"/(?:u|user|users|member|members|profile|people|space|home|author|authors|id|account|ucenter|@)[/?.=-]"
    r"|/user(?:info|space|center)?\.\w+\?|[?&](?:uid|user|userid|author|un|u|mod=space)=?|space-(?:uid|username)|home\.php|/~|/@|weibo\.com/u|^javascript",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"author|user|nick|member|poster|byline|name")
REMARK = re.compile(r"comment|repl(?:y|ies)|cmt|pinglun|liuyan|huifu|remark|answer")


@dataclass(frozen=True, slots=True)
class Record:
    """The lines of one remark: `first` up to `last` without `holes` (answers, quoted remarks).

    `box` holds its time, and mostly all of it. `parent` is the number of the record that this
    one stands inside of, or -1.
    """

    box: int
    first: int
    last: int
    stamp: Stamp
    parent: int = -1
    holes: tuple[tuple[int, int], ...] = ()

    def lines(self, most: int = 1_000_000) -> Iterator[int]:
        """The numbers of its lines, at most so many."""
        whole = range(self.first, min(self.last, self.first + most))
        if not self.holes:
            return iter(whole)
        return (i for i in whole if not any(start <= i < end for start, end in self.holes))


def find_groups(seen: Survey, stamps: list[Stamp]) -> list[list[Record]]:
    """Candidate lists of records, one for each kind of time that the page shows."""
    kinds: dict[str, list[Stamp]] = {}
    for stamp in stamps:
        kinds.setdefault(stamp.kind, []).append(stamp)
    groups = []
    for group in kinds.values():
        distinct = _one_a_line(group)[:_MOST]
        records = [r for r in _records(seen, distinct) if r.last - r.first <= _LONGEST]
        spans = {(r.first, r.last) for r in records}
        if len(spans) == 1 < len(records):
            continue  # two times in one box: a text that tells of times
        if records and not _stories(seen, records):
            groups.append(records)
    return groups


def _stories(seen: Survey, records: list[Record]) -> bool:
    """Whether records are mostly links: a list of other pages, not of remarks."""
    texts, links = seen.sizes()
    whole = sum(texts[record.last] - texts[record.first] for record in records)
    linked = sum(links[record.last] - links[record.first] for record in records)
    return linked > whole * 0.75


def are_teasers(seen: Survey, records: list[Record], url: str) -> bool:
    """Whether most records are headed by the title of another page each: a list of stories.

    The heading of a forum's post links to the post: the same path as the page's.
    """
    targets = [_headed(seen, record, url) for record in records]
    found = [target for target in targets if target]
    return len(found) > len(records) * 0.6 and len(set(found)) > len(found) * 0.8


def _headed(seen: Survey, record: Record, url: str) -> str:
    """The path of the other page that a heading of the record links to, or nothing."""
    here = urlsplit(url).path.rstrip("/")
    for index in record.lines(12):
        line = seen.lines[index]
        if seen.boxes[line.box].tag not in _HEADINGS or line.links < len(line.text) * 0.8:
            continue
        for mark in line.marks:
            href = (mark.element.get("href") or "").strip()
            if PROFILE.search(href):
                return ""  # the name of who wrote the remark
            if mark.tag == "a" and href and not href.startswith(("#", "javascript:")):
                path = urlsplit(urljoin(url, href)).path.rstrip("/")
                return path if path != here else ""
    return ""


def _one_a_line(stamps: list[Stamp]) -> list[Stamp]:
    lines: dict[int, Stamp] = {}
    for stamp in stamps:
        lines.setdefault(stamp.line, stamp)
    return list(lines.values())


def _records(seen: Survey, stamps: list[Stamp]) -> list[Record]:
    boxes = seen.boxes
    if len(stamps) == 1:
        root = _lone(seen, stamps[0])
        return _spans(seen, stamps, [root]) if root >= 0 else []
    lines = [stamp.line for stamp in stamps]
    roots: list[int] = []
    kept: list[Stamp] = []
    for stamp in stamps:
        root = seen.lines[stamp.line].box
        for box in seen.ancestors(root):
            held = bisect_left(lines, boxes[box].last) - bisect_left(lines, boxes[box].first)
            if held > 1:
                break
            root = box
        if boxes[root].last - boxes[root].first <= _LONGEST:
            roots.append(root)
            kept.append(stamp)
    return _spans(seen, kept, roots) if roots else []


def _lone(seen: Survey, stamp: Stamp) -> int:
    """The box of a thread's only remark: the first that is called one and holds a text, or -1."""
    around = seen.ancestors(seen.lines[stamp.line].box, 8)
    for place, number in enumerate(around):
        box = seen.boxes[number]
        if box.tag in {"body", "html", "main"} or box.last - box.first > 400:
            break
        named = (WORDS if place < 4 else REMARK).search(box.cls)
        above = any(REMARK.search(seen.boxes[n].cls) for n in around[place : place + 4])
        least = 4 if REMARK.search(box.cls) else 12
        if (named or above) and _tells(seen, number, stamp, least):
            return number
    return -1


def _tells(seen: Survey, number: int, stamp: Stamp, least: int) -> bool:
    """Whether a box holds more than the name and the time of a remark."""
    box = seen.boxes[number]
    texts = [seen.lines[i].text for i in range(box.first, box.last) if i != stamp.line]
    texts = [text for text in texts if not is_control(text)]
    return (len(texts) >= 2 or any(len(text) >= least for text in texts)) and (
        _signed(seen, number) or bool(beside(stamp, seen.lines[stamp.line].text))
    )


def _signed(seen: Survey, number: int) -> bool:
    """Whether markup inside a box names an author."""
    box = seen.boxes[number]
    for index in range(box.first, box.last):
        for mark in seen.lines[index].marks:
            if _AUTHOR.search(mark.cls) or PROFILE.search(mark.element.get("href") or ""):
                return True
        if any(_AUTHOR.search(seen.boxes[n].cls) for n in seen.ancestors(seen.lines[index].box, 3)):
            return True
    return False


def _spans(seen: Survey, stamps: list[Stamp], roots: list[int]) -> list[Record]:
    """Records as ranges of lines.

    A record takes the box of the usual kind around its time, less the records within. Where
    there is none, a header box without a text runs on to the next record.
    """
    boxes = seen.boxes
    sizes = [_size(seen, root, stamp) for root, stamp in zip(roots, stamps, strict=True)]
    usual = _usual(seen, roots, sizes)
    items = [_item(seen, stamp, usual) for stamp in stamps]
    shared = Counter(items)
    chosen = [
        root if item < 0 or (shared[item] > 1 and size >= 12) else item
        for root, item, size in zip(roots, items, sizes, strict=True)
    ]
    thin = sum(_size(seen, box, stamp) < 12 for box, stamp in zip(chosen, stamps, strict=True))
    if thin == len(chosen) > 1 and _time_last(seen, chosen):
        return _backward(seen, chosen, stamps)
    records: list[Record] = []
    open_: list[int] = []
    for number, (box, stamp) in enumerate(zip(chosen, stamps, strict=True)):
        first, last = boxes[box].first, boxes[box].last
        while open_ and boxes[chosen[open_[-1]]].last <= first:
            open_.pop()
        above = open_[-1] if open_ and chosen[open_[-1]] != box else -1
        inner = tuple(
            (boxes[other].first, boxes[other].last)
            for other in chosen[max(0, number - 3) : number + 400]
            if other != box and first <= boxes[other].first and boxes[other].last <= last
        )
        bare = sizes[number] < (12 if thin * 2 >= len(chosen) else 2)
        if not inner and items[number] < 0 and (bare or thin > len(chosen) * 0.5):
            last = _run_on(seen, chosen, number, records)
        last = min(max(last, stamp.line + 1, first + 1), len(seen.lines))
        records.append(Record(box, first, last, stamp, above, inner))
        open_.append(number)
    return records


def _time_last(seen: Survey, chosen: list[int]) -> bool:
    """Whether the times stand below the remarks: lines before the first, none after the last."""
    boxes = seen.boxes
    first, last = boxes[chosen[0]], boxes[chosen[-1]]
    if first.parent < 0 or any(boxes[box].parent != first.parent for box in chosen):
        return False
    around = boxes[first.parent]
    apart = all(boxes[b].first > boxes[a].last for a, b in pairwise(chosen))
    return apart and first.first - around.first >= 2 and last.last == around.last


def _backward(seen: Survey, chosen: list[int], stamps: list[Stamp]) -> list[Record]:
    """Records that end with their time: each begins where the one before it ends."""
    boxes = seen.boxes
    start = boxes[boxes[chosen[0]].parent].first
    records = []
    for box, stamp in zip(chosen, stamps, strict=True):
        opened = next((n for n in range(box, -1, -1) if boxes[n].first <= start), box)
        records.append(Record(max(opened, 0), start, boxes[box].last, stamp))
        start = boxes[box].last
    return records


def _usual(seen: Survey, roots: list[int], sizes: list[int]) -> tuple[str, str]:
    """The kind of box that most times stand in, among the kinds that hold a whole record."""
    kinds = {
        kind
        for root, size in zip(roots, sizes, strict=True)
        if size >= 12 and ((kind := kind_of(seen, root))[1] or kind[0] not in _PLAIN)
    }
    boxes: dict[tuple[str, str], set[int]] = {}
    for root in roots:
        for number in seen.ancestors(root, 8):
            if (kind := kind_of(seen, number)) in kinds:
                boxes.setdefault(kind, set()).add(number)
    counts = {kind: len(held) for kind, held in boxes.items()}
    if not counts:
        return "", ""
    # Of kinds that hold as many, the outer one: it holds the answers to its record too.
    depths: dict[tuple[str, str], int] = {}
    for root in roots:
        for number in seen.ancestors(root, 8):
            kind = kind_of(seen, number)
            depths[kind] = min(depths.get(kind, 10_000), seen.boxes[number].depth)
    return min(counts, key=lambda kind: (-counts[kind], depths[kind]))


def kind_of(seen: Survey, number: int) -> tuple[str, str]:
    """Tag and classes of a box, without what numbers it."""
    box = seen.boxes[number]
    return box.tag, plain(box.cls)


def _size(seen: Survey, number: int, stamp: Stamp) -> int:
    """Characters of a box beside the line of its time and its buttons."""
    box = seen.boxes[number]
    texts = seen.sizes()[0]
    own = texts[stamp.line + 1] - texts[stamp.line] if box.first <= stamp.line < box.last else 0
    return texts[box.last] - texts[box.first] - own


def _item(seen: Survey, stamp: Stamp, usual: tuple[str, str]) -> int:
    """The innermost box of the usual kind that holds a time, or -1."""
    for number in seen.ancestors(seen.lines[stamp.line].box, 16):
        if kind_of(seen, number) == usual:
            return number
    return -1


def _run_on(seen: Survey, chosen: list[int], number: int, records: list[Record]) -> int:
    """Where a record ends whose box holds no text: at the next one, or at its parent's end."""
    boxes = seen.boxes
    box = boxes[chosen[number]]
    if box.parent < 0:
        return box.last
    end = boxes[box.parent].last
    if number + 1 < len(chosen):
        return max(box.last, min(end, boxes[chosen[number + 1]].first))
    if records:
        return min(end, box.first + 2 * max(r.last - r.first for r in records) + 5)
    return end
