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
from crawlers.registry import sites
from pipelines.stages import PageItem

URL = "https://www.ptt.cc/bbs/Test/M.1767294000.A.ABC.html"


class Full:
    """A WARC file on a full disk."""

    def write(self, *_):
        raise StorageError("cannot append: No space left on device")


class Scheduler:
    """As much of a frontier as the middleware and the spider ask for."""

    def __init__(self):
        self.session = SimpleNamespace(warc=Full())
        self.stopping = False
        self.gave_up = []

    def fetch_id(self):
        return "f1"

    def give_up(self, error):
        self.gave_up.append(error)
        self.stopping = True


@pytest.fixture
def crawler():
    return SimpleNamespace(engine=SimpleNamespace(scheduler=Scheduler()))


def leased():
    lease = Lease(b"k", "ptt", Link(URL, PageClass.THREAD), 1, Validators())
    return scrapy.Request(URL, meta={"lease": lease, "exchanges": []})


def test_a_full_disk_stops_the_run(crawler):
    request = leased()
    middleware = CaptureMiddleware(crawler)
    with pytest.raises(StorageError, match="No space left"):
        asyncio.run(middleware.process_response(request, Response(URL, body=b"<html>")))
    assert [str(error) for error in crawler.engine.scheduler.gave_up]
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
