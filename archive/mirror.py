"""Publishes an archive to an S3 bucket, commit by commit, for readers without the disk.

One archive writes, on its own disk; the bucket follows. Data files go first, then the log entries,
each by a conditional put and the newest first: a reader takes the entries from 1 up to the first
gap, so that it sees none of them or, once the lowest is there, all at once. A mirror that was cut
short is finished by the next one. A bucket that holds another archive, or another history of this
one (two copies that went on apart), is refused and left as it is.

A folder can also be bound to its bucket (`bind`): then each commit counts once the bucket has it
(`archive.bound`), and `take_over` makes the folder anew on another machine.

`meta/author_key`, `state/` and releases stay at home. Files that a compaction replaced stay in the
bucket for a day, for readers under way; what `forget` removed is deleted at once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import files, gate, swap
from archive.bound import Bound, claim, log_key, refuse_other, write_binding
from archive.bucket import Bucket
from archive.errors import ArchiveError, CorruptError, UsageError
from archive.log import Log, Snapshot, decode_entry, entry_path, numbers
from archive.root import Root

__all__ = ["DESCRIPTOR", "Mirrored", "bind", "log_key", "mirror", "settle", "take_over"]

DESCRIPTOR = "meta/archive.json"


@dataclass(slots=True)
class Mirrored:
    """What a mirroring did."""

    snapshot: int = 0
    commits: int = 0
    files: int = 0
    bytes: int = 0
    warc_files: int = 0
    deleted: int = 0


def mirror(root: Root, bucket: Bucket, *, evidence: bool = True) -> Mirrored:
    """Bring the bucket up to the archive's newest snapshot; `evidence`: the WARC files too.

    Raises `UsageError` where the bucket holds something else, `CorruptError` where histories
    differ, `StorageError` when the store refuses; what was published before stays readable.
    """
    bucket.probe()
    _claim(root, bucket)
    bound = Bound.of(root)
    refuse_other(bucket, bound.home if bound is not None else "")
    log = Log(root)
    # Nothing is exchanged or taken down while files are copied; commits go on.
    with gate.together(root):
        snapshot = log.snapshot()
        theirs = _published(root, bucket, snapshot)
        done = Mirrored(snapshot.number)
        _copy_tables(root, bucket, snapshot, done)
        if evidence:
            _copy_warc(root, bucket, done)
        for number in range(snapshot.number, theirs, -1):
            _publish(root, bucket, number)
            done.commits += 1
    done.deleted = _clean(root, bucket, snapshot, evidence=evidence)
    return done


def bind(root: Root, bucket: Bucket) -> Mirrored:
    """Make the bucket the place where commits of this folder count, beginning with all of them.

    Nothing else may be at work in the folder meanwhile. Raises as `mirror` does, and
    `LockedError` where another folder writes to the bucket.
    """
    done = mirror(root, bucket)
    write_binding(root, bucket, claim(root, bucket))
    return done


def settle(root: Root) -> Mirrored | None:
    """Bring the bucket of a bound folder up to date in all else: indexes, what is to be deleted."""
    bound = Bound.of(root)
    return mirror(root, bound.bucket) if bound is not None else None


def take_over(bucket: Bucket, folder: Path) -> Root:
    """Make a folder the one that writes to the bucket, and fill it; goes on where it was cut short.

    `meta/author_key` must be there already, from its backup: it is never in a bucket. The folder
    that wrote before is refused from now on. Raises `UsageError`, `CorruptError`, `StorageError`.
    """
    bucket.probe()
    about = bucket.get(DESCRIPTOR)
    if about is None:
        raise UsageError(f"no archive at {bucket.url()}; `shenglu mirror --bind` makes one")
    if not Root(folder.absolute()).key_file.exists():
        raise UsageError(
            f"{folder} has no meta/author_key; copy the file there from its backup: with a new one "
            "nobody would be recognised"
        )
    if not (folder / DESCRIPTOR).exists():
        files.write_atomic(folder / DESCRIPTOR, about)
    root = Root.open(folder)
    _claim(root, bucket)
    write_binding(root, bucket, claim(root, bucket, by_force=True))
    log = Log(root)
    log.catch_up()
    for file in log.snapshot().files:
        path = root.path / file.path
        if not path.exists() or path.stat().st_size != file.bytes:
            bucket.fetch(file.path, path)
    for key, size in bucket.sizes("warc/").items():
        path = root.path / key
        if ".." not in path.parts and (not path.exists() or path.stat().st_size < size):
            bucket.fetch(key, path)
    return root


def _claim(root: Root, bucket: Bucket) -> None:
    ours = files.read(root.path / DESCRIPTOR)
    if bucket.get(DESCRIPTOR) is None:
        if foreign := next(iter(sorted(bucket.sizes())), None):
            raise UsageError(
                f"{bucket.url()} is not empty and no archive (it holds {foreign}); give another"
            )
        bucket.create(DESCRIPTOR, ours)
    try:
        held = json.loads(bucket.get(DESCRIPTOR) or b"")["archive_id"]
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptError(f"{bucket.url(DESCRIPTOR)} is damaged; give an empty place") from error
    if held != root.archive_id:
        raise UsageError(f"{bucket.url()} holds archive {held}, not {root.archive_id}")


def _published(root: Root, bucket: Bucket, snapshot: Snapshot) -> int:
    """The number of commits that readers of the bucket see; refuses another history."""
    names = bucket.sizes("log/")
    theirs = 0
    while log_key(theirs + 1) in names:
        theirs += 1
    if theirs > snapshot.number:
        raise CorruptError(
            f"{bucket.url()} has {theirs} commits, {root.path} only {snapshot.number}: this "
            "archive is an older copy; restore the newer one, or mirror to an empty place"
        )
    if theirs:
        _same(root, bucket, theirs)
    return theirs


def _same(root: Root, bucket: Bucket, number: int) -> None:
    if bucket.get(log_key(number)) != files.read(entry_path(root, number)):
        raise CorruptError(
            f"{bucket.url(log_key(number))} is another commit than {entry_path(root, number)}: two "
            "copies of the archive went on apart; mirror this one to an empty place"
        )


def _publish(root: Root, bucket: Bucket, number: int) -> None:
    if not bucket.create(log_key(number), files.read(entry_path(root, number))):
        _same(root, bucket, number)


def _copy_tables(root: Root, bucket: Bucket, snapshot: Snapshot, done: Mirrored) -> None:
    there = bucket.sizes("tables/")
    for file in snapshot.files:
        if there.get(file.path) == file.bytes:
            continue  # names are never used twice, and `check` compares the bytes
        path = swap.located(root, file.path)
        if files.sha256_file(path) != (file.sha256, file.bytes):
            raise CorruptError(f"{path} is not the file that the log names; run `shenglu check`")
        bucket.put_file(file.path, path)
        done.files += 1
        done.bytes += file.bytes


def _copy_warc(root: Root, bucket: Bucket, done: Mirrored) -> None:
    there = bucket.sizes("warc/")
    for name, size in _local_warc(root).items():
        if there.get(name) != size:
            bucket.put_file(name, root.path / name)
            done.warc_files += 1
            done.bytes += size


def _local_warc(root: Root) -> dict[str, int]:
    with files.disk("list", root.warc):
        found = (p for p in root.warc.rglob("*") if p.is_file() and not p.name.startswith("."))
        return {p.relative_to(root.path).as_posix(): p.stat().st_size for p in found}


def _clean(root: Root, bucket: Bucket, snapshot: Snapshot, *, evidence: bool) -> int:
    """Delete what the log took away: by `forget` at once, otherwise after a day."""
    live = {file.path for file in snapshot.files}
    late = datetime.now(UTC) - timedelta(seconds=swap.GRACE)
    kept: set[str] = set()
    gone: set[str] = set()
    forgotten = False
    for number in _removing(root, snapshot):
        path = entry_path(root, number)
        entry = decode_entry(path, files.read(path))
        kept.update(entry.remove)
        if entry.operation == "forget":
            # What earlier compactions replaced may hold what is now removed: all of it goes.
            forgotten = True
            gone |= kept
        elif entry.committed_at < late:
            gone.update(entry.remove)
    stale = [key for key in bucket.sizes("tables/") if key in gone - live]
    if evidence and forgotten:
        ours = _local_warc(root)
        stale += [key for key in bucket.sizes("warc/") if key not in ours]
    elif evidence:
        ours = _local_warc(root)
        cold = {key.removesuffix(".zst") + ".gz" for key in ours if key.endswith(".warc.zst")}
        stale += [key for key in bucket.sizes("warc/") if key in cold - ours.keys()]
    bucket.delete(stale)
    return len(stale)


def _removing(root: Root, snapshot: Snapshot) -> Iterable[int]:
    present = numbers(root)
    if present[: snapshot.number] != list(range(1, snapshot.number + 1)):
        raise ArchiveError(f"{root.log} has a gap; run `shenglu check`")
    return present[: snapshot.number]
