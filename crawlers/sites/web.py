"""Any site by its feed, sitemap or list of links, read without rules of its own.

The source is `web:HOST`; an article's id is made of the address that it gives itself. Where a
site has a file of its own here, that one reads more.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import AnyArticle, AnyList, Feed
from crawlers.site import Site


class WebFeed(Feed):
    """RSS, Atom, RDF, a sitemap, an index of sitemaps; gzipped or not."""


class WebList(AnyList):
    """A section's front page, or a list in JSON, that `--list` names."""


class WebArticle(AnyArticle):
    """What a feed or a list leads to."""


class Web(Site):
    """Feeds, sitemaps, lists and articles by URL."""

    name, pages = "web", (WebFeed, WebList, WebArticle)
    options: ClassVar = {
        "feed": "URLs of RSS or Atom feeds, comma between",
        "sitemap": "URLs of sitemaps",
        "list": "URLs of pages that list articles",
        "url": "URLs of articles",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Feeds and sitemaps, then lists, then single articles."""
        for option, kind in (
            *(("feed", PageClass.FEED), ("sitemap", PageClass.FEED)),
            *(("list", PageClass.LIST), ("url", PageClass.ARTICLE)),
        ):
            for url in filter(None, map(str.strip, options.get(option, "").split(","))):
                yield Link(url, kind, meta={"as": "list"} if option == "list" else {})
