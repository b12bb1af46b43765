"""The query language and what a tree is true of."""

import pytest

from archive.errors import UsageError
from archive.search_query import BREAK, match, parse, within, word

TEXT = "題目" + BREAK + "甲說乙不行，丙在旁邊笑"


def _match(query, text=TEXT):
    return match(parse(query, word), text, text)


@pytest.mark.parametrize(
    ("query", "true"),
    [
        ("甲 乙", True),
        ("甲 AND 丁", False),
        ("丁 OR 乙", True),
        ("甲 NOT 丁", True),
        ("甲 NOT 乙", False),
        ("NOT 丁 甲", True),
        ("甲 (丁 OR 丙)", True),
        ("甲 (丁 OR 戊)", False),
        ("丁 OR 甲 乙", True),
        ("(丁 OR 甲) 戊", False),
        ("甲 NOT (乙 丁)", True),
        ("甲 NOT (乙 OR 丁)", False),
        ('"說乙"', True),
        ('"乙說"', False),
        ("“說乙不行”", True),
        ("題目 甲", True),
        ("目甲", False),
        ("甲 NOT NOT 乙", True),
    ],
)
def test_query_is_true_of_the_text(query, true):
    assert (_match(query) is not None) is true


def test_a_phrase_keeps_its_spaces_and_operators():
    assert _match('"this OR that"', "this OR that") is not None
    assert _match('"this OR that"', "this") is None


@pytest.mark.parametrize(
    "query",
    ["", "NOT 甲", "甲 OR NOT 乙", "甲 OR", "OR 甲", "(甲", "甲)", "甲 AND", "()", '""', "NOT"],
)
def test_a_query_that_cannot_be_read_says_so(query):
    with pytest.raises(UsageError, match="query:"):
        parse(query, word)


def test_places_are_offsets_in_order_and_do_not_overlap():
    found = _match("aa OR b", "baaa b")
    assert [(s.start, s.end) for s in found] == [(0, 1), (1, 3), (5, 6)]


@pytest.mark.parametrize(
    ("query", "text", "distance", "true"),
    [
        ("甲 乙", "甲乙", 0, True),
        ("甲 乙", "甲一二乙", 1, False),
        ("甲 乙", "甲一二乙", 2, True),
        ("甲 乙", "甲一二三四乙五甲", 1, True),
        ("甲 乙 丙", "甲一乙二丙", 2, True),
        ("甲 乙 丙", "甲一乙二三丙", 2, False),
        ("甲 OR 丁", "甲", 0, True),
    ],
)
def test_near_counts_the_characters_among_the_words(query, text, distance, true):
    assert within(parse(query, word), distance, text, text) is true
