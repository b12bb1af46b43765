"""The search key: one folded form that both scripts, all widths and all quote marks share.

Each code point becomes exactly one code point, so an offset in the key is the same offset in the
text. A query is folded by the same function and then compared literally. The fold is coarse on
purpose (后 and 後 are one): it finds, it does not spell.
"""

from pipelines.classes import fold

__all__ = ["joined", "locate", "search_key"]


def search_key(text: str) -> str:
    """Text folded for search: script, variants, width, case and quotes; 1:1 in code points.

    Idempotent; never raises.
    """
    return joined(fold(text))


def joined(key: str) -> str:
    """A fold with Italy as one word: the one name that both sides write with three characters."""
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
