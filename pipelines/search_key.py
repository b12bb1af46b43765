"""The search key: one folded form that both scripts, all widths and all quote marks share.

Each code point becomes exactly one code point, so an offset in the key is the same offset in the
text. A query is folded by the same function and then compared literally. The fold is coarse on
purpose (后 and 後 are one): it finds, it does not spell.
"""

from functools import cache

from pipelines.mapping import CharacterMap
from pipelines.tables import read_json

__all__ = ["locate", "search_key"]


@cache
def _fold() -> CharacterMap:
    pairs = read_json("characters.json")["fold"]
    return CharacterMap(dict(zip(pairs[::2], pairs[1::2], strict=True)))


def search_key(text: str) -> str:
    """Text folded for search: script, variants, width, case and quotes; 1:1 in code points.

    Idempotent; never raises. One name that Taiwan
    and the mainland write with the same number of characters, Italy, is folded as a whole.
    """
    key = _fold()(text)
    return key.replace("义大利", "意大利") if "义大利" in key else key


def locate(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of `text` that a hit `start:end` in its search key stands for.

    The key is 1:1 with the text, so the span is the same; it is only widened to take in combining
    marks and variation selectors that belong to the last character.
    """
    start = min(max(0, start), len(text))
    end = min(max(start, end), len(text))
    while 0 < end < len(text) and _attached(text[end]):
        end += 1
    return start, end


def _attached(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\u0300" <= char <= "\u036f" or char >= "\U000e0100"
