"""The archive's root folder: where each part lies, and how a new archive begins.

Layout and file formats: docs/archive-format.md. The root is data, never code: a Python package
(the source folder `archive/` of this project is the likely mistake) and a folder that holds
anything else are refused.
"""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from archive import files
from archive.errors import CorruptError, StorageError, UsageError

__all__ = ["FORMAT_VERSION", "Root"]

FORMAT_VERSION = 1
"""Version of the layout; an archive with a higher one is refused, not guessed at."""

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that holds one archive; make it with `Root.open`."""

    path: Path

    @classmethod
    def open(cls, path: str | Path, *, create: bool = False) -> Self:
        """The archive at `path`, made on the spot when `create` is set and nothing is there.

        Raises `UsageError` for a package, a folder with other content, a missing archive or one
        of a newer format; `CorruptError` for an unreadable `meta/archive.json`.
        """
        root = cls(Path(path).absolute())
        if root.path.exists() and not root.path.is_dir():
            raise UsageError(f"{root.path} is a file; give a folder with --archive")
        if (root.path / "__init__.py").exists():
            raise UsageError(
                f"{root.path} is a Python package, not a data folder; give another --archive"
            )
        if not root._descriptor.exists():
            root._refuse_foreign(create=create)
            root._create()
        root._description()
        return root

    @property
    def tables(self) -> Path:
        """Parquet files, and nothing else."""
        return self.path / "tables"

    @property
    def log(self) -> Path:
        """One JSON file a commit."""
        return self.path / "log"

    @property
    def warc(self) -> Path:
        """The evidence: WARC files and their CDXJ indexes."""
        return self.path / "warc"

    @property
    def state(self) -> Path:
        """The frontier: a cache that can be made again."""
        return self.path / "state"

    @property
    def stage(self) -> Path:
        """Room for work in progress; may be emptied when nothing runs."""
        return self.path / "_stage"

    @property
    def meta(self) -> Path:
        """Description of the archive, and its secret key."""
        return self.path / "meta"

    @property
    def releases(self) -> Path:
        """Frozen copies to cite."""
        return self.path / "releases"

    @property
    def key_file(self) -> Path:
        """File of the secret that author hashes are keyed with."""
        return self.meta / "author_key"

    @property
    def archive_id(self) -> str:
        """The random id that tells this archive from every other one."""
        return str(self._description()["archive_id"])

    def author_key(self) -> bytes:
        """The 32 secret bytes that key author hashes; raises `StorageError` or `CorruptError`.

        Without the same key, hashes of old and new rows cannot be compared; with it, a hash
        can be tested against a list of names. So it is never published and always backed up.
        """
        if not self.key_file.exists():
            raise StorageError(
                f"{self.key_file} is missing; restore it from a backup: a new key would give "
                "every known author a new hash"
            )
        try:
            key = bytes.fromhex(files.read(self.key_file).decode("ascii").strip())
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise CorruptError(f"{self.key_file} is damaged; restore it from a backup")
        return key

    @property
    def _descriptor(self) -> Path:
        return self.meta / "archive.json"

    def _refuse_foreign(self, *, create: bool) -> None:
        if (self.path / "release.json").is_file():
            raise UsageError(
                f"{self.path} is a release; `shenglu query` and `shenglu export` read it, and "
                "`shenglu release verify` and `diff`; all else needs the archive"
            )
        if not create:
            raise UsageError(
                f"no archive at {self.path}; name one with --archive or SHENGLU_ARCHIVE, "
                "or start one with `shenglu crawl`"
            )
        # A creation that was cut short leaves meta/ with the key alone; it is completed.
        present = set(self.path.iterdir()) if self.path.exists() else set()
        inside = set(self.meta.iterdir()) if self.meta.is_dir() else set()
        strange = (present - {self.meta}) | {
            p for p in inside - {self.key_file} if not p.name.startswith(".")
        }
        # Processes that start together: another one has made it in the meantime.
        if strange and not self._descriptor.exists():
            raise UsageError(
                f"{self.path} is not empty and no archive (it holds {min(strange).name}); "
                "give an empty or new folder"
            )

    def _create(self) -> None:
        key = secrets.token_hex(_KEY_BYTES) + "\n"
        files.create_exclusive(self.key_file, key.encode(), mode=0o600)
        about = {
            "format_version": FORMAT_VERSION,
            "archive_id": str(uuid.uuid4()),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "software": "shenglu",
        }
        # Last, and exclusive: its presence means that the archive is complete.
        files.create_exclusive(self._descriptor, json.dumps(about, indent=2).encode() + b"\n")

    def _description(self) -> dict[str, object]:
        try:
            about: dict[str, object] = json.loads(files.read(self._descriptor))
            archive_id, found = str(about["archive_id"]), about["format_version"]
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptError(
                f"{self._descriptor} is damaged; restore it from a backup "
                "(docs/archive-format.md has its fields)"
            ) from error
        if found != FORMAT_VERSION:
            raise UsageError(
                f"{self.path} has archive format {found}, this shenglu reads {FORMAT_VERSION}; "
                "use the version of shenglu that wrote it, or a newer one"
            )
        return {"archive_id": archive_id}
