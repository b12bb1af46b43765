"""The search page: other names, dates, pages; new commits are seen and nothing is written."""

import re
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("uvicorn")

from archive.commit import commit
from archive.log import Log
from archive.root import Root
from crawlers import browse_search
from tests.integration.test_browse import _get, _row, _served


def test_search_page_takes_other_names_dates_and_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(browse_search, "PAGE", 2)
    root = Root.open(tmp_path / "a", create=True)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    texts = ["菊花廠一", "菊花廠二", "菊花廠三", "華為四", "中華子弟", "來一根華子"]
    rows = [
        _row("comments", at, comment_id=f"c{n}", text=text, published_at=at + timedelta(days=n))
        for n, text in enumerate(texts)
    ]
    commit(Log(root), "b", {"comments": rows})
    with _served(root) as port:
        plain = _get(port, "/", q="华为")[1]
        assert re.findall(r"#c-(c\d)", plain) == ["c3"]
        assert "by another name" not in plain
        first = _get(port, "/", q="华为", names=1)[1]
        assert re.findall(r"#c-(c\d)", first) == ["c5", "c3"]
        assert "may mean something else" in first
        assert "there are more" in first
        (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
        second = _get(port, older.replace("&amp;", "&"))[1]
        assert re.findall(r"#c-(c\d)", second) == ["c2", "c1"]
        assert "by another name: 菊花廠 (nickname)" in second
        dated = _get(port, "/", q="华为", names=1, since="2026-01-02", until="2026-01-02")[1]
        assert re.findall(r"#c-(c\d)", dated) == ["c1"]
        assert _get(port, "/", q="华为", since="gestern")[0].status == 404


def test_a_new_commit_is_seen_and_a_page_writes_nothing(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    commit(Log(root), "b1", {"comments": [_row("comments", at, comment_id="c1", text="舊話")]})
    with _served(root) as port:
        assert "舊話" in _get(port, "/thread", source="demo", id="t/1")[1]
        before = sorted(path for path in root.path.rglob("*") if "search" in str(path))
        commit(Log(root), "b2", {"comments": [_row("comments", at, comment_id="c2", text="新話")]})
        assert "新話" in _get(port, "/thread", source="demo", id="t/1")[1]
        assert "<mark>新話</mark>" in _get(port, "/", q="新話")[1]
        assert before == sorted(path for path in root.path.rglob("*") if "search" in str(path))
