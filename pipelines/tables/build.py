"""Builds the tables of the text pipeline: `python -m pipelines.tables.build`.

Reads OpenCC's compiled dictionaries with the tool in its wheel, and word lists of packages that it
fetches at pinned versions. Deterministic: the same versions give the same bytes. Run by a
developer, never by a user.
"""

import json
from collections import Counter
from pathlib import Path

import opencc

from pipelines.tables.contexts import write_rules
from pipelines.tables.folding import fold_table
from pipelines.tables.letters import NEUTRAL, class_letters
from pipelines.tables.lexicon import defaults, write_lexicon
from pipelines.tables.simplified import frequency_of, hans_phrases, hans_table
from pipelines.tables.sources import cantonese_sentences, dictionary, jieba_words, uao_cells

__all__ = ["main"]

_OUT = Path(__file__).parent


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


def _old_forms() -> str:
    """Traditional forms that Japan replaced."""
    japanese = dictionary("JPShinjitaiCharacters")
    return "".join(sorted({old for forms in japanese.values() for old in forms} - set(japanese)))


def main() -> None:
    """Writes every table."""
    hans = hans_table()
    table = defaults(hans)
    table.default.update(NEUTRAL)
    shares = write_lexicon(table, _OUT / "lexicon.bin")
    write_uao()
    ruled = write_rules(_OUT / "rules.json")
    tables = {
        "opencc": opencc.__version__,
        "old_forms": _old_forms(),
        "default": _pairs(table.default),
        "rivals": table.rivals,
        "frequency": frequency(hans),
        "fold": _pairs(fold_table(hans)),
        "hans": _pairs(hans),
        "phrases": hans_phrases(hans),
        "classes": class_letters(hans, table, shares | dict.fromkeys(ruled, 1.0)),
    }
    text = json.dumps(tables, ensure_ascii=False, indent=0, sort_keys=True)
    (_OUT / "characters.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
