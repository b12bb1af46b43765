"""The index: the same hits as a scan, whatever was committed, and nothing that was removed."""

import json
import random

import pytest
from archive_rows import article, comment
from click.testing import CliRunner

from archive import search_index
from archive.commit import commit
from archive.errors import LockedError
from archive.log import Log
from archive.root import Root
from archive.search import Search, search
from archive.search_query import BREAK
from crawlers.commands import search as search_command
from pipelines.aliases import shipped
from pipelines.search_key import search_key
from pipelines.search_words import fold, query
from tests.replicas.content import Writer


def _quiet(_stage, _done, _total):
    """Nothing is printed."""


def _remarks(count, seed="index"):
    writer = Writer(seed)
    camps = ("praise", "doubt", "tech", "talk")
    return [writer.remark(("tw", "cn")[n % 2], camps[n % 4]) for n in range(count)]


def _row(number, text, **more):
    more = {"source": f"s{number % 3}:host", "author_hash": f"h{number % 5}"} | more
    return comment(number, thread=f"t{number % 7}", text=text, search_key=search_key(text), **more)


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    rows = [_row(n, text) for n, text in enumerate(_remarks(400))]
    commit(root, "b1", {"comments": rows[:300], "articles": [article(1), article(2)]})
    commit(root, "b2", {"comments": rows[300:]})
    return root


def _ids(root, words, *, index=True, aliases=None, **more):
    wanted = Search(tree=query(words, aliases), limit=None, **more)
    return [hit.row["evidence"] for hit in search(root, wanted, fold(), index=index).hits]


def _truth(root, words):
    """Substrings of folded texts, without any of the code under test."""
    wanted = search_key(words)
    rows = _remarks(400)
    return {
        f"s{n % 3}:host/t{n % 7}/c{n}" for n, text in enumerate(rows) if wanted in search_key(text)
    }


def test_every_substring_is_found_by_the_index_and_by_a_scan(root):
    dice = random.Random(7)  # noqa: S311 - reproducible, not secret
    texts = _remarks(400)
    for length in (1, 2, 3, 5, 9):
        for _ in range(12):
            text = dice.choice(texts)
            at = dice.randrange(max(1, len(text) - length + 1))
            words = text[at : at + length]
            if words != words.strip() or set(words) & set('"“” ()') or not words:
                continue
            quoted = f'"{words}"'
            found = set(_ids(root, quoted))
            assert _truth(root, words) <= found, words
            assert _ids(root, quoted) == _ids(root, quoted, index=False), words


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("昇腾 NOT 加油", {}),
        ("昇腾 (迁移 OR 驱动) NOT 的", {}),
        ("迁移 OR 客户", {"near": 3}),
        ("昇腾 驱动", {"near": 2}),
        ("的", {"sites": ("s1",)}),
        ("的", {"sites": ("s1:host",), "authors": ("h2", "h3")}),
        ("的", {"threads": ("t3",)}),
        ("的", {"threads": ("s1:host/t3", "t4")}),
    ],
)
def test_filters_and_operators_give_what_a_scan_gives(root, words, more):
    assert _ids(root, words, **more) == _ids(root, words, index=False, **more)
    assert _ids(root, words, **more)


@pytest.mark.parametrize("words", ["昇騰", "华为 NOT 昇騰", "英伟达 OR 知乎", "盘古"])
def test_aliases_give_what_a_scan_gives(root, words):
    commit(root, "b3", {"comments": [_row(900, "盤 * 古是菊·花·廠的"), _row(901, "中華子弟")]})
    found = _ids(root, words, aliases=shipped())
    assert found == _ids(root, words, aliases=shipped(), index=False)
    assert found


def test_a_new_version_replaces_the_old_one_and_a_late_old_one_does_not(root):
    assert _ids(root, "稀有詞甲") == []
    commit(root, "b3", {"comments": [_row(5, "稀有詞甲", version=2, minutes=9)]})
    assert _ids(root, "稀有词甲") == ["s2:host/t5/c5"]
    commit(root, "b4", {"comments": [_row(5, "稀有詞乙", version=3, minutes=10)]})
    commit(root, "b5", {"comments": [_row(5, "稀有詞丙", version=1, minutes=1)]})
    assert _ids(root, "稀有词甲") == []
    assert _ids(root, "稀有词丙") == []
    assert _ids(root, "稀有词乙") == ["s2:host/t5/c5"]


def test_versions_of_one_build_are_reduced_to_the_latest(tmp_path):
    root = Root.open(tmp_path / "b", create=True)
    rows = [_row(1, f"第{n}版稀有", version=n, minutes=n) for n in (2, 3, 1)]
    commit(root, "b1", {"comments": rows})
    assert search_index.build(root, fold(), _quiet)[0] == 1
    assert _ids(root, "稀有") == ["s1:host/t1/c1"]
    assert _ids(root, "第2版") == []


def test_filing_again_changes_nothing(root):
    before = _ids(root, "的")
    (search_index.folder(root) / "about.json").unlink()
    assert _ids(root, "的") == before
    assert search_index.build(root, fold(), _quiet, anew=True)[0] == 402
    assert _ids(root, "的") == before


def test_much_that_is_new_is_read_beside_the_index(root, monkeypatch):
    _ids(root, "的")
    monkeypatch.setattr(search_index, "SMALL", 1)
    commit(root, "b3", {"comments": [_row(500, "稀有一"), _row(501, "稀有二")]})
    found = search(root, Search(query("稀有")), fold())
    assert {hit.row["text"] for hit in found.hits} == {"稀有一", "稀有二"}
    assert "2 rows are newer than the index" in found.notes[0]
    monkeypatch.setattr(search_index, "BESIDE", 1)
    found = search(root, Search(query("稀有")), fold())
    assert {hit.row["text"] for hit in found.hits} == {"稀有一", "稀有二"}
    assert "scanned without the index: 2 rows" in found.notes[1]


def test_reading_beside_the_index_writes_nothing_and_shows_the_latest_versions(root):
    _ids(root, "的")
    before = search_index.about(root)
    commit(
        root,
        "b3",
        {
            "comments": [
                _row(5, "稀有詞甲，的", version=2, minutes=900),
                _row(6, "讀舊頁得來的", version=1, minutes=-900),
                _row(500, "全新的", minutes=5),
            ]
        },
    )
    for words in ("的", "稀有詞甲", "讀舊頁", "全新"):
        beside = search(root, Search(query(words), limit=None), fold(), filing=False)
        ids = [hit.row["evidence"] for hit in beside.hits]
        assert beside.notes == []
        assert sorted(ids) == sorted(_ids(root, words, index=False)), words
        times = [hit.row["time"] for hit in beside.hits]
        assert times == sorted(times, reverse=True)
    assert "s2:host/t5/c5" in _ids(root, "稀有詞甲", index=False)
    assert search_index.about(root) == before


def test_without_an_index_a_large_archive_is_scanned_with_a_note(root, monkeypatch):
    monkeypatch.setattr(search_index, "SMALL", 1)
    found = search(root, Search(query("的")), fold())
    assert found.hits
    assert "shenglu search --index" in found.notes[0]
    assert not search_index.folder(root).exists()


def test_a_removal_makes_the_index_be_built_anew(root):
    commit(root, "b3", {"comments": [_row(700, "要被遺忘的秘密")]})
    assert _ids(root, "遗忘的秘密")
    old = search_index.folder(root) / "index" / "left-by-the-old-index"
    old.write_text("要被遺忘的秘密", "utf-8")
    log = Log(root)
    gone = next(f.path for f in log.snapshot().files if f.path.endswith("b3.parquet"))
    log.append("forget-1", [], [gone], "forget")
    assert _ids(root, "遗忘的秘密") == []
    assert not old.exists()


def test_a_compaction_changes_no_hit(root):
    before = _ids(root, "的")
    commit(root, "b3", {"comments": [_row(600, "壓縮前的新話")]})
    log = Log(root)
    old = [f for f in log.snapshot().files if f.table == "comments"]
    merged = Root.open(root.path.parent / "merged", create=True)
    rows = [_row(n, text) for n, text in enumerate(_remarks(400))]
    commit(merged, "compact-1", {"comments": [*rows, _row(600, "壓縮前的新話")]})
    for file in Log(merged).snapshot().files:
        target = root.path / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((merged.path / file.path).read_bytes())
        log.append("compact-1", [file], [f.path for f in old if f.path != file.path], "compact")
    assert sorted(_ids(root, "的")) == sorted([*before, "s0:host/t5/c600"])
    assert len(_ids(root, "压缩前")) == 1


def test_a_second_writer_is_told(root):
    _ids(root, "的")
    commit(root, "b3", {"comments": [_row(600, "後來的話")]})
    writer = search_index.open_index(root).writer(20_000_000, 1)
    with pytest.raises(LockedError, match="another process"):
        search_index.build(root, fold(), _quiet)
    found = search(root, Search(query("后来的话")), fold())
    assert "another process" in found.notes[0]
    del writer


def test_a_broken_index_is_no_obstacle(root):
    expected = _ids(root, "的")
    (search_index.folder(root) / "index" / "meta.json").write_text("{")
    found = search(root, Search(query("的"), limit=None), fold())
    assert [hit.row["evidence"] for hit in found.hits] == expected
    assert "cannot be opened" in found.notes[0]


def test_title_and_text_are_apart(root):
    commit(root, "b3", {"articles": [article(8, title="甲末", text="乙首", search_key="乙首")]})
    (hit,) = search(root, Search(query("甲末 乙首")), fold()).hits
    assert hit.whole == f"甲末{BREAK}乙首"
    assert _ids(root, "末乙") == []


def _json(root, *words):
    words = [*words, "--archive", str(root.path), "--json"]
    done = CliRunner().invoke(search_command.command, words)
    assert done.exception is None
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_command_marks_the_places_in_the_original_text(root):
    text = "前言很長" * 20 + "後面說昇騰\U000e0100和昇腾,完" + "尾巴" * 60
    commit(root, "b3", {"comments": [_row(800, text)]})
    row = next(r for r in _json(root, "后面 升腾") if r["evidence"].endswith("/c800"))
    shown = [row["snippet"][start:end] for start, end in row["marks"]]
    assert shown == ["後面", "昇騰\U000e0100", "昇腾"]
    assert [text[m["start"] : m["end"]] for m in row["matched"]] == ["後面", "昇騰", "昇腾"]
    assert row["snippet"].startswith("…")
    assert row["snippet"].endswith("…")


def test_command_says_which_hits_came_by_alias(root):
    rows = [_row(800, "菊花廠又來了"), _row(801, "給我一根華子"), _row(802, "華為不錯，華子也是")]
    commit(root, "b3", {"comments": [*rows, _row(803, "中華子弟多才俊")]})
    found = {r["evidence"][-4:]: r for r in _json(root, "华为", "--aliases", "--limit", "900")}
    assert found["c800"]["by_alias"]
    assert not found["c800"]["ambiguous"]
    assert found["c801"]["ambiguous"]
    assert not found["c802"]["by_alias"]
    assert [m["how"] for m in found["c802"]["matched"]] == ["word", "nickname"]
    assert "c803" not in found


def test_command_takes_a_table_of_ones_own(root, tmp_path):
    table = tmp_path / "mine.toml"
    table.write_text('[[entity]]\nid = "huawei"\n[[entity.form]]\ntext = "大花"\n', "utf-8")
    commit(root, "b3", {"comments": [_row(800, "大花家的新機")]})
    found = [r["evidence"][-4:] for r in _json(root, "华为", "--alias-file", str(table))]
    assert "c800" in found
    assert (
        CliRunner()
        .invoke(search_command.command, ["--index", "--archive", str(root.path)])
        .exit_code
        == 0
    )


def test_command_prints_csv(root):
    commit(root, "b3", {"comments": [_row(800, '引號"和,逗號\n換行')]})
    words = ["引号", "--csv", "--archive", str(root.path)]
    lines = CliRunner().invoke(search_command.command, words).stdout.splitlines()
    assert lines[0].startswith("time,kind,source,thread_id,script,title,snippet,found,by_alias")
    assert '"引號""和,逗號 換行",引號,False,False' in lines[1]
