"""Compiles `rules.tsv` to `rules.json`: classes put in, and the neighbours that a rule can have.

Most rules can be told from the characters right beside the place: a rule whose left context can
only end in 水 or 雨 need not be tried after 的. Those sets are read off the parsed expressions.
"""

import json
import re
from pathlib import Path
from typing import Any

from pipelines.tables import read_lines

__all__ = ["write_rules"]

_MOST = 60  # a larger class of characters counts as any


def write_rules(target: Path) -> set[str]:
    """Rows [character, form, weight, inside, left, right, left neighbours, right neighbours].

    Gives the characters that have a rule.
    """
    classes: dict[str, str] = {}
    rows: list[list[Any]] = []
    for row in read_lines("rules.tsv"):
        if row[0] == "=":
            classes[row[1]] = row[2]
            continue
        source, form, weight, *context = (*row, "", "")[:5]
        left, right = (_expand(part, classes) for part in context)
        near = (_edge(left, last=True), _edge(right, last=False))
        inside = weight.endswith("!")
        rows += [
            [char, form, float(weight.rstrip("!")), inside, left, right, *near] for char in source
        ]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    return {row[0] for row in rows}


def _expand(pattern: str, classes: dict[str, str]) -> str:
    for name, text in classes.items():
        pattern = pattern.replace(f"{{{name}}}", text)
    return pattern


def _edge(pattern: str, *, last: bool) -> str | None:
    """The characters with which a match can end (or begin); None for any, or for no character."""
    if not pattern:
        return None
    found = _chars(list(re._parser.parse(pattern)), last=last)  # type: ignore[attr-defined]  # noqa: SLF001 - no public parser
    return None if found is None else "".join(c or "\0" for c in sorted(found))


def _chars(items: list[Any], *, last: bool) -> set[str] | None:
    """As `_edge`, for a sequence of parsed items; None also where the sequence may be empty."""
    found: set[str] = set()
    for operation, value in reversed(items) if last else items:
        name = str(operation)
        if name in {"ASSERT", "ASSERT_NOT"}:
            continue
        part, optional = _item(name, value, last=last)
        if part is None:
            return None
        found |= part
        if not optional:
            return found
    return None


def _item(name: str, value: Any, *, last: bool) -> tuple[set[str] | None, bool]:
    """The edge characters of one item, and whether it can be absent."""
    match name:
        case "AT":  # an end of the text: no character beside the place
            found: set[str] | None = {""}
        case "LITERAL":
            found = {chr(value)}
        case "IN":
            found = _class(value)
        case "SUBPATTERN":
            found = _chars(list(value[-1]), last=last)
        case "BRANCH":
            parts = [_chars(list(branch), last=last) for branch in value[1]]
            found = None if None in parts else {c for part in parts for c in part or ()}
        case "MAX_REPEAT":
            found = _chars(list(value[2]), last=last)
        case _:
            found = None
    return found, name == "MAX_REPEAT" and value[0] == 0


def _class(members: list[Any]) -> set[str] | None:
    found: set[str] = set()
    for operation, value in members:
        if str(operation) == "LITERAL":
            found.add(chr(value))
        elif str(operation) == "CATEGORY" and str(value) == "CATEGORY_SPACE":
            found |= set(" \t\n\r\u3000")
        elif str(operation) == "RANGE" and value[1] - value[0] < _MOST:
            found |= {chr(code) for code in range(value[0], value[1] + 1)}
        else:
            return None
    return found
