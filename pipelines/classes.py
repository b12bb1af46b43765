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

from functools import cache

import numpy as np

from pipelines.mapping import CharacterMap, CharacterMaps, Codes, table
from pipelines.tables import read_json

__all__ = ["HAN", "fold", "passes", "project", "usual_forms"]

HAN = "SsTtNAPpqVJH"
_HAN_BLOCKS = (
    *((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)),
    (0x20000, 0x30000),
)
_KANA_BLOCKS = ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x31F0, 0x3200), (0xFF66, 0xFF9E))


def _letters() -> Codes:
    letters = np.full_like(table({}), ord("."))
    for letter, blocks in (("H", _HAN_BLOCKS), ("K", _KANA_BLOCKS)):
        for start, end in blocks:
            letters[start:end] = ord(letter)
    for letter, chars in read_json("characters.json")["classes"].items():
        letters[[ord(char) for char in chars]] = ord(letter)
    return letters


def _pairs(name: str) -> dict[str, str]:
    pairs = read_json("characters.json")[name]
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _usual(letters: str) -> dict[str, str]:
    classes = read_json("characters.json")["classes"]
    covered = set("".join(classes.get(letter, "") for letter in letters))
    return {source: form for source, form in _pairs("default").items() if source in covered}


@cache
def _passes() -> CharacterMaps:
    maps = (_pairs("hans"), _pairs("fold"), _usual("SspNVHP"))
    return CharacterMaps(_letters(), *map(table, maps), beyond=(ord("."), None, None, None))


def passes(text: str) -> tuple[str, str, str, str]:
    """Four passes in one: class letters, projection, fold, usual Traditional forms."""
    return _passes()(text)


@cache
def _simplified() -> CharacterMap:
    return CharacterMap(_pairs("hans"))


def project(text: str) -> str:
    """Every character in Simplified by the table alone: the form that word lists are keyed by."""
    return _simplified()(text)


@cache
def _fold() -> CharacterMap:
    return CharacterMap(_pairs("fold"))


def fold(text: str) -> str:
    """Every character in the form that all its variants share."""
    return _fold()(text)


@cache
def _only_simplified() -> CharacterMap:
    return CharacterMap(_usual("Ssp"))


def usual_forms(text: str) -> str:
    """The characters that are only Simplified in their usual Traditional form, no others."""
    return _only_simplified()(text)
