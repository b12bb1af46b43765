"""The reviewed context rules, found by the neighbours of a place.

A rule of `tables/rules.tsv` gives weight to one Traditional form where what stands before and what
follows match. Which rules can match at all is mostly told by the two characters beside the place,
and that answer is remembered for each such triple.
"""

import re
from functools import cache
from typing import NamedTuple

from pipelines.tables import read_json

__all__ = ["Rule", "Weights", "applicable", "weigh"]

Weights = tuple[tuple[str, float], ...]


class Rule(NamedTuple):
    """One rule; `inside`: it counts inside longer words too."""

    char: str
    weight: float
    inside: bool
    left: re.Pattern[str] | None
    right: re.Pattern[str] | None
    before: frozenset[str] | None
    after: frozenset[str] | None


@cache
def _rules() -> dict[str, list[Rule]]:
    rules: dict[str, list[Rule]] = {}
    for source, char, weight, inside, left, right, before, after in read_json("rules.json"):
        rule = Rule(
            char,
            weight,
            inside,
            re.compile(f"(?:{left})$") if left else None,
            re.compile(right) if right else None,
            None if before is None else frozenset(before),
            None if after is None else frozenset(after),
        )
        rules.setdefault(source, []).append(rule)
    return rules


def applicable(before: str, char: str, after: str) -> tuple[Rule, ...]:
    r"""Rules for `char` that these neighbours (`\0` at an end of the text) do not rule out."""
    return tuple(
        rule
        for rule in _rules().get(char, ())
        if (rule.before is None or before in rule.before)
        and (rule.after is None or after in rule.after)
    )


def weigh(rules: tuple[Rule, ...], left: str, right: str) -> tuple[Weights, Weights]:
    """What the rules give each form as a word of its own, and inside a longer word."""
    alone: dict[str, float] = {}
    inside: dict[str, float] = {}
    for rule in rules:
        if (rule.left is None or rule.left.search(left)) and (
            rule.right is None or rule.right.match(right)
        ):
            alone[rule.char] = alone.get(rule.char, 0.0) + rule.weight
            if rule.inside:
                inside[rule.char] = inside.get(rule.char, 0.0) + rule.weight
    return tuple(alone.items()), tuple(inside.items())
