"""Limits of a run and circuits of hosts, without a clock or a disk."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from archive.errors import UsageError
from crawlers.breaker import FAILURES, PROBES, Breaker
from crawlers.limits import Hours, Limits, Watch


def at(hour, minute=0):
    return datetime(2026, 11, 22, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_window_of_the_night():
    night = Hours.parse("01:00-06:00")
    assert at(1) in night
    assert at(5, 59) in night
    assert at(6) not in night
    assert at(0, 59) not in night


def test_a_window_over_midnight():
    night = Hours.parse("22:30-4:00")
    assert at(23) in night
    assert at(3, 59) in night
    assert at(12) not in night


@pytest.mark.parametrize(
    "text",
    ["", "1-6", "01:00", "25:99-26:00", "25:00-06:00", "01:00-24:30", "soon", "01:00-06:00-07:00"],
)
def test_no_window(text):
    with pytest.raises(UsageError, match="01:00-06:00"):
        Hours.parse(text)


def test_limits_say_why():
    limits = Limits(requests=10, hours=Hours.parse("01:00-06:00"), min_free=1 << 30)
    assert limits.reached(9, at(2)) == ""
    assert "--max-requests 10" in limits.reached(10, at(2))
    assert "it is 12:00" in limits.reached(0, at(12))
    assert limits.disk(2 << 30) == ""
    assert "100 MB are free" in limits.disk(100 << 20)


def test_a_watch_tells_once(tmp_path):
    watch = Watch(Limits(requests=1, min_free=1 << 60), "Asia/Shanghai", tmp_path)
    assert not watch.pause()
    watch.spent = 1
    assert (watch.pause(), watch.pause()) == (True, False)
    assert (watch.fill(), watch.fill()) == (True, False)
    assert "free" in str(watch.full)


def test_a_circuit_opens_probes_and_closes():
    breaker = Breaker(10.0)
    for _ in range(FAILURES - 1):
        assert breaker.failed("a", 0.0) is None
    assert breaker.failed("a", 0.0) == 10.0
    assert breaker.wait("a", 4.0) == 6.0
    assert breaker.wait("b", 4.0) == 0.0
    assert breaker.wait("a", 10.0) == 0.0
    assert breaker.wait("a", 10.0) == 1.0, "one probe at a time"
    assert breaker.worked("a")
    assert breaker.wait("a", 10.0) == 0.0


def test_late_failures_of_an_open_circuit_are_no_probes():
    breaker = Breaker(10.0)
    pauses = [breaker.failed("a", 0.0) for _ in range(FAILURES + 5)]
    assert [p for p in pauses if p] == [10.0]


def test_a_host_that_stays_dead_is_given_up():
    breaker, now, pauses = Breaker(10.0), 0.0, []
    for _ in range(FAILURES):
        breaker.failed("a", now)
    while (wait := breaker.wait("a", now)) is not None:
        now += wait
        if not wait:
            pauses.append(breaker.failed("a", now))
    assert pauses == [20.0, 40.0, 80.0, 160.0]
    assert len(pauses) == PROBES


def test_any_answer_starts_the_count_anew():
    breaker = Breaker()
    for _ in range(100):
        for _ in range(FAILURES - 1):
            assert breaker.failed("a", 0.0) is None
        assert not breaker.worked("a")
