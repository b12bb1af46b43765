"""Which Traditional character an ambiguous one stands for: a word lattice with frequencies.

All words that cross the place compete, weighed by how often they and their neighbours occur on
both sides of the strait; where the character is a word of its own, reviewed context rules weigh
its candidates. The margin between best and second candidate tells how sure the choice is.

Method: unigram word lattice, forward and backward best paths (Viterbi 1967) over a short window.
Most places never come so far: the three characters around them already leave one candidate.
"""

import gzip
from collections.abc import Iterator
from functools import cache, lru_cache
from math import log
from typing import NamedTuple

from pipelines.rules import Rule, applicable, weigh
from pipelines.tables import read_bytes, read_json

__all__ = ["Choice", "choose", "usual"]

_LONGEST = 6
# Characters of context: for the rules, and for the lattice (two words of usual length).
_REACH, _NEAR = 8, 5
_TOTAL = 17.9  # ln of the sixty million words behind the counts
_UNKNOWN = -1.5  # ln count of a character that no word list has alone
_RIVAL = -5.0  # a rival of the default, standing alone and without a rule for it
_NEVER = -1e9
_HEADWORD = 8.0  # a dictionary's headword that stands alone is that headword
_CLEAR = 5.0  # margin of a choice without any contender

Forms = tuple[tuple[str, float, bool], ...]


class Choice(NamedTuple):
    """The chosen character, its lead over the next best in nats, and whether a word or a rule of
    context chose it rather than its mere frequency.
    """

    char: str
    margin: float
    lexical: bool


class _Lexicon(NamedTuple):
    """Log-frequencies; unusual forms; bigrams that lead to an unusual form; bigrams in words."""

    frequency: dict[str, float]
    forms: dict[str, Forms]
    reach: frozenset[str]
    inner: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    frequency: dict[str, float] = {}
    forms: dict[str, Forms] = {}
    defaults, rivals = _characters()
    reach: set[str] = set()
    inner: set[str] = set()
    for row in gzip.decompress(read_bytes("lexicon.bin")).decode("utf-8").split("\n"):
        word, quantised, *shares = row.split("\t")
        frequency[word] = int(quantised) / 10
        inner.update(map("".join, zip(word, word[1:], strict=False)))
        if shares:
            found = forms[word] = tuple(_share(item) for item in shares)
            for index, char in enumerate(word):
                usual_form = defaults.get(char, char)
                if char in rivals and any(form[index] != usual_form for form, *_ in found):
                    reach.update((word[max(0, index - 1) : index + 1], word[index : index + 2]))
    return _Lexicon(frequency, forms, frozenset(b for b in reach if len(b) == 2), frozenset(inner))


def _share(item: str) -> tuple[str, float, bool]:
    form, share = item.split(":")
    return form, log(float(share.rstrip("*"))), share.endswith("*")


@cache
def _characters() -> tuple[dict[str, str], dict[str, str]]:
    """Defaults and rivals by projected character."""
    table = read_json("characters.json")
    pairs = table["default"]
    return dict(zip(pairs[::2], pairs[1::2], strict=True)), table["rivals"]


def usual(char: str) -> str:
    """The usual Traditional form of a Simplified character."""
    return _characters()[0].get(char, char)


class _Neighbours(dict[str, "tuple[Rule, ...] | Choice"]):
    """Triple of characters -> the rules to try, or the choice where nothing is left to try."""

    def __missing__(self, triple: str) -> "tuple[Rule, ...] | Choice":
        before, char, after = triple
        rules = applicable(before.strip("\0"), char, after.strip("\0"))
        default = usual(char)
        reach = _lexicon().reach
        open_place = before + char in reach or char + after in reach
        if not open_place and all(rule.char == default for rule in rules):
            self[triple] = Choice(default, _CLEAR, lexical=False)
        else:
            self[triple] = rules
        return self[triple]


_NEIGHBOURS = _Neighbours()
_MANY = 200_000


def choose(text: str, index: int, *, careful: bool = False) -> Choice:
    """The Traditional character for `text[index]`, in a text projected to Simplified.

    `careful` looks for a word or rule also where only the usual character is possible.
    """
    before = text[index - 1] if index else "\0"
    after = text[index + 1] if index + 1 < len(text) else "\0"
    if len(_NEIGHBOURS) > _MANY:
        _NEIGHBOURS.clear()
    rules = _NEIGHBOURS[before + text[index] + after]
    if isinstance(rules, Choice):
        if not careful:
            return rules
        rules = applicable(before.strip("\0"), text[index], after.strip("\0"))
    alone, inside = {}, {}
    if rules:
        left, right = text[max(0, index - _REACH) : index], text[index + 1 : index + _REACH + 1]
        alone, inside = weigh(rules, left, right)
    start = max(0, index - _NEAR)
    window = text[start : index + _NEAR + 1]
    return _choose(window, index - start, tuple(alone.items()), tuple(inside.items()))


Weights = tuple[tuple[str, float], ...]


@lru_cache(maxsize=65_536)
def _choose(window: str, index: int, alone: Weights, inside: Weights) -> Choice:
    char = window[index]
    default = usual(char)
    rivals = _characters()[1].get(char)
    if rivals is None:
        return Choice(default, -_NEVER, lexical=False)
    if not alone and (clear := _clear(window, index, default)):
        return clear
    scores: dict[str, float] = dict.fromkeys(rivals, _NEVER)
    lexical: dict[str, bool] = {}
    for size, target, score in _readings(window, index, dict(alone), dict(inside)):
        if score > scores.get(target, _NEVER):
            scores[target] = score
            lexical[target] = size > 1
    (best, first), (_, second) = sorted(scores.items(), key=lambda s: -s[1])[:2]
    return Choice(best, first - second, lexical.get(best, False) or dict(alone).get(best, 0.0) > 0)


def _clear(window: str, index: int, default: str) -> Choice | None:
    """The choice, if one word covers the place and no other word could cross its ends."""
    lexicon = _lexicon()
    found = [
        (start, end)
        for start in range(max(0, index - 3), index + 1)
        for end in range(max(index + 1, start + 2), min(len(window), start + 4) + 1)
        if window[start:end] in lexicon.frequency
    ]
    if not found:
        return Choice(default, _CLEAR, lexical=False)
    first, last = min(start for start, _ in found), max(end for _, end in found)
    if (first, last) not in found or window[max(0, first - 1) : first + 1] in lexicon.inner:
        return None
    forms = lexicon.forms.get(window[first:last])
    if window[last - 1 : last + 1] in lexicon.inner or (forms and len(forms) > 1):
        return None
    return Choice(forms[0][0][index - first] if forms else default, _CLEAR, lexical=True)


def _readings(
    window: str, index: int, alone: dict[str, float], inside: dict[str, float]
) -> Iterator[tuple[int, str, float]]:
    """Every word over the place: its length, each of its characters there, the best path's score."""
    frequency, forms, *_ = _lexicon()
    default = usual(window[index])
    forward, backward = _forward(window, index), _backward(window, index)
    base = frequency.get(window[index], _UNKNOWN) - _TOTAL + forward[index] + backward[index + 1]
    for target in _characters()[1][window[index]]:
        yield 1, target, base + alone.get(target, 0.0) + (0.0 if target == default else _RIVAL)
    for start in range(max(0, index - _LONGEST + 1), index + 1):
        for end in range(max(index + 1, start + 2), min(len(window), start + _LONGEST) + 1):
            word = window[start:end]
            if word not in frequency:
                continue
            base = forward[start] + frequency[word] - _TOTAL + backward[end]
            whole = _edge(window, start - 1) and _edge(window, end)
            found = _within(forms.get(word), index - start, default, whole=whole)
            for target in {*found, *inside}:
                weight = found.get(target, _RIVAL) + inside.get(target, 0.0)
                yield end - start, target, base + weight


def _within(
    forms: Forms | None, offset: int, default: str, *, whole: bool = False
) -> dict[str, float]:
    """The characters that the forms of a word have at the offset, with their weights."""
    if not forms:
        return {default: 0.0}
    found: dict[str, float] = {}
    for form, weight, headword in forms:
        score = weight + (_HEADWORD if whole and headword else 0.0)
        found[form[offset]] = max(found.get(form[offset], _NEVER), score)
    return found


def _edge(window: str, index: int) -> bool:
    """Whether a word can not go on at the place: outside the window, or no Han character."""
    return not 0 <= index < len(window) or not "\u3400" <= window[index] <= "\u9fff"


def _forward(window: str, end: int) -> list[float]:
    """Best log-probability of the text before each place up to `end`."""
    frequency = _lexicon().frequency
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
    frequency = _lexicon().frequency
    size = len(window)
    best = {size: 0.0}
    for place in range(size - 1, index, -1):
        score = best[place + 1] + frequency.get(window[place], _UNKNOWN) - _TOTAL
        for end in range(place + 2, min(size, place + 4) + 1):
            if (found := frequency.get(window[place:end])) is not None:
                score = max(score, best[end] + found - _TOTAL)
        best[place] = score
    return best
