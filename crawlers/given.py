"""Pages that the operator names one by one: a range of addresses, a file of URLs, a sitemap.

They work for every site, beside its own options. What an address leads to is told by the site's
own patterns, so that a thread is walked to its end and a list leads to its articles.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from archive.errors import UsageError
from archive.model import Link, PageClass, PageData
from crawlers.discovery import Feed
from crawlers.options import CrawlOptions
from crawlers.page_object import Page
from crawlers.ranges import MOST, expand

__all__ = ["SiteFeed", "given_links", "link_to"]

Pages = Sequence[type[Page]]


class SiteFeed(Feed):
    """A feed or sitemap of a site whose pages are known: links to those only."""

    def data(self) -> PageData:
        """The links that one of the site's patterns knows, and the sitemaps below."""
        found = super().data()
        return replace(found, links=tuple(self._known(found.links)))

    def _known(self, links: Iterable[Link]) -> Iterator[Link]:
        for link in links:
            if link.kind is PageClass.FEED:
                yield link
            elif (known := link_to(link.url, self.pages)) is not None:
                yield replace(known, published=link.published)

    pages: Pages = ()

    @classmethod
    def of(cls, pages: Pages) -> type["SiteFeed"]:
        """The feed reader of a site with these page objects."""
        return type(cls.__name__, (cls,), {"pages": tuple(pages), "__module__": __name__})


def link_to(url: str, pages: Pages) -> Link | None:
    """The link, by the first page object whose pattern knows the address; None if none does."""
    for page in pages:
        if page.url_pattern and (found := re.search(page.url_pattern, url)):
            is_thread = page.page_class is PageClass.THREAD
            thread = found.groupdict().get("id") if is_thread else None
            return Link(url, page.page_class, thread)
    return None


def given_links(asked: CrawlOptions, pages: Pages, hosts: Sequence[str]) -> Iterator[Link]:
    """The links of `--range`, `--urls` and `--sitemap`.

    Raises:
        UsageError: a range or file that cannot be read, or an address of another site.
    """
    for url in (*_ranges(asked), *_of_file(asked.urls)):
        if hosts and urlsplit(url).hostname not in hosts and not url.startswith(_base(asked)):
            raise UsageError(f"{url} is no page of this site; its hosts: {', '.join(hosts)}")
        yield link_to(url, pages) or Link(url, PageClass.ARTICLE)
    if asked.sitemap:
        yield from (Link(url.strip(), PageClass.FEED) for url in asked.sitemap.split(","))


def _base(asked: CrawlOptions) -> str:
    return f"{asked.base_url}/" if asked.base_url else "\0"


def _ranges(asked: CrawlOptions) -> Iterator[str]:
    if asked.range:
        yield from expand(asked.range)


def _of_file(name: str) -> Iterator[str]:
    """One URL a line; blank lines and lines that begin with # are left out."""
    if not name:
        return
    try:
        lines = Path(name).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the URL file {name}: {error}") from error
    if len(lines) > MOST:
        raise UsageError(f"{name} has {len(lines):,} lines; {MOST:,} are the most at once")
    for number, line in enumerate(lines, 1):
        url = line.strip()
        if not url or url.startswith("#"):
            continue
        if not re.match(r"https?://[^/\s]+", url):
            raise UsageError(f"{name}, line {number}: no http(s) address: {url[:80]!r}")
        yield url
