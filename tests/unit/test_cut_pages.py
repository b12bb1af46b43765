"""A thread's page whose markup breaks off is marked, since comments behind the cut lack."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture
from crawlers.answer import Answer, read_answer
from crawlers.registry import sites
from tests.replicas.fault_threads import thread

NOW = datetime(2026, 1, 20, tzinfo=UTC)
URL = "https://bbs.example/thread-7-1-1.html"


@pytest.mark.parametrize(
    ("change", "cut"),
    [
        (lambda page: page, False),
        (lambda page: page.replace(b"</html>", b""), False),
        (lambda page: page.upper().replace(b"THREAD_", b"thread_"), False),
        (lambda page: page[: len(page) // 2], True),
        (lambda page: page.replace(b"</body></html>", b""), True),
    ],
)
def test_a_page_that_breaks_off_is_marked(change, cut):
    body = change(thread(URL))
    capture = Capture(URL, body, NOW, 200, (("Content-Type", "text/html; charset=utf-8"),))
    _, reading = read_answer(Answer(capture), sites()["discuz"].pages)
    found = reading.data.thread
    assert bool(found is not None and found.cut) is cut
