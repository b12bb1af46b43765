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

from pipelines.tables.lexicon import defaults, write_lexicon
from pipelines.tables.sources import (
    cantonese_sentences,
    dictionary,
    jieba_words,
    uao_cells,
    write_ocd2,
)

__all__ = ["main"]

_OUT = Path(__file__).parent


# Hand-reviewed: pronouns that Taiwan writes apart and a reader searches as one, and marks.
_SAME = "妳你 牠它 祂他 佇伫 嗎吗 麼么 甚什"
_MARKS = {
    '"': "「」“”„‟〝〞＂",
    "'": "『』‘’‚‛＇′`´",
    "-": "‐‑‒–—―─━－﹣",
    "·": "•・‧∙⋅･",
    "~": "～〜˜",
}
# Naive Traditional leaves these where genuine Traditional nearly always writes another character.
_NAIVE = "于后并"


def fold_table() -> dict[str, str]:
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
    for first, second in _SAME.split():
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
    """Traditional character -> Simplified character, Taiwan and Hong Kong variants included."""
    tables = [dictionary(n) for n in ("CJK_Compatibility_Ideographs",)]
    variants = dictionary("HKVariantsRev") | dictionary("TWVariantsRev")
    simple = dictionary("TSCharacters") | dictionary("TSCharactersExt")
    simple |= {k: v for k, v in dictionary("TSCharacters").items() if k in simple}
    result = {}
    for char in {*variants, *simple, *tables[0]}:
        step = tables[0].get(char, [char])[0]
        step = variants.get(step, [step])[0]
        result[char] = simple.get(step, [step])[0]
    return {k: v for k, v in sorted(result.items()) if k != v}


def hans_phrases(characters: dict[str, str]) -> dict[str, str]:
    """Phrases that keep or change a character against the table, names included."""
    taiwan, hong_kong = opencc.OpenCC("tw2s"), opencc.OpenCC("hk2s")
    phrases = {p: hong_kong.convert(p) for p in dictionary("HKVariantsRevPhrases")}
    for name in ("TWVariantsRevPhrases", "TSPhrases"):
        phrases |= {p: taiwan.convert(p) for p in dictionary(name)}
    for row in (_OUT / "protected.tsv").read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            hant, hans, _reason = row.split("\t")
            phrases |= {hant: hans, hans: hans}
    return {p: out for p, out in phrases.items() if len(p) == len(out)}


def class_letters(hans: dict[str, str]) -> dict[str, str]:
    """Class letter -> its characters; `pipelines.classes` tells what the letters mean."""
    simple = dictionary("STCharacters")
    only_hans = {c for c, targets in simple.items() if c not in targets}
    kept = {c for p, q in hans_phrases(hans).items() for c, d in zip(p, q, strict=True) if c == d}
    only_hant = set(hans) - kept
    shinjitai = set(dictionary("JPShinjitaiCharacters"))
    japanese = {c for c in shinjitai if c not in simple and c not in hans and not _gb2312(c)}
    chars = {"S": only_hans, "T": only_hant, "N": set(_NAIVE), "J": japanese, "@": set("@＠#`:")}
    return {
        name: "".join(sorted(c for c in group if ord(c) < 0x30000)) for name, group in chars.items()
    }


def _gb2312(char: str) -> bool:
    return _rank(char)[0] == 0


def write_uao() -> None:
    """Cells of Big5-UAO in code order as UTF-16; U+FFFD where there is none."""
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    cells = uao_cells()
    text = "".join(
        cells.get(lead * 256 + trail, "\ufffd") for lead in range(0x81, 0xFF) for trail in trails
    )
    (_OUT / "uao.bin").write_bytes(text.encode("utf-16-le"))


def frequency(hans: dict[str, str]) -> str:
    """Han characters of both scripts, most frequent first; thin evidence is left out."""
    simplified: Counter[str] = Counter()
    for word, count in jieba_words().items():
        for char in word:
            simplified[char] += count
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


def write_dictionary(name: str, rows: dict[str, str]) -> None:
    """A compiled dictionary and the OpenCC configuration that runs it."""
    write_ocd2(rows, _OUT / f"{name}.ocd2")
    step = {"dict": {"type": "ocd2", "file": f"{name}.ocd2"}}
    config = {"name": f"shenglu {name}", "conversion_chain": [step]}
    (_OUT / f"{name}.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Writes every table."""
    hans = hans_table()
    write_dictionary("hans", hans | hans_phrases(hans))
    write_uao()
    table = defaults(hans)
    write_lexicon(table, _OUT / "lexicon.bin")
    tables = {
        "default": _pairs(table.default),
        "rivals": table.rivals,
        "frequency": frequency(hans),
        "fold": _pairs(fold_table()),
        "hans": _pairs(hans),
        "classes": class_letters(hans),
    }
    text = json.dumps(tables, ensure_ascii=False, indent=0, sort_keys=True)
    (_OUT / "characters.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
