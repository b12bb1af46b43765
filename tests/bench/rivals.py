"""What the throughput bench is measured against: `python -m tests.bench.rivals NAME BASE OUT`.

`scrapy`: a spider as the tutorial writes it, with Scrapy's defaults: 11 selectors, two trivial
pipelines, a JSONL feed. `aiohttp`: a loop by hand with lxml, the least that a crawl can cost.
Both read the same pages as ours and keep no evidence, no state and no tables.
"""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import scrapy
from lxml import html
from scrapy.crawler import CrawlerProcess

from tests.bench.pages_served import LIST

__all__ = ["FIELDS"]

FIELDS = {
    "title": ".text_title h1::text",
    "head": "title::text",
    "published": ".box01 .fl::text",
    "medium": ".box01 .fl a::text",
    "author": ".author::text",
    "editor": ".edit::text",
    "section": "#rwb_navpath a:last-of-type::text",
    "day": 'meta[name="publishdate"]::attr(content)',
    "source": 'meta[name="source"]::attr(content)',
    "keywords": 'meta[name="keywords"]::attr(content)',
    "text": "#rwb_zw p::text",
}


class _Trim:
    def process_item(self, item):
        return {**item, "title": item["title"].strip()}


class _Length:
    def process_item(self, item):
        return {**item, "length": len(item["text"])}


class _Articles(scrapy.Spider):
    name = "articles"

    def parse(self, response):
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href, self.article)

    def article(self, response):
        found = {name: response.css(rule).getall() for name, rule in FIELDS.items()}
        yield {name: "\n".join(some) for name, some in found.items()} | {"url": response.url}


def by_scrapy(base: str, out: str) -> None:
    """The spider with Scrapy's defaults, but for its log."""
    process = CrawlerProcess(
        {
            "FEEDS": {out: {"format": "jsonlines"}},
            "ITEM_PIPELINES": {_Trim: 1, _Length: 2},
            "LOG_LEVEL": "WARNING",
        }
    )
    process.crawl(_Articles, start_urls=[base + LIST])
    process.start()


async def by_aiohttp(base: str, out: str) -> None:
    """Sixteen workers over a queue in memory."""
    with Path(out).open("w", encoding="utf-8") as feed:  # noqa: ASYNC230 - as such loops do
        async with aiohttp.ClientSession() as session:
            async with session.get(base + LIST) as answer:
                listing = html.fromstring(await answer.read())
            links = iter([urljoin(base, href) for href in listing.xpath("//a/@href")])

            async def worker() -> None:
                for url in links:
                    async with session.get(url) as answer:
                        tree = html.fromstring((await answer.read()).decode())
                    row = {
                        "url": url,
                        "title": tree.xpath('string(//div[@class="text_title"]/h1)'),
                        "published": tree.xpath('string(//div[@class="box01"]/div)'),
                        "text": "\n".join(tree.xpath('//div[@id="rwb_zw"]/p/text()')),
                    }
                    feed.write(json.dumps(row, ensure_ascii=False) + "\n")

            await asyncio.gather(*(worker() for _ in range(16)))


if __name__ == "__main__":
    name, base_url, path = sys.argv[1:]
    if name == "scrapy":
        by_scrapy(base_url, path)
    else:
        asyncio.run(by_aiohttp(base_url, path))
