"""Which script a text is written in, from the characters that only one script has.

`hans` and `hant` are decided by telling characters; `hant_naive` is Traditional that a machine
made character by character and left 于, 后, 干, 并 as they were; `mixed` has both scripts; `shared` has
Han characters but none that tells; `ja` is Japanese; `none` has no Han character at all.
"""

from dataclasses import dataclass
from functools import cache

from pipelines.classes import HAN, classify
from pipelines.naive import traces
from pipelines.tables import read_json

__all__ = ["Counts", "counts", "is_japanese", "judge", "script"]

# Words of every Chinese text and of no Japanese one, beside kanji that both write.
_CHINESE = frozenset(
    "的了我你他她们們这這那吗嗎吧呢啊么麼很也就還还沒啥咱您它把跟與从從让讓说說到於于其而但已并只為"
)
# One telling character in this many may be a slip of the keyboard or a quoted name.
_SLIP = 25


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
    """The telling characters of the text, counted; `classes` saves a pass if it is at hand.

    `naive` counts shared characters that Traditional usually writes otherwise (后 for 後).
    """
    count = (classify(text) if classes is None else classes).count
    found = {letter: count(letter) for letter in HAN}
    return Counts(
        han=sum(found.values()),
        hans=found["S"] + found["s"] + found["p"],
        hant=found["T"] + found["t"],
        naive=found["N"],
        kana=count("K"),
        japanese=found["J"],
    )


def script(text: str, classes: str | None = None) -> str:
    """One of hans, hant, hant_naive, mixed, shared, ja, none.

    A text without a telling character whose words demand other ones in Traditional (以后) is hans.
    """
    classes = classify(text) if classes is None else classes
    found = judge(counts(text, classes), text)
    if found in {"hant", "shared"} and traces(text, classes):
        return "hant_naive" if found == "hant" else "hans"
    return found


def judge(found: Counts, text: str) -> str:
    """The script that these counts speak for; naive Traditional counts as hant."""
    if not found.han:
        return "none"
    if (found.kana or found.japanese or found.hans) and is_japanese(found, text):
        return "ja"
    less, more = sorted((found.hans, found.hant))
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
    if not (found.japanese or (found.hans and found.hant)) or found.han > 40:
        return False
    if found.japanese * (12 if found.han <= 12 else 8) < found.han and not (
        found.hans and found.hant
    ):
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
