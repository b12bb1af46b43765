"""What was taken down, and keeps out: the identity of a removal, without its content. Pure.

A removal is remembered as a keyed hash of what it was about (`removals.key_hash`): enough to
recognise the thing when a page shows it again, useless to who has not the archive's key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from archive.errors import UsageError

__all__ = ["HOLDS_REMOVED", "KINDS", "Suppressed", "Target"]

KINDS = {
    "author": "SOURCE/AUTHOR",
    "comment": "SOURCE/THREAD/COMMENT",
    "thread": "SOURCE/THREAD",
    "url": "URL",
    "site": "SOURCE",
}
"""What can be taken down, and how it is named."""

HOLDS_REMOVED = "shows what was removed"
"""`fetches.page_reason` of a page that showed it again: its evidence has yet to go."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to take down; `parts` as `KINDS` names them (an author by `author_hash`)."""

    kind: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, kind: str, text: str) -> "Target":
        """The target that a command line names; raises `UsageError`.

        A comment's id is what follows the last slash; thread ids may contain slashes.
        """
        if kind in {"url", "site"}:
            return cls(kind, (text,))
        source, _, rest = text.partition("/")
        parts = [source, rest]
        if kind == "comment":
            thread, _, comment = rest.rpartition("/")
            parts = [source, thread, comment]
        if not all(parts):
            raise UsageError(f"{text!r} names no {kind}; give {KINDS[kind]}")
        return cls(kind, tuple(parts))

    @property
    def source(self) -> str | None:
        """The source that it belongs to; None for a URL."""
        return None if self.kind == "url" else self.parts[0]

    def key(self, secret: bytes) -> str:
        """The keyed hash (hex) that stands for it."""
        text = "\0".join(("removal", self.kind, *self.parts))
        return blake2b(text.encode(), key=secret, digest_size=20).hexdigest()


class Suppressed:
    """Tells whether a row, page or link is about something that was taken down."""

    def __init__(self, keys: Iterable[str], secret: bytes) -> None:
        self._keys = frozenset(keys)
        self._secret = secret

    def __bool__(self) -> bool:
        return bool(self._keys)

    def holds(self, row: Row, url_names: Sequence[str] = ("url",)) -> bool:
        """Whether a row of any table is about it."""
        source = str(row.get("source") or "")
        thread, comment = row.get("thread_id"), row.get("comment_id")
        targets = [Target("site", (source,)), Target("site", (source.partition(":")[0],))]
        targets += [Target("url", (row[name],)) for name in url_names if row.get(name)]
        if thread:
            targets.append(Target("thread", (source, thread)))
        if thread and comment:
            targets.append(Target("comment", (source, thread, comment)))
        if row.get("author_hash"):
            targets.append(Target("author", (source, row["author_hash"])))
        return any(target.key(self._secret) in self._keys for target in targets)

    def page(self, page: Any) -> Any:
        """A completion without what was taken down; its exchange says that it showed that."""
        if not self._keys:
            return page
        gone: set[tuple[Any, ...]] = set()
        parts: dict[str, list[Row]] = {}
        for name in ("articles", "comments"):
            rows = getattr(page, name)
            parts[name] = [row for row in rows if not self._gone(row, gone)]
        for name in ("article_observations", "comment_observations"):
            rows = getattr(page, name)
            parts[name] = [r for r in rows if _item(r) not in gone and not self.holds(r)]
        offers = [offer for offer in page.offers if not self.link(offer)]
        rows = {name: list(some) for name, some in page.rows.items()}
        if gone:
            rows["quarantine"] = []
            rows["fetches"] = [{**r, "page_reason": HOLDS_REMOVED} for r in rows.get("fetches", [])]
        return replace(page, offers=offers, rows=rows, **parts)

    def link(self, offer: Any) -> bool:
        """Whether a link leads to it."""
        about = {"source": offer.source, "thread_id": offer.link.thread_id, "url": offer.link.url}
        return self.holds(about | {"canonical": offer.canonical}, ("url", "canonical"))

    def _gone(self, row: Row, gone: set[tuple[Any, ...]]) -> bool:
        found = self.holds(row)
        if found:
            gone.add(_item(row))
        return found


def _item(row: Row) -> tuple[Any, ...]:
    comment = row.get("comment_id")
    thread = row.get("thread_id") if comment else None
    return row.get("source"), thread, comment or row.get("article_id")
