"""Japanese inside what we read: told apart, never converted."""

import re
from collections.abc import Iterator

__all__ = ["KANA", "japanese_spans", "kana_count"]

_BLOCKS = ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x31F0, 0x3200), (0xFF66, 0xFF9E))
KANA = "".join(chr(code) for first, end in _BLOCKS for code in range(first, end))
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d]")
_CLAUSE = re.compile("[^\n。！？!?；;：:，,「」『』“”（）()]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
# Chinese borrows single kana (の above all); a clause is Japanese from this share of kana on.
_SHARE = 0.15


def kana_count(text: str) -> int:
    """Kana letters in the text."""
    return len(_KANA.findall(text))


def japanese_spans(text: str) -> Iterator[tuple[int, int]]:
    """Clauses of the text that are written in Japanese."""
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        kana = kana_count(clause)
        if kana >= 2 and kana >= _SHARE * (kana + len(_HAN.findall(clause))):
            yield match.span()
