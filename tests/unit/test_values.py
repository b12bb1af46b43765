from datetime import UTC, datetime, timedelta, timezone

import pytest

from archive.model import Moment, Precision, State
from pipelines.values import INT32, moment_columns, number, storable, whole

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TAIPEI = timezone(timedelta(hours=8))


def test_time_is_stored_in_utc_with_its_precision():
    moment = Moment(
        datetime(2026, 5, 1, 8, 30, tzinfo=TAIPEI), "05/01 08:30", Precision.MINUTE, "year_inferred"
    )
    problems = []
    assert moment_columns(moment, NOW, "comment 1", problems) == {
        "published_at": datetime(2026, 5, 1, 0, 30, tzinfo=UTC),
        "published_raw": "05/01 08:30",
        "published_precision": "minute",
        "published_method": "year_inferred",
    }
    assert problems == []


@pytest.mark.parametrize(
    "at",
    [
        datetime(1989, 12, 31, tzinfo=UTC),
        NOW + timedelta(days=2, seconds=1),
        datetime(2026, 5, 1),  # noqa: DTZ001 - the case under test
        datetime.min.replace(tzinfo=TAIPEI),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=8))),
    ],
)
def test_absurd_time_keeps_its_raw_form_only(at):
    problems = []
    columns = moment_columns(Moment(at, "那天", Precision.DAY, "absolute"), NOW, "x", problems)
    assert columns == {
        "published_at": None,
        "published_raw": "那天",
        "published_precision": None,
        "published_method": None,
    }
    assert [p.where for p in problems] == ["x field:published"]


@pytest.mark.parametrize("at", [datetime(1990, 1, 1, tzinfo=UTC), NOW + timedelta(days=2)])
def test_limits_are_inside(at):
    problems = []
    assert moment_columns(Moment(at, ""), NOW, "x", problems)["published_at"] == at
    assert problems == []


def test_unread_time_is_no_second_problem():
    problems = []
    assert moment_columns(Moment(None, "昨日"), NOW, "x", problems)["published_raw"] == "昨日"
    assert problems == []


@pytest.mark.parametrize("value", [-1, INT32 + 1, "12", 3.5, True])
def test_what_is_no_count_is_reported(value):
    problems = []
    assert number(value, INT32, "floor", problems) is None
    assert problems[0].excerpt == repr(value)


@pytest.mark.parametrize("value", [None, 0, 7, INT32])
def test_counts_pass(value):
    problems = []
    assert number(value, INT32, "floor", problems) == value
    assert problems == []


def test_surrogate_pairs_are_joined_and_lone_ones_replaced():
    assert whole("\ud83d\ude00") == "\U0001f600"
    assert whole("好\ud83d") == "好\ufffd"
    assert whole("好") == "好"


def test_row_becomes_plain_storable_values():
    row = storable({"a": State.VISIBLE, "b": ("x\udc00", "y"), "c": 3, "d": None})
    assert row == {"a": "visible", "b": ["x\ufffd", "y"], "c": 3, "d": None}
    assert type(row["a"]) is str
