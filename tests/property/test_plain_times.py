"""The quick reading of plain times says exactly what the thorough one says."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import assume, given
from hypothesis import strategies as st

from archive.model import Precision
from crawlers.dates import CHINA, read_time
from crawlers.plain_times import plain_time

ZONES = st.sampled_from([CHINA, UTC, timezone(timedelta(hours=-5))])
TIMES = st.integers(980_000_000, 1_780_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@given(TIMES, ZONES, st.sampled_from(["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S"]))
def test_a_full_time_is_read_alike(at, zone, shape):
    raw = at.strftime(shape)
    assert plain_time(raw, NOW, zone, None) == read_time(raw, now=NOW, zone=zone)


@given(TIMES, st.integers(0, 300 * 24 * 60), ZONES, st.integers(0, 400))
def test_a_time_without_a_year_is_read_alike_below_its_article(after, minutes, zone, later):
    raw = (after + timedelta(minutes=minutes)).astimezone(zone).strftime("%m/%d %H:%M")
    now = after + timedelta(minutes=minutes, days=later + 1)
    found = plain_time(raw, now, zone, after)
    assume(found is not None)
    assert found == read_time(raw, now=now, zone=zone, after=after)


def test_what_is_odd_is_left_to_the_thorough_reader():
    after = datetime(2025, 12, 31, 17, tzinfo=UTC)
    for raw in ("2026-02-30 09:30", "02/30 10:00", "12/31 23:00", "昨天 09:30", "2026-1-5", "9:30"):
        assert plain_time(raw, NOW, CHINA, after) is None
    found = plain_time("2026-1-5 9:30", NOW, CHINA, None)
    assert found.at == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
    assert found.precision is Precision.MINUTE
