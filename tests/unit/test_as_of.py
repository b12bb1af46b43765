"""The archive as it stood at a time."""

from datetime import timedelta

import pytest
from archive_rows import START, article, comment
from click.testing import CliRunner

from archive.commit import commit
from archive.query import connect
from archive.root import Root
from crawlers.commands.query import command


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    rows = [
        comment(1, text="原文"),
        comment(1, text="改了", version=2, minutes=60 * 24),
        comment(1, text="原文讀對了", version=3, change="reparse"),
        comment(2, minutes=60 * 24 * 2),
    ]
    commit(root, "b1", {"comments": rows, "articles": [article()]})
    return root


def texts(root, **since):
    with connect(root, as_of=START + timedelta(**since) if since else None) as connection:
        rows = connection.execute("SELECT comment_id, text FROM comments ORDER BY 1").fetchall()
    return dict(rows)


def test_each_time_has_its_own_latest_version(root):
    assert texts(root, minutes=-1) == {}
    assert texts(root, minutes=0) == {"c1": "原文讀對了"}
    assert texts(root, days=1) == {"c1": "改了"}
    assert set(texts(root, days=2)) == {"c1", "c2"}
    assert texts(root) == texts(root, days=9)


def test_command(root):
    words = ["SELECT text FROM comments", "--archive", str(root.path), "--json"]

    def rows(*more):
        return CliRunner().invoke(command, [*words, *more], standalone_mode=False).output

    assert rows("--as-of", "2024-02-01").strip() == '{"text": "原文讀對了"}'
    assert rows("--as-of", "2024-02-02").strip() == '{"text": "改了"}'
    assert rows().count("\n") == 2
