"""A comment from one node or one JSON object, by a declared map of fields.

A map is written `field: rule; field: rule`. It says for each field of `archive.model.Comment`
where the item has it: a CSS rule (`.name`, `.up@data-count`, `@data-id` for the node itself) or
a JSON path (`user.nickname`). `A | B` tries A first, `=> REGEX` cuts the value; of a node's text,
` - CSS` leaves parts out. Two fields are extra: `deleted` and `folded`,
which make the state. A comment without an id or an unreadable time still becomes a comment: what
is missing stays None.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from parsel import Selector

from archive.model import Comment, Moment, State
from crawlers.flow import squash, text_of, text_of_html
from crawlers.people import masked
from crawlers.rules import cut, declared, dig, number, one

if TYPE_CHECKING:
    from crawlers.page_object import Page

__all__ = ["Item", "remark"]

Item: TypeAlias = Selector | dict[str, Any]
_NUMBERS = ("floor", "votes_up", "votes_down", "reply_count")
_CUT = " => "


def _raw(item: Item, ways: Iterable[str]) -> str:
    for way in ways:
        path, _, pattern = way.partition(_CUT)
        if isinstance(item, dict):
            value = dig(item, path)
            text = "" if value is None or value is False else str(value)
        elif path == "." or (not path):
            text = text_of(item)
        else:
            text = one(item, path)
        if found := cut(pattern, text) if pattern else text:
            return found
    return ""


def _text(item: Item, ways: Iterable[str]) -> str:
    """The remark itself: line breaks stay, markup and emoticon images go."""
    for way in ways:
        if isinstance(item, dict):
            text = text_of_html(str(dig(item, way) or ""))
        else:
            path, _, drop = way.partition(" - ")
            text = next((t for node in item.css(path) if (t := text_of(node, drop))), "")
        if text:
            return text
    return ""


def remark(page: "Page", thread: str, item: Item, fields: str) -> Comment:
    """The comment that an item shows, by the map `fields`."""
    rules = declared(fields)
    raw = {name: _raw(item, rule) for name, rule in rules.items() if name != "text"}
    gone, folded = raw.pop("deleted", ""), raw.pop("folded", "")
    state = State.DELETED if _true(gone) else State.COLLAPSED if _true(folded) else State.VISIBLE
    shown = raw.get("published", "")
    published: Moment | None = page.time(shown) if shown else None
    counts = {name: number(raw[name]) if raw.get(name) else None for name in _NUMBERS}
    return Comment(
        thread,
        raw.get("comment_id", ""),
        "" if state is State.DELETED else _text(item, rules.get("text", ())),
        squash(raw.get("author", "")) or None,
        raw.get("author_id") or None,
        published,
        parent_id=_id(raw.get("parent_id")),
        ip_region=masked(raw.get("ip_region", "")),
        state=state,
        provenance={"text": " | ".join(rules.get("text", ()))},
        **counts,
    )


def _true(flag: str) -> bool:
    return flag.lower() not in {"", "0", "false", "none", "no"}


def _id(raw: str | None) -> str | None:
    return raw if raw and raw not in {"0", "null"} else None
