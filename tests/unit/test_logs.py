"""Log lines: for people, and as JSON."""

import json
import logging

import pytest

from crawlers.logs import set_up_logs


@pytest.fixture
def quiet():
    """The root logger as it was, afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def fail():
    try:
        int("no page")
    except ValueError:
        logging.getLogger("crawlers.test").warning("page %d failed", 7, exc_info=True)


@pytest.mark.usefixtures("quiet")
def test_every_line_is_an_object_where_json_is_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SHENGLU_LOG_FORMAT", "json")
    path = set_up_logs(tmp_path / "logs", "WARNING")
    fail()
    for line in (path.read_text("utf-8"), capsys.readouterr().err):
        said = json.loads(line)
        assert (said["level"], said["logger"]) == ("warning", "crawlers.test")
        assert (said["message"], said["error"]) == (
            "page 7 failed",
            "ValueError: invalid literal for int() with base 10: 'no page'",
        )
        assert "Traceback" in said["traceback"]


@pytest.mark.usefixtures("quiet")
def test_the_terminal_gets_one_line_and_the_file_the_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SHENGLU_LOG_FORMAT", raising=False)
    path = set_up_logs(tmp_path / "logs", "WARNING")
    fail()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(
        "warning: page 7 failed (ValueError: invalid literal for int() with base 10: 'no page')"
    )
    assert "Traceback" in path.read_text("utf-8")
