"""The line on the terminal: how long what waits will take."""

import pytest

from crawlers.progress import time_left


@pytest.mark.parametrize(
    ("waiting", "marks", "shown"),
    [
        (600, [(0.0, 0), (5.0, 40), (10.0, 100)], ", at least 1 min 00 s to go"),
        (36_000, [(100.0, 50), (110.0, 60)], ", at least 10 h 00 min to go"),
        (0, [(0.0, 0), (10.0, 100)], ""),
        (5, [(0.0, 0)], ""),
        (5, [(0.0, 7), (10.0, 7)], ""),
        (5, [], ""),
    ],
)
def test_time_left(waiting, marks, shown):
    assert time_left(waiting, marks) == shown
