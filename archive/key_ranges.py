"""Conditions in SQL that cut rows into ranges of a key of several columns, nulls last. Pure.

Written out column by column, since DuckDB compares no tuples between two others; where both ends of
a range agree in the first columns, that is said plainly, so that row groups can be skipped.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

__all__ = ["ranges_of"]

Condition = tuple[str, list[Any]]
Cut = tuple[Any, ...]


def ranges_of(keys: Sequence[str], cuts: Sequence[Cut]) -> list[Condition]:
    """A condition and its values for each range that ordered, distinct cuts make of all rows."""
    if not cuts:
        return [("true", [])]
    between = [_between(keys, lower, upper) for lower, upper in pairwise(cuts)]
    return [_below(keys, cuts[0]), *between, _from(keys, cuts[-1])]


def _between(keys: Sequence[str], lower: Cut, upper: Cut) -> Condition:
    parts = [_from(keys, lower), _below(keys, upper)]
    for key, low, high in zip(keys, lower, upper, strict=True):
        if low is None or high is None:
            break
        parts.append((f'"{key}" >= ? AND "{key}" <= ?', [low, high]))
        if low != high:
            break
    return _joined(parts)


def _joined(parts: Sequence[Condition]) -> Condition:
    return " AND ".join(f"({sql})" for sql, _ in parts), [v for _, some in parts for v in some]


def _below(keys: Sequence[str], cut: Cut) -> Condition:
    sql, values = _from(keys, cut)
    return f"NOT ({sql})", values


def _from(keys: Sequence[str], cut: Cut) -> Condition:
    """Rows at the cut or after it; never null itself, so that its opposite is exact."""
    sql, values = "true", list[Any]()
    for key, value in reversed(list(zip(keys, cut, strict=True))):
        if value is None:  # the last of all
            sql = f'("{key}" IS NULL AND {sql})'
        else:
            after = f'coalesce("{key}" > ?, true)'
            sql = f'({after} OR (coalesce("{key}" = ?, false) AND {sql}))'
            values = [value, value, *values]
    return sql, values
