"""A decoded capture as page objects see it: text, tree, JSON, metadata; no network.

Everything is made on first use and at most once a page: most page objects need the tree, an
API reader needs only the JSON, a classifier often needs neither.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from parsel import Selector

from archive.errors import DecodeError, ExtractError
from archive.model import Capture
from crawlers.finding import Finder
from crawlers.flow import html

if TYPE_CHECKING:
    from pipelines.charset import Decoded

__all__ = ["UNKNOWN_TIME", "View", "loads"]

UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)
"""`Capture.fetched_at` of a saved page whose fetch time nobody wrote down."""

_WRAPPED = re.compile(r"^\s*(?:/\*.*?\*/\s*)?(?:var\s+)?[\w$.]+\s*(?:\(|=)\s*", re.DOTALL)
_DATA = re.compile(
    r"(?:<\?xml[^>]*>\s*)?(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<(?:rss|feed|rdf|urlset|sitemap)\b"
    r"|(?:var\s+)?[\w$.]+\s*[(=]\s*[\[{]",
    re.IGNORECASE | re.DOTALL,
)
_STATES = (
    *("allData", "window.DATA", "window.__INITIAL_STATE__", "window.__INITIAL_DATA__"),
    "window.__NUXT__",
)
_ASSIGNED = re.compile(r"\s*=\s*(?=\{)")
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|(?<!:)//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r",(\s*[}\]])")


def loads(text: str) -> Any:
    """JSON, JSONP (`getData({...});`) or a script's `var x = {...}` as a value.

    Only the first value counts: what follows it (`)`, `;`, more script) is not looked at.

    Raises:
        ExtractError: the text holds no complete JSON value.
    """
    start = 0
    if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "[", '"'} and (head := _WRAPPED.match(text)):
        start = head.end()
    try:
        return json.JSONDecoder(strict=False).raw_decode(text[start:].lstrip("\ufeff \t\r\n"))[0]
    except (ValueError, RecursionError) as error:
        raise ExtractError(f"not JSON ({error}): {text[start : start + 60]!r}") from error


def _repaired(text: str) -> Any:
    """JSON-LD as sites write it: with comments, raw newlines or trailing commas; None if lost."""
    for candidate in (
        text,
        _TRAILING.sub(r"\1", _COMMENT.sub(lambda m: m.group(1) or "", text)),
    ):
        try:
            return loads(candidate)
        except ExtractError:
            continue
    return None


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _objects(value.get("@graph"), depth + 1)


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
    def decoded(self) -> "Decoded":
        """Text and charset facts.

        Raises:
            DecodeError: the bytes are no text in any charset that we know.
        """
        from pipelines.charset import decode  # noqa: PLC0415 - loads charset tables on first use

        return decode(self.capture.body, self.capture.header("content-type"))

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
    def metas(self) -> Mapping[str, str]:
        """`<meta>` name, property or itemprop (lower case, trimmed) -> first non-empty content."""
        found: dict[str, str] = {}
        for node in self.selector.root.iter("meta"):
            content = (node.get("content") or "").strip()
            for attribute in ("property", "name", "itemprop"):
                name = (node.get(attribute) or "").strip().lower()
                if name and content:
                    found.setdefault(name, content)
        return MappingProxyType(found)

    @cached_property
    def linked_data(self) -> tuple[dict[str, Any], ...]:
        """JSON-LD objects in page order, lists and `@graph` flattened, common damage repaired."""
        scripts = self.selector.xpath('//script[@type="application/ld+json"]/text()').getall()
        return tuple(found for script in scripts for found in _objects(_repaired(script)))

    @cached_property
    def state(self) -> Any:
        """What a page's scripts start from: `__NEXT_DATA__`, `var allData = {...}` and the like."""
        named = '//script[@id="__NEXT_DATA__" or @id="js-initialData"]/text()'
        texts = self.selector.xpath(named).getall()
        for name in _STATES if not texts else ():
            at = self.text.find(name)
            if at >= 0 and (found := _ASSIGNED.match(self.text, at + len(name))):
                texts = [self.text[found.end() :]]
                break
        try:
            return loads(texts[0]) if texts else None
        except ExtractError:
            return None

    @cached_property
    def address(self) -> str:
        """The page's URL: as fetched, else as the page itself declares it, else empty."""
        if self.url:
            return self.url
        canonical = self.selector.xpath('//link[@rel="canonical"]/@href').get("").strip()
        return next((u for u in (canonical, self.metas.get("og:url", "")) if "//" in u), "")

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
