"""`shenglu search`: either script, all words, literally, within its filters."""

import json

import pytest
from archive_rows import article, comment
from click.testing import CliRunner

from archive.commit import commit
from archive.root import Root
from crawlers.commands import search as search_command
from pipelines.search_key import search_key


def _folded(number, text, **more):
    return comment(number, thread="board/t1", text=text, search_key=search_key(text), **more)


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    rows = [
        _folded(1, "臺灣的憂鬱與舊話"),
        _folded(1, "臺灣的憂鬱，改過", version=2, minutes=120),
        _folded(2, "100%_\\ 的問題"),
    ]
    commit(root, "b1", {"comments": rows, "articles": [article(1)]})
    return root


def _call(*words):
    return CliRunner().invoke(search_command.command, [str(word) for word in words])


def _search(root, *words):
    done = _call(*words, "--archive", root.path, "--json")
    assert done.exception is None
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("words", [["忧郁"], ["憂鬱"], ["台湾", "改过"], ["臺灣 改過"]])
def test_search_finds_either_script_from_either(root, words):
    (hit,) = _search(root, *words)
    assert hit["evidence"] == "demo/board/t1/c1"
    assert hit["snippet"] == "臺灣的憂鬱，改過"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["題目"], ["demo/a1"]),
        (["开头", "题目"], ["demo/a1"]),
        (["100%_\\"], ["demo/board/t1/c2"]),
        (["1%0"], []),
        (["1_0"], []),
        (["旧话"], []),
        (["臺灣", "題目"], []),
        (["的", "--site", "demo"], ["demo/board/t1/c2", "demo/board/t1/c1", "demo/a1"]),
        (["的", "--site", "dem"], []),
        (["憂鬱", "--since", "2024-02-02"], []),
        (["憂鬱", "--until", "2024-01-31"], []),
        (["憂鬱", "--since", "2024-02-01", "--until", "2024-02-01"], ["demo/board/t1/c1"]),
        (["的", "--limit", "1"], ["demo/board/t1/c2"]),
    ],
)
def test_search_matches_all_words_literally_within_its_filters(root, words, found):
    assert [hit["evidence"] for hit in _search(root, *words)] == found


def test_search_for_people_shows_text_link_and_id(root):
    out = _call("憂鬱", "--archive", root.path).stdout
    assert "demo  2024-01-31 23:51Z  hant  comment" in out
    assert "臺灣的憂鬱，改過" in out
    assert "demo/board/t1/c1" in out


def test_more_hits_than_shown_are_announced_and_counted(root):
    done = _call("的", "--archive", root.path, "--limit", "1")
    assert "the newest 1 hits; --limit shows more" in done.stderr
    assert "hits" not in _call("的", "--archive", root.path, "--limit", "3").stderr
    done = _call("的", "--archive", root.path, "--count", "--limit", "1", "--json")
    counted = {
        (r["source"], r["kind"]): r["hits"] for r in map(json.loads, done.stdout.split("\n")[:-1])
    }
    assert counted == {("demo", "comment"): 2, ("demo", "article"): 1}
    assert done.stderr == "3 hits\n"


def test_a_site_that_the_archive_lacks_is_told(root):
    done = _call("的", "--archive", root.path, "--site", "dem")
    assert "nothing here is of dem: the archive has demo" in done.stderr
    assert _call("沒有", "--archive", root.path, "--site", "demo").stderr == "nothing found\n"
