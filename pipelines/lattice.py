"""Which Traditional character an ambiguous one stands for: a word lattice with frequencies.

All words that cross the place compete, weighed by how often they and their neighbours occur on
both sides of the strait; where the character is a word of its own, reviewed context rules weigh
its candidates. The margin between best and second candidate tells how sure the choice is.

Method: unigram word lattice, forward and backward best paths (Viterbi 1967) over a short window.
"""

import gzip
import re
from functools import cache, lru_cache
from typing import NamedTuple

from pipelines.tables import read_bytes, read_json, read_lines

__all__ = ["Choice", "choose", "is_open"]

_LONGEST = 6
# Characters of context on each side: two long words.
_REACH = 8
_TOTAL = 17.9  # ln of the sixty million words behind the counts
_UNKNOWN = -1.5  # ln count of a character that no word list has alone
_RIVAL = -5.0  # a rival of the default, standing alone and without a rule for it
_NEVER = -1e9

Forms = tuple[tuple[str, float], ...]


class Choice(NamedTuple):
    """The chosen character and its lead over the next best, in nats."""

    char: str
    margin: float


class _Rule(NamedTuple):
    char: str
    weight: float
    inside: bool
    left: re.Pattern[str] | None
    right: re.Pattern[str] | None


@cache
def _words() -> tuple[dict[str, float], dict[str, Forms], frozenset[str]]:
    """Log-frequencies, unusual forms, and the bigrams through which an unusual form is reached."""
    frequency: dict[str, float] = {}
    forms: dict[str, Forms] = {}
    defaults, rivals = _characters()
    reach: set[str] = set()
    for row in gzip.decompress(read_bytes("lexicon.bin")).decode("utf-8").split("\n"):
        word, quantised, *shares = row.split("\t")
        frequency[word] = int(quantised) / 10
        if shares:
            forms[word] = tuple(_share(item) for item in shares)
            for index, char in enumerate(word):
                if char in rivals and any(
                    f[index] != defaults.get(char, char) for f, _ in forms[word]
                ):
                    reach.update((word[max(0, index - 1) : index + 1], word[index : index + 2]))
    return frequency, forms, frozenset(bigram for bigram in reach if len(bigram) == 2)


def _share(item: str) -> tuple[str, float]:
    from math import log

    form, share = item.split(":")
    return form, log(float(share))


@cache
def _characters() -> tuple[dict[str, str], dict[str, str]]:
    """Defaults and rivals by projected character."""
    table = read_json("characters.json")
    pairs = table["default"]
    return dict(zip(pairs[::2], pairs[1::2], strict=True)), table["rivals"]


@cache
def _rules() -> dict[str, list[_Rule]]:
    classes: dict[str, str] = {}
    rules: dict[str, list[_Rule]] = {}
    for row in read_lines("rules.tsv"):
        if row[0] == "=":
            classes[row[1]] = row[2]
            continue
        source, target, weight, left, right = (*row, "", "")[:5]
        for name, pattern in classes.items():
            left, right = (
                left.replace(f"{{{name}}}", pattern),
                right.replace(f"{{{name}}}", pattern),
            )
        before = re.compile(f"(?:{left})$") if left else None
        after = re.compile(right) if right else None
        rule = _Rule(target, float(weight.rstrip("!")), weight.endswith("!"), before, after)
        for char in source:
            rules.setdefault(char, []).append(rule)
    return rules


def is_open(text: str, index: int) -> bool:
    """Whether anything near speaks for another character than the default."""
    reach = _words()[2]
    return (
        text[index] in _rules()
        or text[index : index + 2] in reach
        or (index > 0 and text[index - 1 : index + 1] in reach)
    )


def choose(text: str, index: int) -> Choice:
    """The Traditional character for `text[index]`, in a text projected to Simplified."""
    start = max(0, index - _REACH)
    return _choose(text[start : index + _REACH + 1], index - start)


@lru_cache(maxsize=65_536)
def _choose(window: str, index: int) -> Choice:
    defaults, rivals = _characters()
    char = window[index]
    usual = defaults.get(char, char)
    if char not in rivals:
        return Choice(usual, -_NEVER)
    scores: dict[str, float] = dict.fromkeys(rivals[char], _NEVER)
    forward, backward = _forward(window, index), _backward(window, index)
    frequency, forms, _ = _words()
    alone, inside = _context(window, index)
    alone = {t: alone.get(t, 0.0) + (0.0 if t == usual else _RIVAL) for t in scores}
    for start in range(max(0, index - _LONGEST + 1), index + 1):
        for end in range(index + 1, min(len(window), start + _LONGEST) + 1):
            word = window[start:end]
            if end - start == 1:
                base = frequency.get(word, _UNKNOWN) - _TOTAL
                found = alone
            elif word in frequency:
                base = frequency[word] - _TOTAL
                found = _within(forms.get(word), index - start, usual)
                found = {t: w + inside.get(t, 0.0) for t, w in found.items()} | {
                    t: w + _RIVAL for t, w in inside.items() if t not in found
                }
            else:
                continue
            base += forward[start] + backward[end]
            for target, weight in found.items():
                scores[target] = max(scores.get(target, _NEVER), base + weight)
    (best, first), (_, second) = sorted(scores.items(), key=lambda s: -s[1])[:2]
    return Choice(best, first - second)


def _within(forms: Forms | None, offset: int, usual: str) -> dict[str, float]:
    if not forms:
        return {usual: 0.0}
    found: dict[str, float] = {}
    for form, weight in forms:
        found[form[offset]] = max(found.get(form[offset], _NEVER), weight)
    return found


def _context(window: str, index: int) -> tuple[dict[str, float], dict[str, float]]:
    """What the rules give each candidate as a word of its own, and inside a longer word."""
    alone: dict[str, float] = {}
    inside: dict[str, float] = {}
    left, right = window[:index], window[index + 1 :]
    for rule in _rules().get(window[index], ()):
        if (rule.left is None or rule.left.search(left)) and (
            rule.right is None or rule.right.match(right)
        ):
            alone[rule.char] = alone.get(rule.char, 0.0) + rule.weight
            if rule.inside:
                inside[rule.char] = inside.get(rule.char, 0.0) + rule.weight
    return alone, inside


def _forward(window: str, end: int) -> list[float]:
    """Best log-probability of the text before each place up to `end`."""
    frequency = _words()[0]
    best = [0.0]
    for place in range(1, end + 1):
        score = best[place - 1] + frequency.get(window[place - 1], _UNKNOWN) - _TOTAL
        for start in range(max(0, place - 4), place - 1):
            if (found := frequency.get(window[start:place])) is not None:
                score = max(score, best[start] + found - _TOTAL)
        best.append(score)
    return best


def _backward(window: str, index: int) -> dict[int, float]:
    """Best log-probability of the text from each place behind `index` on."""
    frequency = _words()[0]
    size = len(window)
    best = {size: 0.0}
    for place in range(size - 1, index, -1):
        score = best[place + 1] + frequency.get(window[place], _UNKNOWN) - _TOTAL
        for end in range(place + 2, min(size, place + 4) + 1):
            if (found := frequency.get(window[place:end])) is not None:
                score = max(score, best[end] + found - _TOTAL)
        best[place] = score
    return best
