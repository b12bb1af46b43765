"""Simplified characters for any Chinese text: characters only, never vocabulary, 1:1.

Tables are OpenCC's Taiwan, Hong Kong and phrase tables, merged by `tables/build.py` with reviewed
names and with the variants that PRC orthography abolished. Japanese, handles, URLs and code stay
as they are.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pipelines.classes import project
from pipelines.japanese import KANA, japanese_spans
from pipelines.reading import Reading, read
from pipelines.script import counts, is_japanese
from pipelines.spans import Protection, overlay, restore
from pipelines.tables import read_json

__all__ = ["phrases_in", "to_hans"]

# In a long text classes are searched, in a short one the characters that they stand for.
_LONG = 4000
_DEPENDENT = re.compile("[Ppq]")


class _Phrases(NamedTuple):
    """Phrases, the length of the longest, the pairs they begin with, the pairs at a trigger."""

    table: dict[str, str]
    longest: int
    heads: frozenset[str]
    pairs: frozenset[str]


@cache
def _phrases() -> _Phrases:
    data = read_json("characters.json")
    table: dict[str, str] = data["phrases"]
    triggers = set("".join(data["classes"].get(letter, "") for letter in "Ppq"))
    pairs = {
        pair for phrase in table for pair in map("".join, pairwise(phrase)) if triggers & set(pair)
    }
    heads = frozenset(phrase[:2] for phrase in table)
    return _Phrases(table, max(map(len, table)), heads, frozenset(pairs))


def to_hans(text: str, protection: Protection | None = None, reading: Reading | None = None) -> str:
    """Text in Simplified characters, as many code points as before; never raises.

    `reading` is what `read` gives for the text, if it is at hand.
    """
    if text.isascii():
        return text
    if reading is None and len(text) >= _LONG:
        reading = read(text)
    converted = project(text) if reading is None else reading.plain
    if reading is None:
        phrases, others = _special()
        dependent = phrases.search(text) is not None
        guarded = others.search(text) is not None
    else:
        phrases, classes = _DEPENDENT, reading.classes
        dependent = "P" in classes or "q" in classes or "p" in classes
        guarded = "@" in classes or "K" in classes or "J" in classes
    if dependent:
        seen = text if reading is None else reading.classes
        converted = overlay(converted, _exceptions(text, phrases.finditer(seen)))
    if protection or guarded:
        converted = _guarded(text, converted, protection)
    return converted


def _guarded(text: str, converted: str, protection: Protection | None) -> str:
    """`converted`, less what must stay: Japanese, protected spans, a user's names."""
    if is_japanese(counts(text), text):
        return text
    converted = restore(text, converted, protection.hans if protection else None)
    return overlay(converted, ((a, b, text[a:b]) for a, b in japanese_spans(text)))


@cache
def _special() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Characters that a phrase may decide, and those that announce what must stay."""
    groups = read_json("characters.json")["classes"]
    phrases = "".join(groups.get(letter, "") for letter in "Ppq")
    others = groups["J"] + groups["@"] + KANA
    return _any_of(phrases), _any_of(others)


def _any_of(chars: str) -> re.Pattern[str]:
    """Any of the characters; beyond the first plane they would make the search slow."""
    return re.compile(f"[{re.escape(''.join(c for c in chars if c < chr(0x10000)))}]")


def _exceptions(text: str, spots: Iterable[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """Phrases around characters that depend on the word: leftmost first, then longest."""
    table, longest, *_ = _phrases()
    done = 0
    for spot in spots:
        index = spot.start()
        if index < done or not _in_phrase(text, index):
            continue
        if found := _phrase_over(text, index, max(done, index - longest + 1)):
            start, done = found
            yield start, done, table[text[start:done]]


def phrases_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Phrases that decide a character of the text: start, end, Simplified form."""
    return _exceptions(text, _special()[0].finditer(text))


def _in_phrase(text: str, index: int) -> bool:
    """Whether the character may belong to a phrase, as far as its neighbours tell."""
    pairs = _phrases().pairs
    return text[index : index + 2] in pairs or text[max(0, index - 1) : index + 1] in pairs


def _phrase_over(text: str, index: int, first: int) -> tuple[int, int] | None:
    table, longest, heads, _pairs = _phrases()
    for start in range(first, index + 1):
        if text[start : start + 2] in heads:
            for end in range(min(len(text), start + longest), index, -1):
                if text[start:end] in table:
                    return start, end
    return None
