"""A release as strangers read it: the same rows, types and columns in every reader."""

import json

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest
from archive_rows import article, comment, exchange, fetch, visit

from archive.commit import commit
from archive.log import Log
from archive.release import release
from archive.release_schema import RELEASED
from archive.root import Root
from archive.warc_write import WarcWriter

ODD = ["=1+1", "12", "007", "true", "2024-01-01", "null", "NaN", "", 'a,b\n"c"', "𠮷野家"]


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange())
    rows = [comment(n, text=text, comment_id=f"{n:03d}") for n, text in enumerate(ODD)]
    rows += [comment(99, quoted_ids=["000", "001"], published_at=None, parent_id="000")]
    made = {"comments": rows, "articles": [article(thread=None)], "fetches": [fetch(pointer)]}
    commit(Log(root), "b1", made | {"visits": [visit()]})
    return root


@pytest.fixture
def folder(root):
    return release(root, "r1")


def _rows(table):
    """Rows as plain values, in the order of the file."""
    return table.to_pylist()


def _arrow(reader, folder, name):
    files = folder / "data" / name
    if reader == "duckdb":
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(f"FROM '{files}/*.parquet'").to_arrow_table()
    if reader == "polars":
        return pl.read_parquet(files / "*.parquet").to_arrow()
    if reader == "datasets":
        datasets = pytest.importorskip("datasets")
        datasets.disable_progress_bars()
        cache = str(folder.parent.parent / "hf")
        loaded = datasets.load_dataset(str(folder), name, cache_dir=cache)
        assert list(loaded) == ["train"]
        return loaded["train"].with_format("arrow")[:]
    return ds.dataset(files).to_table()


@pytest.mark.parametrize("reader", ["duckdb", "polars", "datasets"])
def test_reader_gives_the_same_rows_types_and_columns(folder, reader, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    for name, made in RELEASED.items():
        wanted = _arrow("pyarrow", folder, name)
        if reader == "datasets" and not wanted.num_rows:
            continue  # the library refuses a split without rows, and the card does not offer it
        found = _arrow(reader, folder, name)
        assert found.column_names == [c.name for c in made.columns]
        assert _rows(found) == _rows(wanted)
        for ours, theirs in zip(made.schema.types, found.schema.types, strict=True):
            # large_string and string_view are Arrow's other ways to hold the same strings.
            plain = str(theirs).replace("large_", "").replace("_view", "")
            assert plain.replace("element", "item").replace(": l>", ": item>") in {
                str(ours),
                str(ours).replace("item: ", "l: "),
                str(ours).replace("tz=UTC", "tz=Etc/UTC"),
            }


def test_pandas_gives_the_same_rows_and_keeps_ids_as_text(folder):
    for name in RELEASED:
        wanted = _arrow("pyarrow", folder, name)
        frame = pd.read_parquet(folder / "data" / name)
        assert list(frame.columns) == wanted.column_names
        assert len(frame) == wanted.num_rows
    frame = pd.read_parquet(folder / "data" / "comments")
    assert sorted(frame["comment_id"])[:3] == ["000", "001", "002"]
    assert str(frame["observed_at"].dtype) == "datetime64[us, UTC]"


def test_no_folder_or_file_name_reads_as_a_key_or_a_number(folder):
    for path in folder.rglob("*"):
        assert "=" not in path.name
        assert not path.stem.replace(".", "").replace("-", "").isdigit()


def test_croissant_description_is_valid_and_reads_every_row(folder):
    croissant = pytest.importorskip("mlcroissant")
    described = croissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert described.metadata.issues.errors == set()
    assert described.metadata.issues.warnings == set()
    assert described.metadata.conforms_to == ["http://mlcommons.org/croissant/1.1"]
    for name in ("comments", "articles", "visits", "quarantine"):
        rows = list(described.records(name))
        assert len(rows) == ds.dataset(folder / "data" / name).count_rows()
        if name == "comments":
            texts = {row["comments/text"].decode() for row in rows}
            assert set(ODD) <= texts


def test_croissant_description_of_several_parts_reads_every_row(root, monkeypatch):
    croissant = pytest.importorskip("mlcroissant")
    monkeypatch.setattr("archive.commit._ROW_GROUP", 4)
    monkeypatch.setattr("archive.parts.PART_ROWS", 4)
    folder = release(root, "parts")
    assert len(list((folder / "data/comments").iterdir())) == 3
    described = croissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert len(list(described.records("comments"))) == len(ODD) + 1
    package = json.loads((folder / "datapackage.json").read_text())
    paths = next(r["path"] for r in package["resources"] if r["name"] == "comments")
    assert len(paths) == 3


def test_data_package_is_valid_and_names_every_file_with_its_hash(folder):
    frictionless = pytest.importorskip("frictionless")
    package = json.loads((folder / "datapackage.json").read_text())
    assert list(frictionless.Package.metadata_validate(package)) == []
    sums = dict(
        reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines()
    )
    for resource in package["resources"]:
        assert resource["hash"] == f"sha256:{sums[resource['path']]}"
        fields = resource["schema"]["fields"]
        columns = RELEASED[resource["name"]].columns
        assert [f["name"] for f in fields] == [c.name for c in columns]
        assert [f["arrowType"] for f in fields] == [str(c.type) for c in columns]
    checked = frictionless.Package(str(folder / "datapackage.json")).validate()
    assert checked.valid, checked.flatten(["name", "type", "note"])
    assert checked.stats["tasks"] == len(RELEASED)


def test_broken_descriptors_are_noticed(folder):
    """The validators above can fail."""
    frictionless = pytest.importorskip("frictionless")
    package = json.loads((folder / "datapackage.json").read_text())
    package["resources"][0]["schema"]["fields"][0]["type"] = "nothing"
    with pytest.raises(frictionless.FrictionlessException, match="not supported"):
        list(frictionless.Package.metadata_validate(package))


def test_primary_keys_that_the_descriptors_name_are_unique(folder):
    package = json.loads((folder / "datapackage.json").read_text())
    for resource in package["resources"]:
        if key := resource["schema"].get("primaryKey"):
            rows = _arrow("pyarrow", folder, resource["name"]).select(key)
            assert rows.group_by(key).aggregate([]).num_rows == rows.num_rows
