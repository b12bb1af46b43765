"""Traditional characters for any Chinese text, in context, 1:1, with a count of doubts.

Genuine Traditional is returned as it is. Simplified is converted: the usual form of each
character, and where it has several the one that the word lattice chooses. Naive Traditional is
repaired at the ambiguous characters alone. A mixed text is taken line by line. Orthography is
Taiwan's (裡, 為, 麵); what a writer of Traditional typed is kept in his own.
"""

import re
from dataclasses import dataclass
from functools import cache

from pipelines.classes import classify
from pipelines.hans import to_hans
from pipelines.japanese import japanese_spans
from pipelines.naive import places, traces
from pipelines.script import counts, judge
from pipelines.spans import Protection, overlay, restore
from pipelines.tables import read_json, read_lines

__all__ = ["Hant", "to_hant"]

_LINE = re.compile("[^\n]+")
_LAST = 0x30000
# Below this lead the second candidate is a real possibility.
_DOUBT = 2.0
# In Traditional text a change must be well founded; the writer's own character has a claim.
_REPAIR = 1.0


@dataclass(frozen=True, slots=True)
class Hant:
    """Text in Traditional characters, and how many characters of it were uncertain choices."""

    text: str
    doubt: int


@cache
def _usual_forms() -> list[int]:
    """Simplified-only character -> its usual Traditional form."""
    table = list(range(_LAST))
    data = read_json("characters.json")
    simplified = set("".join(data["classes"].get(letter, "") for letter in "Ssp"))
    pairs = data["default"]
    for source, target in zip(pairs[::2], pairs[1::2], strict=True):
        if source in simplified:
            table[ord(source)] = ord(target)
    return table


@cache
def _names() -> dict[str, str]:
    return {row[1]: row[0] for row in read_lines("protected.tsv")}


def to_hant(text: str, protection: Protection | None = None, classes: str | None = None) -> Hant:
    """Text in Traditional characters, as many code points as before; never raises.

    `classes` is what `classify` gives for the text, if it is at hand.
    """
    classes = classify(text) if classes is None else classes
    script = judge(counts(text, classes), text)
    if script in {"none", "ja"}:
        return Hant(text, 0)
    if script == "hant" and not traces(text, classes):
        return Hant(text, 0)
    spans = _LINE.finditer(text) if script == "mixed" and "\n" in text else ()
    converted, doubt = list(text.translate(_usual_forms())), 0
    for start, end in [m.span() for m in spans] or [(0, len(text))]:
        doubt += _choose(text, classes, (start, end), converted)
    result = _reversible(text, classes, "".join(converted))
    names = {**_names(), **(protection.hant if protection else {})}
    result = restore(text, result, names)
    if "K" in classes:
        result = overlay(result, ((a, b, text[a:b]) for a, b in japanese_spans(text)))
    return Hant(result, doubt)


def _choose(text: str, classes: str, span: tuple[int, int], converted: list[str]) -> int:
    """Puts the chosen characters of one span into `converted`; gives the number of doubts."""
    start, end = span
    hans = sum(classes.count(letter, start, end) for letter in "Ssp")
    hant = sum(classes.count(letter, start, end) for letter in "Tt")
    repair = hant > hans
    if hant and not hans and not traces(text[start:end], classes[start:end]):
        return 0
    doubt = 0
    for index, char, margin, lexical in places(text, classes, span, careful=repair):
        letter = classes[index]
        if char != text[index] and letter not in "sp":
            founded = lexical or (letter == "N" and not repair) or (letter == "N" and hans == 0)
            if not founded or (repair and margin < _REPAIR):
                continue
        converted[index] = char
        doubt += margin < _DOUBT
    return doubt


def _reversible(text: str, classes: str, converted: str) -> str:
    """`converted`, less the choices that would not read back to the same Simplified text."""
    if not _depends().search(converted):
        return converted
    before, after = to_hans(text, None, classes), to_hans(converted)
    if before == after:
        return converted
    places = zip(text, converted, before, after, strict=True)
    return "".join(old if was != now else new for old, new, was, now in places)


@cache
def _depends() -> re.Pattern[str]:
    """Characters whose Simplified form depends on the word around them."""
    chars = read_json("characters.json")["classes"]["P"]
    return re.compile(f"[{re.escape(''.join(c for c in chars if c < chr(0x10000)))}]")
