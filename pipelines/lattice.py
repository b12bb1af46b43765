"""Which Traditional character an ambiguous one stands for: a word lattice with frequencies.

All words that cross the place compete, weighed by how often they and their neighbours occur on
both sides of the strait; where the character is a word of its own, reviewed context rules weigh
its candidates. The margin between best and second candidate tells how sure the choice is.

Method: unigram word lattice, forward and backward best paths (Viterbi 1967) over a short window.
Most places never come so far: the three characters around them already leave one candidate.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from io import StringIO
from itertools import pairwise
from math import log
from typing import NamedTuple

from pipelines.pairs import Pairs
from pipelines.rules import Weights, applicable, weigh
from pipelines.tables import read_bytes, read_json

__all__ = ["Choice", "choose", "open_places", "pad", "usual"]

_LONGEST = 6
# Characters of context: for the rules, and for the lattice (two words of usual length).
_REACH, _NEAR = 7, 4
_MARGIN = "\0" * _REACH
_TOTAL = 17.9  # ln of the sixty million words behind the counts
_UNKNOWN = -1.5  # ln count of a character that no word list has alone
_RIVAL = -5.0  # a rival of the default, standing alone and without a rule for it
_NEVER = -1e9
_HEADWORD = 8.0  # a dictionary's headword that stands alone is that headword
_CROSSING = 3.0  # a word this much rarer than another does not compete with it
_CLEAR = 5.0  # margin of a choice without any contender

Forms = tuple[tuple[str, float, bool], ...]


class Choice(NamedTuple):
    """A chosen character.

    `margin` is its lead over the next best in nats; `lexical`: a word or a rule of context chose
    it, not its mere frequency.
    """

    char: str
    margin: float
    lexical: bool


class _Lexicon(NamedTuple):
    """Words with log-frequencies, and their unusual forms.

    `reach`: pairs of characters that lead to an unusual form. `inner`: pairs inside words, with
    ten times the log-frequency of the commonest such word.
    """

    frequency: dict[str, float]
    forms: dict[str, Forms]
    reach: frozenset[str]
    inner: Pairs


@cache
def _lexicon() -> _Lexicon:
    frequency: dict[str, float] = {}
    forms: dict[str, Forms] = {}
    defaults, rivals = _characters()
    reach: set[str] = set()
    tenths = [number / 10 for number in range(300)]  # one object a value, not one a word
    for row in StringIO(gzip.decompress(read_bytes("lexicon.bin")).decode("utf-8")):
        word, quantised, *shares = row.rstrip("\n").split("\t")
        frequency[word] = tenths[int(quantised)]
        if shares:
            found = forms[word] = tuple(_share(item) for item in shares)
            for index, char in enumerate(word):
                usual_form = defaults.get(char, char)
                if char in rivals and any(form[index] != usual_form for form, *_ in found):
                    reach.update((word[max(0, index - 1) : index + 1], word[index : index + 2]))
    pairs = frozenset(pair for pair in reach if len(pair) == 2)
    return _Lexicon(frequency, forms, pairs, Pairs(_inner(frequency)))


def _inner(frequency: dict[str, float]) -> dict[str, int]:
    """Pairs inside words: ten times the log-frequency of the commonest such word."""
    inner: dict[str, int] = {}
    for word, found in frequency.items():
        number = round(found * 10)
        for pair in map("".join, pairwise(word)):
            if inner.get(pair, -1) < number:
                inner[pair] = number
    return inner


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


# Triple of characters -> whether more than the usual form of the middle one is possible.
_OPEN: dict[str, bool] = {}
_MANY = 50_000
_END = "\0"


def pad(plain: str) -> str:
    """A projected text as `open_places` and `choose` want it: with marks at both ends."""
    return f"{_MARGIN}{plain}{_MARGIN}"


def open_places(padded: str, spots: Iterable[re.Match[str]]) -> list[tuple[int, Choice]]:
    """Those of the spots where more than the usual form is possible, each with its choice."""
    known = _OPEN
    found = []
    for spot in spots:
        place = spot.start() + _REACH
        triple = padded[place - 1 : place + 2]
        is_open = known.get(triple)
        if is_open is None:
            is_open = known[triple] = _is_open(triple)
        if is_open:
            found.append((place - _REACH, _weighed(padded[place - _REACH : place + _REACH + 1])))
    if len(known) > _MANY:
        known.clear()
    return found


def _is_open(triple: str) -> bool:
    before, char, after = tuple(triple)
    reach = _lexicon().reach
    if before + char in reach or char + after in reach:
        return True
    return any(rule.char != usual(char) for rule in applicable(before, char, after))


def choose(padded: str, index: int) -> Choice:
    """The Traditional character for one place, by word and rule whatever its neighbours are."""
    return _weighed(padded[index : index + 2 * _REACH + 1])


@lru_cache(maxsize=32_768)
def _weighed(context: str) -> Choice:
    """The choice for the middle of `_REACH` characters on either side."""
    left, right = context[:_REACH].lstrip(_END), context[_REACH + 1 :].rstrip(_END)
    rules = applicable(*context[_REACH - 1 : _REACH + 2])
    alone, inside = weigh(rules, left, right) if rules else ((), ())
    return _choose(context[_REACH - _NEAR : _REACH + _NEAR + 1], _NEAR, alone, inside)


def _choose(window: str, index: int, alone: Weights, inside: Weights) -> Choice:
    char = window[index]
    default = usual(char)
    rivals = _characters()[1].get(char)
    if rivals is None:
        return Choice(default, -_NEVER, lexical=False)
    words = list(_words_over(window, index))
    if not alone and (clear := _clear(window, index, words)):
        return clear
    scores: dict[str, float] = dict.fromkeys(rivals, _NEVER)
    lexical = {target: weight > 0 for target, weight in alone}
    for size, target, score in _readings(window, index, words, (dict(alone), dict(inside))):
        if score > scores.get(target, _NEVER):
            scores[target] = score
            if size > 1:
                lexical[target] = True
    (best, first), (_, second) = sorted(scores.items(), key=lambda s: -s[1])[:2]
    return Choice(best, first - second, lexical.get(best, False))


def _words_over(window: str, index: int) -> Iterator[tuple[int, int, float]]:
    """Start, end and log-frequency of the words of two and more characters over the place."""
    get = _lexicon().frequency.get
    size = len(window)
    for start in range(max(0, index - _LONGEST + 1), index + 1):
        for end in range(max(index + 1, start + 2), min(size, start + _LONGEST) + 1):
            if (score := get(window[start:end])) is not None:
                yield start, end, score


def _clear(window: str, index: int, words: list[tuple[int, int, float]]) -> Choice | None:
    """The choice, if all words over the place agree and none crosses the end of the longest."""
    default = usual(window[index])
    if not words:
        return Choice(default, _CLEAR, lexical=False)
    forms, inner = _lexicon().forms, _lexicon().inner
    found: set[str] = set()
    for start, end, _ in words:
        shares = forms.get(window[start:end])
        found.update((form[index - start] for form, *_ in shares) if shares else (default,))
    if len(found) > 1:
        return None
    target = found.pop()
    if target == default:  # whatever stands across
        return Choice(target, _CLEAR, lexical=True)
    first, last, score = max(words, key=lambda word: word[1] - word[0])
    across = (window[max(0, first - 1) : first + 1], window[last - 1 : last + 1])
    crossed = max(map(inner.get, across)) / 10 > score - _CROSSING
    return None if crossed else Choice(target, _CLEAR, lexical=True)


def _readings(
    window: str,
    index: int,
    words: list[tuple[int, int, float]],
    rules: tuple[dict[str, float], dict[str, float]],
) -> Iterator[tuple[int, str, float]]:
    """Each word over the place: its length, a character it has there, the best path's score."""
    frequency, forms, *_ = _lexicon()
    alone, inside = rules
    default = usual(window[index])
    forward, backward = _forward(window, index), _backward(window, index)
    base = frequency.get(window[index], _UNKNOWN) - _TOTAL + forward[index] + backward[index + 1]
    for target in _characters()[1][window[index]]:
        yield 1, target, base + alone.get(target, 0.0) + (0.0 if target == default else _RIVAL)
    for start, end, score in words:
        base = forward[start] + score - _TOTAL + backward[end]
        shares = forms.get(window[start:end])
        if shares is None and not inside:
            yield end - start, default, base
            continue
        whole = _edge(window, start - 1) and _edge(window, end)
        found = _within(shares, index - start, default, whole=whole)
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
    get = _lexicon().frequency.get
    best = [0.0]
    for place in range(1, end + 1):
        score = best[place - 1] + get(window[place - 1], _UNKNOWN)
        for start in range(max(0, place - 4), place - 1):
            found = get(window[start:place])
            if found is not None and best[start] + found > score:
                score = best[start] + found
        best.append(score - _TOTAL)
    return best


def _backward(window: str, index: int) -> list[float]:
    """Best log-probability of the text from each place behind `index` on."""
    get = _lexicon().frequency.get
    size = len(window)
    best = [0.0] * (size + 1)
    for place in range(size - 1, index, -1):
        score = best[place + 1] + get(window[place], _UNKNOWN)
        for end in range(place + 2, min(size, place + 4) + 1):
            found = get(window[place:end])
            if found is not None and best[end] + found > score:
                score = best[end] + found
        best[place] = score - _TOTAL
    return best
