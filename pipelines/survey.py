"""A survey of voices: the topic file, what is one voice, and a sample that anybody can draw again.

A topic names a query, a period and the camps that coders tell apart. Copies of one text count
once. The sample takes the units with the least SHA-256 of seed and id, so it does not depend on
the order or the machine, and it grows without changing when more units are asked for. Pure.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from archive.errors import UsageError
from pipelines.fingerprints import letters
from pipelines.reprints import LEAST, Piece, clusters
from pipelines.search_key import search_key

__all__ = ["Camp", "Topic", "Unit", "distinct", "draw", "read_topic"]

_SAYING = 8
_SCOPES = ("pieces", "threads")
_TEXTS = {"title", "question", "query", "since", "until", "scope", "alias_file", "ambiguous"}
_KEYS = _TEXTS | {"aliases", "sites", "sample", "seed", "camp"}


@dataclass(frozen=True, slots=True)
class Camp:
    """One code: what coders write, how it is shown, and when it applies."""

    code: str
    label: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What is asked of which pieces.

    `scope` pieces: articles and comments that match the query; threads: all comments of threads
    whose opening piece matches. `ambiguous`: keep or drop hits whose every mention is doubtful.
    """

    title: str
    query: str
    camps: tuple[Camp, ...]
    question: str = ""
    since: str | None = None
    until: str | None = None
    scope: str = "pieces"
    sites: tuple[str, ...] = ()
    aliases: bool = True
    alias_file: str | None = None
    ambiguous: str = "drop"
    sample: int = 200
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Unit:
    """One voice: what is quoted, and where it stands. `copies`: ids of further places."""

    evidence: str
    kind: str
    source: str
    text: str
    url: str | None
    time: datetime
    thread: str | None = None
    title: str | None = None
    script: str | None = None
    author: str | None = None
    context: str = ""
    found: str = ""
    by_alias: bool = False
    state: str | None = None
    copies: tuple[str, ...] = ()


def read_topic(text: str) -> Topic:
    """The topic in a TOML text; raises `UsageError` that names the key that is wrong."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"topic: {error}") from None
    if unknown := table.keys() - _KEYS:
        raise UsageError(
            f"topic: unknown key {min(unknown)!r}; keys are {', '.join(sorted(_KEYS))}"
        )
    for name in ("title", "query"):
        if not table.get(name):
            raise UsageError(f"topic: {name} is missing")
    values: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in table.items()
        if name != "camp"
    }
    _check(values)
    values["sites"] = tuple(values.get("sites", ()))
    return Topic(camps=_camps(table.get("camp")), **values)


def _check(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        kind: Any = str if name in _TEXTS else {"aliases": bool, "sites": list}.get(name, int)
        if not isinstance(value, kind):
            raise UsageError(f"topic: {name} is no {kind.__name__}: {value!r}")
    if values.get("scope", "pieces") not in _SCOPES:
        raise UsageError(f"topic: scope is one of {', '.join(_SCOPES)}")
    if values.get("ambiguous", "drop") not in {"keep", "drop"}:
        raise UsageError("topic: ambiguous is keep or drop")
    if values.get("sample", 1) < 1:
        raise UsageError("topic: sample is a number of units above 0")


def _camps(rows: Any) -> tuple[Camp, ...]:
    if not isinstance(rows, list) or len(rows) < 2:
        raise UsageError("topic: give at least two [[camp]] tables, each with code and label")
    camps = []
    for row in rows:
        code = row.get("code") if isinstance(row, dict) else None
        if not isinstance(code, str) or not code.strip():
            raise UsageError("topic: a [[camp]] needs a code")
        if unknown := row.keys() - {"code", "label", "rule"}:
            raise UsageError(f"topic: camp {code} has an unknown key {min(unknown)!r}")
        camps.append(Camp(code.strip(), str(row.get("label", code)), str(row.get("rule", ""))))
    if len({camp.code.casefold() for camp in camps}) < len(camps):
        raise UsageError("topic: two camps have one code")
    return tuple(camps)


def distinct(units: Iterable[Unit]) -> list[Unit]:
    """The units with copies of one text joined into the earliest, in order of id.

    Copies are equal in letters and digits, in either script, or reprints of one another as
    `pipelines.reprints` has it. Under 8 letters only the author's own repetition is a copy:
    many people say 支持國產, and each of them is a voice.
    """
    known = sorted(units, key=lambda unit: (unit.time, unit.evidence))
    first: dict[str, Unit] = {}
    same: dict[str, list[str]] = {}
    for unit in known:
        plain = letters(search_key(unit.text))
        if len(plain) < _SAYING:
            plain = f"{plain or unit.text}\n{unit.author or unit.evidence}"
        kept = first.setdefault(plain, unit)
        same.setdefault(kept.evidence, []).append(unit.evidence)
    kept_units = {unit.evidence: unit for unit in first.values()}
    for other, earlier in _near(kept_units.values()):
        same[earlier] += same.pop(other)
        del kept_units[other]
    return sorted(
        (replace(u, copies=tuple(same[u.evidence][1:])) for u in kept_units.values()),
        key=lambda unit: unit.evidence,
    )


def _near(units: Iterable[Unit]) -> list[tuple[str, str]]:
    """Near copies and the earliest text that each is a copy of.

    Excerpts stay: who quotes a whole comment to answer it is another voice.
    """
    pieces = [
        Piece(unit.evidence, key, published_at=unit.time)
        for unit in units
        if len(key := search_key(unit.text)) >= LEAST
    ]
    pairs: list[tuple[str, str]] = []
    origin: dict[str, str] = {}
    for link in (link for found in clusters(pieces) for link in found.links):
        if link.relation == "copy" and link.of:
            origin[link.id] = origin.get(link.of, link.of)
            pairs.append((link.id, origin[link.id]))
    return pairs


def draw(units: Sequence[Unit], size: int, seed: int) -> list[Unit]:
    """A simple random sample without replacement, by the ranks of a hash; all where few."""

    def rank(unit: Unit) -> tuple[str, str]:
        return hashlib.sha256(f"{seed}\n{unit.evidence}".encode()).hexdigest(), unit.evidence

    return sorted(units, key=rank)[:size]
