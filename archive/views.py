"""The SQL views that analysts query, as text. Pure.

Raw tables keep their names (`fetches`, `visits`, ...), but `articles` and `comments` mean the
latest version of each piece; all versions are in `article_history` and `comment_history`.
Each view reads an explicit list of files, never a glob: a query sees one snapshot.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa

from archive.release_schema import RELEASED
from archive.schema import TABLES, Table

__all__ = ["HISTORY", "VIEW_DOCS", "column_docs", "latest_of", "statements"]

HISTORY: Final = {"articles": "article_history", "comments": "comment_history"}
"""Tables whose raw rows have another view name, since their own means the latest version."""

_SIGHTINGS: Final = {"articles": "article_observations", "comments": "comment_observations"}
_KEYS: Final = {
    "articles": "source, article_id",
    "comments": "source, thread_id, comment_id",
}
_LATEST: Final = """
WITH latest AS (
  SELECT * FROM {history}
  QUALIFY row_number() OVER (
    PARTITION BY {key} ORDER BY observed_at DESC, fetch_id DESC, version DESC) = 1
), seen AS (
  SELECT {key},
         arg_max(votes_up, (observed_at, run_id)) AS votes_up,
         arg_max(votes_down, (observed_at, run_id)) AS votes_down,
         arg_max(reply_count, (observed_at, run_id)) AS reply_count,
         arg_max(state, (observed_at, run_id)) AS seen_state,
         max(observed_at) FILTER (state IS DISTINCT FROM 'missing') AS last_seen
  FROM {sightings} GROUP BY ALL
)
SELECT latest.*, seen.votes_up, seen.votes_down, seen.reply_count,
       coalesce(seen.seen_state, latest.state) AS seen_state,
       greatest(seen.last_seen, latest.observed_at) AS last_seen
FROM latest LEFT JOIN seen USING ({key})
"""

_THREADS: Final = """
CREATE VIEW threads AS
WITH piece AS (
  SELECT source, thread_id,
         arg_max(title, (observed_at, fetch_id, version)) AS title,
         arg_max(url, (observed_at, fetch_id, version)) AS url
  FROM article_history WHERE thread_id IS NOT NULL GROUP BY ALL
), remark AS (
  SELECT source, thread_id, count(DISTINCT comment_id) AS comments_known,
         min(published_at) AS first_comment_at, max(published_at) AS last_comment_at
  FROM comment_history GROUP BY ALL
), visit AS (
  SELECT source, thread_id, declared, fetched, stop_reason, observed_at AS last_visit_at
  FROM visits
  QUALIFY row_number() OVER (
    PARTITION BY source, thread_id ORDER BY observed_at DESC, fetch_id DESC) = 1
), known AS (
  SELECT source, thread_id FROM piece
  UNION SELECT source, thread_id FROM remark
  UNION SELECT source, thread_id FROM visit
)
SELECT source, thread_id, title, url,
       coalesce(comments_known, 0) AS comments_known,
       declared AS comments_declared,
       fetched AS comments_fetched,
       coalesce(stop_reason = 'end'
                AND coalesce(comments_known, 0) >= coalesce(declared, 0), false) AS complete,
       stop_reason, last_visit_at, first_comment_at, last_comment_at
FROM known
LEFT JOIN piece USING (source, thread_id)
LEFT JOIN remark USING (source, thread_id)
LEFT JOIN visit USING (source, thread_id)
"""

VIEW_DOCS: Final = {
    "articles": "Latest version of each article, with the votes and state seen last.",
    "comments": "Latest version of each comment, with the votes and state seen last.",
    "article_history": "All versions of all articles, one row each.",
    "comment_history": "All versions of all comments, one row each.",
    "threads": "One row per thread: comments known and declared, whether it is complete "
    "(walked to its end, and no fewer comments known than the site declares), and when.",
    **{name: made.doc for name, made in TABLES.items() if name not in HISTORY},
}


_SEEN_DOCS: Final = {
    "votes_up": "Approving votes when last seen.",
    "votes_down": "Disapproving votes when last seen.",
    "reply_count": "Replies that the site states, when last seen.",
    "seen_state": "State when last seen: visible, deleted, missing, collapsed or locked.",
    "last_seen": "When it was last seen, whatever had changed.",
}
_THREAD_DOCS: Final = {
    "source": "Where the thread is.",
    "thread_id": "Id of the thread on the site.",
    "title": "Title of its opening piece.",
    "url": "Permalink of its opening piece.",
    "comments_known": "Comments that any visit saw.",
    "comments_declared": "Comments that the site claimed at the last visit; null where it did not.",
    "comments_fetched": "Comments that the last visit saw.",
    "complete": "Walked to its end, and no fewer comments known than declared.",
    "stop_reason": "Why the last walk ended: end, budget, error, locked, login or cap.",
    "last_visit_at": "When it was last visited.",
    "first_comment_at": "Time of its earliest comment.",
    "last_comment_at": "Time of its latest comment.",
}


def column_docs(view: str) -> dict[str, str]:
    """What each column of a view means, by name; empty for an unknown view."""
    if view == "threads":
        return dict(_THREAD_DOCS)
    named = {history: name for name, history in HISTORY.items()}.get(view, view)
    if named not in RELEASED:
        return {}
    own = {column.name: column.doc for column in RELEASED[named].columns}
    return own | (_SEEN_DOCS if view in HISTORY else {})


def statements(
    files_of: Mapping[str, Sequence[str]],
    as_of: datetime | None = None,
    tables: Mapping[str, Table] = TABLES,
) -> list[str]:
    """The CREATE VIEW statements over those files (absolute paths by table) of these tables.

    `as_of` leaves out what was observed later, so that every view shows the archive's knowledge
    of the world as it stood then, as it is read today: rows of a later `reparse` carry the time
    of their capture, and removed content is gone from the past too.
    """
    raw = [_raw_view(made, files_of.get(name, ()), as_of) for name, made in tables.items()]
    latest = [
        f"CREATE VIEW {name} AS {latest_of(name, history, _SIGHTINGS[name])}"
        for name, history in HISTORY.items()
    ]
    return [*raw, *latest, _THREADS]


def latest_of(name: str, history: str, sightings: str) -> str:
    """The SELECT behind `articles` or `comments`, over other relations with the same columns.

    DuckDB hands a condition down to the files only where it fixes a column of the key to one
    value; for a list of pieces it is far quicker to give their rows, chosen first.
    """
    return _LATEST.format(key=_KEYS[name], history=history, sightings=sightings)


def _raw_view(made: Table, paths: Sequence[str], as_of: datetime | None) -> str:
    name = HISTORY.get(made.name, made.name)
    columns = ", ".join(f'"{c.name}"' for c in made.columns)
    if paths:
        listed = ", ".join(_quoted(path) for path in paths)
        source = f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608 - names of our schema, quoted paths
    else:
        nulls = ", ".join(f'CAST(NULL AS {_sql_type(c.type)}) AS "{c.name}"' for c in made.columns)
        source = f"SELECT {nulls} WHERE false"
    if as_of is not None and paths:
        moment = as_of.astimezone(UTC).isoformat()
        source += f" WHERE {made.observed} <= TIMESTAMPTZ '{moment}'"
    return f"CREATE VIEW {name} AS {source}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE"
    return {"string": "VARCHAR", "int64": "BIGINT", "int32": "INTEGER", "bool": "BOOLEAN"}[
        str(kind)
    ]
