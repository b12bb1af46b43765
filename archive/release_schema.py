"""The tables as a release has them: the archive's columns, and those made for the reader.

`entities` is derived when a release is made, since the table of names grows while text and its
hash stay. So it is no column of the archive, and no reason for a new schema version there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from archive.schema import TABLES
from archive.schema_columns import STRS, Column, Table
from archive.search_query import BREAK

__all__ = ["RELEASED", "Tagger", "tagged"]

_ENTITIES: Final = Column(
    "entities",
    STRS,
    "Ids of the names that title or text mention without doubt, in any form; null where "
    "`release.json` names no table for them.",
)
_TEXTS: Final = frozenset({"articles", "comments"})

RELEASED: Final[dict[str, Table]] = {
    name: replace(made, columns=(*made.columns, _ENTITIES)) if name in _TEXTS else made
    for name, made in TABLES.items()
}
"""The tables of a release, by name."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """What fills `entities`: a function of text and search key, and the version of its table."""

    tag: Callable[[str, str | None], Sequence[str]]
    version: str


def tagged(
    rows: Iterable[pa.RecordBatch], table: str, tagger: Tagger | None
) -> Iterator[pa.RecordBatch]:
    """The rows of an archive's table with the columns that a release adds."""
    for batch in rows:
        if table not in _TEXTS:
            yield batch
            continue
        made = pa.array(_entities(batch, tagger), STRS)
        yield batch.append_column(_ENTITIES.name, made)


def _entities(batch: pa.RecordBatch, tagger: Tagger | None) -> list[Sequence[str] | None]:
    if tagger is None:
        return [None] * batch.num_rows
    texts, keys = batch["text"].to_pylist(), batch["search_key"].to_pylist()
    if "title" not in batch.schema.names:
        pairs = zip(texts, keys, strict=True)
        return [tagger.tag(text or "", key if text else None) for text, key in pairs]
    titles = batch["title"].to_pylist()
    wholes = (f"{a or ''}{BREAK}{b or ''}" for a, b in zip(titles, texts, strict=True))
    return [tagger.tag(whole, None) for whole in wholes]
