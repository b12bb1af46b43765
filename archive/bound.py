"""An archive that works in a bucket: a commit counts once the bucket has it.

`meta/bucket.json` binds a folder to a place in S3. The folder holds what needs a file system (state
file, open WARC files, files being built) and a copy of the rest. Every commit goes to the bucket
first: its table files, the WARC files that its `fetches` point into, then its log entry by a
conditional put; only then the entry is made in the folder, and the caller told. So a machine that
is lost with its disk takes no acknowledged row along, and `archive.mirror.take_over` makes the
folder again elsewhere.

One folder at a time may write (`meta/writer.json` in the bucket names it); the processes of that
machine share it. Whoever is replaced is refused at its next commit. The conditional put protects
the log even in the moment in between: a number that is taken is never written twice.
"""

import json
import secrets
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive import files
from archive.bucket import Bucket
from archive.errors import CorruptError, LockedError, StorageError
from archive.log_cache import LoggedFile
from archive.root import Root
from archive.warc_write import DEFAULT_MAX_BYTES

__all__ = ["Bound", "claim", "log_key", "refuse_other", "segment_bytes", "write_binding"]

_SEGMENT_BYTES = 8 << 20
"""Size of a WARC file here. An object cannot be appended to: an open file is sent again."""

_WRITER = "meta/writer.json"
_TABLE = "fetches"


def log_key(number: int) -> str:
    """The object of commit `number`."""
    return f"log/{number:020d}.json"


def _binding(root: Root) -> Path:
    return root.meta / "bucket.json"


def segment_bytes(root: Root) -> int:
    """At which size a WARC file of this archive is closed and the next begun."""
    return DEFAULT_MAX_BYTES if Bound.of(root) is None else _SEGMENT_BYTES


def write_binding(root: Root, bucket: Bucket, home: str) -> None:
    """From now on commits of this folder count once that bucket has them."""
    about = {"url": bucket.url().rstrip("/"), "home": home}
    files.write_atomic(_binding(root), json.dumps(about, indent=2).encode() + b"\n")


def claim(root: Root, bucket: Bucket, *, by_force: bool = False) -> str:
    """Make this folder the one that writes to the bucket; its id there.

    Raises `LockedError` where another folder is, unless `by_force`: that one is then refused.
    """
    bound = Bound.of(root)
    home = bound.home if bound is not None and bound.bucket == bucket else secrets.token_hex(8)
    about = {
        "home": home,
        "host": socket.gethostname(),
        "folder": str(root.path),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    data = json.dumps(about, ensure_ascii=False, indent=2).encode() + b"\n"
    if by_force:
        bucket.put(_WRITER, data)
    elif not bucket.create(_WRITER, data):
        refuse_other(bucket, home)
    return home


def refuse_other(bucket: Bucket, home: str) -> None:
    """Raise `LockedError` where a folder other than that writes to the bucket."""
    data = bucket.get(_WRITER)
    if data is None:
        return
    try:
        writer: dict[str, Any] = json.loads(data)
        theirs = writer.get("home")
    except (ValueError, AttributeError) as error:
        raise CorruptError(
            f"{bucket.url(_WRITER)} is damaged; `shenglu mirror --take-over` writes it anew"
        ) from error
    if theirs != home:
        raise LockedError(
            f"{bucket.url()} is written by {writer.get('folder', '?')} on "
            f"{writer.get('host', '?')} since {writer.get('since', '?')}; work there, or take it "
            "over with `shenglu mirror --take-over`"
        )


@dataclass
class Bound:
    """The bucket of a bound folder, as one `Log` uses it."""

    root: Root
    bucket: Bucket
    home: str
    _sent: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Root) -> Self | None:
        """The binding of a folder; None for one that is an archive of its own."""
        data = files.read_if_present(_binding(root))
        if data is None:
            return None
        try:
            about = json.loads(data)
            return cls(root, Bucket.at(about["url"]), str(about["home"]))
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptError(
                f"{_binding(root)} is damaged; `shenglu mirror URL --bind` writes it anew"
            ) from error

    def pull(self, number: int, entry: Path) -> Iterator[tuple[int, bytes]]:
        """The entries after `number` that the bucket has: a process died before it had them too.

        `entry` is the file of that number. Raises `CorruptError` where the bucket differs.
        """
        if number and (theirs := self.bucket.get(log_key(number))) != files.read(entry):
            raise CorruptError(
                f"{self.bucket.url(log_key(number))} "
                + ("is missing" if theirs is None else f"is another commit than {entry}")
                + f"; run `shenglu mirror {self.bucket.url()}`, which mends it or says why not"
            )
        while (data := self.bucket.get(log_key(number + 1))) is not None:
            number += 1
            yield number, data

    def send(self, added: Iterable[tuple[str, Path]]) -> None:
        """Copy files to their keys, unless they are there already; raises `StorageError`."""
        for key, path in added:
            sha256, size = files.sha256_file(path)
            if self.bucket.held(key) != sha256:
                self.bucket.put_file(key, path)
            self._sent[key] = size

    def publish(self, number: int, data: bytes, add: Sequence[LoggedFile]) -> bytes:
        """Make an entry in the bucket, after all that it stands on.

        Returns what the bucket holds under that number: our bytes, or those of another process
        that was faster.
        """
        refuse_other(self.bucket, self.home)
        self.send((file.path, self.root.path / file.path) for file in add)
        for file in add:
            if file.table == _TABLE:
                self._send_evidence(self.root.path / file.path)
        key = log_key(number)
        if self.bucket.create(key, data):
            return data
        held = self.bucket.get(key)
        if held is None:
            raise StorageError(f"{self.bucket.url(key)} vanished; run the command again")
        return held

    def _send_evidence(self, fetches: Path) -> None:
        """The WARC files that rows point into, up to where they point at least.

        An open file is sent as far as it is written; what is torn at its end, no row points to.
        """
        names = ["warc_filename", "warc_record_offset", "warc_record_length"]
        rows = pq.read_table(fetches, columns=names, partitioning=None)
        ends = rows.append_column("end", pc.add(rows[names[1]], rows[names[2]]))
        pointed = ends.group_by("warc_filename").aggregate([("end", "max")]).to_pylist()
        for row in sorted((r for r in pointed if r["warc_filename"]), key=str):
            key = f"warc/{row['warc_filename']}"
            path = self.root.path / key
            if self._size(key) < (row["end_max"] or 0) and path.exists():
                self.bucket.put_file(key, path)
                self._sent[key] = row["end_max"] or 0

    def _size(self, key: str) -> int:
        if key not in self._sent:
            self._sent[key] = self.bucket.sizes(key).get(key, 0)
        return self._sent[key]
