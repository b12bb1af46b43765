"""Which script a text is written in, from the characters that only one script has.

`hans` and `hant` are decided by telling characters; `hant_naive` is Traditional that a machine
made character by character and left 于, 后, 干, 并 as they were; `mixed` has both scripts; `shared` has
Han characters but none that tells; `ja` is Japanese; `none` has no Han character at all.
"""

from dataclasses import dataclass

from pipelines.classes import classify

__all__ = ["Counts", "counts", "judge", "script"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many characters tell which script: Han at all, only Simplified, only Traditional..."""

    han: int
    hans: int
    hant: int
    naive: int
    kana: int
    japanese: int


def counts(text: str, classes: str | None = None) -> Counts:
    """The telling characters of the text, counted; `classes` saves a pass if it is at hand."""
    count = (classify(text) if classes is None else classes).count
    hans, hant, naive, japanese = count("S"), count("T"), count("N"), count("J")
    return Counts(
        han=hans + hant + naive + japanese + count("A") + count("H"),
        hans=hans,
        hant=hant,
        naive=naive,
        kana=count("K"),
        japanese=japanese,
    )


def script(text: str) -> str:
    """One of hans, hant, hant_naive, mixed, shared, ja, none."""
    return judge(counts(text))


def judge(found: Counts) -> str:
    """The script that these counts speak for."""
    if not found.han:
        return "none"
    if found.kana >= 2 and found.kana * 6 >= found.han:
        return "ja"
    if found.japanese and found.japanese >= found.hans and not found.naive:
        return "ja"
    if found.hans and found.hant:
        less, more = sorted((found.hans, found.hant))
        if less * 20 >= more or less >= 3:
            return "mixed"
    if found.hans > found.hant:
        return "hans"
    if found.hant:
        return "hant_naive" if found.naive else "hant"
    return "shared"
