import hashlib
import json
import subprocess
from datetime import timedelta

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest
from archive_rows import START, article, comment, exchange, fetch, visit
from click.testing import CliRunner

from archive import open as open_archive
from archive.commit import commit
from archive.errors import LockedError, UsageError
from archive.lock import Lock
from archive.log import Log
from archive.release import Filters, Tagger, release, verify
from archive.release_schema import RELEASED
from archive.root import Root
from archive.schema import TABLES
from archive.warc_write import WarcWriter
from crawlers.commands import check as check_command
from crawlers.commands import release as release_command
from pipelines.aliases import digest, load, shipped_table
from pipelines.search_key import search_key


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    with WarcWriter(root, "run1") as writer:
        pointer = writer.write(exchange())
    log = Log(root)
    for batch in range(3):
        rows = [comment(n, thread=f"t{batch}", minutes=batch * 9) for n in range(30)]
        commit(log, f"b{batch}", {"comments": rows, "visits": [visit(thread=f"t{batch}")]})
    other = [comment(n, source="other", thread="o1") for n in range(5)]
    commit(log, "b9", {"articles": [article()], "fetches": [fetch(pointer)], "comments": other})
    return root


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_four_readers_count_the_same_rows_in_every_table(root):
    folder = release(root, "r1")
    counts = json.loads((folder / "release.json").read_text())["rows"]
    assert counts["comments"] == 95
    assert set(counts) == set(TABLES)
    for name, count in counts.items():
        data = folder / "data" / name
        sql = f"SELECT count(*) FROM '{data}/*.parquet'"  # noqa: S608 - names from this test
        assert duckdb.execute(sql).fetchone() == (count,)
        assert pl.scan_parquet(data / "*.parquet").collect().height == count
        assert len(pd.read_parquet(data)) == count
        assert ds.dataset(data).count_rows() == count
        assert ds.dataset(data).schema.equals(RELEASED[name].schema, check_metadata=False)


def test_same_snapshot_and_name_give_the_same_bytes(root):
    first = _bytes(release(root, "r1"))
    (root.releases / "r1").rename(root.path / "kept")
    assert _bytes(release(root, "r1")) == first


def test_commits_in_another_order_give_the_same_data(tmp_path):
    made = []
    for name, order in (("a", (0, 1, 2)), ("b", (2, 0, 1))):
        root = Root.open(tmp_path / name, create=True)
        for batch in order:
            commit(
                root, f"b{batch}", {"comments": [comment(n, thread=f"t{batch}") for n in range(9)]}
            )
        folder = release(root, "r1")
        made.append((folder / "data" / "comments" / "part-00000.parquet").read_bytes())
    assert made[0] == made[1]


def test_checksums_are_those_of_the_standard_tool(root):
    folder = release(root, "r1")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    assert len(sums) == len(_bytes(folder)) - 1
    stated = dict(reversed(line.split("  ")) for line in sums)
    assert stated["README.md"] == hashlib.sha256((folder / "README.md").read_bytes()).hexdigest()


def test_release_is_never_changed(root):
    folder = release(root, "r1")
    before = _bytes(folder)
    commit(root, "b10", {"comments": [comment(99)]})
    with pytest.raises(UsageError, match="never changed"):
        release(root, "r1")
    assert _bytes(folder) == before
    assert not (folder / "README.md").stat().st_mode & 0o222


def test_failed_release_leaves_nothing_and_the_name_free(root, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("archive.release._write_sums", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            release(root, "r1")
    assert list(root.releases.iterdir()) == []
    leftover = root.releases / ".r1.tmp" / "data"
    leftover.mkdir(parents=True)
    (leftover / "x").write_text("of a killed run")
    assert verify(release(root, "r1")) == []


@pytest.mark.parametrize(
    ("filters", "comments"),
    [
        (Filters(sources=("other",)), 5),
        (Filters(sources=("demo", "other")), 95),
        (Filters(since=START + timedelta(minutes=1)), 60),
        (Filters(until=START + timedelta(minutes=9)), 35),
        (Filters(since=START + timedelta(minutes=9), until=START + timedelta(minutes=10)), 30),
    ],
)
def test_filters_choose_rows_and_are_recorded(root, filters, comments):
    folder = release(root, "r1", filters)
    about = json.loads((folder / "release.json").read_text())
    assert about["rows"]["comments"] == comments
    assert about["filters"] == filters.as_json()
    assert about["snapshot"] == 4


@pytest.mark.parametrize("filters", [Filters(sources=("nobody",))])
def test_empty_release_is_refused(root, filters):
    with pytest.raises(UsageError, match="no row"):
        release(root, "r1", filters)
    assert list(root.releases.iterdir()) == []


@pytest.mark.parametrize("name", ["", "../r1", "a/b", ".r1", "a b"])
def test_name_that_is_no_file_name_is_refused(root, name):
    with pytest.raises(UsageError, match="cannot name"):
        release(root, name)


def test_verify_names_what_differs(root):
    folder = release(root, "r1")
    assert verify(folder) == []
    (folder / "README.md").chmod(0o644)
    (folder / "README.md").write_text("edited")
    (folder / "release.json").unlink()
    (folder / "extra").write_text("")
    assert [(f.kind, f.file) for f in verify(folder)] == [
        ("changed", "README.md"),
        ("missing", "release.json"),
        ("extra", "extra"),
    ]
    with pytest.raises(UsageError, match="no release"):
        verify(root.releases / "r2")


def test_documents_tell_columns_counts_and_completeness(root):
    folder = release(root, "r1")
    card = (folder / "README.md").read_text()
    assert "| `comments` | 95 |" in card
    assert "| demo | 1 | 90 | 3 | 3 | 1 | 0 | 0 |" in card
    assert "| other | 0 | 5 | 1 | 0 | 0 | 0 | 0 |" in card
    assert "`demo@1`" in card
    assert "`1.test`" in card
    assert "2024-01-31 to 2024-02-01" in card
    assert "Author names are not included" in card
    page = (folder / "DATA_DICTIONARY.md").read_text()
    dictionary = json.loads((folder / "data-dictionary.json").read_text())
    for made in RELEASED.values():
        columns = dictionary["tables"][made.name]["columns"]
        assert [c["name"] for c in columns] == [c.name for c in made.columns]
        for column in made.columns:
            assert f"| `{column.name}` | `{column.type}` |" in page


def test_card_says_when_names_are_included(root):
    commit(root, "b10", {"comments": [comment(99, author_name="某人")]})
    assert "1 rows carry author names" in (release(root, "r1") / "README.md").read_text()


def test_nothing_of_the_clock_the_machine_or_the_key_is_inside(root):
    key = root.author_key().hex().encode()
    for content in _bytes(release(root, "r1")).values():
        assert key not in content
        assert str(root.path).encode() not in content


def test_large_table_is_cut_into_row_groups_and_parts(root, monkeypatch):
    monkeypatch.setattr("archive.commit._ROW_GROUP", 20)
    monkeypatch.setattr("archive.parts.PART_ROWS", 40)
    folder = release(root, "r1") / "data" / "comments"
    assert [p.name for p in sorted(folder.iterdir())] == [
        "part-00000.parquet",
        "part-00001.parquet",
        "part-00002.parquet",
    ]
    metadata = [ds.dataset(p).count_rows() for p in sorted(folder.iterdir())]
    assert metadata == [40, 40, 15]


def test_entities_are_a_column_of_the_release(root):
    texts = {200: "昇騰和華*為", 201: "中華子弟", 202: ""}
    rows = [comment(n, text=text, search_key=search_key(text)) for n, text in texts.items()]
    piece = article(9, title="輝達財報", text="沒說")
    commit(root, "b10", {"comments": rows, "articles": [piece]})
    names = shipped_table()
    folder = release(root, "r1", tagger=Tagger(load(names).certain, digest(names)))
    assert json.loads((folder / "release.json").read_text())["entities"] == digest(names)
    assert f"`{digest(names)}`" in (folder / "README.md").read_text()
    with open_archive(folder) as frozen:
        sql = "SELECT entities FROM comments WHERE floor >= 200 ORDER BY floor"
        assert frozen.arrow(sql)["entities"].to_pylist() == [["ascend", "huawei"], [], []]
        named = frozen.arrow("SELECT title FROM articles WHERE list_contains(entities, 'nvidia')")
        assert named["title"].to_pylist() == ["輝達財報"]


def test_entities_without_a_table_of_names_are_null(root):
    folder = release(root, "r1")
    assert json.loads((folder / "release.json").read_text())["entities"] is None
    for name in ("articles", "comments"):
        column = ds.dataset(folder / "data" / name).to_table()["entities"]
        assert column.null_count == len(column) > 0


def test_commands(root):
    def call(command, *words):
        words = [*map(str, words), "--archive", str(root.path)]
        return CliRunner().invoke(command, words, standalone_mode=False)

    made = call(release_command.command, "r1", "--site", "demo", "--until", "2024-02-01")
    assert made.return_value == 0, made.output
    assert made.output.strip().endswith("releases/r1")
    stated = json.loads((root.releases / "r1" / "release.json").read_text())
    assert stated["entities"] == digest(shipped_table())
    mine = '[[entity]]\nid = "text"\nnames = ["文字"]'
    (root.path / "mine.toml").write_text(mine)
    assert (
        call(release_command.command, "r2", "--alias-file", root.path / "mine.toml").return_value
        == 0
    )
    stated = json.loads((root.releases / "r2" / "release.json").read_text())
    assert stated["entities"] == digest(shipped_table(), mine)
    assert call(release_command.command, "r1", "--verify").return_value == 0
    (root.releases / "r1" / "more").write_text("")
    assert call(release_command.command, "r1", "--verify").return_value == 1
    assert call(check_command.command).return_value == 0
    (root.tables / "x.txt").write_text("")
    found = call(check_command.command, "--json")
    assert found.return_value == 1
    assert json.loads(found.stdout)["findings"][0]["kind"] == "not_parquet"
    assert call(check_command.command, "--quick").return_value == 1


def test_two_releases_at_once_do_not_build_in_one_folder(root):
    lock = Lock(root.state / "locks", "release", "release other")
    with pytest.raises(LockedError, match="release other"):
        release(root, "one")
    lock.release()
    assert release(root, "one").is_dir()
