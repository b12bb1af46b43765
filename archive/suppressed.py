"""What must not come back, read from the table `removals` of the current snapshot."""

import pyarrow.parquet as pq

from archive.log import Log
from archive.removal import Suppressed
from archive.root import Root
from archive.swap import located

__all__ = ["suppressed"]


def suppressed(root: Root, log: Log, secret: bytes) -> Suppressed:
    """The keys of every removal; raises `CorruptError` for a damaged log."""
    keys: set[str] = set()
    for file in log.snapshot().of("removals"):
        with pq.ParquetFile(located(root, file.path)) as opened:
            found = opened.read(columns=["key_hash"])["key_hash"].to_pylist()
            keys.update(key for key in found if key is not None)
    return Suppressed(keys, secret)
