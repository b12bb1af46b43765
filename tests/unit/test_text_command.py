"""`shenglu text`: a row out for every row in, whatever the row is."""

import base64
import json
import subprocess
import sys

from click.testing import CliRunner

from crawlers.commands.text import command


def run(*lines, args=()):
    result = CliRunner().invoke(command, args, input="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_text_row_gets_its_columns():
    (row,) = run(json.dumps({"id": "1", "text": "这里\u200b有后门"}))
    assert row["id"] == "1"
    assert row["text"] == "这里有后门"
    assert row["script"] == "hans"
    assert row["text_hant"] == "這裡有後門"
    assert row["search_key"] == "这里有后门"
    assert row["hant_doubt"] == 0


def test_a_row_of_bytes_says_how_it_was_read():
    body = base64.b64encode("這是一個測試網頁，我們的文字".encode("big5")).decode()
    (row,) = run(json.dumps({"id": 2, "body_b64": body, "content_type": "text/html"}))
    assert row["charset"] == "big5-hkscs"
    assert row["text"].startswith("這是一個")
    assert row["replacements"] == 0


def test_a_bad_row_gives_a_row_with_an_error_and_the_rest_goes_on():
    rows = run("{not json", "[1]", '{"id": "3"}', '{"id": "4", "body_b64": "%"}', '{"text": "好"}')
    assert ["error" in row for row in rows] == [True, True, True, True, False]
    assert rows[2]["id"] == "3"


def test_a_lone_surrogate_in_a_row_does_not_stop_the_filter():
    (row,) = run('{"id": "5", "text": "\\ud800后"}')
    assert row["id"] == "5"


def test_names_can_be_protected(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("后云里\n", encoding="utf-8")
    (row,) = run('{"text": "我是后云里，后天见"}', args=["--protect", str(file)])
    assert row["text_hant"] == "我是后云里，後天見"


def test_the_module_runs_by_itself(checkout):
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.commands.text"],
        input='{"id": "1", "text": "后来"}\n',
        capture_output=True,
        text=True,
        cwd=checkout,
        check=True,
    )
    assert json.loads(done.stdout)["text_hant"] == "後來"
