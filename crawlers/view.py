"""A decoded capture as page objects see it: text, tree, JSON, metadata; no network.

Everything is made on first use and at most once a page: most page objects need the tree, an
API reader needs only the JSON, a classifier often needs neither.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from parsel import Selector

from archive.coding import decode_body
from archive.errors import DecodeError
from archive.model import Capture
from crawlers.embedded import Embedded, loads
from crawlers.finding import Finder
from crawlers.flow import html

if TYPE_CHECKING:
    from pipelines.charset import Decoded

__all__ = ["UNKNOWN_TIME", "View"]

UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)
"""`Capture.fetched_at` of a saved page whose fetch time nobody wrote down."""

_GZIP = b"\x1f\x8b"
_OPENED = 64 << 20  # bytes; a sitemap has at most 50 MiB (sitemaps.org)
_DATA = re.compile(
    r"(?:<\?xml[^>]*>\s*)?(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<(?:rss|feed|rdf|urlset|sitemap)\b"
    r"|(?:var\s+)?[\w$.]+\s*[(=]\s*[\[{]",
    re.IGNORECASE | re.DOTALL,
)


class View:
    """One capture, decoded; `meta` is what travelled with the link that asked for it."""

    def __init__(self, capture: Capture, meta: Mapping[str, str | int] | None = None) -> None:
        self.capture = capture
        self.meta: Mapping[str, str | int] = MappingProxyType(dict(meta or {}))

    @property
    def url(self) -> str:
        """The URL that was fetched; empty for a saved page of unknown address."""
        return self.capture.url

    @property
    def now(self) -> datetime | None:
        """When the page was fetched: what relative times count from; None where unknown."""
        return None if self.capture.fetched_at == UNKNOWN_TIME else self.capture.fetched_at

    @cached_property
    def payload(self) -> bytes:
        """The body; of a gzipped file (`sitemap.xml.gz`) what is in it, as far as it goes."""
        body = self.capture.body
        if body[:2] != _GZIP:
            return body
        opened, damage = decode_body(body, "gzip", limit=_OPENED)
        return opened if opened and not damage else body

    @cached_property
    def decoded(self) -> "Decoded":
        """Text and charset facts.

        Raises:
            DecodeError: the bytes are no text in any charset that we know.
        """
        from pipelines.charset import decode  # noqa: PLC0415 - loads charset tables on first use

        return decode(self.payload, self.capture.header("content-type"))

    def facts(self) -> "Decoded | None":
        """The same, or None where the bytes are no text."""
        try:
            return self.decoded
        except DecodeError:
            return None

    @property
    def text(self) -> str:
        """The decoded body."""
        return str(self.decoded.text)

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
    def is_data(self) -> bool:
        """Whether the text is JSON, JSONP, a script's value or an XML feed, and no HTML page."""
        start = self.text[:600].lstrip("\ufeff \t\r\n")
        kind = self.capture.header("content-type").lower()
        declared = "html" not in kind and ("json" in kind or "javascript" in kind)
        return start.startswith(("{", "[")) or declared or bool(_DATA.match(start))

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

    def has(self, *marks: str) -> bool:
        """Whether every one of these strings stands in the decoded text."""
        return all(mark in self.text for mark in marks)
