"""Simplified characters for any Chinese text: characters only, never vocabulary, 1:1.

One OpenCC dictionary of our own (`tables/hans.ocd2`, merged by `tables/build.py` from OpenCC's
Taiwan, Hong Kong and phrase tables and from the reviewed names) run by OpenCC's engine. Japanese,
handles, URLs and code stay as they are.
"""

from functools import cache

import opencc

from pipelines.japanese import has_kana, japanese_spans
from pipelines.spans import Protection, overlay, restore
from pipelines.tables import path, read_json

__all__ = ["to_hans"]


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC(str(path("hans.json")))


@cache
def _characters() -> dict[int, int]:
    pairs = read_json("characters.json")["hans"]
    return {ord(a): ord(b) for a, b in zip(pairs[::2], pairs[1::2], strict=True)}


def to_hans(text: str, protection: Protection | None = None) -> str:
    """Text in Simplified characters, as many code points as before.

    Never raises: text that cannot be UTF-8 (lone surrogates) is converted character by character.
    """
    if text.isascii():
        return text
    converted = _convert(text)
    converted = restore(text, converted, protection.hans if protection else None)
    if has_kana(text):
        converted = overlay(converted, ((a, b, text[a:b]) for a, b in japanese_spans(text)))
    return converted


def _convert(text: str) -> str:
    try:
        converted: str = _converter().convert(text)
    except UnicodeEncodeError:
        return text.translate(_characters())
    return converted if len(converted) == len(text) else text.translate(_characters())
