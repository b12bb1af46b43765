"""The documents of a release, made from the schema and from what the release itself holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from archive.release_frame import Frame, gather_frame
from archive.release_schema import RELEASED
from archive.schema import SCHEMA_VERSION
from archive.views import statements

__all__ = ["Facts", "data_dictionary", "dictionary_page", "gather", "readme"]

_MEMORY = "1GB"
_SOURCES = """
SELECT source,
       (SELECT count(*) FROM articles a WHERE a.source = s.source) AS articles,
       (SELECT count(*) FROM comments c WHERE c.source = s.source) AS comments,
       (SELECT count(*) FROM threads t WHERE t.source = s.source) AS threads,
       (SELECT count(*) FROM threads t WHERE t.source = s.source AND t.complete) AS complete,
       (SELECT count(*) FROM fetches f WHERE f.source = s.source) AS exchanges,
       (SELECT count(*) FROM fetches f WHERE f.source = s.source
         AND (f.error IS NOT NULL OR f.status >= 400)) AS failures,
       (SELECT count(*) FROM quarantine q WHERE q.source = s.source) AS quarantined
FROM (SELECT source FROM fetches UNION SELECT source FROM articles
      UNION SELECT source FROM comments UNION SELECT source FROM visits
      UNION SELECT source FROM runs) s
WHERE source IS NOT NULL ORDER BY source
"""
_TOOLS = """
SELECT DISTINCT {column} FROM (
  SELECT parser, normaliser FROM article_history UNION ALL
  SELECT parser, normaliser FROM comment_history)
WHERE {column} IS NOT NULL ORDER BY 1
"""
_PERIOD = """
SELECT min(seen), max(seen) FROM (
  SELECT observed_at AS seen FROM fetches UNION ALL
  SELECT observed_at FROM article_history UNION ALL
  SELECT observed_at FROM comment_history)
"""
_BY_VISITS = """
CREATE VIEW threads AS
SELECT * REPLACE (
  comments_fetched AS comments_known,
  coalesce(stop_reason = 'end'
           AND coalesce(comments_fetched, 0) >= coalesce(comments_declared, 0), false) AS complete)
FROM chosen_threads
"""
_ONCE = {
    "threads": "*",
    "comments": "source, thread_id, comment_id, parent_id, published_at, published_method",
    "articles": "source, article_id, published_at, published_method",
}
"""What several questions ask: brought to the latest version once, not for each of them."""
_PROGRAMS = "SELECT DISTINCT version FROM runs WHERE version IS NOT NULL ORDER BY 1"
_NAMES = """
SELECT count(author_name) FROM (
  SELECT author_name FROM article_history UNION ALL SELECT author_name FROM comment_history)
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a release holds, as its card tells it."""

    rows: Mapping[str, int]
    sources: Sequence[Sequence[Any]] = ()
    parsers: Sequence[str] = ()
    normalisers: Sequence[str] = ()
    period: tuple[datetime | None, datetime | None] = field(default=(None, None))
    names: int = 0
    programs: Sequence[str] = ()
    frame: Frame = field(default_factory=Frame)


def gather(parts: Mapping[str, Sequence[str]], spill: Path, *, chosen: bool = False) -> Facts:
    """The facts of the Parquet files of a release (absolute paths by table).

    What does not fit into memory goes to the folder `spill`. Where content was `chosen` by a
    topic, a thread's comments are not all in the release, so its completeness is that of its last
    visit.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute("SET temp_directory = $1", [str(spill)])
        for statement in statements(parts):
            connection.execute(statement)
        if chosen:
            connection.execute("ALTER VIEW threads RENAME TO chosen_threads")
            connection.execute(_BY_VISITS)
        for name, columns in _ONCE.items():
            connection.execute(f"CREATE TEMP TABLE once_{name} AS SELECT {columns} FROM {name}")  # noqa: S608 - our own names
            connection.execute(f"DROP VIEW {name}")
            connection.execute(f"CREATE TEMP VIEW {name} AS FROM once_{name}")

        def ask(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        return Facts(
            rows={
                name: sum(pq.read_metadata(path).num_rows for path in paths)
                for name, paths in parts.items()
            },
            sources=ask(_SOURCES),
            parsers=[row[0] for row in ask(_TOOLS.format(column="parser"))],
            normalisers=[row[0] for row in ask(_TOOLS.format(column="normaliser"))],
            period=ask(_PERIOD)[0],
            names=ask(_NAMES)[0][0],
            programs=[row[0] for row in ask(_PROGRAMS)],
            frame=gather_frame(ask),
        )


def data_dictionary() -> dict[str, Any]:
    """Every table and column with type and meaning, as plain values."""
    tables = {
        made.name: {
            "description": made.doc,
            "sorted_by": list(made.sort),
            "columns": [
                {"name": c.name, "type": str(c.type), "description": c.doc} for c in made.columns
            ],
        }
        for made in RELEASED.values()
    }
    return {"schema_version": SCHEMA_VERSION, "tables": tables}


def dictionary_page() -> str:
    """The same for people, in Markdown."""
    lines = ["# Data dictionary", "", f"Schema version {SCHEMA_VERSION}. Times are UTC.", ""]
    for made in RELEASED.values():
        lines += [f"## {made.name}", "", made.doc, "", f"Sorted by {', '.join(made.sort)}.", ""]
        lines += ["| Column | Type | Meaning |", "|---|---|---|"]
        lines += [
            f"| `{c.name}` | `{c.type}` | {c.doc.replace('|', chr(92) + '|')} |"
            for c in made.columns
        ]
        lines.append("")
    return "\n".join(lines)


def readme(about: Mapping[str, Any], facts: Facts) -> str:
    """The card of the release: what it is, how complete, how to read it, what to mind."""
    sections = [
        _what(about, facts),
        _counts(facts),
        _completeness(facts),
        _gaps(facts),
        _tools(about, facts),
        _READING,
        _ethics(facts),
    ]
    return "\n\n".join(sections) + "\n"


def _what(about: Mapping[str, Any], facts: Facts) -> str:
    first, last = (f"{at:%Y-%m-%d}" if at else "unknown" for at in facts.period)
    filters = about["filters"]
    chosen = ", ".join(filters["sources"]) or "all"
    return f"""# {about["name"]}

Articles and comment threads from Chinese-language sites, as collected by shenglu (聲錄).

- Archive: `{about["archive_id"]}`, snapshot {about["snapshot"]} of {about["snapshot_committed_at"]}
- Observed: {first} to {last}
- Filters: sources {chosen}; observed since {filters["since"] or "the beginning"}, \
until {filters["until"] or "the snapshot"}
- Topic: {", ".join(filters["topic"]) or "all"}
- Schema version: {about["schema_version"]} (columns: `DATA_DICTIONARY.md`)
- Integrity: `sha256sum -c SHA256SUMS`

Cite it by its name and the SHA-256 of the file `SHA256SUMS`."""


def _counts(facts: Facts) -> str:
    lines = ["## Rows", "", "| Table | Rows | One row is |", "|---|---:|---|"]
    lines += [
        f"| `{name}` | {rows} | {RELEASED[name].doc.removeprefix('One row per ').rstrip('.')} |"
        for name, rows in facts.rows.items()
    ]
    return "\n".join(lines)


def _completeness(facts: Facts) -> str:
    head = (
        "| Source | Articles | Comments | Threads | Complete | Exchanges | Failed | Quarantined |"
    )
    lines = ["## Sources and completeness", "", head, "|---|" + "---:|" * 7]
    lines += ["| " + " | ".join(str(value) for value in row) + " |" for row in facts.sources]
    lines += [
        "",
        (
            "A thread is complete when its last visit walked it to the end and no fewer comments "
            "are known than the site declared. What was never public, was removed before the "
            "first visit, or lies behind a login is not here. `visits` says for each thread how "
            "far the walk went, `quarantine` what could not be read; `SAMPLING_FRAME.md` sums "
            "both up."
        ),
    ]
    return "\n".join(lines)


def _gaps(facts: Facts) -> str:
    lines = ["## Known gaps", ""]
    lines += [f"- {count} {what}" for what, count in facts.frame.gaps if count]
    return "\n".join([*lines, "- what no list led to, and what was gone before the first visit"])


def _tools(about: Mapping[str, Any], facts: Facts) -> str:
    parsers = ", ".join(f"`{name}`" for name in facts.parsers) or "none"
    normalisers = ", ".join(f"`{name}`" for name in facts.normalisers) or "none"
    programs = ", ".join(facts.programs) or "none on record"
    return f"""## How the values were made

`text` and `title` are as published. `text_hans`, `title_hans`, `search_key` and `script` are
derived; each row names the tools that made it.

- shenglu: {programs}
- Page objects: {parsers}
- Text pipeline (converter version and table digest): {normalisers}
- Names in `entities`: {f"`{about['entities']}`" if about["entities"] else "not looked for"}"""


_READING = """## Reading it

```python
import datasets, duckdb, polars, pandas, pyarrow.dataset
duckdb.sql("SELECT source, count(*) FROM 'data/comments/*.parquet' GROUP BY source")
polars.scan_parquet("data/comments/*.parquet").head().collect()
pandas.read_parquet("data/comments")
pyarrow.dataset.dataset("data/comments").count_rows()
datasets.load_dataset(".", "comments")
```

`croissant.json` (Croissant 1.1) and `datapackage.json` (Frictionless) describe every table and
column for other tools.

Content tables hold every version of a text. The newest of each comment:

```sql
SELECT * FROM 'data/comments/*.parquet'
QUALIFY row_number() OVER (PARTITION BY source, thread_id, comment_id
                           ORDER BY observed_at DESC, fetch_id DESC, version DESC) = 1
```"""


def _ethics(facts: Facts) -> str:
    people = (
        f"{facts.names} rows carry author names, kept on the operator's decision: "
        "treat them as personal data."
        if facts.names
        else "Author names are not included; `author_hash` is a keyed hash whose key stays with "
        "the operator."
    )
    return f"""## Rights and care

The texts belong to their authors and publishers; this release grants no right in them. It is
meant for research and analysis under the exceptions that your law gives. {people}
Comments can still identify people by what they say: do not try to find out who wrote them, do
not republish texts that their authors deleted (`state`, `deletion_kind`), and report aggregates
where they do. Requests for removal go to the operator of the archive."""
