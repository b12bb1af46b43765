"""The shipped example: from a crawl of the replicas to three camps with the shares of the truth."""

import json
from pathlib import Path

import pytest

from archive.root import Root
from crawlers.survey_select import select
from pipelines.aliases import shipped
from pipelines.search_words import fold
from pipelines.survey import distinct, read_topic
from tests.replicas.coders import CAMPS, camp_of, fill

EXAMPLE = Path(__file__).parents[2] / "docs/examples/ascend-camps.toml"


@pytest.mark.slow
def test_example_reproduces_the_camps(operator, tmp_path):
    for site in ("ptt", "netease", "discuz"):
        assert operator.crawl(site)[0].returncode == 0
    out = tmp_path / "survey"
    done = operator.shenglu("survey", EXAMPLE, "--out", out)
    assert done.returncode == 0, done.stderr
    ming, yun = fill(out / "sheet.csv", tmp_path / "coded")
    done = operator.shenglu(
        "survey", EXAMPLE, "--out", out, "--coded", ming, "--coded", yun, "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    topic = read_topic(EXAMPLE.read_text("utf-8"))
    units, _ = select(Root.open(operator.archive), topic, shipped(), fold())
    voices = [camp_of(unit.text) for unit in distinct(units)]
    assert found["counts"]["distinct"] == len(voices)
    assert found["counts"]["sampled"] == 240
    assert 0.85 < found["alpha"] < 1
    for code in CAMPS:
        low, high = found["camps"][code]["interval"]
        true = voices.count(code) / len(voices)
        assert low - 0.02 < true < high + 0.02, code
    for code in ("praise", "doubt", "tech"):
        assert found["camps"][code]["count"] >= 30
    html = (out / "report.html").read_text("utf-8")
    for label in ("無腦吹", "質疑派", "技術懟"):
        assert f"{label} (" in html
    assert html.count("<blockquote") == 240
    assert html.count(">permalink</a>") == 240
