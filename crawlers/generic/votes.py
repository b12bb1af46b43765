"""The votes that a page shows by its remarks: 顶(12) 踩(3), 亮了(87), a number beside a thumb.

A number is a vote where its own element, or one around it, says so: by its words or by its class.
Numbers in a remark's own sentences are none. What is not shown is not known: `None`, never 0.
"""

import re
from functools import lru_cache
from itertools import islice

from lxml import etree

from crawlers.generic.noise import is_control
from crawlers.generic.records import Record
from crawlers.generic.survey import Survey

__all__ = ["find_votes"]

Votes = tuple[int | None, int | None]

_UP = (
    r"点赞|點讚|按讚|赞同|贊同|赞|讚|贊|顶|頂|推|支持|亮了|有用|喜欢|喜歡|认同"
    r"|likes?|upvotes?|points?|GP"
)
_DOWN = r"点踩|踩|反对|反對|噓|不认同|dislikes?|downvotes?|BP"
_NUMBER = r"(?P<n>\d{1,9}(?:[.,]\d{1,3})*)\s?(?P<s>[万萬wkK]?)"
_SHOWN = re.compile(
    rf"(?:(?P<down>{_DOWN})|(?P<up>{_UP}))\s?[(（\[:：+]?\s?{_NUMBER}\s?[)）\]]?", re.IGNORECASE
)
_AFTER = re.compile(
    rf"^{_NUMBER}\s?[个個人]?\s?(?:(?P<down>{_DOWN})|(?P<up>{_UP}))了?$", re.IGNORECASE
)
_WORD = re.compile(rf"{_DOWN}|{_UP}", re.IGNORECASE)
_AGAINST = re.compile(_DOWN, re.IGNORECASE)
_BARE = re.compile(rf"^[(（\[+]?\s?{_NUMBER}\s?[)）\]]?$")
_BY_CLASS = re.compile(
    r"(?P<down>(?:^|[\s_-])(?:down|dislikes?|cai|tread|oppose|against|bury|disagree|boo|bad)(?:$|[\s_-])"
    r"|vote-?_?down|downvote|thumbs?-?_?down)"
    r"|(?P<up>(?:^|[\s_-])(?:up|likes?|liked|zan|dianzan|ding|digg?|praise|agree|support|good|approve)(?:$|[\s_-])"
    r"|vote-?_?up|upvote|thumbs?-?_?up|(?:like|zan|praise|digg|agree|vote)s?-?_?(?:count|num|number|total)"
    r"|likecount|likenum)"
)
_LONGEST = 60  # characters of a line of buttons
_AROUND = 3  # elements beside a number, of which one may name it
_LINES = 40  # of a record that are looked at
_SCALES = {"万": 10_000, "萬": 10_000, "w": 10_000, "k": 1_000}


def find_votes(seen: Survey, records: list[Record]) -> list[Votes]:
    """Votes for and against of each record, each None where the page shows none."""
    return [_of(seen, record) for record in records]


def _of(seen: Survey, record: Record) -> Votes:
    found: dict[str, int] = {}
    for index in record.lines(_LINES):
        line = seen.lines[index]
        if not any(map(str.isdigit, line.text)):
            continue
        for mark in line.marks:
            if len(mark.text) <= 16 and (vote := _element(mark.text, mark.element)):
                found.setdefault(*vote)
        if len(line.text) > _LONGEST:
            continue
        if not line.marks and (vote := _element(line.text, seen.boxes[line.box].element)):
            found.setdefault(*vote)
        elif is_control(line.text):
            for match in _SHOWN.finditer(line.text):
                found.setdefault(*_read(match))
    if not found and not record.holes:
        _buttons(seen, record, found)
    return found.get("up"), found.get("down")


def _buttons(seen: Survey, record: Record, found: dict[str, int]) -> None:
    """Votes on buttons, which are no lines of the page: by what they show, or say to a reader."""
    buttons = islice(seen.boxes[record.box].element.iter("button"), _LINES)
    for button in buttons:
        for shown in (" ".join(button.itertext()), button.get("aria-label") or ""):
            text = " ".join(shown.split())
            if _BARE.match(text):  # the number shown, the word said (喜歡留言)
                text = f"{_word(button)} {text}".strip()
            if len(text) <= 16 and (vote := _element(text, button)):
                found.setdefault(*vote)


def _element(text: str, element: etree._Element) -> tuple[str, int] | None:
    """What an element's text is as a vote: by its words, else by the classes around it."""
    text = text.strip()
    if match := (_SHOWN.fullmatch(text) or _AFTER.match(text)):
        return _read(match)
    if not (match := _BARE.match(text)):
        return None
    near: etree._Element | None = element
    for _ in range(4):
        if near is None or len(near) > _AROUND:
            return None
        if side := _side(f"{near.get('class', '')} {near.get('id', '')}") or _side_of(near):
            return side, _value(match["n"], match["s"])
        near = near.getparent()
    return None


def _side_of(element: etree._Element) -> str:
    """For or against, by the one word that an element says of itself to a reader."""
    word = (element.get("title") or element.get("aria-label") or "").strip()
    if _WORD.fullmatch(word) is None:
        return ""
    return "down" if _AGAINST.fullmatch(word) else "up"


def _word(button: etree._Element) -> str:
    """The word for or against in what a button says of itself, or nothing."""
    said = f"{button.get('aria-label') or ''} {button.get('title') or ''}"
    found = _WORD.search(said)
    return found[0] if found else ""


@lru_cache(maxsize=4096)
def _side(cls: str) -> str:
    match = _BY_CLASS.search(cls.lower())
    return ("down" if match["down"] else "up") if match else ""


def _read(match: re.Match[str]) -> tuple[str, int]:
    side = "down" if match["down"] else "up"
    return side, _value(match["n"], match["s"])


def _value(number: str, scale: str) -> int:
    if scale:
        return round(float(number.replace(",", "")) * _SCALES[scale.lower()])
    return int(number.replace(",", "").replace(".", ""))
