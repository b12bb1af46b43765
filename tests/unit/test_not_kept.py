"""An answer that cannot be kept is no failure of the page: the run stops, the page waits."""

import asyncio
from types import SimpleNamespace

import pytest
import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.errors import StorageError
from archive.model import Link, PageClass
from archive.queue import Lease, Validators
from crawlers.capture import CaptureMiddleware
from crawlers.frontier import Frontier
from crawlers.group_commit import GroupCommit
from crawlers.registry import sites
from pipelines.stages import PageItem

URL = "https://www.ptt.cc/bbs/Test/M.1767294000.A.ABC.html"


class Full:
    """A WARC file on a full disk."""

    def write(self, *_):
        raise StorageError("cannot append: No space left on device")


@pytest.fixture
def frontier():
    """A frontier of no crawl: what it needs to keep an answer, and to stop."""
    made = Frontier(SimpleNamespace(engine=None))
    made.session = SimpleNamespace(warc=Full(), plan=SimpleNamespace(join=False))
    made.fetch_id = lambda: "f1"
    made._group = GroupCommit(made.session, None, None, made._stop)
    return made


@pytest.fixture
def crawler(frontier):
    return SimpleNamespace(engine=SimpleNamespace(scheduler=frontier))


def leased():
    lease = Lease(b"k", "ptt", Link(URL, PageClass.THREAD), 1, Validators())
    return scrapy.Request(URL, meta={"lease": lease, "exchanges": []})


def test_a_full_disk_stops_the_run(crawler):
    request = leased()
    middleware = CaptureMiddleware(crawler)
    with pytest.raises(StorageError, match="No space left"):
        asyncio.run(middleware.process_response(request, Response(URL, body=b"<html>")))
    frontier = crawler.engine.scheduler
    assert "No space left" in str(frontier._group.error)
    assert frontier.stopping
    assert not request.meta["exchanges"]


@pytest.mark.parametrize("stopping", [False, True])
def test_a_page_that_fails_while_the_run_stops_is_not_recorded(crawler, stopping):
    spider = sites()["ptt"](board="Test")
    spider.crawler = crawler
    crawler.engine.scheduler.stopping = stopping
    failure = Failure(StorageError("cannot append: No space left on device"))
    failure.request = leased()

    async def items():
        return [item async for item in spider.failed(failure)]

    assert len(asyncio.run(items())) == (0 if stopping else 1)


def test_an_item_shows_its_address_and_nobodys_words(crawler):
    spider = sites()["ptt"](board="Test")
    spider.crawler = crawler
    failure = Failure(TimeoutError("no answer"))
    failure.request = leased()

    item = asyncio.run(anext(aiter(spider.failed(failure))))
    assert isinstance(item, PageItem)
    assert repr(item) == f"PageItem({URL})"
