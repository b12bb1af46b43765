"""Every error that shenglu raises on purpose.

    ShengluError
    |-- UsageError            the caller asked for something that cannot be done (exit 2)
    |-- LockedError           another run holds the lock (exit 4)
    |-- ArchiveError          the archive on disk
    |   |-- StorageError      a read or write failed: full or read-only disk, permissions
    |   |-- CorruptError      bytes are not what the log says they are
    |   `-- SchemaError       rows or files do not fit the schema
    |-- CaptureError          a WARC record could not be written or read back
    `-- PageError             a page could not be turned into records (goes to quarantine)
        |-- DecodeError       bytes that are no text in any known charset
        `-- ExtractError      text without the parts that the page class promises

A message says what happened, to what, and what mends it. Only `crawlers.cli` turns an
error into an exit code; a page error never leaves its page.
"""

__all__ = [
    "ArchiveError",
    "CaptureError",
    "CorruptError",
    "DecodeError",
    "ExtractError",
    "LockedError",
    "PageError",
    "SchemaError",
    "ShengluError",
    "StorageError",
    "UsageError",
]


class ShengluError(Exception):
    """The root of the tree; catches everything that shenglu raises on purpose."""

    exit_code = 1


class UsageError(ShengluError):
    """The request itself is wrong: an unknown site, a missing folder, a bad date."""

    exit_code = 2


class LockedError(ShengluError):
    """Another run of the same site holds the lock; the message names the holder."""

    exit_code = 4


class ArchiveError(ShengluError):
    """Something about the archive on disk."""


class StorageError(ArchiveError):
    """The disk refused a read or a write."""


class CorruptError(ArchiveError):
    """Bytes differ from what the log recorded."""


class SchemaError(ArchiveError):
    """Rows or files that do not fit the schema of their table."""


class CaptureError(ShengluError):
    """A WARC record that cannot be written, found or read back."""


class PageError(ShengluError):
    """One page that gives no records; becomes a quarantine row with this message."""


class DecodeError(PageError):
    """Bytes that are not text in any charset that we know."""


class ExtractError(PageError):
    """A page without the parts that its class promises."""
