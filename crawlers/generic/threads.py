"""Remarks of readers out of a page whose site is not known.

Candidate lists of records (`records`) are read (`fields`) and judged by what a thread has and
a list of stories has not: each record has an author and a text that is not a link. Lists that
overlap (hot and latest) are one list: the same id, or the same author, time and text, is one
remark. Adverts in record boxes have no author or no time, and fall out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import html

from archive.model import Comment, Precision
from crawlers.generic.below import remarks_below
from crawlers.generic.fields import Fields, read_fields, with_idents
from crawlers.generic.idents import hashed
from crawlers.generic.records import REMARK, WORDS, Record, are_teasers, find_groups, kind_of
from crawlers.generic.stamps import find_stamps
from crawlers.generic.survey import Survey, survey

__all__ = ["HASHED", "Mined", "mine_survey", "mine_thread"]

_ANSWER = re.compile(
    r"(?:^|[\s|·•])(?:回[复覆應应]|引用|[举舉][报報]|reply|quote|report)(?:$|[\s|·•(（\d])",
    re.IGNORECASE,
)
_BUTTONS = 40  # characters of a line of buttons
_SAMPLE = 5  # records of a long list that are read to judge it
_ELSEWHERE = re.compile(r"sidebar|widget|activit(?:y|ies)|site-?wide")
_BELOW = re.compile(r"comment|repl(?:y|ies)|respon|cmt|pinglun|liuyan|huifu|remark")
HASHED = re.compile(r"h[\da-f]{20}")
_CLOCK = (Precision.SECOND, Precision.MINUTE)
_LEAST = 0.5  # of a list's records must have an author and a text


@dataclass(frozen=True, slots=True)
class Mined:
    """Remarks of a page; `spans` are the first and last line of each of its records.

    `opened`: all but the first stand in a box for answers, so that the first is what they answer.
    """

    comments: tuple[Comment, ...] = ()
    spans: tuple[tuple[int, int, str], ...] = ()
    opened: bool = False


def mine_thread(root: html.HtmlElement, url: str, now: datetime) -> tuple[Comment, ...]:
    """The remarks that a page shows, in its order; empty where it is no thread."""
    return mine_survey(survey(root), url, now).comments


def mine_survey(
    seen: Survey,
    url: str,
    now: datetime,
    after: datetime | None = None,
) -> Mined:
    """The same, of a page that has been surveyed; `after` is when the article appeared."""
    stamps = find_stamps(seen, now, after)
    read: list[tuple[float, list[Record], list[Fields]]] = []
    for records in find_groups(seen, stamps):
        if _likely(seen, records) and not are_teasers(seen, records, url):
            fields = read_fields(seen, records)
            score = _score(seen, records, fields)
            if score > 0:
                read.append((score, records, fields))
    own = [item for item in read if not _aside(seen, item[1])] or read
    own.sort(key=lambda item: -item[0])
    kept = _chosen(seen, own)
    kept.sort(key=lambda item: item[0].first)
    found: dict[Record, Comment] = {}
    same: Counter[str] = Counter()
    for record, field in kept:
        if comment := _comment(field, url):
            same[comment.comment_id] += 1
            if not field.ident and field.moment and field.moment.method == "relative":
                comment = _counted(comment, same[comment.comment_id])
            found[record] = comment
    return Mined(
        _distinct(_with_those_below(seen, own, kept, found)),
        tuple((record.first, record.last, c.comment_id) for record, c in found.items()),
        _opened(seen, list(found)),
    )


def _aside(seen: Survey, records: list[Record]) -> bool:
    """Whether a list stands in a box for what goes on elsewhere on the site, not for remarks."""
    around = [seen.boxes[number].cls for number in seen.ancestors(records[0].box, 8)]
    return any(map(_ELSEWHERE.search, around)) and not any(map(REMARK.search, around))


def _with_those_below(
    seen: Survey,
    read: list[tuple[float, list[Record], list[Fields]]],
    kept: list[tuple[Record, Fields]],
    found: dict[Record, Comment],
) -> Iterator[Comment]:
    """The remarks in their order, each followed by the remarks that stand inside of it."""
    lists = [records for _, records, _ in read if _is_fine(records[0])]
    below: dict[Record, list[Comment]] = {}
    for field, place in remarks_below(seen, lists, kept):
        post = kept[place][0]
        if post in found and (one := _comment(field, found[post].url or "")):
            parent = one.parent_id or found[post].comment_id
            below.setdefault(post, []).append(replace(one, parent_id=parent))
    for record, comment in found.items():
        yield comment
        yield from below.get(record, ())


def _opened(seen: Survey, records: list[Record]) -> bool:
    """Whether all records but the first stand in a box that is called one of remarks."""
    if len(records) < 2 or not seen.lines:
        return False
    first, rest = records[0].stamp.line, records[1].stamp.line
    last = records[-1].stamp.line
    # A box of the first record's own kind is but that of a record.
    alike = {kind_of(seen, number) for number in seen.ancestors(seen.lines[first].box)}
    around = seen.ancestors(seen.lines[rest].box)
    return any(
        first < seen.boxes[number].first
        and last < seen.boxes[number].last
        and _BELOW.search(seen.boxes[number].cls)
        and kind_of(seen, number) not in alike
        for number in around
    )


def _chosen(
    seen: Survey, read: list[tuple[float, list[Record], list[Fields]]]
) -> list[tuple[Record, Fields]]:
    """The records of the best list, and of the lesser ones that do not overlap it."""
    taken = bytearray(len(seen.lines))
    kept: list[tuple[Record, Fields]] = []
    for _, records, bare in read:
        free = [not any(taken[record.first : record.last]) for record in records]
        minor = (
            (len(records) < 2 and not _follows(seen, records, kept))
            or not _named(seen, records)
            or not _is_fine(records[0])
        )
        if sum(free) < len(records) * 0.6 or (kept and minor):
            continue
        fields = with_idents(seen, records, bare)
        for record, field, is_free in zip(records, fields, free, strict=True):
            if is_free:
                taken[record.first : record.last] = b"\1" * (record.last - record.first)
                kept.append((record, field))
    return kept


def _follows(seen: Survey, records: list[Record], kept: list[tuple[Record, Fields]]) -> bool:
    """Whether a lone record is the only answer to an opening that was found alone too."""
    return len(kept) == 1 and records[0].first > kept[0][0].first and _named(seen, records, REMARK)


def _likely(seen: Survey, records: list[Record]) -> bool:
    """Whether a list is worth reading: remarks by name or time of day, with authors at first."""
    fine = sum(map(_is_fine, records)) / len(records)
    if fine < 0.5 and not _named(seen, records, REMARK):
        return False
    if len(records) <= 2 * _SAMPLE:
        return True
    sample = records[:_SAMPLE]
    return _score(seen, sample, read_fields(seen, sample)) > 0


def _score(seen: Survey, records: list[Record], fields: list[Fields]) -> float:
    """How surely a list is a thread: 0 where it is none, else about its number of records."""
    whole = [field for field in fields if field.author and field.text and field.linked < 0.7]
    if len(whole) < len(fields) * _LEAST:
        return 0.0
    known = sum(field.known for field in fields) / len(fields)
    named = _named(seen, records) or _answered(seen, records, fields)
    if known < (0.5 if len(fields) > 3 else 0.6) and not named:
        return 0.0
    fine = sum(_is_fine(record) for record in records) / len(records)
    sized = sum(len(field.text) for field in fields) / len(fields)
    trust = 1.0 + 0.4 * known + 0.4 * named + 0.5 * fine + _changing(records)
    return len(whole) * trust + min(sized, 200.0) / 1000


def _named(seen: Survey, records: list[Record], words: re.Pattern[str] = WORDS) -> bool:
    """Whether the boxes of most records are called comments, posts or the like."""
    calls = 0
    for record in records:
        around = seen.ancestors(record.box, 3)
        calls += any(words.search(seen.boxes[number].cls) for number in around)
    return calls >= len(records) * 0.6


_DATED = re.compile(r"(?:回答|回复|回覆|评论|評論|留言|发表|發表)(?:于|於|时间|時間)")


def _answered(seen: Survey, records: list[Record], fields: list[Fields]) -> bool:
    """Whether most records are numbered as floors, dated as answers, or have a button for one."""
    calls = 0
    for record, field in zip(records, fields, strict=True):
        dated = _DATED.search(seen.lines[record.stamp.line].text) is not None
        calls += (
            dated
            or field.floor is not None
            or any(
                _ANSWER.search(seen.lines[i].text)
                for i in record.lines()
                if len(seen.lines[i].text) <= _BUTTONS
            )
        )
    return len(records) > 1 and calls >= len(records) * 0.6


def _is_fine(record: Record) -> bool:
    """Whether a record's time is a time of day, as those of remarks mostly are."""
    moment = record.stamp.moment
    return moment.method == "relative" or moment.precision in {Precision.SECOND, Precision.MINUTE}


def _changing(records: list[Record]) -> float:
    """Times of remarks differ; the dates on which their authors joined repeat."""
    return 0.5 * len({record.stamp.moment.at for record in records}) / len(records)


def _comment(field: Fields, url: str) -> Comment | None:
    """A remark, or None where it has no author, or neither a text nor an id."""
    if not field.author or not (field.text or field.ident):
        return None
    # "3 hours ago" is another time on the next visit, and the remark the same.
    exact = field.moment is not None and field.moment.method != "relative"
    shown = field.moment.raw if field.moment and exact else ""
    return Comment(
        thread_id="",
        comment_id=field.ident or hashed(field.author, shown, "".join(field.text.split())),
        text=field.text,
        author=field.author,
        author_id=field.author_id,
        published=field.moment,
        floor=field.floor,
        parent_id=field.parent,
        votes_up=field.votes[0],
        votes_down=field.votes[1],
        url=url or None,
        provenance={"author": "generic", "text": "generic", "published": "generic"},
    )


def _counted(comment: Comment, number: int) -> Comment:
    """The same with its number among those that author and text do not tell apart."""
    return (
        comment
        if number == 1
        else replace(comment, comment_id=hashed(comment.comment_id, f"{number}"))
    )


def _distinct(comments: Iterable[Comment]) -> tuple[Comment, ...]:
    """Each remark once: lists overlap, and floor chains repeat what they answer."""
    found: dict[str, Comment] = {}
    same: dict[tuple[str | None, str, str], str] = {}
    for comment in comments:
        moment = comment.published
        key = (comment.author, moment.raw if moment else "", "".join(comment.text.split()))
        before = same.setdefault(key, comment.comment_id)
        # "10 months ago" and a bare date are the time of many; there the page's ids tell.
        coarse = moment is None or moment.precision not in _CLOCK
        told = coarse and not (HASHED.fullmatch(before) or HASHED.fullmatch(comment.comment_id))
        if before == comment.comment_id or told:
            found.setdefault(comment.comment_id, comment)
    return tuple(found.values())
