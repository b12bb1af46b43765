"""The numbers of a survey against published values."""

import pytest

from pipelines.survey_statistics import agreement, alpha, settle, share, shares, wilson

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections A, B and C.
BINARY = ("0100000010", "1110010000")
NOMINAL = ("aabbdcccedda", "babbbcccedddd"[:12])
FOUR = ("12332141 2...", "12332241 25.3", ".3332342 251.", "12332441 251.")


def _units(coders):
    rows = [row.replace(" ", "") for row in coders]
    return [[None if code == "." else code for code in unit] for unit in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("coders", "value"), [(BINARY, 0.095), (NOMINAL, 0.692), (FOUR, 0.743)], ids=["A", "B", "C"]
)
def test_alpha_is_krippendorffs(coders, value):
    assert alpha(_units(coders)) == pytest.approx(value, abs=0.0005)


def test_alpha_of_perfect_and_of_undefined_data():
    assert alpha([["a", "a"], ["b", "b"]]) == 1
    assert alpha([["a", "a"], ["a", "a"]]) is None
    assert alpha([["a", None], [None, "b"]]) is None
    assert alpha([]) is None


def test_alpha_of_systematic_disagreement_is_below_zero():
    assert alpha([["a", "b"], ["b", "a"], ["a", "b"]]) < 0


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (10, 100, 0.0552, 0.1744),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_interval_is_wilsons(count, of, low, high):
    assert wilson(count, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_has_the_widest_interval():
    assert wilson(0, 0) == (0, 1)
    assert share(0, 0).part == 0


def test_a_code_is_settled_by_more_than_half():
    assert settle(["a", "a", "b"]) == "a"
    assert settle(["a", "b"]) is None
    assert settle(["a", None]) == "a"
    assert settle([None]) is None


def test_shares_have_the_settled_units_as_their_whole():
    made = shares({"1": "a", "2": "b", "3": None, "4": "a"}, ["a", "b", "c"])
    assert [(s.count, s.of) for s in made.values()] == [(2, 3), (1, 3), (0, 3)]


def test_agreement_counts_pairs():
    assert agreement([["a", "a", "b"], ["a", None]]).count == 1
    assert agreement([["a", "a", "b"], ["a", None]]).of == 3
