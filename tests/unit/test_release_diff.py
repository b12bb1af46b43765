"""Releases by topic, their sampling frame, and what changed between two of them."""

import json
from datetime import timedelta

import pytest
from archive_rows import START, article, comment, visit
from click.testing import CliRunner

from archive.commit import commit
from archive.errors import UsageError
from archive.log import Log
from archive.release import Filters, release, signatures, verify
from archive.release_diff import differences
from archive.root import Root
from archive.schema import empty_row
from crawlers.commands import release as release_command
from pipelines.search_key import search_key


def _seen(number, state, minutes, thread="t1"):
    return empty_row("comment_observations") | {
        "source": "demo",
        "thread_id": thread,
        "comment_id": f"c{number}",
        "state": state,
        "observed_at": START + timedelta(minutes=minutes),
        "fetch_id": f"fetch-{thread}",
        "run_id": "run1",
    }


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    rows = [comment(n) for n in range(1, 7)]
    seen = [_seen(n, "visible", 0) for n in range(1, 7)]
    made = {"comments": rows, "articles": [article()], "comment_observations": seen}
    commit(Log(root), "b1", made | {"visits": [visit(declared=6)]})
    return root


def _second(root):
    later = [
        comment(1, version=2, text="改過的", minutes=9),
        comment(2, version=2, text="", minutes=9, change="delete", state="deleted"),
        comment(2, version=3, minutes=9, change="restore"),
        comment(3, version=2, text="", minutes=9, change="delete", state="deleted"),
        comment(8, minutes=9),
    ]
    commit(Log(root), "b2", {"comments": later, "comment_observations": [_seen(4, "missing", 9)]})


def _found(old, new):
    return {(d.table, d.kind, d.id, d.old_version, d.new_version) for d in differences(old, new)}


def test_every_kind_of_change_is_told_once(root):
    old = release(root, "old")
    _second(root)
    new = release(root, "new")
    assert _found(old, new) == {
        ("comments", "added", "demo/t1/c8", None, 1),
        ("comments", "edited", "demo/t1/c1", 1, 2),
        ("comments", "restored", "demo/t1/c2", 1, 3),
        ("comments", "deleted", "demo/t1/c3", 1, 2),
        ("comments", "missing", "demo/t1/c4", 1, 1),
    }
    assert ("comments", "removed", "demo/t1/c8", 1, None) in _found(new, old)
    assert _found(new, new) == set()


def test_another_reading_of_the_same_content_is_reparsed_with_its_columns(root, tmp_path):
    old = release(root, "old")
    other = Root.open(tmp_path / "b", create=True)
    rows = [comment(n, parser="demo@2", parent_id="c1" if n == 6 else None) for n in range(1, 7)]
    commit(Log(other), "b1", {"comments": rows, "articles": [article(run_id="another")]})
    found = list(differences(old, release(other, "new")))
    assert {(d.kind, d.id) for d in found} == {("reparsed", f"demo/t1/c{n}") for n in range(1, 7)}
    columns = {d.id: d.columns for d in found}
    assert columns["demo/t1/c5"] == ("parser",)
    assert columns["demo/t1/c6"] == ("parent_id", "parser")


def test_folder_without_data_is_refused(root, tmp_path):
    with pytest.raises(UsageError, match="no release"):
        list(differences(release(root, "old"), tmp_path))


@pytest.fixture
def topic(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    texts = {"t1": "談談昇騰的生態", "t2": "今天吃什麼"}
    rows = [
        comment(n, thread=thread, text=text, search_key=search_key(text))
        for thread, text in texts.items()
        for n in (1, 2)
    ]
    rows.append(comment(1, thread="t1", version=2, text="已改", minutes=3))
    pieces = [
        article(1, title="昇騰怎麼樣"),
        article(2, title="午餐", thread="t2"),
        article(3, thread=None, search_key=search_key("說到昇騰")),
    ]
    visits = [visit(thread="t1"), visit(thread="t2", declared=9, stop="budget")]
    commit(Log(root), "b1", {"comments": rows, "articles": pieces, "visits": visits})
    return root


@pytest.mark.parametrize("word", ["昇騰", "昇腾", "升腾"])
def test_topic_finds_both_scripts_in_text_and_title_with_all_versions(topic, word):
    folder = release(topic, "r1", Filters(topic=(search_key(word),), fold=search_key))
    rows = json.loads((folder / "release.json").read_text())["rows"]
    assert (rows["articles"], rows["comments"], rows["visits"]) == (2, 3, 2)


def test_topic_leaves_the_frame_whole(topic):
    folder = release(topic, "r1", Filters(topic=(search_key("昇騰"),), fold=search_key))
    frame = json.loads((folder / "sampling-frame.json").read_text())
    assert frame["stops"] == [
        ["demo", "budget", 1, 0, 9, 3, 1],
        ["demo", "end", 1, 0, 3, 3, 0],
    ]
    assert dict(frame["gaps"])["threads not read to their end"] == 1
    page = (folder / "SAMPLING_FRAME.md").read_text()
    assert "| demo | budget | 1 | 0 | 9 | 3 | 1 |" in page
    assert search_key("昇騰") in page


def test_card_names_gaps_versions_and_rights(root):
    card = (release(root, "r1") / "README.md").read_text()
    assert card.startswith('---\npretty_name: "r1"\n')
    assert "1 threads visited only once" in card
    assert "## Rights and care" in card
    about = json.loads((root.releases / "r1" / "release.json").read_text())
    assert set(about["written_with"]) == {"duckdb", "pyarrow"}


def test_signature_beside_the_sums_is_told_and_no_finding(root):
    folder = release(root, "r1")
    assert signatures(folder) == []
    (folder / "SHA256SUMS.minisig").write_text("untrusted comment: of the operator\n")
    assert verify(folder) == []
    assert signatures(folder) == ["SHA256SUMS.minisig"]


def _call(root, *words):
    words = [*map(str, words), "--archive", str(root.path)]
    return CliRunner().invoke(release_command.command, words, standalone_mode=False)


def test_diff_and_verify_commands(root):
    release(root, "old")
    _second(root)
    release(root, "new")
    told = _call(root, "diff", "old", "new")
    assert told.return_value == 0, told.output
    assert "comments: 6 rows, then 11: 1 added, 1 edited, 1 deleted, 1 restored, 1 missing" in (
        told.output
    )
    assert "edited  demo/t1/c1  (" in told.output
    lines = _call(root, "diff", "old", "new", "--json").output.splitlines()
    assert {json.loads(line)["kind"] for line in lines} == {
        *("added", "edited", "deleted", "restored", "missing")
    }
    assert _call(root, "verify", "new").output == "new: as released\n"
    assert _call(root, "verify", root.releases / "new").return_value == 0
    (root.releases / "new" / "SHA256SUMS.asc").write_text("")
    assert json.loads(_call(root, "verify", "new", "--json").output)["signed"]


@pytest.mark.parametrize("words", [("diff", "a"), ("verify",), ("a", "b"), ("diff",)])
def test_words_that_make_no_sense_are_wrong_use(root, words):
    assert _call(root, *words).exception.exit_code == 2


def test_topic_option(topic):
    made = _call(topic, "r1", "--topic", "昇騰", "--topic", "午餐")
    assert made.return_value == 0, made.output
    about = json.loads((topic.releases / "r1" / "release.json").read_text())
    assert about["rows"]["articles"] == 3
    assert about["filters"]["topic"] == ["午餐", "昇騰"]
