"""The gate: our own gold cases must not lose what the pinned baseline has."""

import json
from collections import Counter
from pathlib import Path

import pytest

from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.script import script
from pipelines.search_key import search_key

GOLD = Path(__file__).parent / "gold"
MEASURES = {
    "to_hans": lambda case: to_hans(case["input"]) in case["hans"],
    "to_hant": lambda case: to_hant(case["input"]).text in case["hant"],
    "script": lambda case: script(case["input"]) == case["script"],
}


def cases(name):
    lines = (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_category_has_at_least_its_baseline(name):
    baseline = json.loads((GOLD / "baseline.json").read_text(encoding="utf-8"))[name]
    right, failed = Counter(), []
    for case in cases(name):
        if MEASURES[name](case):
            right[case["category"]] += 1
        else:
            failed.append(case["input"])
    assert all(right[k] >= baseline[k] for k in baseline), (
        f"{name}: {dict(right)} against {baseline}; failed: {failed}"
    )


def test_gold_has_over_three_hundred_cases_and_no_doubles():
    inputs = [case["input"] for name in MEASURES for case in cases(name)]
    assert len(inputs) > 300
    assert all(len({case["input"] for case in cases(n)}) == len(cases(n)) for n in MEASURES)


@pytest.mark.parametrize("case", cases("to_hant"), ids=lambda case: case["input"][:12])
def test_both_scripts_of_a_case_have_one_search_key(case):
    assert search_key(case["input"]) == search_key(case["hant"][0])
    assert len(to_hant(case["input"]).text) == len(case["input"])
