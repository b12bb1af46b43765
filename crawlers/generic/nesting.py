"""Which record answers which, where answers stand indented and not inside their record.

Engines nest in three ways. The answer's box may lie within the record's box; then `Record.parent`
says so already. Or both lie in one box that holds nothing else of the record's depth (an `li` with
the remark, then a list of its answers). Or the answers' box follows the record's box in the list
that the record is an item of. Where the tree says nothing, the page's indents do. The first
post of a page is nobody's parent by its place alone: all records of a page lie in some box with it.
"""

from bisect import bisect_left

from crawlers.generic.indents import by_indent
from crawlers.generic.records import Record
from crawlers.generic.survey import Survey

__all__ = ["parents"]

_BEFORE = 5  # lines of a common box before the record (votes, an anchor); more is another part


def parents(seen: Survey, records: list[Record]) -> list[int]:
    """For each record the number of the one that it answers, or -1."""
    nesting = _Nesting(seen, records)
    found: list[int] = []
    open_: list[int] = []
    for number, record in enumerate(records):
        while open_ and nesting.depths[open_[-1]] >= nesting.depths[number]:
            open_.pop()
        above = record.parent
        if above < 0 and open_ and nesting.is_answer(number, open_[-1]):
            above = open_[-1]
        found.append(above)
        open_.append(number)
    return found if max(found, default=-1) >= 0 else by_indent(seen, records)


class _Nesting:
    """The depths and lines of the records of one list."""

    def __init__(self, seen: Survey, records: list[Record]) -> None:
        self._seen = seen
        self._records = records
        self._times = [record.stamp.line for record in records]
        # The box of a record's time: of one kind in all of them, as that of the record need not be.
        self._at = [seen.lines[line].box for line in self._times]
        self.depths = [seen.boxes[box].depth for box in self._at]

    def is_answer(self, number: int, above: int) -> bool:
        """Whether a record stands where the answers of the one before it stand."""
        boxes, record = self._seen.boxes, self._records[above]
        common, branch = self._common(self._at[above], self._at[number])
        if common < 0:
            return False
        within = self._held(common)
        alike = sum(self.depths[other] == self.depths[above] for other in within)
        if alike == 1:
            beside = len(within) < len(self._records)
            return beside and record.first - boxes[common].first <= _BEFORE
        return len(self._held(branch)) == 1

    def _common(self, one: int, other: int) -> tuple[int, int]:
        """The innermost box around both, and the box in it that holds the first; -1 if none."""
        around = set(self._seen.ancestors(other))
        branch = one
        for box in self._seen.ancestors(one):
            if box in around:
                return box, branch
            branch = box
        return -1, branch

    def _held(self, number: int) -> range:
        """The numbers of the records in a box."""
        box = self._seen.boxes[number]
        return range(bisect_left(self._times, box.first), bisect_left(self._times, box.last))
