"""Reprint chains in the browsing pages."""

import re
from datetime import timedelta

import pytest

pytest.importorskip("uvicorn")

from archive.commit import commit
from archive.root import Root
from pipelines.hans import to_hans
from pipelines.identity import minhash
from pipelines.search_key import search_key
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
