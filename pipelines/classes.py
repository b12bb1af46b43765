"""One letter a character: the pass over a text that all other steps look at.

A single table look-up a character gives a plain ASCII string of the same length, in which counting
and searching run at memory speed. The letters:

    S  only Simplified      T  only Traditional     N  left behind by naive conversion
    A  ambiguous Han        H  other Han            J  only Japanese
    K  kana                 @  opens a protected span    .  anything else
"""

from functools import cache

from pipelines.tables import read_json

__all__ = ["HAN", "classify"]

HAN = "STNAHJ"
_HAN_BLOCKS = (
    *((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)),
    (0x20000, 0x30000),
)
_KANA_BLOCKS = ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x31F0, 0x3200), (0xFF66, 0xFF9E))
_LAST = 0x30000


@cache
def _letters() -> list[str]:
    letters = ["."] * _LAST
    for letter, blocks in (("H", _HAN_BLOCKS), ("K", _KANA_BLOCKS)):
        for start, end in blocks:
            letters[start:end] = letter * (end - start)
    for letter, chars in read_json("characters.json")["classes"].items():
        for char in chars:
            letters[ord(char)] = letter
    return letters


def classify(text: str) -> str:
    """The class letter of every character; ASCII, as long as the text."""
    found = text.translate(_letters())  # type: ignore[arg-type]  # a list is a mapping from int
    return found if found.isascii() else "".join(c if c.isascii() else "." for c in found)
