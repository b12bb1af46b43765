"""A comment from one node or one JSON object, by a declared map of fields.

A map is written `field: rule | rule; field: rule`. It says for each field of
`archive.model.Comment` where the item has it: a CSS rule (`.name`, `.up@data-count`, `@data-id`
for the node itself) or a JSON path (`user.nickname`). The first rule that finds something wins;
`=> REGEX` cuts the value; of a node's text, ` - CSS` leaves parts out; `@data-field >> user.id`
looks into JSON in an attribute. Fields of their own: `deleted`, `folded` and `locked` make the
state (what is locked counts only where no text is), `quoted` is the id of what the comment
quotes and so answers. What is missing stays None; an id is made where none is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from parsel import Selector

from archive.errors import ExtractError
from archive.model import Comment, DeletionKind, Moment, State
from crawlers.embedded import loads
from crawlers.finding import Finder
from crawlers.flow import squash, text_of, text_of_html
from crawlers.people import masked
from crawlers.rules import cut, declared, dig, number

if TYPE_CHECKING:
    from crawlers.page_object import Page

__all__ = ["Item", "read_field", "remark"]

Item: TypeAlias = Selector | dict[str, Any]
_Asked: TypeAlias = Finder | dict[str, Any]
_FLOORS = {"楼主": 1, "樓主": 1, "沙发": 2, "沙發": 2, "板凳": 3, "地板": 4, "顶楼": 1, "頂樓": 1}
_NUMBERS = ("votes_up", "votes_down", "reply_count")
_APART = frozenset(("text", "modified"))
_CUT, _INSIDE, _LESS = " => ", " >> ", " - "


class _Way(NamedTuple):
    """One rule of a map, taken apart: `css@name >> inside => pattern`, or a JSON path."""

    path: str
    css: str
    name: str
    inside: str
    pattern: str


@cache
def _way(rule: str) -> _Way:
    path, _, pattern = rule.partition(_CUT)
    place, _, inside = path.partition(_INSIDE)
    css, _, name = place.rpartition("@") if "@" in place else (place, "", "")
    return _Way(path, css, name, inside, pattern)


def _raw(item: _Asked, rules: Iterable[str]) -> str:
    for rule in rules:
        way = _way(rule)
        for text in _values(item, way):
            if found := cut(way.pattern, text) if way.pattern else text:
                return found
    return ""


def read_field(item: _Asked, rule: str) -> str:
    """What one rule of a map finds in an item."""
    return _raw(item, (rule,))


def _values(item: _Asked, way: _Way) -> Iterator[str]:
    if isinstance(item, dict):
        value = dig(item, way.path)
        yield "" if value is None or value is False else str(value)
        return
    for element in item.elements(way.css) if way.css else (item.top.root,):
        text = element.get(way.name, "") if way.name else text_of(element)
        if not way.inside:
            yield squash(text)
        elif (value := dig(_object(text), way.inside)) is not None:
            yield str(value)


@lru_cache(maxsize=4)
def _object(text: str) -> Any:
    """JSON in an attribute; None for what only looks like it, so that the next rule is tried."""
    try:
        return loads(text)
    except ExtractError:
        return None


def _text(item: _Asked, ways: Iterable[str], *, answers: bool) -> str:
    """The remark itself: line breaks stay, markup, emoticon images and quoted words go.

    In JSON only what answers somebody has quotes to leave out; else a block is the author's.
    """
    for way in ways:
        path, _, drop = way.partition(_LESS)
        if isinstance(item, dict):
            text = text_of_html(str(dig(item, path) or ""), drop if answers else "")
        else:
            text = next((t for node in item.elements(path) if (t := text_of(node, drop))), "")
        if text:
            return text
    return ""


def remark(page: "Page", thread: str, item: Item, fields: str) -> Comment:
    """The comment that an item shows, by the map `fields`."""
    rules = declared(fields)
    asked = item if isinstance(item, dict) else page.finders.get(item.root) or Finder(item)
    raw = {name: _raw(asked, rule) for name, rule in rules.items() if name not in _APART}
    gone = _true(raw.get("deleted", ""))
    quoted, parent = _id(raw.get("quoted")), _id(raw.get("parent_id"))
    answers = bool(quoted or parent)
    text = "" if gone else _text(asked, rules.get("text", ()), answers=answers)
    shown = raw.get("published", "")
    published: Moment | None = page.time(shown) if shown else None
    floor = raw.get("floor", "")
    counts: dict[str, Any] = {
        name: number(raw[name]) if raw.get(name) else None for name in _NUMBERS
    }
    return Comment(
        thread,
        raw.get("comment_id", "") or _made_id(raw, text),
        text,
        squash(raw.get("author", "")) or None,
        _id(raw.get("author_id")),
        published,
        floor=_FLOORS.get(floor) or number(floor),
        parent_id=parent or quoted,
        quoted_ids=(quoted,) if quoted else (),
        ip_region=masked(raw.get("ip_region", "")),
        state=State.DELETED if gone else _state(raw, text),
        deletion_kind=DeletionKind.UNKNOWN if gone else None,
        provenance={"text": " | ".join(rules.get("text", ()))},
        **counts,
    )


def _state(raw: Mapping[str, str], text: str) -> State:
    if not text and _true(raw.get("locked", "")):
        return State.LOCKED
    return State.COLLAPSED if _true(raw.get("folded", "")) else State.VISIBLE


def _made_id(raw: Mapping[str, str], text: str) -> str:
    """An id for a remark that shows none: of its author and text, since its time is relative."""
    said = f"{raw.get('author_id') or raw.get('author', '')}\0{text}"
    return f"x{sha256(said.encode(errors='replace')).hexdigest()[:16]}" if text else ""


def _true(flag: str) -> bool:
    return flag.lower() not in {"", "0", "false", "none", "no"}


def _id(raw: str | None) -> str | None:
    return raw if raw and raw not in {"0", "null"} else None
