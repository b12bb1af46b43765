"""Builds the class letters of `pipelines.classes`: what each character tells about a text."""

from pipelines.tables.lexicon import Defaults, is_shared
from pipelines.tables.simplified import frequency_of, hans_phrases, is_chinese, phrase_triggers
from pipelines.tables.sources import dictionary, jieba_words

__all__ = ["NEUTRAL", "class_letters"]

# What a machine may write beside the usual form.
_MACHINE = set("沖臺")
# Simplified in one word (幺麽), Traditional in another spelling of it: tells nothing.
NEUTRAL = {"麽": "麼"}
# OpenCC's phrases keep these in names, but a text that has them is Traditional.
_FOREIGN = set("於徵彷釐畫谿濛鍊")
# Share of the other forms below which a Traditional character is no sign of a machine.
_RARE = 0.0015


def class_letters(
    hans: dict[str, str], table: Defaults, shares: dict[str, float]
) -> dict[str, str]:
    """Class letter -> its characters.

    `shares`: how often, in the lexicon, an ambiguous character is not the usual form; one that
    always is counts as unambiguous.
    """
    letters = _scripts(hans, table, {char for char, share in shares.items() if share > 0})
    usual = {table.default.get(c, c) for c, share in shares.items() if share > _RARE}
    letters |= {c: "t" for c in usual | _MACHINE if letters.get(c) == "T"}
    taiwan = dictionary("TWVariants").keys() - letters.keys() - {"幺"}
    letters |= {c: "V" for c in table.default if c in taiwan}
    groups: dict[str, list[str]] = {"@": list("@＠#`/")}
    for char, letter in sorted(letters.items()):
        groups.setdefault(letter, []).append(char)
    return {name: "".join(c for c in group if ord(c) < 0x30000) for name, group in groups.items()}


def _scripts(hans: dict[str, str], table: Defaults, open_: set[str]) -> dict[str, str]:
    usual = set(table.default.values())
    simplified = dictionary("STCharacters").items()
    only_hans = {c for c, forms in simplified if not is_shared(c, forms)} - usual
    triggers = set(phrase_triggers(hans_phrases(hans), hans))
    only_hant = set(hans) - triggers - only_hans - set(table.rivals)
    japanese = {c for c in dictionary("JPShinjitaiCharacters") if not is_chinese(c)}
    written = frequency_of(jieba_words())
    rare = {c for c in triggers if written[c] * 1000 < written[hans.get(c, c)]}
    letters = {c: "q" if c in rare | _FOREIGN else "P" for c in triggers}
    letters |= {c: "A" if table.default.get(c, c) == c else "N" for c in open_}
    letters |= {c: "V" for c in table.rivals if c not in open_ and table.default.get(c, c) != c}
    letters |= dict.fromkeys(only_hant, "T")
    letters |= {c: "s" if c in open_ else "S" for c in only_hans}
    letters |= dict.fromkeys(triggers & only_hans, "p")
    return letters | dict.fromkeys(japanese, "J") | dict.fromkeys(NEUTRAL, "P")
