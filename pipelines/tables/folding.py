"""Builds the fold of the search key: every variant, width and case to one representative."""

import sys
import unicodedata

from pipelines.tables.sources import dictionary

__all__ = ["fold_table"]

# Hand-reviewed: pronouns that Taiwan writes apart and a reader searches as one, and marks.
_SAME = "祂他 账帐 夥伙 甚什 阪坂 倆俩"
_MARKS = {
    '"': "「」“”„‟〝〞＂",
    "'": "『』‘’‚‛＇′`´",
    "-": "‐‑‒–—―─━－﹣",
    "·": "•・‧∙⋅･",
    "~": "～〜˜",
}


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
