"""A decoded capture as page objects see it: tree, JSON, metadata, addresses; no network.

Everything is made on first use and at most once a page: most page objects need the tree, an
API reader needs only the JSON, a classifier often needs neither.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

from parsel import Selector

from archive.model import Capture
from crawlers.body import Body
from crawlers.embedded import Embedded, loads
from crawlers.finding import Finder
from crawlers.flow import html

__all__ = ["UNKNOWN_TIME", "View"]

UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)
"""`Capture.fetched_at` of a saved page whose fetch time nobody wrote down."""


class View(Body):
    """One capture, decoded; `meta` is what travelled with the link that asked for it."""

    def __init__(self, capture: Capture, meta: Mapping[str, str | int] | None = None) -> None:
        super().__init__(capture)
        self.meta: Mapping[str, str | int] = MappingProxyType(dict(meta or {}))

    @property
    def url(self) -> str:
        """The URL that was fetched; empty for a saved page of unknown address."""
        return self.capture.url

    @cached_property
    def now(self) -> datetime | None:
        """When the page was fetched: what relative times count from; None where unknown."""
        return None if self.capture.fetched_at == UNKNOWN_TIME else self.capture.fetched_at

    @cached_property
    def selector(self) -> Selector:
        """The HTML tree, parsed once."""
        return html(self.text)

    @cached_property
    def finder(self) -> Finder:
        """The tree again, for CSS on the whole page."""
        return Finder(self.selector)

    @cached_property
    def json(self) -> Any:
        """The body as JSON or JSONP.

        Raises:
            ExtractError: the body holds no complete JSON value.
        """
        return loads(self.text)

    @cached_property
    def embedded(self) -> Embedded:
        """What the page says of itself: `<meta>`, JSON-LD, the state of its scripts."""
        return Embedded(self.selector, self.text)

    @cached_property
    def address(self) -> str:
        """The page's URL: as fetched, else as the page itself declares it, else empty."""
        if self.url:
            return self.url
        canonical = self.selector.xpath('//link[@rel="canonical"]/@href').get("").strip()
        return next(
            (u for u in (canonical, self.embedded.metas.get("og:url", "")) if "//" in u), ""
        )

    @cached_property
    def base(self) -> str:
        """What relative links of this page start from (`<base href>` counts)."""
        href = "" if self.is_data else self.selector.xpath("string(//base/@href)").get("").strip()
        return urljoin(self.address, href) if href else self.address

    def join(self, href: str) -> str:
        """An absolute URL for a link on this page; empty where the link is malformed."""
        try:
            return urljoin(self.base, href.strip())
        except ValueError:
            return ""
