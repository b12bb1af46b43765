"""Our reader of times against dateparser, on the labelled cases, in one interleaved run.

dateparser is a development dependency only; without it the comparison is skipped.
"""

import sys
import time
import warnings
from datetime import timedelta
from pathlib import Path

import pytest

from crawlers.dates import read_time

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from date_cases import CASES, NOW

dateparser = pytest.importorskip("dateparser")
pytestmark = pytest.mark.bench
SETTINGS = {
    "RELATIVE_BASE": NOW.replace(tzinfo=None),
    "TIMEZONE": "Asia/Shanghai",
    "RETURN_AS_TIMEZONE_AWARE": True,
    "PREFER_DATES_FROM": "past",
}


def theirs(shown):
    return dateparser.parse(shown, languages=["zh", "zh-Hant", "en"], settings=SETTINGS)


def ours(shown):
    return read_time(shown, now=NOW).at


def right(found, at):
    if at is None:
        return found is None
    return found is not None and found.tzinfo is not None and abs(found - at) < timedelta(minutes=1)


def measured():
    """Right answers of both and seconds of both over all cases, calls interleaved."""
    score, spent = [0, 0], [0.0, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for shown, at, _, _ in CASES:
            for place, reader in enumerate((ours, theirs)):
                reader(shown)  # warm
                start = time.perf_counter()
                found = reader(shown)
                spent[place] += time.perf_counter() - start
                score[place] += right(found, at)
    return score, spent


def test_righter_and_faster_than_dateparser(capsys):
    score, spent = measured()
    total = len(CASES)
    with capsys.disabled():
        sys.stdout.write(
            f"\ntimes right: ours {score[0]}/{total}, dateparser {score[1]}/{total};"
            f" microseconds a time: ours {1e6 * spent[0] / total:.0f},"
            f" dateparser {1e6 * spent[1] / total:.0f}\n"
        )
    assert score[0] == total
    assert score[0] > score[1]
    assert spent[0] * 5 < spent[1]
