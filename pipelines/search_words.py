"""From the words of a search to what it finds: folding, aliases, and the piece of text to show.

The tree and its verification are `archive.search_query`; this adds what needs the text tables.
Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from archive.search import Fold, Hit
from archive.search_query import BREAK, Leaf, Node, Span, parse, word
from pipelines.aliases import Aliases, Entity, Mention
from pipelines.search_key import locate, search_key
from pipelines.text import normaliser

__all__ = ["Snippet", "fold", "query", "snippet"]

_BEFORE, _AFTER = 24, 56
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of the original text around the first hit, and the places of hits in the line."""

    text: str
    marks: tuple[tuple[int, int], ...]


def fold() -> Fold:
    """The fold of search keys, and the version of its tables."""
    return Fold(search_key, normaliser())


def query(text: str, aliases: Aliases | None = None) -> Node:
    """The tree of a query; with `aliases`, a name stands for all forms of what it names.

    Raises `UsageError` as `archive.search_query.parse` does.
    """
    return parse(text, _leaf_maker(aliases))


def _leaf_maker(aliases: Aliases | None) -> Callable[[str], Node]:
    def make(typed: str) -> Node:
        folded = search_key(typed)
        named = aliases.named(typed) if aliases else ()
        return _named(folded, typed, named, aliases) if aliases and named else word(folded)

    return make


def _named(folded: str, typed: str, named: tuple[Entity, ...], aliases: Aliases) -> Leaf:
    wanted = {entity.id for entity in named}
    forms = [form for entity in named for form in entity.forms]
    own = {
        form.kind
        for form in forms
        if form.text == folded and (not form.written or typed in form.written)
    }

    def find(text: str, key: str) -> list[Span]:
        return [
            _span(mention, literal=mention.form == folded and mention.kind in own)
            for mention in aliases.find(text, key)
            if mention.entity in wanted
        ]

    return Leaf(typed, tuple(dict.fromkeys(form.needles for form in forms)), find)


def _span(mention: Mention, *, literal: bool) -> Span:
    how = "word" if literal else mention.kind
    return Span(mention.start, mention.end, mention.form, how, mention.ambiguous)


def snippet(hit: Hit, before: int = _BEFORE, after: int = _AFTER) -> Snippet:
    """One line around the first place in the text; its beginning where the title alone has one."""
    at = hit.text_at
    text = hit.whole[at:]
    places = [locate(text, s.start - at, s.end - at) for s in hit.spans if s.start >= at]
    first = places[0] if places else (0, 0)
    left, right = max(0, first[0] - before), min(len(text), first[1] + after)
    head = _ELLIPSIS if left else ""
    line = "".join(" " if char in "\n\r\t" + BREAK else char for char in text[left:right])
    marks = [
        (start - left + len(head), end - left + len(head))
        for start, end in places
        if start >= left and end <= right
    ]
    return Snippet(head + line + (_ELLIPSIS if right < len(text) else ""), tuple(marks))
