"""The author of each record of a list.

Records are made from one template, so the kind of element that holds the author is looked for
once, over all records: its texts are short, differ from record to record, and its class, its
link or its place beside the time says what it is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from crawlers.generic.names import SENTENCE, beside, is_name, teller
from crawlers.generic.records import PROFILE, Record
from crawlers.generic.stamps import plain
from crawlers.generic.survey import Mark, Survey

__all__ = ["Candidate", "find_authors"]

_AUTHOR = re.compile(
    r"author|user|uname|nick|poster|member|creator|(?<![a-z])name|byline|commenter|owner|xw1|who|handle|authi"
)
_NOT_AUTHOR = re.compile(
    r"avatar|time|date|level|rank|group|title|badge|rating|count|vote|like|reply|quote|signature|stat|location|area"
)
_SUFFIX = re.compile(
    r"\s?(?:提到|說道|说道|說|说|写道|寫道|wrote|says|said)?\s?(?:\.{2,3}|…|[:：])$"
)
_RANK = re.compile(r"usergroup|credit|medal|level|rank|badge", re.IGNORECASE)
_BESIDE = ">beside"  # ends the kind of a name that no markup holds
_SMALL_HEADINGS = frozenset({"h3", "h4", "h5", "cite", "dt"})
_STRONG = frozenset({"b", "strong"})  # as old boards set the name above its profile
_PROPERTIES = frozenset({"author", "name", "creator"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A short text that may be an author, with what speaks for it and where it stands."""

    kind: str
    text: str
    score: float
    line: int


def find_authors(seen: Survey, records: list[Record]) -> list[Candidate | None]:
    """The author of each record: of the kind of element that is best over all records."""
    tables: list[dict[str, Candidate]] = []
    scores: defaultdict[str, float] = defaultdict(float)
    values: dict[str, set[str]] = {}
    for record in records:
        table: dict[str, Candidate] = {}
        for candidate in _candidates(seen, record):
            table.setdefault(candidate.kind, candidate)
        for kind, candidate in table.items():
            scores[kind] += candidate.score
            values.setdefault(kind, set()).add(candidate.text)
        tables.append(table)
    counts = Counter(kind for table in tables for kind in table)
    means = {kind: scores[kind] / counts[kind] for kind in scores}
    constant = {
        kind
        for kind, count in counts.items()
        if count >= max(3, 0.5 * len(records)) and len(values[kind]) == 1
    }
    changing = [mean for kind, mean in means.items() if kind not in constant]
    least = 1.6 if max(changing or means.values(), default=0.0) >= 3.0 else 0.0
    ranked = [
        kind for kind in sorted(scores, key=lambda kind: -scores[kind])[:12] if means[kind] > least
    ]
    order = [kind for kind in ranked if kind not in constant]
    if not order and len(records) < 4:
        order = ranked
    chosen = [next((table[kind] for kind in order if kind in table), None) for table in tables]
    return [one and _marked_off(one, table) for one, table in zip(chosen, tables, strict=True)]


def _marked_off(found: Candidate, table: dict[str, Candidate]) -> Candidate:
    """The name alone, where markup sets it off from what else stands by the time (楼主)."""
    if not found.kind.endswith(_BESIDE):
        return found
    shorter = (
        one
        for one in table.values()
        if one.line == found.line and found.text != one.text and found.text.startswith(one.text)
    )
    return replace(found, text=next((one.text for one in shorter), found.text))


def _candidates(seen: Survey, record: Record) -> Iterator[Candidate]:
    for index in record.lines(40):
        line = seen.lines[index]
        box = seen.boxes[line.box]
        near = 1.0 if abs(index - record.stamp.line) <= 2 else 0.0
        near += 0.5 if index == record.first else 0.0
        around = _called(box.cls)
        for mark in line.marks:
            if mark is record.stamp.mark or not 1 <= len(mark.text) <= 60:
                continue
            text = _SUFFIX.sub("", " ".join(mark.text.split()))
            link = mark.element.get("href") or ""
            if is_name(text) or (text.isdigit() and len(text) > 4 and PROFILE.search(link)):
                cls = mark.cls
                score = near + _marked(mark, link) + (_called(cls) or around * 2 / 3)
                score += 1.0 if index == record.first and mark.tag in _STRONG else 0.0
                kind = f"{plain(box.cls)}>{mark.tag}.{plain(cls)}"
                yield Candidate(kind, text, score, index)
        if index == record.stamp.line:
            if told := teller(record.stamp, line.text):
                yield Candidate("said>", told[0], near + told[1], index)
            elif rest := beside(record.stamp, line.text):
                near += 0.5 if box.tag in _SMALL_HEADINGS else -0.5
                yield Candidate(f"{plain(box.cls)}{_BESIDE}", rest, near + around, index)
        bare = index != record.stamp.line and not SENTENCE.search(line.text)
        if bare and is_name(line.text):
            score = near + around + (0.5 if box.tag in _SMALL_HEADINGS else 0.0)
            yield Candidate(f"{plain(box.cls)}>", _SUFFIX.sub("", line.text), score, index)


def _marked(mark: Mark, link: str) -> float:
    """What an element's own attributes say for its being an author."""
    score = 1.0 if mark.tag == "a" else 0.0
    element = mark.element
    if element.get("itemprop") in _PROPERTIES or element.get("rel") == "author":
        score += 3.0
    if link:
        score += 2.0 if PROFILE.search(link) else 0.0
        score -= 3.0 if _RANK.search(link) else 0.0
    return score


@lru_cache(maxsize=8192)
def _called(cls: str) -> float:
    """3 where a class or an id is a word for authors."""
    return 3.0 if _AUTHOR.search(cls) and not _NOT_AUTHOR.search(cls) else 0.0
