"""Traditional characters for any Chinese text, in context, 1:1, with a count of doubts.

Genuine Traditional is returned as it is. Simplified is converted: the usual form of each
character, and where it has several the one that the word lattice chooses. Naive Traditional is
repaired at the ambiguous characters alone. A mixed text is taken line by line. Orthography is
Taiwan's (裡, 為, 麵, 著); what a writer of Traditional typed is kept in his own.
"""

import re
from typing import NamedTuple

from pipelines.classes import usual_forms
from pipelines.hans import phrases_in, to_hans
from pipelines.japanese import japanese_spans
from pipelines.lattice import Choice, choose, open_places, pad
from pipelines.reading import Reading, read
from pipelines.script import script
from pipelines.spans import Protection, overlay, restore

__all__ = ["Hant", "to_hant"]

_LINE = re.compile("[^\n]+")
_SPOTS, _LEFT = re.compile("[NAstp]"), re.compile("[Ntp]")
# Below this lead the second candidate is a real possibility.
_DOUBT = 2.0
# In Traditional text a change must be well founded; the writer's own character has a claim.
_REPAIR = 1.0


class Hant(NamedTuple):
    """Text in Traditional characters, and how many characters of it were uncertain choices."""

    text: str
    doubt: int


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
    converted = reading.usual
    found = open_places(pad(reading.plain), _SPOTS.finditer(reading.classes))
    if not found:
        return converted, 0
    pieces = ((index, index + 1, choice.char) for index, choice in found)
    return overlay(converted, pieces), sum(choice.margin < _DOUBT for _, choice in found)


def _repaired(reading: Reading) -> tuple[str, int]:
    """A text with Traditional in it: only what is well founded changes, beside Simplified."""
    classes = reading.classes
    converted = usual_forms(reading.text)
    mostly = sum(map(classes.count, "Ttq")) > sum(map(classes.count, "Ssp"))
    padded = pad(reading.plain)
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
    text, classes = reading.text, reading.classes
    depends = "P" in classes or "q" in classes or "p" in classes
    before = to_hans(text, None, reading) if depends else reading.plain
    if all(before[start:end] == form for start, end, form in phrases_in(converted)):
        return converted
    after = to_hans(converted)
    places = zip(usual_forms(text), converted, before, after, strict=True)
    return "".join(old if was != now else new for old, new, was, now in places)
