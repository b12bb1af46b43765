"""All text columns of a row, one row or a whole Arrow column at a time.

The batch form joins rows and splits the result: one call into each converter in place of
thousands. That is sound because every column is 1:1 in code points and no step looks across a
line end. Pure computation: run it off the reactor thread.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import pyarrow as pa

from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.reading import read
from pipelines.script import script
from pipelines.search_key import search_key
from pipelines.spans import Protection
from pipelines.tables import digest, read_json

__all__ = ["AllColumns", "TextColumns", "all_columns", "columns_of", "normaliser", "text_columns"]

_VERSION = 1
# No text holds this: `clean` drops it. U+001E is the ASCII record separator.
_SEPARATOR = "\x1e\n"


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


@cache
def normaliser() -> str:
    """What made the columns: version of this room, digest of its tables, version of OpenCC."""
    return f"text{_VERSION}-{digest()}-opencc{read_json('characters.json')['opencc']}"


def text_columns(text: str, protection: Protection | None = None) -> TextColumns:
    """Script, Simplified form and search key of a text that `clean` has seen."""
    reading = read(text)
    hans = to_hans(text, protection, reading)
    return TextColumns(script(text, reading), hans, search_key(text))


def all_columns(text: str, protection: Protection | None = None) -> AllColumns:
    """The stored columns with the Traditional form and the count of its uncertain choices."""
    reading = read(text)
    found = script(text, reading)
    hans = to_hans(text, protection, reading)
    hant = to_hant(text, protection, reading, found)
    return AllColumns(found, hans, search_key(text), hant.text, hant.doubt)


def columns_of(texts: pa.Array) -> pa.Table:
    """Columns script, text_hans, search_key for a column of texts; a null row stays null."""
    rows: Sequence[str | None] = texts.to_pylist()
    known = [row for row in rows if row is not None]
    hans = iter(_batch(to_hans, known))
    keys = iter(_batch(search_key, known))
    made = [None if row is None else (script(row), next(hans), next(keys)) for row in rows]
    names = ("script", "text_hans", "search_key")
    return pa.table(
        {n: pa.array([m and m[i] for m in made], pa.string()) for i, n in enumerate(names)}
    )


def _batch(convert: Callable[[str], str], rows: list[str]) -> list[str]:
    """`convert` over many rows in one call; row by row where a row holds the separator."""
    if not rows:
        return []
    whole = convert(_SEPARATOR.join(rows))
    parts = whole.split(_SEPARATOR)
    return parts if len(parts) == len(rows) else [convert(row) for row in rows]
