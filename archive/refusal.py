"""What SQLite refuses to do with the state file, as an error that says what mends it."""

from pathlib import Path

from archive.errors import StorageError

__all__ = ["refused"]

_REMEDIES = {
    "SQLITE_FULL": "the disk is full: free space, then run the same command again",
    "SQLITE_READONLY": "file system or file is read-only: remount it or mend its permissions",
    "SQLITE_CANTOPEN": "permission refused or no such folder: mend permissions, or the full disk",
    "SQLITE_BUSY": "another process holds it: wait, or end that process",
    "SQLITE_IOERR": "the disk refused (full, over its quota or failing): mend that and run again",
}


def refused(path: Path, error: Exception) -> StorageError:
    """SQLite's word and what mends it; it is a cache, so a damaged one is made anew."""
    name = "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])
    remedy = _REMEDIES.get(name, "`shenglu doctor --rebuild` makes it anew from the archive")
    return StorageError(f"state file {path}: {error}; {remedy}")
