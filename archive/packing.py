"""How the state file's rows hold what would be long: links and validators packed, names numbered.

A million pages differ in their URL, their digest and a few numbers; the rest repeats. So run ids,
sources, owners and WARC file names are numbers into the table `names`, a digest is 32 bytes, a
date of HTTP is a number where it is written the usual way, and what is as by default is left out.
"""

import sqlite3
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import msgspec

from archive.model import Link, PageClass, WarcPointer

__all__ = [
    "DDL",
    "Names",
    "Validators",
    "pack_link",
    "pack_validators",
    "unpack_link",
    "unpack_validators",
]

DDL = "CREATE TABLE IF NOT EXISTS names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"

_MOST = 50_000  # names kept in memory
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = Link("", PageClass.OTHER)
_OPTIONAL = tuple(one.name for one in fields(Link) if one.name not in {"url", "kind"})
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode
_whole_link = msgspec.msgpack.Decoder(Link).decode
_RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a page's last good answer left for the next conditional request."""

    etag: str = ""
    last_modified: str = ""
    payload_sha256: str = ""
    fetched_at: datetime | None = None
    pointer: WarcPointer | None = None


class Names:
    """Names by number and numbers by name; every call runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def number(self, name: str) -> int:
        """The number of a name, a new one if it has none."""
        if (known := self._numbers.get(name)) is not None:
            return known
        self._db.execute("INSERT OR IGNORE INTO names(name) VALUES(?)", (name,))
        query = "SELECT id FROM names WHERE name = ?"
        return self._keep(int(self._db.execute(query, (name,)).fetchone()[0]), name)

    def name(self, number: int) -> str:
        """The name of a number."""
        if (known := self._names.get(number)) is not None:
            return known
        row = self._db.execute("SELECT name FROM names WHERE id = ?", (number,)).fetchone()
        name = str(row[0]) if row else ""
        self._keep(number, name)
        return name

    def _keep(self, number: int, name: str) -> int:
        if len(self._numbers) >= _MOST:
            self.forget()
        self._numbers[name] = number
        self._names[number] = name
        return number

    def forget(self) -> None:
        """Trust nothing in memory: a transaction that numbered names was undone."""
        self._numbers.clear()
        self._names.clear()


def pack_link(link: Link) -> bytes:
    """URL and kind in order, the rest by name where it differs from the default."""
    rest = {k: v for k in _OPTIONAL if (v := getattr(link, k)) != getattr(_PLAIN, k)}
    return _pack((link.url, link.kind, rest) if rest else (link.url, link.kind))


def unpack_link(packed: bytes) -> Link:
    """The link again."""
    url, kind, *rest = _unpack(packed)
    if rest:  # times and tuples need the types of the whole
        return _whole_link(_pack({"url": url, "kind": kind, **rest[0]}))
    return Link(url, PageClass(kind))


def _date(text: str) -> int | str:
    """An HTTP date as Unix seconds, if it is written so that it can be written again."""
    try:
        when = parsedate_to_datetime(text)
        usual = format_datetime(when, usegmt=True) == text
    except (ValueError, TypeError, OverflowError):
        return text
    return int(when.timestamp()) if usual else text


def _dated(packed: int | str) -> str:
    if isinstance(packed, str):
        return packed
    return format_datetime(_EPOCH + timedelta(seconds=packed), usegmt=True)


def pack_validators(held: Validators, names: Names) -> bytes:
    """In the order of their fields; the WARC file by its number."""
    pointer, when = held.pointer, held.fetched_at
    place: tuple[Any, ...] = ()
    if pointer is not None:
        kind = pointer.record_type
        place = (names.number(pointer.filename), pointer.offset, pointer.length)
        place += () if kind == _RESPONSE else (kind,)
    return _pack(
        (
            held.etag,
            _date(held.last_modified) if held.last_modified else "",
            _digest(held.payload_sha256),
            None if when is None else (when - _EPOCH) // _MICROSECOND,
            *place,
        )
    )


def _digest(text: str) -> bytes | str:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return text
    return raw if raw.hex() == text else text


def unpack_validators(packed: bytes, names: Names) -> Validators:
    """The validators again."""
    etag, modified, digest, when, *place = _unpack(packed)
    pointer = None
    if place:
        number, offset, length, *kind = place
        pointer = WarcPointer(names.name(number), offset, length, kind[0] if kind else _RESPONSE)
    return Validators(
        etag=etag,
        last_modified=_dated(modified),
        payload_sha256=digest.hex() if isinstance(digest, bytes) else digest,
        fetched_at=None if when is None else _EPOCH + when * _MICROSECOND,
        pointer=pointer,
    )
