"""Which script a text is written in, from the characters that only one script has.

`hans` and `hant` are decided by telling characters; `hant_naive` is Traditional that a machine
made character by character and left 于, 后, 干, 并 as they were; `mixed` has both scripts; `shared`
has Han characters but none that tells; `ja` is Japanese; `none` has no Han character at all.
"""

from functools import cache
from typing import NamedTuple

from pipelines.naive import traces
from pipelines.reading import Reading, read
from pipelines.tables import read_json

__all__ = ["Counts", "counts", "glance", "is_japanese", "judge", "script"]

# Words of every Chinese text and of no Japanese one, beside kanji that both write.
_CHINESE = frozenset(
    "的了我你他她们們这這那吗嗎吧呢啊么麼很也就還还沒没啥咱您它把跟與从從让讓说說到於于其而但已并只為"
)
# One telling character in this many may be a slip of the keyboard or a quoted name.
_SLIP = 25


class Counts(NamedTuple):
    """How many characters tell which script: Han at all, only Simplified, only Traditional..."""

    han: int
    hans: int
    hant: int
    naive: int
    kana: int
    japanese: int


def counts(text: str, reading: Reading | None = None) -> Counts:
    """The telling characters of the text, counted; `reading` saves a pass if it is at hand.

    `naive` counts shared characters that Traditional usually writes otherwise (后 for 後).
    """
    count = (reading or read(text)).classes.count
    hans = count("S") + count("s") + count("p")
    hant = count("T") + count("t") + count("q")
    naive, japanese = count("N"), count("J")
    han = hans + hant + naive + japanese + count("H") + count("A") + count("P") + count("V")
    return Counts(han, hans, hant, naive, count("K"), japanese)


def script(text: str, reading: Reading | None = None) -> str:
    """One of hans, hant, hant_naive, mixed, shared, ja, none.

    A text without a telling character whose words demand other ones in Traditional (以后) is hans.
    """
    reading = reading or read(text)
    judged = glance(reading.classes) or judge(counts(text, reading), text)
    if judged in {"hant", "shared"} and traces(reading):
        return "hant_naive" if judged == "hant" else "hans"
    return judged


def glance(classes: str) -> str | None:
    """Hans or hant, where only one of the two shows and nothing Japanese; else None."""
    hans = "S" in classes or "s" in classes or "p" in classes
    hant = "T" in classes or "t" in classes or "q" in classes
    if hans == hant or "J" in classes or "K" in classes:
        return None
    return "hans" if hans else "hant"


def judge(found: Counts, text: str) -> str:
    """The script that these counts speak for, before the text is searched for traces."""
    if not found.han:
        return "none"
    less, more = sorted((found.hans, found.hant))
    if (found.kana or found.japanese or less) and is_japanese(found, text):
        return "ja"
    if less and (less * _SLIP >= more or less >= 3):
        return "mixed"
    if not more:
        return "shared"
    return "hans" if found.hans > found.hant else "hant"


def is_japanese(found: Counts, text: str) -> bool:
    """Whether a text with these counts is Japanese rather than Chinese.

    Kana in number decide. Without them: characters that only Japan simplified so, or a mixture of
    Simplified and Traditional forms each of which is the Japanese one, in a text without a single
    Chinese function word.
    """
    if found.kana >= 2 and found.kana * 6 >= found.han:
        return True
    mingled = found.hans > 0 and found.hant > 0
    # A handle keeps the script of whoever chose it: it makes no mixture of the text around it.
    if found.han > 40 or not (found.japanese or mingled) or "@" in text:
        return False
    if not mingled and found.japanese * (12 if found.han <= 12 else 8) < found.han:
        return False
    return not _CHINESE & set(text) and _all_kanji(text)


def _all_kanji(text: str) -> bool:
    """Whether Japanese standard orthography has every Han character of the text."""
    try:
        text.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return not _old_forms() & set(text)


@cache
def _old_forms() -> frozenset[str]:
    """Traditional forms that Japan replaced in 1946: in a modern text they are Chinese."""
    return frozenset(read_json("characters.json")["old_forms"])
