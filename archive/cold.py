"""Makes WARC files of finished runs smaller: gzip becomes Zstandard with a dictionary of their own.

For cold storage, on request (`shenglu compact --warc`). Record by record the content stays the
same, byte for byte, which is verified from the new file as it lies on disk; `fetches` is written
anew with the new places, and all counts from one log entry on (`archive.swap`). Until then the old
files count; they are deleted a day later, like other replaced files. A file with damage inside is
left as it is; a tail that a killed process tore, to which nothing points, is left out.

Whoever reads evidence through this package or FastWARC sees no difference. warcio and pywb cannot
read such files: keep gzip where they must.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archive import cdxj, files, swap
from archive.compact import REWRITE_LOCK
from archive.errors import CorruptError
from archive.forget_state import move_pointers
from archive.forget_tables import select, write_tables
from archive.forget_warc import Places
from archive.lock import all_locks
from archive.log import Log
from archive.mirror import settle
from archive.model import WarcPointer
from archive.query import connect
from archive.root import Root
from archive.session import STATE_FILE
from archive.warc_cold import open_warc
from archive.warc_read import read_record
from archive.warc_scan import Damage, Span
from archive.warc_zstd import encode, head_of, train

__all__ = ["COLD_AFTER", "Cooled", "cool"]

COLD_AFTER = 30.0
"""Days after which a file that is no longer written counts as cold."""

_AT_ONCE = 64
_SAMPLE = 16 << 20
_NAME = re.compile(r"shenglu-(.+)-[0-9]{5}(?:\.r[0-9]+)?\.warc\.gz")

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Cooled:
    """What was made smaller, and which files were left as they are, and why."""

    files: int = 0
    records: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    left: list[str] = field(default_factory=list)


def cool(
    root: Root,
    *,
    older_than: float = COLD_AFTER,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Cooled:
    """Rewrite the WARC files of finished runs that are that old (days).

    Raises `LockedError` when a run or another rewrite is under way, `StorageError` when the disk
    refuses, `CorruptError` when what was written reads back otherwise; nothing has changed then.
    """
    limit = (now or datetime.now(UTC)) - timedelta(days=older_than)
    # A crawl under way knows where its earlier evidence lies, and would look there.
    locks = all_locks(root.state / "locks", "compact --warc", REWRITE_LOCK)
    try:
        log = Log(root)
        swap.recover(log)
        done = Cooled()
        names = list(_cold(root, limit))
        for at in range(0, len(names), _AT_ONCE):
            _together(root, log, names[at : at + _AT_ONCE], done)
            if progress is not None:
                progress("warc", min(at + _AT_ONCE, len(names)), len(names))
        if done.files:
            settle(root)
    finally:
        for lock in locks:
            lock.release()
    return done


def _cold(root: Root, limit: datetime) -> Iterator[str]:
    """The files below warc/ that rows point into and nobody writes to, with their paths there."""
    with connect(root) as connection:
        finished = {r[0] for r in connection.execute("SELECT run_id FROM runs").fetchall()}
        asked = "SELECT DISTINCT warc_filename FROM fetches WHERE warc_filename IS NOT NULL"
        pointed = sorted(r[0] for r in connection.execute(asked).fetchall())
    for name in pointed:
        path = root.warc / name
        found = _NAME.fullmatch(path.name)
        if found and found[1] in finished and path.is_file():
            with files.disk("look at", path):
                changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if changed <= limit:
                yield name


def _together(root: Root, log: Log, names: Sequence[str], done: Cooled) -> None:
    moved: Places = {}
    old: list[str] = []
    for name in names:
        places = _pack(root, name)
        if isinstance(places, str):
            done.left.append(f"warc/{name}: {places}")
            continue
        target = root.warc / _cold_name(name)
        done.files += 1
        done.records += len(places)
        done.bytes_before += (root.warc / name).stat().st_size
        done.bytes_after += target.stat().st_size
        moved |= places
        old.append(f"warc/{name}")
    if not old:
        return
    digest = hashlib.sha256("\0".join(old).encode()).hexdigest()[:12]
    step = swap.Swap(log, f"cold-{digest}", "compact")
    step.begin()
    with connect(root, snapshot=log.snapshot()) as connection:
        select(connection, (), ())
        add, remove = write_tables(connection, step, moved, only=("fetches",))
    move_pointers(root.state / STATE_FILE, moved)
    step.finish(add, remove, old)
    for name in old:
        cdxj.write_index(root, root.path / _cold_name(name))


def _cold_name(name: str) -> str:
    return name.removesuffix(".gz") + ".zst"


def _pack(root: Root, name: str) -> Places | str:
    """Write the cold file; where each record went, or why the file is left as it is."""
    path = root.warc / name
    with open_warc(path) as opened:
        found = list(_bounds(opened.spans()))
    while found and isinstance(found[-1], str):
        found.pop()  # the tail
    bounds = [one for one in found if not isinstance(one, str)]
    if len(bounds) < len(found):
        return f"it is damaged ({next(one for one in found if isinstance(one, str))})"
    if not bounds or any(not length for _, length in bounds):
        return "its records have no gzip members of their own"
    dictionary = _dictionary(root, name, bounds)
    new, target = _cold_name(name), root.warc / _cold_name(name)
    places: Places = {}
    digests = []
    with files.replacing(target) as out:
        out.write(head_of(dictionary))
        for offset, length in bounds:
            raw = read_record(root, WarcPointer(name, offset, length))
            digests.append(hashlib.sha256(raw).digest())
            frame = encode(raw, dictionary)
            places[name, offset] = (new, out.tell(), len(frame))
            out.write(frame)
    for place, digest in zip(places.values(), digests, strict=True):
        if hashlib.sha256(read_record(root, WarcPointer(*place))).digest() != digest:
            raise CorruptError(f"{target} at byte {place[1]} reads back otherwise; run it again")
    return places


def _bounds(spans: Iterator[Span | Damage]) -> Iterator[tuple[int, int] | str]:
    for span in spans:
        yield (span.offset, span.length) if isinstance(span, Span) else span.reason


def _dictionary(root: Root, name: str, bounds: Sequence[tuple[int, int]]) -> bytes:
    """Trained on records from everywhere in the file, up to 16 MiB of them."""
    packed = sum(length for _, length in bounds)
    step = max(1, 4 * packed // _SAMPLE)
    samples: list[bytes] = []
    for offset, length in bounds[::step]:
        samples.append(read_record(root, WarcPointer(name, offset, length)))
    return train(samples, step * sum(map(len, samples)))
