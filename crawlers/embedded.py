"""What a page says of itself: `<meta>` tags, JSON-LD, and the state that its scripts start from.

Sites break their JSON-LD (comments, raw newlines, trailing commas); that is mended. Everything is
read on first use, once a page.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from parsel import Selector

from archive.errors import ExtractError

__all__ = ["Embedded", "loads"]

_WRAPPED = re.compile(r"^\s*(?:/\*.*?\*/\s*)?(?:var\s+)?[\w$.]+\s*(?:\(|=)\s*", re.DOTALL)
_STATES = (
    *("allData", "window.DATA", "window.__INITIAL_STATE__", "window.__INITIAL_DATA__"),
    *("window.__NUXT__", "window.__staticRouterHydrationData"),
)
_NAMED = '//script[@id="__NEXT_DATA__" or @id="js-initialData" or @id="flarum-json-payload"]/text()'
_ASSIGNED = re.compile(r'\s*=\s*(?:JSON\.parse\((?=")|(?=\{))')
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


class Embedded:
    """The facts that stand in a page beside its text."""

    def __init__(self, page: Selector, text: str) -> None:
        self._page = page
        self._text = text

    @cached_property
    def metas(self) -> Mapping[str, str]:
        """`<meta>` name, property or itemprop (lower case, trimmed) -> first non-empty content."""
        found: dict[str, str] = {}
        for node in self._page.root.iter("meta"):
            content = (node.get("content") or "").strip()
            for attribute in ("property", "name", "itemprop"):
                name = (node.get(attribute) or "").strip().lower()
                if name and content:
                    found.setdefault(name, content)
        return MappingProxyType(found)

    @cached_property
    def linked_data(self) -> tuple[dict[str, Any], ...]:
        """JSON-LD objects in page order, lists and `@graph` flattened, common damage repaired."""
        scripts = self._page.xpath('//script[@type="application/ld+json"]/text()').getall()
        return tuple(found for script in scripts for found in _objects(_repaired(script)))

    @cached_property
    def state(self) -> Any:
        """What a page's scripts start from: `__NEXT_DATA__`, `var allData = {...}` and the like."""
        texts = self._page.xpath(_NAMED).getall()
        for name in _STATES if not texts else ():
            at = self._text.find(name)
            if at >= 0 and (found := _ASSIGNED.match(self._text, at + len(name))):
                texts = [self._text[found.end() :]]
                break
        try:
            found = loads(texts[0]) if texts else None
            return loads(found) if isinstance(found, str) else found  # JSON.parse("...")
        except ExtractError:
            return None
