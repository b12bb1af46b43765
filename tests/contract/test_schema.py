"""The tables are a promise: their columns change only together with SCHEMA_VERSION."""

import re
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest

from archive.errors import SchemaError
from archive.schema import SCHEMA_VERSION, TABLES, conform, empty_row, table

FROZEN = {1: "2da6f4689dfbb705646ba93e37fdeb553f147b87701b391033620843dc63d31e"}


def digest():
    lines = [
        f"{name}.{c.name} {c.type}" for name, t in sorted(TABLES.items()) for c in t.columns
    ] + [f"{name} by {t.sort} in {t.observed}" for name, t in sorted(TABLES.items())]
    return sha256("\n".join(lines).encode()).hexdigest()


def test_columns_change_only_with_the_schema_version():
    assert FROZEN.get(SCHEMA_VERSION) == digest(), (
        "the tables differ from what this schema version promised: raise SCHEMA_VERSION, "
        "note the change in docs/archive-format.md, and add the new digest here"
    )


@pytest.mark.parametrize("name", TABLES)
def test_every_column_says_what_it_means(name):
    for column in table(name).columns:
        assert re.search(r"\w.*\.$", column.doc), column.name
    assert table(name).doc.endswith(".")


@pytest.mark.parametrize("name", TABLES)
def test_column_names_are_unique_and_plain(name):
    names = [c.name for c in table(name).columns]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", n) for n in names)


@pytest.mark.parametrize("name", TABLES)
def test_sort_and_month_columns_exist(name):
    names = {c.name for c in table(name).columns}
    assert {*table(name).sort, table(name).observed} <= names
    assert table(name).schema.field(table(name).observed).type == pa.timestamp("us", tz="UTC")


@pytest.mark.parametrize("name", TABLES)
def test_every_row_can_be_traced(name):
    names = {c.name for c in table(name).columns}
    assert {"run_id", "observed_at", "source"} <= names
    assert "fetch_id" in names or name in {"runs", "removals"}


@pytest.mark.parametrize("name", TABLES)
def test_empty_rows_conform(name):
    made = conform(name, [empty_row(name), {}])
    assert made.schema.equals(table(name).schema, check_metadata=True)
    assert made.num_rows == 2


def test_unknown_tables_columns_and_types_are_refused():
    with pytest.raises(SchemaError, match="no table 'posts'"):
        table("posts")
    with pytest.raises(SchemaError, match="karma"):
        conform("comments", [{"karma": 1}])
    with pytest.raises(SchemaError, match=r"comments\.floor"):
        conform("comments", [{"floor": "eleven"}])


def test_format_document_names_every_table():
    text = (Path(__file__).parents[2] / "docs/archive-format.md").read_text("utf-8")
    missing = [name for name in TABLES if f"`{name}`" not in text]
    assert missing == []
    assert "schema version" in text
