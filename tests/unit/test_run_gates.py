"""Gates hold a run against limits and against the site's own earlier runs."""

import pytest

from crawlers.commands.options import worst
from crawlers.gates import failures

GOOD = {
    "pages": 60,
    "pages.list": 4,
    "pages.thread": 50,
    "items": 500,
    "listed": 100,
    "declared": 450,
    "fetched": 450,
    "of.thread.article": 50,
    "has.thread.article.title": 50,
    "has.thread.article.authors": 47,
    "of.thread.comment": 450,
    "has.thread.comment.text": 449,
    "has.thread.comment.parent_id": 40,
}


def names(tally, *history):
    return [gate.name for gate in failures(tally, history)]


def test_a_run_like_the_others_passes():
    assert names(GOOD) == []
    assert names(GOOD, *[GOOD] * 9) == []


def test_a_selector_that_went_out_of_date_is_named():
    now = GOOD | {"has.thread.article.authors": 1}
    (gate,) = failures(now, [GOOD] * 3)
    assert gate.name == "drift"
    assert gate.measured == "thread pages, article, authors: 94% -> 2%"


def test_a_field_that_vanished_altogether_is_named():
    now = {k: v for k, v in GOOD.items() if k != "has.thread.comment.text"}
    (gate,) = failures(now, [GOOD])
    assert "comment, text: 100% -> 0%" in gate.measured


def test_rare_fields_and_few_items_say_nothing():
    assert names(GOOD | {"has.thread.comment.parent_id": 0}, GOOD) == []
    few = GOOD | {"pages.thread": 5, "of.thread.article": 5, "has.thread.article.authors": 0}
    assert names(few, GOOD) == []


def test_chance_is_no_drift():
    usual = GOOD | {
        "pages.thread": 1000,
        "of.thread.article": 1000,
        "has.thread.article.authors": 300,
    }
    now = GOOD | {"pages.thread": 12, "of.thread.article": 12, "has.thread.article.authors": 1}
    assert names(now, usual) == []


@pytest.mark.parametrize("listed", [0, 20])
def test_lists_that_show_less_than_ever_are_a_collapse(listed):
    assert names(GOOD | {"listed": listed}, GOOD, GOOD) == ["coverage"]


def test_a_quiet_site_is_no_collapse():
    assert names(GOOD | {"listed": 60}, GOOD, GOOD) == []
    assert names(GOOD | {"listed": 20}, GOOD, GOOD | {"listed": 18}) == []


def test_pages_that_give_fewer_items_than_ever():
    assert "yield" in names(GOOD | {"items": 60}, GOOD, GOOD)


def test_a_run_out_of_line_is_no_measure_for_the_next():
    broken = GOOD | {"has.thread.article.authors": 0, "gates.drift": 1}
    now = GOOD | {"has.thread.article.authors": 1}
    assert names(now, *[broken] * 8, GOOD) == ["drift"]


def test_a_site_that_moved():
    assert names(GOOD | {"known": 40, "gone": 30}) == ["gone"]
    assert names(GOOD | {"known": 40, "gone": 3}) == []


def test_pages_that_robots_txt_forbids_are_told():
    (gate, _) = failures({"pages": 10, "errors": 10, "forbidden": 9})
    assert str(gate) == "errors: 10 of 10 pages, 9 of them forbidden by robots.txt (limit 10%)"


def test_fixed_limits():
    assert names({"pages": 10, "errors": 10}) == ["errors", "items"]
    assert names(GOOD | {"pages.captcha": 20}) == ["blocked"]
    assert names(GOOD | {"lists.failed": 1}) == ["lists"]
    assert names(GOOD | {"fetched": 300}) == ["completeness"]
    assert names({}) == []


def test_files_that_could_not_be_read_fail_a_gate_with_and_without_pages():
    assert names({"left_out.damaged record": 2}) == ["damaged"]
    assert names({"left_out.file without one": 1, "pages": 5, "items": 5}) == ["damaged"]
    assert names({"left_out.status 404": 9, "pages": 5, "items": 5}) == []


def test_a_lock_held_elsewhere_hides_no_failure():
    assert worst([4, 1, 0]) == 1
    assert worst([4, 3]) == 3
    assert worst([0, 4]) == 4
    assert worst([0, 0]) == worst([]) == 0
    assert worst([3, 137]) == 137
