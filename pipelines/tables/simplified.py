"""Builds the way to Simplified: the character table, and the phrases that go against it."""

from collections import Counter

import opencc

from pipelines.tables import read_lines
from pipelines.tables.sources import dictionary, jieba_words

__all__ = ["frequency_of", "hans_phrases", "hans_table", "is_chinese", "phrase_triggers"]

# Variants that the PRC's First Table of Variant Forms (1955) abolished and OpenCC keeps apart.
_ABOLISHED = "妳你 牠它 砲炮 姪侄 燄焰 顎颚"
# Japanese and old forms that stand in Chinese texts for names, and that no table leads home.
_ASTRAY = "郷乡 鄕乡 呉吴 隠隐 歩步 効效 絶绝 奬奖 産产 勲勋"
# Surnames in OpenCC's phrases that turn up by chance: 於倫 in 於倫敦.
_CHANCE = frozenset({"於倫", "於則", "於坦", "於琳", "於敖", "於單"})
# Characters of which Simplified keeps some words: 原著, 乾坤, 狼藉, 瞭望.
_KEPT = set("著乾藉瞭")


def hans_table() -> dict[str, str]:
    """Character -> Simplified character; Taiwan, Hong Kong and Japanese variants included."""
    compatibility = dictionary("CJK_Compatibility_Ideographs")
    variants = dictionary("HKVariantsRev") | dictionary("TWVariantsRev")
    simple = dictionary("TSCharacters") | dictionary("TSCharactersExt")
    japanese = {k: v for k, v in dictionary("JPShinjitaiCharacters").items() if not is_chinese(k)}
    result = {}
    for char in {*variants, *simple, *compatibility, *japanese}:
        step = compatibility.get(char, [char])[0]
        step = japanese.get(step, [step])[0]
        step = variants.get(step, [step])[0]
        result[char] = simple.get(step, [step])[0]
    result |= {pair[0]: pair[1] for pair in (*_ABOLISHED.split(), *_ASTRAY.split())}
    result.pop("么", None)  # Taiwan's 幺 in the tables, everybody's 麼 in use
    return {k: v for k, v in sorted(result.items()) if k != v and len(k) == len(v) == 1}


def is_chinese(char: str) -> bool:
    """Whether Chinese uses the character, so that it is no sign of Japanese."""
    chinese = (*("STCharacters", "TSCharacters", "TWVariants", "HKVariants"), "TWVariantsRev")
    return (
        _encodes(char, "gb2312")
        or any(char in dictionary(name) for name in chinese)
        or _encodes(char, "big5")
    )


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


def _encodes(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def frequency_of(words: dict[str, int]) -> Counter[str]:
    """How often each character occurs in the counted words."""
    seen: Counter[str] = Counter()
    for word, count in words.items():
        for char in word:
            seen[char] += count
    return seen
