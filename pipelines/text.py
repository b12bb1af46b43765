"""All text columns of a row, one row or a whole Arrow column at a time.

The batch forms join rows and split the result, which every pass being 1:1 in code points allows.
Pure computation: run it off the reactor thread; processes share nothing.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa

from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.reading import Reading, read
from pipelines.script import glance, script
from pipelines.search_key import joined
from pipelines.spans import Protection
from pipelines.tables import digest, read_json

__all__ = [
    "AllColumns",
    "TextColumns",
    "all_columns",
    "columns_of",
    "normaliser",
    "ready",
    "text_columns",
    "text_columns_of",
]

_VERSION = 1
_NULLS = (None, None, None)
# Classes for which the plain projection is not all of `to_hans`.
_SPECIAL = re.compile("[PpqJK@]")


class TextColumns(NamedTuple):
    """The derived columns that an archive row stores."""

    script: str
    text_hans: str
    search_key: str


class AllColumns(NamedTuple):
    """The stored columns, and the Traditional form that is made on demand."""

    script: str
    text_hans: str
    search_key: str
    text_hant: str
    hant_doubt: int


def ready() -> None:
    """Load the tables now, in one thread: threads that need them at once would each load them."""
    all_columns("于头发后干")


@cache
def normaliser() -> str:
    """What made the columns: version of this room, digest of its tables, version of OpenCC."""
    return f"text{_VERSION}-{digest()}-opencc{read_json('characters.json')['opencc']}"


def text_columns(text: str, protection: Protection | None = None) -> TextColumns:
    """Script, Simplified form and search key of a text that `clean` has seen."""
    reading = read(text)
    hans = to_hans(text, protection, reading)
    return TextColumns(script(text, reading), hans, joined(reading.key))


def all_columns(text: str, protection: Protection | None = None) -> AllColumns:
    """The stored columns with the Traditional form and the count of its uncertain choices."""
    reading = read(text)
    found = script(text, reading)
    hans = to_hans(text, protection, reading)
    hant = to_hant(text, protection, reading, found)
    return AllColumns(found, hans, joined(reading.key), hant.text, hant.doubt)


def columns_of(texts: "pa.Array[Any] | pa.ChunkedArray[Any]") -> pa.Table:
    """Columns script, text_hans, search_key for a column of texts; a null row stays null."""
    rows: list[str | None] = texts.to_pylist()
    made = iter(text_columns_of([row for row in rows if row is not None]))
    found = [_NULLS if row is None else next(made) for row in rows]
    columns = zip(*found, strict=True) if found else ((), (), ())
    return pa.table(
        dict(zip(TextColumns._fields, (pa.array(c, pa.string()) for c in columns), strict=True))
    )


def text_columns_of(texts: Sequence[str]) -> list[TextColumns]:
    """What `text_columns` gives for each text, for much less where they are many and short.

    The passes over single characters run once over all texts, joined; what a step decides for a
    whole text (Japanese, protected spans) is decided text by text on the parts.
    """
    whole = read("".join(texts))
    one_name = joined(whole.key) != whole.key
    made = []
    start = 0
    for text in texts:
        end = start + len(text)
        classes, hans, key = whole.classes[start:end], whole.plain[start:end], whole.key[start:end]
        start = end
        found = glance(classes)
        if found != "hans" or _SPECIAL.search(classes):
            part = Reading(text, classes, hans, key, "")
            found, hans = script(text, part), to_hans(text, None, part)
        made.append(TextColumns(found, hans, joined(key) if one_name else key))
    return made
