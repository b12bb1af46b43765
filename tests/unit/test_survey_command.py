"""`shenglu survey` from topic to report: the same sample twice, and numbers that lead to quotes."""

import csv
import io
import json
import re

import pytest
from archive_rows import article, comment
from click.testing import CliRunner

from archive.commit import commit
from archive.root import Root
from crawlers.commands import survey as survey_command
from pipelines.search_key import search_key

TOPIC = """
title = "測試 <b>題</b>"
query = "昇騰"
sample = 30
[[camp]]
code = "yes"
label = "贊成"
[[camp]]
code = "no"
label = "反對"
"""
_ID = re.compile(r' id="([^"]+)"')
_LINK = re.compile(r'href="#([^"]+)"')


@pytest.fixture
def desk(tmp_path):
    """A folder with a topic and an archive of 40 voices, two copies and one that is no voice."""
    root = Root.open(tmp_path / "a", create=True)
    texts = [f"我對昇腾的第{n}個看法 <script>alert({n})</script>" for n in range(40)]
    texts += ["我對昇騰的第3個看法 <script>alert(3)</script>", "热气升腾的火锅", "一片欢乐升腾"]
    rows = [
        comment(n, text=t, search_key=search_key(t), parent_id=f"c{n - 1}" if n else None)
        for n, t in enumerate(texts)
    ]
    commit(root, "b1", {"comments": rows, "articles": [article(1)]})
    (tmp_path / "topic.toml").write_text(TOPIC, "utf-8")
    return tmp_path


def _call(desk, *words, out="out"):
    fixed = [str(desk / "topic.toml"), "--archive", str(desk / "a"), "--out", str(desk / out)]
    return CliRunner().invoke(survey_command.command, [*fixed, *map(str, words)])


def _coded(desk, name, decide):
    rows = list(csv.DictReader(io.StringIO((desk / "out/sheet.csv").read_text("utf-8-sig"))))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["evidence", "code"])
    writer.writerows([row["evidence"], decide(n, row)] for n, row in enumerate(rows))
    (desk / name).write_text(out.getvalue(), "utf-8-sig", newline="")
    return desk / name


def test_sample_counts_what_was_left_out(desk):
    done = _call(desk, "--json")
    assert done.exit_code == 0, done.output
    counts = json.loads(done.stdout)
    assert counts | {"out": ""} == {
        "out": "",
        "selected": 41,
        "copies": 1,
        "distinct": 40,
        "sampled": 30,
    }
    assert "1 hits left out" in done.stderr
    rows = list(csv.DictReader(io.StringIO((desk / "out/sheet.csv").read_text("utf-8-sig"))))
    assert all(row["quote"].startswith("我對昇腾") for row in rows)
    assert {row["permalink"] for row in rows} == {"https://forum.example/t1"}
    assert {row["title"] for row in rows} == {"第1個題目"}
    assert any("看法" in row["answers_to"] for row in rows)


def test_the_same_sample_is_drawn_again(desk):
    _call(desk)
    _call(desk, out="again")
    names = ("sheet.csv", "survey.json")
    for name in names:
        assert (desk / "out" / name).read_bytes() == (desk / "again" / name).read_bytes()


def test_a_sample_is_not_overwritten_by_accident(desk):
    _call(desk)
    assert "holds a sample already" in str(_call(desk).exception)
    assert _call(desk, "--anew").exit_code == 0


def test_report_has_shares_agreement_and_links_that_lead_somewhere(desk):
    _call(desk)
    one = _coded(desk, "ming.csv", lambda n, _: "yes" if n < 12 else "no")
    two = _coded(desk, "yun.csv", lambda n, _: "YES" if n < 15 else ("no" if n < 29 else ""))
    done = _call(desk, "--coded", one, "--coded", two, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["camps"]["yes"]["count"] == 12
    assert found["camps"]["yes"]["of"] == 27
    assert found["unsettled"] == 3
    assert found["agreement"]["count"] == 26
    assert 0.7 < found["alpha"] < 0.9
    assert found == json.loads((desk / "out/results.json").read_text("utf-8"))
    html = (desk / "out/report.html").read_text("utf-8")
    ids = _ID.findall(html)
    assert len(ids) == len(set(ids))
    assert set(_LINK.findall(html)) <= set(ids)
    assert html.count("<blockquote") == 30
    assert '<a href="#group-yes">12</a> of <a href="#shares">27</a>' in html
    assert "<script" not in html
    assert "測試 &lt;b&gt;題&lt;/b&gt;" in html
    assert 'src="' not in html


def test_entries_that_cannot_be_used_are_listed_not_dropped(desk):
    _call(desk)
    sheet = _coded(desk, "ming.csv", lambda n, _: "maybe" if n == 0 else "yes")
    with sheet.open("a", encoding="utf-8") as out:
        out.write("demo/elsewhere,no\n")
    done = _call(desk, "--coded", sheet)
    assert done.exit_code == 3
    assert "'maybe'" in done.stderr
    assert "demo/elsewhere is not in the sample" in done.stderr
    assert "demo/elsewhere" in (desk / "out/report.html").read_text("utf-8")
    assert json.loads((desk / "out/results.json").read_text("utf-8"))["uncoded"] == 1


def test_another_question_needs_another_sample(desk):
    _call(desk)
    sheet = _coded(desk, "ming.csv", lambda _n, _row: "yes")
    (desk / "topic.toml").write_text(TOPIC.replace("昇騰", "華為"), "utf-8")
    assert "query is not what the sample" in str(_call(desk, "--coded", sheet).exception)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('query = "昇騰"', 'query = "無人提起"'), "nothing in the archive matches"),
        (('query = "昇騰"', 'query = "("'), "query:"),
        (("sample", "sampel"), "unknown key"),
    ],
)
def test_wrong_topics_say_so(desk, change, message):
    (desk / "topic.toml").write_text(TOPIC.replace(*change), "utf-8")
    assert message in str(_call(desk).exception)


def test_coding_before_sampling_says_so(desk):
    (desk / "x.csv").write_text("evidence,code\n", "utf-8")
    assert "holds no sample" in str(_call(desk, "--coded", desk / "x.csv").exception)


def test_scope_threads_takes_whole_threads(desk):
    commit(Root.open(desk / "a"), "b2", {"articles": [article(9, title="昇騰改道", thread="t1")]})
    (desk / "topic.toml").write_text(TOPIC.replace("sample", 'scope = "threads"\nsample'), "utf-8")
    counts = json.loads(_call(desk, "--json").stdout)
    assert (counts["selected"], counts["distinct"]) == (43, 42)
