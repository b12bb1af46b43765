"""Joins what an index proposes with the rows of commits that it does not hold yet.

A search is right whether or not somebody filed what came since: the files of those commits, a few
against the whole archive, are scanned beside the index. A piece that is in both is shown as its
newest row has it. Nothing is written, so the pages of `shenglu serve` can use an index too.
"""

from collections.abc import Callable, Iterator
from heapq import merge
from typing import TYPE_CHECKING, Any

from archive.log import Snapshot
from archive.query import connect
from archive.root import Root
from archive.search_read import Reader, order_of, place_of
from archive.search_scan import PIECES, scan

if TYPE_CHECKING:
    from archive.search import Search

__all__ = ["joined"]

_NEWEST = """
SELECT kind, source || '/' || id,
       max(struct_pack(observed := epoch_us(observed_at), fetch_id, version))
FROM ({pieces}) GROUP BY ALL
"""


def joined(
    root: Root, unfiled: Snapshot, reader: Reader, wanted: "Search", fold: Callable[[str], str]
) -> Iterator[dict[str, Any]]:
    """Rows that may match, newest first, of the index and of the files of `unfiled`."""
    with connect(root, snapshot=unfiled, sandbox=True) as connection:
        newest = {
            (kind, evidence): order_of(row)
            for kind, evidence, row in connection.execute(_NEWEST.format(pieces=PIECES)).fetchall()
        }
        fresh = [row for row in scan(connection, wanted, fold) if not _outdated(reader, row)]
    filed = (
        row
        for row in reader.candidates(wanted)
        if (known := newest.get((row["kind"], row["evidence"]))) is None or order_of(row) > known
    )
    return merge(fresh, filed, key=place_of)


def _outdated(reader: Reader, row: dict[str, Any]) -> bool:
    """Whether the index has a newer version of that piece: an old capture was read again."""
    filed = reader.filed(row["kind"], row["evidence"])
    return filed is not None and order_of(filed) > order_of(row)
