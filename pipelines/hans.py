"""Simplified characters for any Chinese text: characters only, never vocabulary, 1:1.

Tables are OpenCC's Taiwan, Hong Kong and phrase tables, merged by `tables/build.py` with reviewed
names and with the variants that PRC orthography abolished. Japanese, handles, URLs and code stay
as they are.
"""

import re
from collections.abc import Iterator
from functools import cache

from pipelines.classes import classify, project
from pipelines.japanese import japanese_spans
from pipelines.script import counts, is_japanese
from pipelines.spans import Protection, overlay, restore
from pipelines.tables import read_json

__all__ = ["to_hans"]

_PHRASE_SPOT = re.compile("[Pp]+")


@cache
def _phrases() -> tuple[dict[str, str], int]:
    phrases: dict[str, str] = read_json("characters.json")["phrases"]
    return phrases, max(map(len, phrases))


def to_hans(text: str, protection: Protection | None = None, classes: str | None = None) -> str:
    """Text in Simplified characters, as many code points as before; never raises.

    `classes` is what `classify` gives for the text, if it is at hand.
    """
    if text.isascii():
        return text
    classes = classify(text) if classes is None else classes
    if "J" in classes and is_japanese(counts(text, classes), text):
        return text
    converted = project(text)
    if "P" in classes or "p" in classes:
        converted = overlay(converted, _exceptions(text, classes))
    if "@" in classes or protection:
        converted = restore(text, converted, protection.hans if protection else None)
    if "K" in classes:
        converted = overlay(converted, ((a, b, text[a:b]) for a, b in japanese_spans(text)))
    return converted


def _exceptions(text: str, classes: str) -> Iterator[tuple[int, int, str]]:
    """Phrases around characters that depend on the word: leftmost first, then longest."""
    phrases, longest = _phrases()
    done = 0
    for spot in _PHRASE_SPOT.finditer(classes):
        index = max(spot.start(), done)
        while index < spot.end():
            found = _phrase_over(text, index, max(done, index - longest + 1), longest)
            if found:
                start, done = found
                yield start, done, phrases[text[start:done]]
            index = max(index + 1, done)


def _phrase_over(text: str, index: int, first: int, longest: int) -> tuple[int, int] | None:
    phrases = _phrases()[0]
    for start in range(first, index + 1):
        for end in range(min(len(text), start + longest), index, -1):
            if text[start:end] in phrases:
                return start, end
    return None
