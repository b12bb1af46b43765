"""Conditional requests: what is asked, how often without, and when a validator is caught lying."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.errors import CaptureError
from archive.model import Capture, Link, PageClass, WarcPointer
from archive.queue import Lease, Validators
from crawlers.conditions import conditions, is_probe, misled
from crawlers.registry import sites
from tests.replicas.fault_threads import board, thread

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
URL = "https://bbs.example.org/forum-2-1.html"
HELD = Validators('"same"', "", "0" * 64, NOW, WarcPointer("a.warc.gz", 0, 9))
PAGES = sites()["discuz"].pages
OLD = ["/thread-1-1-1.html"]


def lease(kind=PageClass.LIST, held=HELD, key=b"k"):
    return Lease(key, "discuz", Link(URL, kind), 1, held)


def capture(body, **headers):
    kept = (("Content-Type", "text/html; charset=utf-8"),)
    kept += tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Capture(URL, body, NOW, 200, kept)


def read(one):
    from crawlers.answer import Answer, read_answer

    return read_answer(Answer(one), PAGES)[1].data


def is_misled(before, now, held=HELD, digest="1" * 64, **headers):
    one = capture(now, **headers)
    earlier = (lambda: capture(before), PAGES)
    return misled(lease(held=held), one, read(one), digest, earlier)


def test_conditions_name_what_is_held():
    asked = conditions(replace(HELD, last_modified="Mon, 05 Jan 2026 08:00:00 GMT"))
    assert asked["If-None-Match"] == '"same"'
    assert asked["Cache-Control"] == "max-age=0"
    assert conditions(replace(HELD, pointer=None)) == conditions(Validators()) == {}


@pytest.mark.parametrize(("kind", "least", "most"), [("list", 0.2, 0.3), ("thread", 0.004, 0.013)])
def test_some_pages_are_asked_without_conditions(kind, least, most):
    leases = [lease(PageClass(kind), key=n.to_bytes(4, "big")) for n in range(4_000)]
    probes = [is_probe(one, "run-1") for one in leases]
    assert least < sum(probes) / 4_000 < most
    assert probes == [is_probe(one, "run-1") for one in leases]
    assert probes != [is_probe(one, "run-2") for one in leases]


def test_a_list_that_changed_under_one_etag_is_noticed():
    longer = board("", [*OLD, "/thread-2-1-1.html"])
    assert is_misled(board("", OLD), longer, ETag='"same"')
    assert not is_misled(board("", OLD), longer, ETag='"other"')
    assert not is_misled(board("", OLD), longer)
    assert not is_misled(board("", OLD), longer, digest="0" * 64, ETag='"same"')


def test_a_date_that_did_not_move_counts_where_there_is_no_etag():
    dated = replace(HELD, etag="", last_modified="Mon, 05 Jan 2026 08:00:00 GMT")
    longer = board("", [*OLD, "/thread-2-1-1.html"])
    assert is_misled(board("", OLD), longer, dated, Last_Modified=dated.last_modified)
    assert not is_misled(board("", OLD), longer, dated, Last_Modified="Tue, 06 Jan 2026 00:00 GMT")
    assert not is_misled(board("", OLD), longer, dated)


def test_what_differs_at_each_request_is_no_change():
    token = board("", OLD).replace(b"</body>", b'<input name="formhash" value="8f2a"></body>')
    assert not is_misled(board("", OLD), token, ETag='"same"')
    path = "/thread-1-1-1.html"
    one, other = thread(path, [(1, "鱼"), (2, "市")]), thread(path, [(1, "鱼"), (2, "集市")])
    assert is_misled(one, other, ETag='"same"')
    assert not is_misled(one, one + b"<!-- 17 ms -->", ETag='"same"')


def test_a_copy_that_cannot_be_read_accuses_nobody():
    def gone():
        raise CaptureError("no such record")

    one = capture(board("", OLD), ETag='"same"')
    assert not misled(lease(), one, read(one), "1" * 64, (gone, PAGES))
