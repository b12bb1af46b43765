"""Builds the tables of the text pipeline: `python -m pipelines.tables.build`.

Reads OpenCC's compiled dictionaries with the tool in its wheel. Deterministic: the same
package versions give the same bytes. Run by a developer, never by a user.
"""

import json
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import opencc

from pipelines.tables import read_lines
from pipelines.tables.contexts import write_rules
from pipelines.tables.lexicon import Defaults, defaults, is_shared, write_lexicon
from pipelines.tables.sources import (
    cantonese_sentences,
    dictionary,
    jieba_words,
    uao_cells,
)

__all__ = ["main"]

_OUT = Path(__file__).parent


# Hand-reviewed: pronouns that Taiwan writes apart and a reader searches as one, and marks.
_SAME = "祂他 账帐 夥伙 甚什 阪坂 倆俩"
_MARKS = {
    '"': "「」“”„‟〝〞＂",
    "'": "『』‘’‚‛＇′`´",
    "-": "‐‑‒–—―─━－﹣",
    "·": "•・‧∙⋅･",
    "~": "～〜˜",
}
# Variants that the PRC's First Table of Variant Forms (1955) abolished and OpenCC keeps apart.
_ABOLISHED = "妳你 牠它 砲炮 姪侄 燄焰 顎颚"
# Japanese and old forms that stand in Chinese texts for names, and that no table leads home.
_ASTRAY = "郷乡 鄕乡 呉吴 隠隐 歩步 効效 絶绝 奬奖 産产 勲勋"
# What a machine may write beside the usual form.
_MACHINE = set("沖")
# Surnames in OpenCC's phrases that turn up by chance: 於倫 in 於倫敦.
_CHANCE = frozenset({"於倫", "於則", "於坦", "於琳", "於敖", "於單"})
# Simplified in one word (幺麽), Traditional in another spelling of it: tells nothing.
_NEUTRAL = {"麽": "麼"}
# Characters of which Simplified keeps some words: 原著, 乾坤, 狼藉, 瞭望.
_KEPT = set("著乾藉瞭")


def fold_table(hans: dict[str, str]) -> dict[str, str]:
    """Character -> representative, over OpenCC's relations, width, case and marks."""
    parent: dict[str, str] = {}

    def find(char: str) -> str:
        while parent.setdefault(char, char) != char:
            char = parent[char]
        return char

    names = (
        *("TSCharacters", "TSCharactersExt", "STCharacters", "TWVariants", "TWVariantsRev"),
        *("HKVariants", "HKVariantsRev", "CJK_Compatibility_Ideographs"),
    )
    for name in names:
        for source, targets in dictionary(name).items():
            for target in targets:
                parent[find(source)] = find(target)
    for first, second in (*hans.items(), *(tuple(pair) for pair in _SAME.split())):
        parent[find(first)] = find(second)
    groups: dict[str, list[str]] = {}
    for char in list(parent):
        groups.setdefault(find(char), []).append(char)
    table = {c: min(g, key=_rank) for g in groups.values() for c in g}
    table |= {c: mark for mark, chars in _MARKS.items() for c in chars}
    return _compatibility(table)


def _rank(char: str) -> tuple[int, bytes]:
    """Common Simplified characters first: the order of GB 2312, then of code points."""
    try:
        return 0, char.encode("gb2312")
    except UnicodeEncodeError:
        return 1, char.encode("utf-32-be")


def _compatibility(table: dict[str, str]) -> dict[str, str]:
    """The table extended by width and case of every character that stays a single one."""
    full: dict[str, str] = {}
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code <= 0xDFFF:
            continue
        char = chr(code)
        folded = table.get(char, char)
        for change in (lambda c: unicodedata.normalize("NFKC", c), str.lower, str.casefold):
            if len(change(folded)) == 1:
                folded = change(folded)
        folded = table.get(folded, folded)
        if folded != char:
            full[char] = folded
    return full


def hans_table() -> dict[str, str]:
    """Character -> Simplified character; Taiwan, Hong Kong and Japanese variants included."""
    compatibility = dictionary("CJK_Compatibility_Ideographs")
    variants = dictionary("HKVariantsRev") | dictionary("TWVariantsRev")
    simple = dictionary("TSCharacters") | dictionary("TSCharactersExt")
    japanese = {k: v for k, v in dictionary("JPShinjitaiCharacters").items() if not _known(k)}
    result = {}
    for char in {*variants, *simple, *compatibility, *japanese}:
        step = compatibility.get(char, [char])[0]
        step = japanese.get(step, [step])[0]
        step = variants.get(step, [step])[0]
        result[char] = simple.get(step, [step])[0]
    result |= {pair[0]: pair[1] for pair in (*_ABOLISHED.split(), *_ASTRAY.split())}
    result.pop("么", None)  # Taiwan's 幺 in the tables, everybody's 麼 in use
    return {k: v for k, v in sorted(result.items()) if k != v and len(k) == len(v) == 1}


def _known(char: str) -> bool:
    """Whether Chinese uses the character, so that it is no sign of Japanese."""
    chinese = (*("STCharacters", "TSCharacters", "TWVariants", "HKVariants"), "TWVariantsRev")
    return _gb2312(char) or any(char in dictionary(name) for name in chinese) or _big5(char)


def hans_phrases(hans: dict[str, str]) -> dict[str, str]:
    """Phrases that keep or change a character against the table, names included.

    Those whose every character follows the table stay only where they can stand in the way of
    one that does not.
    """
    taiwan, hong_kong = opencc.OpenCC("tw2s"), opencc.OpenCC("hk2s")
    phrases = {p: hong_kong.convert(p) for p in dictionary("HKVariantsRevPhrases")}
    for name in ("TWVariantsRevPhrases", "TSPhrases"):
        phrases |= {p: taiwan.convert(p) for p in dictionary(name)}
    phrases = _kept_words(hans) | phrases
    for row in read_lines("protected.tsv"):
        phrases |= {row[0]: row[1], row[1]: row[1]}
    phrases = {p: out for p, out in phrases.items() if len(p) == len(out) > 1 and p not in _CHANCE}
    triggers = set(phrase_triggers(phrases, hans))
    return {p: out for p, out in sorted(phrases.items()) if triggers & set(p)}


def phrase_triggers(phrases: dict[str, str], hans: dict[str, str]) -> str:
    """Characters that some phrase treats otherwise than the table does."""
    odd = {
        char
        for phrase, out in phrases.items()
        for char, target in zip(phrase, out, strict=True)
        if hans.get(char, char) != target
    }
    return "".join(sorted(odd))


def _kept_words(hans: dict[str, str]) -> dict[str, str]:
    """Simplified words that keep a character which the table would change: 原著, 专著.

    None that begins with it: in 随着文艺 the Traditional 著 is a suffix, not the word 著文.
    """
    back = {v: k for k, v in hans.items()}
    kept = {}
    for word, count in jieba_words().items():
        if count >= 10 and 2 <= len(word) <= 4 and _KEPT & set(word[1:]):
            kept[word] = word
            kept["".join(c if c in _KEPT else back.get(c, c) for c in word)] = word
    return kept


def class_letters(hans: dict[str, str], table: Defaults) -> dict[str, str]:
    """Class letter -> its characters; `pipelines.classes` tells what the letters mean."""
    kept = set(table.default.values())
    simplified = dictionary("STCharacters").items()
    only_hans = {c for c, forms in simplified if not is_shared(c, forms)} - kept
    triggers = set(phrase_triggers(hans_phrases(hans), hans))
    only_hant = set(hans) - triggers - only_hans - set(table.rivals)
    japanese = {c for c in dictionary("JPShinjitaiCharacters") if not _known(c)}
    forms = {table.default.get(c, c) for c in table.rivals} | _MACHINE
    written = frequency_of(jieba_words())
    foreign = set("於徵彷釐畫谿濛鍊") | {
        c for c in triggers if written[c] * 1000 < written[hans.get(c, c)]
    }
    letters = {c: "q" if c in foreign else "P" for c in triggers}
    letters |= {c: "A" if table.default.get(c, c) == c else "N" for c in table.rivals}
    letters |= {c: "t" if c in forms else "T" for c in only_hant}
    letters |= {c: "s" if c in table.rivals else "S" for c in only_hans}
    letters |= dict.fromkeys(triggers & only_hans, "p")
    letters |= dict.fromkeys(japanese, "J") | dict.fromkeys(_NEUTRAL, "P")
    taiwan = dictionary("TWVariants").keys() - letters.keys() - {"幺"}
    variants = {c for c in table.default if c in taiwan}
    letters |= dict.fromkeys(variants, "V")
    groups: dict[str, list[str]] = {"@": list("@＠#`/")}
    for char, letter in sorted(letters.items()):
        groups.setdefault(letter, []).append(char)
    return {name: "".join(c for c in group if ord(c) < 0x30000) for name, group in groups.items()}


def _gb2312(char: str) -> bool:
    return _rank(char)[0] == 0


def _big5(char: str) -> bool:
    try:
        char.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def write_uao() -> None:
    """Cells of Big5-UAO in code order as UTF-16; U+FFFD where there is none."""
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    cells = uao_cells()
    text = "".join(
        cells.get(lead * 256 + trail, "\ufffd") for lead in range(0x81, 0xFF) for trail in trails
    )
    (_OUT / "uao.bin").write_bytes(text.encode("utf-16-le"))


def frequency_of(words: dict[str, int]) -> Counter[str]:
    """How often each character occurs in the counted words."""
    seen: Counter[str] = Counter()
    for word, count in words.items():
        for char in word:
            seen[char] += count
    return seen


def frequency(hans: dict[str, str]) -> str:
    """Han characters of both scripts, most frequent first; thin evidence is left out."""
    simplified = frequency_of(jieba_words())
    spoken = Counter("".join(cantonese_sentences()))
    scale = sum(simplified.values()) / sum(spoken.values())
    total: Counter[str] = Counter(simplified)
    for char, count in spoken.items():
        total[char] = max(total[char], int(count * scale))
    for char, target in hans.items():
        total[char] = max(total[char], simplified[target] // 2)
    return "".join(c for c, n in sorted(total.items(), key=lambda r: (-r[1], r[0])) if _han(c, n))


def _han(char: str, count: int) -> bool:
    return count > 20 and ("\u3400" <= char <= "\u9fff" or char > "\U00020000")


def _pairs(table: dict[str, str]) -> str:
    return "".join(a + b for a, b in sorted(table.items()))


def main() -> None:
    """Writes every table."""
    hans = hans_table()
    table = defaults(hans)
    table.default.update(_NEUTRAL)
    write_lexicon(table, _OUT / "lexicon.bin")
    write_uao()
    write_rules(_OUT / "rules.json")
    tables = {
        "old_forms": "".join(
            sorted(
                {v for vs in dictionary("JPShinjitaiCharacters").values() for v in vs}
                - set(dictionary("JPShinjitaiCharacters"))
            )
        ),
        "opencc": opencc.__version__,
        "default": _pairs(table.default),
        "rivals": table.rivals,
        "frequency": frequency(hans),
        "fold": _pairs(fold_table(hans)),
        "hans": _pairs(hans),
        "phrases": hans_phrases(hans),
        "classes": class_letters(hans, table),
    }
    text = json.dumps(tables, ensure_ascii=False, indent=0, sort_keys=True)
    (_OUT / "characters.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
