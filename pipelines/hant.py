"""Traditional characters: genuine Traditional untouched, Simplified converted, naive repaired."""

from dataclasses import dataclass
from functools import cache

import opencc

from pipelines.script import script
from pipelines.spans import Protection, restore

__all__ = ["Hant", "to_hant"]


@dataclass(frozen=True, slots=True)
class Hant:
    """Text in Traditional characters, and how many characters of it were uncertain choices."""

    text: str
    doubt: int


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2tw")


def to_hant(text: str, protection: Protection | None = None) -> Hant:
    """Text in Traditional characters, as many code points as before."""
    if script(text) in {"hant", "ja", "none", "shared"}:
        return Hant(text, 0)
    try:
        converted = _converter().convert(text)
    except UnicodeEncodeError:
        return Hant(text, 0)
    return Hant(restore(text, converted, protection.hant if protection else None), 0)
