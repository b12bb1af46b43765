"""One letter a character: the pass over a text that all other steps look at.

A single table look-up a character gives a plain ASCII string of the same length, in which counting
and searching run at memory speed. The letters:

    S  only Simplified                          s  the same, with more than one Traditional form
    T  only Traditional                         t  the same, and one of several forms
    N  shared, usually another in Traditional   A  shared, sometimes another in Traditional
    P  Simplified depends on the word           p  the same, and only Simplified
    q  the same, and only Traditional
    V  shared, spelt otherwise in Taiwan (着)     J  only Japanese
    K  kana    H  other Han    @  may open a protected span    .  the rest
"""

import sys
from functools import cache

from pipelines.mapping import CharacterMap, LetterMap
from pipelines.tables import read_json

__all__ = ["HAN", "classify", "project"]

HAN = "SsTtNAPpqVJH"
_HAN_BLOCKS = (
    *((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)),
    (0x20000, 0x30000),
)
_KANA_BLOCKS = ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x31F0, 0x3200), (0xFF66, 0xFF9E))


@cache
def _letters() -> LetterMap:
    letters = ["."] * (sys.maxunicode + 1)
    for letter, blocks in (("H", _HAN_BLOCKS), ("K", _KANA_BLOCKS)):
        for start, end in blocks:
            letters[start:end] = letter * (end - start)
    for letter, chars in read_json("characters.json")["classes"].items():
        for char in chars:
            letters[ord(char)] = letter
    return LetterMap(letters)


def classify(text: str) -> str:
    """The class letter of every character; ASCII, as long as the text."""
    return _letters()(text)


@cache
def _simplified() -> CharacterMap:
    pairs = read_json("characters.json")["hans"]
    return CharacterMap(dict(zip(pairs[::2], pairs[1::2], strict=True)))


def project(text: str) -> str:
    """Every character in Simplified by the table alone: the form that word lists are keyed by."""
    return _simplified()(text)
