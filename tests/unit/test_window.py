"""`--window`: spans of time, in whole hours or days."""

from datetime import timedelta

import pytest

from archive.errors import UsageError
from crawlers.options import CHINA, CrawlOptions


def window(text, **more):
    return CrawlOptions.parse("ptt", {}, {"window": text, **more})


def test_days_back_begin_at_midnight_and_hours_at_the_hour():
    week = window("7d").since.astimezone(CHINA)
    assert (week.hour, week.minute) == (0, 0)
    assert window("1d").since - window("7d").since == timedelta(days=6)
    assert window("24h").since.astimezone(CHINA).minute == 0
    assert window("24h").until is None


def test_days_are_days_of_the_site():
    one = window("2026-01-05")
    assert (one.since.isoformat(), one.until.isoformat()) == (
        "2026-01-04T16:00:00+00:00",
        "2026-01-05T16:00:00+00:00",
    )
    assert window("2026-01-05..2026-01-11").until - one.since == timedelta(days=7)
    assert window("2026-01-05").text("ptt") == window("2026-01-05").text("ptt")


@pytest.mark.parametrize("text", ["", "soon", "7w", "2026-01-05..2026-01-04", "..", "2026-13-01"])
def test_what_is_no_window_is_a_usage_error(text):
    if not text:
        assert window(text).since is None
        return
    with pytest.raises(UsageError, match="--window"):
        window(text)


def test_a_window_stands_alone():
    with pytest.raises(UsageError, match="leave --since"):
        window("7d", since="2026-01-01")
