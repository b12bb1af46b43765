from archive.model import Comment
from pipelines.threads import Place, resolve


def _page(*pairs):
    return [Comment("t", comment_id, parent_id=parent) for comment_id, parent in pairs]


def test_answers_to_the_article_are_their_own_roots():
    assert resolve(_page(("1", None), ("2", "")), {}) == {"1": Place("1", 0), "2": Place("2", 0)}


def test_chain_counts_depth_from_its_root():
    places = resolve(_page(("1", None), ("2", "1"), ("3", "2")), {})
    assert places["3"] == Place("1", 2)


def test_parent_may_stand_further_down():
    places = resolve(_page(("3", "2"), ("2", "1"), ("1", None)), {})
    assert [places[i].depth for i in "123"] == [0, 1, 2]


def test_parent_may_be_on_an_earlier_page():
    known = {"9": ("7", 1), "8": ("5", None)}
    places = resolve(_page(("1", "9"), ("2", "1"), ("3", "8")), known)
    assert places == {"1": Place("7", 2), "2": Place("7", 3), "3": Place("5", None)}


def test_missing_parent_is_the_root_of_unknown_depth():
    places = resolve(_page(("2", "gone"), ("3", "2")), {})
    assert places == {"2": Place("gone", None), "3": Place("gone", None)}


def test_page_goes_before_what_was_known():
    places = resolve(_page(("1", None), ("2", "1")), {"1": ("0", 4)})
    assert places["2"] == Place("1", 1)


def test_comment_that_answers_itself_is_cut():
    assert resolve(_page(("1", "1"), ("2", "1")), {}) == {
        "1": Place("1", 0, broken=True),
        "2": Place("1", 1),
    }


def test_cycle_is_cut_at_its_least_id_whatever_the_order():
    page = _page(("5", "c"), ("a", "b"), ("b", "c"), ("c", "a"))
    for turn in range(len(page)):
        places = resolve(page[turn:] + page[:turn], {})
        assert places == {
            "a": Place("a", 0, broken=True),
            "c": Place("a", 1),
            "b": Place("a", 2),
            "5": Place("a", 2),
        }


def test_chain_of_ten_thousand_floors():
    page = _page(("0", None), *((str(i), str(i - 1)) for i in range(1, 10_000)))
    assert resolve(page[::-1], {})["9999"] == Place("0", 9999)
