"""One thing that a check found wrong. Pure."""

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with which file (path below the root), and what mends it.

    `kind` is stable, for scripts: key_damaged, key_exposed, log_gap, log_malformed,
    log_stranger, orphan, not_parquet, missing, truncated, changed, flipped, unreadable,
    row_count, schema_drift, unfinished, removed_again, warc_missing, warc_pointer, warc_mismatch.
    """

    kind: str
    file: str
    what: str
    remedy: str
