"""The bytes of a capture as text: unpacked, charset found, data told from HTML; no network.

The lower half of `crawlers.view.View`. Everything is made on first use and at most once.
"""

import re
from functools import cached_property
from typing import TYPE_CHECKING

from archive.coding import decode_body
from archive.errors import DecodeError
from archive.model import Capture

if TYPE_CHECKING:
    from pipelines.charset import Decoded

__all__ = ["Body"]

_GZIP = b"\x1f\x8b"
_OPENED = 64 << 20  # bytes; a sitemap has at most 50 MiB (sitemaps.org)
_DATA = re.compile(
    r"(?:<\?xml[^>]*>\s*)?(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<(?:rss|feed|rdf|urlset|sitemap)\b"
    r"|(?:var\s+)?[\w$.]+\s*[(=]\s*[\[{]",
    re.IGNORECASE | re.DOTALL,
)


class Body:
    """What a capture holds, as bytes and as text."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self._marked: dict[str, bool] = {}

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
    def is_data(self) -> bool:
        """Whether the text is JSON, JSONP, a script's value or an XML feed, and no HTML page."""
        start = self.text[:600].lstrip("\ufeff \t\r\n")
        kind = self.capture.header("content-type").lower()
        declared = "html" not in kind and ("json" in kind or "javascript" in kind)
        return start.startswith(("{", "[")) or declared or bool(_DATA.match(start))

    def has(self, *marks: str) -> bool:
        """Whether every one of these strings stands in the decoded text."""
        return all(map(self._has, marks))

    def _has(self, mark: str) -> bool:
        """Page objects ask for the same marks as the classifier: each is searched for once."""
        found = self._marked.get(mark)
        if found is None:
            found = self._marked[mark] = mark in self.text
        return found
