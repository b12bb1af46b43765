"""Reprint chains in the browsing pages."""

import random
import re
from datetime import timedelta

import pytest

pytest.importorskip("uvicorn")

from archive import search_index
from archive.commit import commit
from archive.root import Root
from crawlers import chain_of as module
from crawlers.browse_reader import Reader
from crawlers.chain_of import chain_of
from crawlers.chains import chains
from pipelines.hans import to_hans
from pipelines.identity import minhash
from pipelines.search_key import search_key
from pipelines.search_words import fold
from tests.integration.test_browse import _get, _served
from tests.unit.archive_rows import START, article

TEXT = "窯廠的煙囪在清晨冒煙，老師傅先看天色再添柴，徒弟把昨夜的坯子一排排搬進來，沒人說話，" * 3


def test_chain_is_followed_from_the_thread_to_the_first(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    rows = [
        article(n, thread=f"t{n}", text=text, search_key=search_key(text))
        | {"minhash": minhash(search_key(text)), "published_at": START + timedelta(hours=9 - n)}
        for n, text in enumerate([TEXT, to_hans(TEXT), "不相干的一篇" * 20])
    ]
    commit(root, "b1", {"articles": rows})
    with _served(root) as port:
        _, thread = _get(port, "/thread", source="demo", id="t0")
        assert "/reprints?id=demo%2Fa0" in thread
        _, text = _get(port, "/reprints", id="demo/a0")
        assert re.findall(r"/thread\?source=demo&amp;id=(t\d)", text) == ["t1", "t0"]
        assert "100 % shared with demo/a1" in text
        assert "No reprint of demo/a2 is known" in _get(port, "/reprints", id="demo/a2")[1]


def _texts():
    """Thirty texts; of each third one a copy in the other script, an excerpt, an edited copy."""
    dice = random.Random(3)  # noqa: S311 - reproducible, not secret
    signs = [chr(code) for code in range(0x4E00, 0x5E00)]
    texts = ["，".join("".join(dice.choices(signs, k=9)) for _ in range(40)) for _ in range(30)]
    for text in texts[::3]:
        edited = [dice.choice(signs) if dice.random() < 0.05 else char for char in text]
        texts += [to_hans(text), text[60:260], "".join(edited), texts[1] + to_hans(text)]
    return texts


@pytest.fixture
def many(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FEW", 0)
    root = Root.open(tmp_path / "many", create=True)
    keys = [search_key(text) for text in _texts()]
    rows = [
        article(n, thread=f"t{n}", text=key, search_key=key, minhash=minhash(key))
        | {"published_at": START + timedelta(minutes=n)}
        for n, key in enumerate(keys)
    ]
    commit(root, "b1", {"articles": rows[:50]})
    commit(root, "b2", {"articles": rows[50:]})
    return root


def test_chain_of_one_is_the_chain_that_a_comparison_of_all_gives(many):
    pytest.importorskip("tantivy")
    search_index.build(many, fold(), lambda *_: None)
    commit(many, "b3", {"articles": [article(900, text="天氣" * 60, search_key="天氣" * 60)]})
    reader, whole = Reader(many), chains(many)[0]
    assert len({row["cluster"] for row in whole}) >= 10
    for number in (0, 1, 2, 30, 31, 33, 69):
        mine = [row["cluster"] for row in whole if row["evidence"] == f"demo/a{number}"]
        wanted = [row for row in whole if row["cluster"] in mine]
        rows, note = chain_of(reader, f"demo/a{number}")
        assert note is None
        assert [r["evidence"] for r in rows] == [r["evidence"] for r in wanted], number
        assert [r["relation"] for r in rows] == [r["relation"] for r in wanted]
    assert chain_of(reader, "demo/none") == ([], None)


def test_without_an_index_near_copies_are_found_and_the_rest_is_announced(many):
    rows, note = chain_of(Reader(many), "demo/a0")
    assert {"demo/a0", "demo/a30"} <= {row["evidence"] for row in rows}
    assert "shenglu search --index" in note


def test_a_text_in_very_many_places_is_cut_with_a_note(many, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    rows, note = chain_of(Reader(many), "demo/a0")
    assert "More than 1 articles" in note
    assert rows == []
