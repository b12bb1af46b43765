"""A clock that steps back must not file new sights below old ones."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import StorageError
from archive.ledger import Ledger
from archive.queue import Run
from archive.runs import CLOCK_SLACK


@pytest.fixture
def runs(tmp_path):
    ledger = Ledger(tmp_path / "state.db")
    ledger.runs.begin(Run("run-1", "ptt"), "crawl ptt")
    yield ledger.runs
    ledger.close()


def test_a_clock_behind_that_of_an_earlier_run_is_refused(runs, monkeypatch):
    now = datetime.now(UTC)
    runs.refuse_past(now)
    runs.refuse_past(now - CLOCK_SLACK / 2)
    with pytest.raises(StorageError, match="set the clock"):
        runs.refuse_past(now - timedelta(days=1))
    monkeypatch.setenv("SHENGLU_CLOCK_BACK", "1")
    runs.refuse_past(now - timedelta(days=1))


def test_an_interrupted_run_and_one_that_ended_later_count(runs):
    now = datetime.now(UTC)
    runs.finish("run-1", now + timedelta(days=3))
    with pytest.raises(StorageError):
        runs.refuse_past(now + timedelta(days=2))
    runs.refuse_past(now + timedelta(days=3))
