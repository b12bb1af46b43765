"""An archive or a release in one line of Python: DuckDB, Arrow, Polars, pandas.

    import archive
    archive.open("var/archive").pandas("comments")

One object reads one snapshot: the newest when it was made, or all of a release. The names are
those of `shenglu query` (`archive.views`). Nothing is ever written. Polars and pandas are imported
when they are asked for and need not be installed otherwise.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from archive.errors import UsageError
from archive.log import Log
from archive.query import Evidence, connect, evidence, run, warc_resolver
from archive.release_access import connect_release, is_release
from archive.root import Root
from archive.views import VIEW_DOCS
from archive.warc_read import read_capture

if TYPE_CHECKING:
    from types import TracebackType

    from archive.model import Capture

__all__ = ["Archive"]


class Archive:
    """The views over one snapshot of an archive, or over one release. Not for several threads."""

    def __init__(self, path: str | Path) -> None:
        folder = Path(path)
        self.root: Root | None = None
        self.snapshot: int | None = None
        if is_release(folder):
            self._connection = connect_release(folder)
        else:
            self.root = Root.open(folder)
            found = Log(self.root).snapshot()
            self.snapshot = found.number
            self._connection = connect(self.root, snapshot=found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Archive of {', '.join(self.views)}>"

    @property
    def views(self) -> dict[str, str]:
        """What can be read: name and meaning."""
        return dict(VIEW_DOCS)

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """The connection itself, for SQL of any kind over the views."""
        return self._connection

    def arrow(self, query: str, parameters: tuple[Any, ...] = ()) -> Any:
        """A view by name, or the result of one SELECT, as an Arrow table.

        Raises `UsageError` for an unknown view and for SQL that DuckDB refuses.
        """
        sql = _select(query)
        run(self._connection, f"DESCRIBE {sql}", parameters).fetchall()  # refuses other SQL
        return self._connection.sql(sql, params=parameters).to_arrow_table()

    def polars(self, query: str, parameters: tuple[Any, ...] = ()) -> Any:
        """The same as a Polars frame."""
        return import_module("polars").from_arrow(self.arrow(query, parameters))

    def pandas(self, query: str, parameters: tuple[Any, ...] = ()) -> Any:
        """The same as a pandas frame."""
        import_module("pandas")
        return self.arrow(query, parameters).to_pandas()

    def evidence(self, wanted: str) -> list[Evidence]:
        """The rows that an id names, newest first, with the place of their WARC records.

        Ids are `source/article_id`, `source/thread_id/comment_id` or a fetch id. Raises
        `UsageError` when nothing has that id, and for a release, which holds no evidence.
        """
        return evidence(self._archive(), wanted, self._connection)

    def page(self, wanted: str) -> "Capture":
        """The exchange that the newest row of an id was read from, out of the WARC.

        Raises `UsageError` where nothing was kept, `CaptureError` for a damaged record.
        """
        root = self._archive()
        for found in self.evidence(wanted):
            if found.pointer:
                return read_capture(root, found.pointer, warc_resolver(self._connection))
        raise UsageError(f"{wanted} has no WARC record: nothing of that exchange was kept")

    def close(self) -> None:
        """End the connection; frames that were made stay valid."""
        self._connection.close()

    def _archive(self) -> Root:
        if self.root is None:
            raise UsageError("a release holds no WARC; open the archive that it was made from")
        return self.root


def _select(query: str) -> str:
    if " " in query.strip():
        return query
    if query not in VIEW_DOCS:
        raise UsageError(f"no view {query!r}; views are {', '.join(VIEW_DOCS)}")
    return f"SELECT * FROM {query}"  # noqa: S608 - one of our own view names
