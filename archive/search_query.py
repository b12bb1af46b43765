"""What a search asks for, as a tree, and which texts it is true of. Pure.

A leaf finds its own places in a text; the tree decides. An index or a scan only proposes texts:
each is verified here, so neither can lose or invent a hit. Texts are compared folded, and a piece
is one string, title and text with `BREAK` between, so that offsets in it are offsets in both.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archive.errors import UsageError

__all__ = [
    "BREAK",
    "Every",
    "Leaf",
    "Node",
    "Not",
    "Some",
    "Span",
    "leaves",
    "match",
    "parse",
    "within",
    "word",
]

BREAK = "\x1f"
"""Stands between title and text; no query can hold it."""

_TOKEN = re.compile(r'"([^"]*)"|“([^”]*)”|([()])|([^\s()"“”]+)')


class Span(NamedTuple):
    """One place: where, what was found there, how, and whether it may mean something else.

    `how` is `word` for what the query says, else what kind of alias it is.
    """

    start: int
    end: int
    form: str
    how: str = "word"
    ambiguous: bool = False


Finder = Callable[[str, str], Sequence[Span]]
"""Places in a text, given as published and folded; both have the same offsets."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing to find.

    Each of `needles` is a set of folded strings that all stand in a text where the leaf is true;
    one of the sets must. `exact`: the converse holds too.
    """

    label: str
    needles: tuple[tuple[str, ...], ...]
    find: Finder
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All parts must be true."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One part at least must be true."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part must be false."""

    part: "Node"


Node = Leaf | Every | Some | Not


def word(folded: str) -> Leaf:
    """The leaf of a literal string, already folded."""

    def find(_text: str, key: str) -> list[Span]:
        found, at = [], key.find(folded)
        while at >= 0:
            found.append(Span(at, at + len(folded), folded))
            at = key.find(folded, at + len(folded))
        return found

    return Leaf(folded, ((folded,),), find, exact=True)


def parse(query: str, leaf: Callable[[str], Node]) -> Node:
    """The tree of a query; `leaf` makes the node of a word or phrase as typed.

    Words that stand side by side must all occur. `OR`, `AND`, `NOT` in capitals, parentheses, and
    "..." for a phrase or for such a word itself. Raises `UsageError` where it cannot be read, or
    where nothing in it must occur (`NOT x` alone would be the whole archive).
    """
    tokens = [_token(found) for found in _TOKEN.finditer(query)]
    reader = _Reader([token for token in tokens if token[1]], leaf)
    tree = reader.either()
    if reader.peek():
        raise UsageError(f"query: a closing parenthesis too many in {query!r}")
    if not _demands(tree):
        raise UsageError(f"query: nothing in {query!r} must occur; add a word without NOT")
    return tree


def _token(found: "re.Match[str]") -> tuple[str, str]:
    quoted = found[1] if found[1] is not None else found[2]
    if quoted is not None:
        return "word", quoted.strip()
    if found[3]:
        return found[3], found[3]
    return (found[4] if found[4] in {"AND", "OR", "NOT"} else "word"), found[4]


class _Reader:
    """Recursive descent over tokens (kind, text); NOT binds before AND before OR."""

    def __init__(self, tokens: list[tuple[str, str]], leaf: Callable[[str], Node]) -> None:
        self._tokens = tokens
        self._leaf = leaf
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def either(self) -> Node:
        parts = [self._all()]
        while self.peek() == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self.peek() not in {"", "OR", ")"}:
            if self.peek() == "AND":
                self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self) -> Node:
        if self.peek() in {"", "AND", "OR", ")"}:
            raise UsageError(
                "query: a word is missing; put AND, OR or NOT in double quotes to search for them"
            )
        kind, text = self._take()
        if kind == "NOT":
            return Not(self._one())
        if kind == "(":
            inner = self.either()
            if self.peek() != ")":
                raise UsageError("query: a closing parenthesis is missing")
            self._take()
            return inner
        return self._leaf(text)


def _demands(node: Node) -> bool:
    """Whether some word must occur where the tree is true."""
    if isinstance(node, Leaf):
        return True
    if isinstance(node, Not):
        return False
    return (any if isinstance(node, Every) else all)(_demands(part) for part in node.parts)


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves that are not below a NOT, left to right."""
    if isinstance(node, Leaf):
        yield node
    elif not isinstance(node, Not):
        for part in node.parts:
            yield from leaves(part)


def match(node: Node, text: str, key: str) -> list[Span] | None:
    """The places that make the tree true of a text, in order; None where it is false."""
    found = _match(node, text, key)
    return None if found is None else sorted(set(found))


def _match(node: Node, text: str, key: str) -> list[Span] | None:
    if isinstance(node, Leaf):
        return list(node.find(text, key)) or None
    if isinstance(node, Not):
        return [] if _match(node.part, text, key) is None else None
    made = [_match(part, text, key) for part in node.parts]
    held = [spans for spans in made if spans is not None]
    if not held or (isinstance(node, Every) and len(held) < len(made)):
        return None
    return [span for spans in held for span in spans]


def within(node: Node, distance: int, text: str, key: str) -> bool:
    """Whether the words that a text has stand together: at most `distance` others among them.

    Counted in characters from the first to the last, the words' own left out; a word that an OR
    does not need, and that is not there, plays no part.
    """
    groups = [list(leaf.find(text, key)) for leaf in leaves(node)]
    events = sorted((span, at) for at, group in enumerate(groups) for span in group)
    wanted = sum(1 for group in groups if group)
    latest: dict[int, Span] = {}
    for span, group in events:
        latest[group] = span
        if len(latest) == wanted:
            chosen = latest.values()
            total = max(s.end for s in chosen) - min(s.start for s in chosen)
            if total - sum(s.end - s.start for s in chosen) <= distance:
                return True
    return False
