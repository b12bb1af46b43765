"""A Parquet commit is bounded in rows and in bytes; one entry goes, whatever its size."""

import sqlite3

import pytest

from archive.outbox import DDL, DRAIN_BYTES, DRAIN_ROWS, Outbox

HALF = "字" * (DRAIN_BYTES // 6)  # three bytes a character: half of what a commit takes


@pytest.fixture
def outbox():
    connection = sqlite3.connect(":memory:")
    connection.executescript(DDL)
    return Outbox(connection, "here")


def drained(outbox):
    """The ranges that commits take, until nothing waits."""
    while (plan := outbox.plan(DRAIN_ROWS)) is not None:
        drain = outbox.read(*plan)
        yield drain.hi - drain.lo + 1
        outbox.done(drain)


def test_long_texts_go_in_smaller_commits(outbox):
    outbox.put({"articles": [{"text": "短"}]})
    assert not outbox.is_full()
    for _ in range(4):
        outbox.put({"articles": [{"text": HALF}]})
    assert outbox.is_full()
    assert list(drained(outbox)) == [2, 1, 1, 1]
    assert not outbox.is_full()


def test_rows_bound_a_commit_too(outbox):
    for _ in range(3):
        outbox.put({"comments": [{"n": 1}] * (DRAIN_ROWS // 2)})
    assert outbox.is_full()
    assert list(drained(outbox)) == [2, 1]


def test_an_entry_larger_than_all_goes_alone(outbox):
    outbox.put({"articles": [{"text": HALF * 3}]})
    outbox.put({"articles": [{"text": "短"}]})
    assert list(drained(outbox)) == [1, 1]
