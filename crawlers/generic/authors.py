"""The author of each record of a list.

Records are made from one template, so the kind of element that holds the author is looked for
once, over all records: its texts are short, differ from record to record, and its class, its
link or its place beside the time says what it is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawlers.generic.noise import is_control
from crawlers.generic.records import PROFILE, Record
from crawlers.generic.stamps import HINT, plain
from crawlers.generic.survey import Mark, Survey

__all__ = ["Candidate", "find_authors"]

_AUTHOR = re.compile(
    r"author|user|uname|nick|poster|member|creator|(?<![a-z])name|byline|commenter|owner|xw1|who|handle|authi"
)
_NOT_AUTHOR = re.compile(
    r"avatar|time|date|level|rank|group|title|badge|rating|count|vote|like|reply|quote|signature|stat|location|area"
)
_NAME = re.compile(r"^[@＠]?[^\s:：|]{1,30}(?: [^\s:：|]{1,20}){0,3}$")
_SENTENCE = re.compile(r"[，。！？；：,!?;]")  # a name that no markup calls one has none of these
# 甲 发表评论于 …; 网友：甲 …; … 甲 说道:
_ONE = r"(?P<n>[^\s:：|,，。()（）]{1,24})"
_SAID = re.compile(
    rf"^\s*(?:#?\d+\s?[楼樓F.、]?\s+)?{_ONE}\s?(?:[(（][^()（）]{{1,30}}[)）])?\s{{0,3}}"
    r"(?P<v>(?:发表评论|發表評論|发表|發表|发布|發佈|评论|評論|留言|回复|回覆|写|寫|说|說)(?:于|於|在|道|：|:)"
    r"|于|於|@|says?|wrote|posted)?\s{0,3}(?:on|at)?[:：]?\s*$"
)
_LABELLED = re.compile(
    r"(?:网友|網友|用户名?|昵称|暱稱|评论人|评论者|发表人|发布人|发帖人|留言者|留言人|姓名|作者|发言人)\s?(?P<v>[:：])\s{0,2}"
    + _ONE
)
_SAYS = re.compile(
    rf"^\s{{0,3}}{_ONE}\s{{0,2}}(?P<v>说道?|說道?|写道|寫道|发表|says|wrote)\s?[:：]?\s*$"
)
_SUFFIX = re.compile(
    r"\s?(?:提到|說道|说道|說|说|写道|寫道|wrote|says|said)?\s?(?:\.{2,3}|…|[:：])$"
)
_NUMBER = re.compile(r"(?:No\.?|#)\s?\d+$|\d+$")
_RANK = re.compile(r"usergroup|credit|medal|level|rank|badge", re.IGNORECASE)
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
    return [next((table[kind] for kind in order if kind in table), None) for table in tables]


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
            if _is_name(text) or (text.isdigit() and len(text) > 4 and PROFILE.search(link)):
                cls = mark.cls
                score = near + _marked(mark, link) + (_called(cls) or around * 2 / 3)
                score += 1.0 if index == record.first and mark.tag in _STRONG else 0.0
                kind = f"{plain(box.cls)}>{mark.tag}.{plain(cls)}"
                yield Candidate(kind, text, score, index)
        if index == record.stamp.line and (told := _teller(line.text, record)):
            yield Candidate("said>", told[0], near + told[1], index)
        bare = index != record.stamp.line and not _SENTENCE.search(line.text)
        if bare and _is_name(line.text):
            score = near + around + (0.5 if box.tag in _SMALL_HEADINGS else 0.0)
            yield Candidate(f"{plain(box.cls)}>", _SUFFIX.sub("", line.text), score, index)


def _teller(text: str, record: Record) -> tuple[str, float] | None:
    """The name in the line of a time (甲 发表评论于 2023-10-18), and what speaks for it."""
    stamp = record.stamp
    if stamp.mark is not None or len(text) > 120:
        before, after = text.partition(stamp.moment.raw)[::2]
    else:
        before, after = text[: stamp.start], text[stamp.end :]
    found = _LABELLED.search(before) or _LABELLED.search(after) or _SAID.match(before)
    found = found or _SAYS.match(after)
    if found is None or not _is_name(found["n"]):
        return None
    return found["n"].rstrip("·•"), 3.0 if found.groupdict().get("v") else 0.5


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


def _is_name(text: str) -> bool:
    return (
        (1 < len(text) <= 40 or (len(text) == 1 and text > "\u3400"))
        and _NAME.match(text) is not None
        and not text.isdigit()
        and not _NUMBER.match(text)
        and not is_control(text)
        and not HINT.search(text)
    )
