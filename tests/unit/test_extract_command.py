"""`shenglu extract`: a row for every line of the manifest, in order, whatever the line holds."""

import gzip
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from crawlers.commands.extract import command

PTT = (
    '<html><head><meta property="og:title" content="[閒聊] 題"></head><body><a>批踢踢實業坊</a>'
    '<div id="main-content">內文一行\n\n--\n<span class="f2">※ 發信站: 批踢踢實業坊(ptt.cc), 來自: '
    '192.0.2.1\n</span><div class="push"><span class="push-tag">推 </span>'
    '<span class="push-userid">abc</span><span class="push-content">: 好</span>'
    '<span class="push-ipdatetime"> 01/02 03:04\n</span></div></div></body></html>'
)
URL = "https://www.ptt.cc/bbs/Test/M.1767294000.A.ABC.html"


def run(tmp_path, rows, *options):
    manifest = tmp_path / "manifest.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    manifest.write_text("\n".join(lines) + "\n")
    done = CliRunner().invoke(command, [str(manifest), *options])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


@pytest.fixture
def saved(tmp_path):
    plain, zipped = tmp_path / "a.html", tmp_path / "b.html.gz"
    plain.write_text(PTT)
    zipped.write_bytes(gzip.compress(PTT.encode()))
    return plain, zipped


def row(path, name="1", url=URL, fetched_at="2026-01-03T00:00:00+00:00"):
    kind = "text/html"
    return {
        "id": name,
        "url": url,
        "path": str(path),
        "content_type": kind,
        "fetched_at": fetched_at,
    }


def test_plain_and_gzipped_files_give_the_same(tmp_path, saved):
    plain, zipped = run(tmp_path, [row(saved[0], "1"), row(saved[1], "2")])
    assert (plain.pop("id"), zipped.pop("id")) == ("1", "2")
    assert plain == zipped
    assert plain["parser"] == "ptt.PttThread@1"
    assert plain["error"] is None
    assert plain["articles"][0]["title"] == "[閒聊] 題"
    assert plain["articles"][0]["published_at"] == "2026-01-01T19:00:00+00:00"
    assert plain["comments"][0]["author"] == "abc"
    assert plain["comments"][0]["published_at"] == "2026-01-01T19:04:00+00:00"


def test_a_page_without_url_and_time_is_known_by_its_marks(tmp_path, saved):
    (found,) = run(tmp_path, [row(saved[0], url=None, fetched_at=None)])
    assert found["parser"] == "ptt.PttThread@1"
    assert found["comments"][0]["published_at"] is None
    assert found["comments"][0]["published_raw"] == "01/02 03:04"


def test_generic_means_no_site_rules(tmp_path, saved):
    (found,) = run(tmp_path, [row(saved[0])], "--generic")
    assert found["parser"] == "generic"


def test_what_cannot_be_read_is_an_error_row_and_the_rest_goes_on(tmp_path, saved):
    broken = tmp_path / "c.gz"
    broken.write_bytes(b"\x1f\x8bnot gzip")
    rows = [
        row(tmp_path / "none.html", "gone"),
        row(broken, "broken"),
        "not json",
        "[]",
        {"id": "pathless"},
        row(saved[0], "good", fetched_at="yesterday"),
        row(saved[0], "fine"),
    ]
    found = run(tmp_path, rows)
    assert [answer["id"] for answer in found] == [
        *("gone", "broken", None, None, "pathless", "good", "fine")
    ]
    assert [bool(answer["error"]) for answer in found] == [True] * 6 + [False]
    assert "none.html" in found[0]["error"]
    assert all(answer["articles"] == [] for answer in found[:6])


def test_empty_and_binary_files_are_classes_not_errors(tmp_path):
    empty, image = tmp_path / "e.html", tmp_path / "i.html"
    empty.write_bytes(b"")
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    found = run(tmp_path, [row(empty), row(image)])
    assert [(answer["page_class"], answer["error"]) for answer in found] == [
        ("empty", None),
        ("other", None),
    ]


def test_long_manifests_are_shared_out_and_stay_in_order(tmp_path, saved):
    found = run(tmp_path, [row(saved[number % 2], str(number)) for number in range(230)])
    assert [answer["id"] for answer in found] == [str(number) for number in range(230)]
    assert {answer["parser"] for answer in found} == {"ptt.PttThread@1"}


def test_it_runs_as_a_module(tmp_path, saved):
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(json.dumps(row(saved[0])) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.commands.extract", str(manifest)],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["parser"] == "ptt.PttThread@1"
