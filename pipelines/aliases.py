"""Who is meant: names, nicknames, homophones and masked words, found in either script.

A table (`tables/aliases.toml`, and what a user adds) lists the forms of each entity. Masks stand
between the characters of a name (盤*古, 华·为); a word that only looks like a name (升华为) is no
mention; a form with other meanings is ambiguous unless a word near it decides.
Limits: listed forms only; a masked character itself (华* for 华为) must be listed. Offsets are in
code points of the text as published. Pure.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

from archive.errors import UsageError
from pipelines.search_key import search_key
from pipelines.tables import read_bytes

__all__ = [
    "Aliases",
    "Entity",
    "Form",
    "Mention",
    "digest",
    "entities",
    "load",
    "shipped",
    "shipped_table",
]

_NEAR = 80
_MASK = r"[*·×✕╳.\-_~○●□■◯⁎∗╱|/+^ ]"
_MASKS = re.compile(_MASK)
_MOST_MASKS = 3
_HAN = re.compile(r"[\u3400-\u9fff]")
_KINDS = frozenset({"name", "nickname", "homophone", "code", "translation"})


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write an entity; all strings but `written` are folded."""

    text: str
    entity: str
    kind: str = "name"
    written: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def maskable(self) -> bool:
        """Whether masks may stand inside: Chinese characters only."""
        return len(self.text) > 1 and all(_HAN.match(char) for char in self.text)

    @property
    def needles(self) -> tuple[str, ...]:
        """Folded strings that a text with this form holds, masked or not."""
        return tuple(dict.fromkeys(self.text)) if self.maskable else (self.text,)


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that people talk about."""

    id: str
    label: str
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One place where an entity is meant, or may be: `ambiguous`.

    `kind` is the form's, or `masked` where masks stand inside; `form` is the folded form.
    """

    start: int
    end: int
    entity: str
    form: str
    kind: str
    ambiguous: bool


@dataclass(frozen=True)
class Aliases:
    """A table of entities and the matcher over it."""

    entities: tuple[Entity, ...]

    @cached_property
    def _forms(self) -> dict[str, tuple[Form, ...]]:
        found: dict[str, tuple[Form, ...]] = {}
        for entity in self.entities:
            for form in entity.forms:
                found[form.text] = (*found.get(form.text, ()), form)
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Longest first, so that a name inside a longer name of the table is not told apart from it.
        forms = sorted(self._forms, key=lambda text: (-len(text), text))
        first = "".join(sorted({re.escape(text[0]) for text in forms}))
        parts = "|".join(f"({_spelled(self._forms[text][0])})" for text in forms)
        return re.compile(f"(?=[{first}])(?:{parts})")

    @cached_property
    def _by_group(self) -> tuple[str, ...]:
        return tuple(sorted(self._forms, key=lambda text: (-len(text), text)))

    def named(self, word: str) -> tuple[Entity, ...]:
        """The entities that have this word, in either script, among their forms."""
        wanted = {form.entity for form in self._forms.get(search_key(word).strip(), ())}
        return tuple(entity for entity in self.entities if entity.id in wanted)

    def find(self, text: str, key: str | None = None) -> list[Mention]:
        """The mentions in a text, in order; `key` is its search key, if it is at hand."""
        key = search_key(text) if key is None else key
        found: list[Mention] = []
        for hit in self._pattern.finditer(key):
            folded = self._by_group[(hit.lastindex or 1) - 1]
            found += [
                _mention(form, key, hit)
                for form in self._candidates(folded, text[hit.start() : hit.end()])
                if not _never(form, key, hit.start(), hit.end())
            ]
        return _settled(found)

    def certain(self, text: str, key: str | None = None) -> list[str]:
        """The ids of the entities that a text names without doubt, sorted."""
        return sorted({m.entity for m in self.find(text, key) if not m.ambiguous})

    def _candidates(self, folded: str, written: str) -> list[Form]:
        """The forms of one folded spelling that fit what the page really has."""
        plain = _MASKS.sub("", written)
        forms = self._forms[folded]
        exact = [form for form in forms if plain in form.written]
        return exact or [form for form in forms if not form.written]


def _spelled(form: Form) -> str:
    if form.maskable:
        return f"{_MASK}{{0,{_MOST_MASKS}}}".join(map(re.escape, form.text))
    before = r"(?<![a-z0-9])" if form.text[0].isascii() and form.text[0].isalnum() else ""
    after = r"(?![a-z0-9])" if form.text[-1].isascii() and form.text[-1].isalpha() else ""
    return before + re.escape(form.text) + after


def _never(form: Form, key: str, start: int, end: int) -> bool:
    """Whether the place is part of a longer word that is none of the entity's."""
    if not form.never:
        return False
    left = _MASKS.sub("", key[max(0, start - 12) : start])
    right = _MASKS.sub("", key[end : end + 12])
    for phrase in form.never:
        at = phrase.find(form.text)
        if at < 0:
            continue
        if left.endswith(phrase[:at]) and right.startswith(phrase[at + len(form.text) :]):
            return True
    return False


def _mention(form: Form, key: str, hit: re.Match[str]) -> Mention:
    start, end = hit.span()
    inside = set(_MASKS.findall(hit[0])) if form.maskable else set()
    near = key[max(0, start - _NEAR) : start] + " " + key[end : end + _NEAR]
    doubtful = bool(form.needs) and not any(word in near for word in form.needs)
    if inside == {" "}:
        # 华 为 spelled apart is a name; 中华 为 is two words.
        doubtful = bool(_HAN.match(key[start - 1 : start]) or _HAN.match(key[end : end + 1]))
    elif inside:
        doubtful = False  # nobody masks a word that means nothing else
    return Mention(start, end, form.entity, form.text, "masked" if inside else form.kind, doubtful)


def _settled(found: list[Mention]) -> list[Mention]:
    """A doubtful form is certain where the same text names its entity without doubt."""
    sure = {mention.entity for mention in found if not mention.ambiguous}
    return sorted(
        Mention(m.start, m.end, m.entity, m.form, m.kind, ambiguous=False)
        if m.ambiguous and m.entity in sure
        else m
        for m in found
    )


def load(*tables: str) -> Aliases:
    """The matcher of those TOML texts; a later one adds forms to entities of the same id.

    Raises `UsageError` that names what is wrong.
    """
    merged: dict[str, Entity] = {}
    for text in tables:
        try:
            rows = tomllib.loads(text).get("entity", [])
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"alias table: {error}") from None
        if not isinstance(rows, list):
            raise UsageError("alias table: write each entity as [[entity]]")
        for row in rows:
            entity = _entity(row)
            if known := merged.get(entity.id):
                entity = Entity(known.id, known.label, (*known.forms, *entity.forms))
            merged[entity.id] = entity
    return Aliases(tuple(merged.values()))


def _entity(row: Any) -> Entity:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise UsageError("alias table: an [[entity]] needs an id")
    unknown = row.keys() - {"id", "label", "names", "never", "needs", "form"}
    if unknown:
        raise UsageError(f"alias table: {row['id']} has an unknown key {min(unknown)!r}")
    never, needs = _strings(row, "never"), _strings(row, "needs")
    forms = [Form(text, row["id"], needs=needs, never=never) for text in _strings(row, "names")]
    forms += [_form(one, row["id"], never) for one in row.get("form", [])]
    if not forms:
        raise UsageError(f"alias table: {row['id']} has neither names nor forms")
    distinct = {(form.text, form.written): form for form in reversed(forms)}
    return Entity(row["id"], str(row.get("label") or row["id"]), tuple(reversed(distinct.values())))


def _form(row: Any, entity: str, never: tuple[str, ...]) -> Form:
    text = row.get("text") if isinstance(row, dict) else None
    kind = row.get("kind", "nickname") if isinstance(row, dict) else ""
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"alias table: a form of {entity} needs a text")
    if kind not in _KINDS:
        raise UsageError(f"alias table: {text}: kind is one of {', '.join(sorted(_KINDS))}")
    if unknown := row.keys() - {"text", "kind", "written", "needs", "never"}:
        raise UsageError(f"alias table: {text} has an unknown key {min(unknown)!r}")
    written = tuple(row.get("written", ()))
    return Form(
        search_key(text).strip(),
        entity,
        kind,
        written,
        _strings(row, "needs"),
        (*never, *_strings(row, "never")),
    )


def _strings(row: dict[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise UsageError(f"alias table: {name} of {row.get('id') or row.get('text')} lists strings")
    return tuple(dict.fromkeys(search_key(value).strip() for value in values))


@cache
def shipped() -> Aliases:
    """The reviewed table that comes with the program."""
    return load(shipped_table())


def shipped_table() -> str:
    """The text of that table, to be extended."""
    return read_bytes("aliases.toml").decode("utf-8")


def entities(texts: Iterable[str | None], table: Aliases | None = None) -> list[Sequence[str]]:
    """The ids of the entities that each text certainly names, sorted: a column."""
    known = table or shipped()
    return [known.certain(text) if text else [] for text in texts]


def digest(*tables: str) -> str:
    """What these tables are called where their result is kept: their number and their hash."""
    joined = "\0".join(tables).encode()
    return f"aliases{len(tables)}-{sha256(joined).hexdigest()[:12]}"
