"""Traditional characters for any Chinese text, in context, 1:1, with a count of doubts.

Genuine Traditional is returned as it is. Simplified is converted: the usual form of each
character, and where it has several the one that the word lattice chooses. Naive Traditional is
repaired at the ambiguous characters alone. A mixed text is taken line by line. Orthography is
Taiwan's (裡, 為, 麵, 著); what a writer of Traditional typed is kept in his own.
"""

import re
from functools import cache
from typing import NamedTuple

from pipelines.hans import phrase_pairs, to_hans
from pipelines.japanese import japanese_spans
from pipelines.lattice import Choice, choose, open_places, pad
from pipelines.mapping import CharacterMap
from pipelines.reading import Reading, read
from pipelines.script import script
from pipelines.spans import Protection, overlay, restore
from pipelines.tables import read_json

__all__ = ["Hant", "to_hant"]

_LINE = re.compile("[^\n]+")
_SPOTS, _LEFT = re.compile("[NAstp]"), re.compile("[Ntp]")
# No phrase that decides a Simplified form is longer.
_LONGEST = 12
# Below this lead the second candidate is a real possibility.
_DOUBT = 2.0
# In Traditional text a change must be well founded; the writer's own character has a claim.
_REPAIR = 1.0


class Hant(NamedTuple):
    """Text in Traditional characters, and how many characters of it were uncertain choices."""

    text: str
    doubt: int


@cache
def _usual_forms(letters: str) -> CharacterMap:
    """Simplified character of these classes -> its usual Traditional form."""
    data = read_json("characters.json")
    covered = {char for letter in letters for char in data["classes"].get(letter, "")}
    pairs = zip(data["default"][::2], data["default"][1::2], strict=True)
    return CharacterMap({source: target for source, target in pairs if source in covered})


def to_hant(
    text: str,
    protection: Protection | None = None,
    reading: Reading | None = None,
    found: str | None = None,
) -> Hant:
    """Text in Traditional characters, as many code points as before; never raises.

    `reading` and `found` are what `read` and `script` give for the text, if at hand.
    """
    reading = reading or read(text)
    found = found or script(text, reading)
    if found in {"none", "ja", "hant"}:
        return Hant(text, 0)
    if found in {"hans", "shared"}:
        converted, doubt = _simplified(reading)
    elif found == "hant_naive" or "\n" not in text:
        converted, doubt = _repaired(reading)
    else:
        converted, doubt = _by_line(reading)
    converted = _reversible(reading, converted)
    if protection or "@" in reading.classes:
        converted = restore(text, converted, protection.hant if protection else None)
    if "K" in reading.classes:
        converted = overlay(converted, ((a, b, text[a:b]) for a, b in japanese_spans(text)))
    return Hant(converted, doubt)


def _simplified(reading: Reading) -> tuple[str, int]:
    """A Simplified text: usual forms everywhere, the lattice where others are possible."""
    converted = _usual_forms("SspNVHP")(reading.text)
    found = open_places(pad(reading.plain), _SPOTS.finditer(reading.classes))
    if not found:
        return converted, 0
    pieces = ((index, index + 1, choice.char) for index, choice in found)
    return overlay(converted, pieces), sum(choice.margin < _DOUBT for _, choice in found)


def _repaired(reading: Reading) -> tuple[str, int]:
    """A text with Traditional in it: only what is well founded changes, beside Simplified."""
    text, classes, plain = reading
    converted = _usual_forms("Ssp")(text)
    mostly = sum(map(classes.count, "Ttq")) > sum(map(classes.count, "Ssp"))
    padded = pad(plain)
    found: dict[int, Choice] = dict(open_places(padded, _SPOTS.finditer(classes)))
    for spot in _LEFT.finditer(classes):
        found[spot.start()] = choose(padded, spot.start())
    pieces, doubt = [], 0
    for index, choice in sorted(found.items()):
        letter = classes[index]
        founded = choice.lexical or letter == "N"
        if letter in "sp" or (founded and not (mostly and choice.margin < _REPAIR)):
            pieces.append((index, index + 1, choice.char))
            doubt += choice.margin < _DOUBT
    return overlay(converted, pieces), doubt


def _by_line(reading: Reading) -> tuple[str, int]:
    """A text of several writers: each line in its own script."""
    pieces, doubt = [], 0
    for match in _LINE.finditer(reading.text):
        line = reading.part(*match.span())
        kind = script(line.text, line)
        if kind in {"hans", "shared"}:
            converted, doubts = _simplified(line)
        elif kind in {"hant_naive", "mixed"}:
            converted, doubts = _repaired(line)
        else:
            continue
        pieces.append((*match.span(), converted))
        doubt += doubts
    return overlay(reading.text, pieces), doubt


def _reversible(reading: Reading, converted: str) -> str:
    """`converted`, less the choices that would not read back to the same Simplified text."""
    text = reading.text
    pairs = phrase_pairs()
    for spot in _depends().finditer(converted):
        index = spot.start()
        if converted[index : index + 2] in pairs or converted[index - 1 : index + 1] in pairs:
            start, end = max(0, index - _LONGEST), index + _LONGEST
            if to_hans(text[start:end]) != to_hans(converted[start:end]):
                break
    else:
        return converted
    before, after = to_hans(text, None, reading), to_hans(converted)
    places = zip(_usual_forms("Ssp")(text), converted, before, after, strict=True)
    return "".join(old if was != now else new for old, new, was, now in places)


@cache
def _depends() -> re.Pattern[str]:
    """Characters whose Simplified form depends on the word around them."""
    groups = read_json("characters.json")["classes"]
    chars = (char for letter in "Ppq" for char in groups.get(letter, "") if char < "\U00010000")
    return re.compile(f"[{re.escape(''.join(chars))}]")
