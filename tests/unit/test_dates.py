from datetime import UTC, datetime, timedelta, timezone

import pytest
from date_cases import CASES, CHINA, NOW
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Precision
from crawlers.dates import find_time, find_times, read_time


def test_there_are_enough_cases():
    assert len(CASES) >= 150


@pytest.mark.parametrize(("shown", "at", "precision", "method"), CASES, ids=[c[0] for c in CASES])
def test_reads(shown, at, precision, method):
    moment = read_time(shown, now=NOW)
    assert moment.raw == shown
    assert (moment.at, moment.precision, moment.method) == (at, precision, method)


@pytest.mark.parametrize(
    "shown", ["刚刚", "2024-05-13 09:16", "1714988107", "Mon, 13 May 2024 01:16:04 GMT"]
)
def test_moments_are_in_utc(shown):
    assert read_time(shown, now=NOW).at.utcoffset() == timedelta(0)


def test_the_sites_zone_is_taken_where_the_string_has_none():
    pacific = timezone(timedelta(hours=-8))
    moment = read_time("2024-05-13 09:16", now=NOW, zone=pacific)
    assert moment.at == datetime(2024, 5, 13, 17, 16, tzinfo=UTC)
    assert moment.method == "zone_assumed"


def test_cst_means_chicago_on_a_site_of_chicago():
    chicago = timezone(timedelta(hours=-6))
    moment = read_time("2024-01-13 09:16 CST", now=NOW, zone=chicago)
    assert moment.at == datetime(2024, 1, 13, 15, 16, tzinfo=UTC)


def test_yesterday_is_yesterday_in_the_zone_of_the_site():
    now = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)  # the 5th in China
    assert read_time("昨天", now=now).at == datetime(2026, 3, 4, tzinfo=CHINA)


def test_answers_follow_what_they_answer():
    after = datetime(2016, 4, 3, 21, 4, 15, tzinfo=CHINA)
    moment = read_time("04/03 21:07", now=NOW, after=after)
    assert moment.at == datetime(2016, 4, 3, 21, 7, tzinfo=CHINA)
    assert (moment.method, moment.precision) == ("year_inferred", Precision.MINUTE)


@pytest.mark.parametrize(
    ("shown", "year"), [("12/31 23:58", 2016), ("01/01 00:12", 2017), ("11/02 08:00", 2017)]
)
def test_the_year_rolls_over_at_new_year(shown, year):
    after = datetime(2016, 12, 31, 22, 4, 15, tzinfo=CHINA)
    assert read_time(shown, now=NOW, after=after).at.astimezone(CHINA).year == year


def test_an_answer_in_the_minute_of_its_post_is_not_a_year_later():
    after = datetime(2016, 4, 3, 21, 4, 55, tzinfo=CHINA)
    assert read_time("04/03 21:04", now=NOW, after=after).at.year == 2016


def test_an_inferred_year_is_never_in_the_future():
    after = datetime(2026, 3, 4, tzinfo=CHINA)
    assert read_time("03-05 10:31", now=NOW, after=after).at <= NOW


def test_times_are_found_in_running_text():
    text = "作者 半夏　2024-05-13 09:16:04 更新于 3小时前，原帖 10-08 12:00"
    found = list(find_times(text, now=NOW))
    assert [text[start:end] for start, end, _ in found] == [m.raw for _, _, m in found]
    assert [m.raw for _, _, m in found] == ["2024-05-13 09:16:04", "3小时前", "10-08 12:00"]


def test_the_surest_time_is_the_full_date():
    text = "3小时前 (2024-05-13 09:16)"
    assert find_time(text, now=NOW)[2].at == datetime(2024, 5, 13, 9, 16, tzinfo=CHINA)
    assert find_time("没有时间", now=NOW) is None


def test_a_naive_fetch_time_is_utc():
    naive = datetime(2026, 3, 5, 2, 30)  # noqa: DTZ001 - what is tested
    assert read_time("刚刚", now=naive).at == NOW


def test_a_date_in_the_middle_of_a_long_string_is_not_searched_for_ever():
    assert read_time("x" * 1_000_000 + "2024-05-13", now=NOW).at is None


@given(st.text(max_size=60))
def test_no_string_raises(text):
    moment = read_time(text, now=NOW)
    assert moment.raw == text
    assert (moment.at is None) == (moment.method is None)
    list(find_times(text, now=NOW))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001 - bounds
def test_iso_times_come_back_as_they_were(at):
    shown = at.replace(microsecond=0, tzinfo=CHINA)
    assert read_time(shown.isoformat(), now=NOW).at == shown
    assert read_time(f"{shown:%Y年%m月%d日 %H:%M:%S}", now=NOW).at == shown


@given(st.text(alphabet="0123456789年月日时分前昨天-/: ", max_size=400))
def test_relative_and_inferred_times_are_never_in_the_future(text):
    moment = read_time(text, now=NOW)
    if moment.method in {"relative", "year_inferred"} and "天" not in text:
        assert moment.at <= NOW
