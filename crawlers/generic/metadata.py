"""What a page says of itself apart from its text: JSON-LD, OpenGraph, other meta elements.

JSON-LD is taken only where it describes an article or a post. Blocks that are broken in the
ways that sites break them (JavaScript comments, raw newlines, trailing commas, wrappers) are
mended; a block that is still no JSON is left out.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

__all__ = ["Metadata", "mend_json", "read_metadata"]

_SCRIPTS = etree.XPath("//script[contains(@type, 'ld+json')]")
_METAS = etree.XPath("//meta[@content]")
_ITEMS = etree.XPath(
    "//*[@itemprop='datePublished' or @itemprop='dateUpdate' or @itemprop='headline'"
    " or @itemprop='dateCreated']"
)
_ARTICLES = re.compile(r"Article$|Posting$|Report$|^NewsItem|^Review$|^WebPage$|^Question$")
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r",(?=\s*[}\]])")
_WRAPPER = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*;?\s*$")
_LONGEST = 2_000_000


@dataclass(slots=True)
class Metadata:
    """Named values as the page gives them, first first; `data` are its JSON-LD articles."""

    named: dict[str, list[str]] = field(default_factory=dict)
    data: list[dict[str, Any]] = field(default_factory=list)

    def first(self, *names: str) -> tuple[str, str]:
        """The first value among `names` that is not empty, and its name."""
        for name in names:
            for value in self.named.get(name, ()):
                if value:
                    return value, name
        return "", ""

    def linked(self, *keys: str) -> Iterator[Any]:
        """Values of JSON-LD properties, of articles before web pages."""
        for key in keys:
            for item in self.data:
                if item.get(key):
                    yield item[key]


def read_metadata(root: etree._Element) -> Metadata:
    """All metadata of a page; empty where there is none."""
    found = Metadata()
    for element in _METAS(root):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name:
            content = " ".join(element.get("content").split())
            found.named.setdefault(name.strip().lower(), []).append(content)
    for element in _ITEMS(root):
        value = element.get("datetime") or element.get("content") or "".join(element.itertext())
        if element.tag != "meta":
            found.named.setdefault(element.get("itemprop").lower(), []).append(value.strip())
    for script in _SCRIPTS(root):
        found.data.extend(_articles(mend_json(script.text or "")))
    found.data.sort(key=lambda item: str(item.get("@type")) == "WebPage")
    return found


def mend_json(text: str) -> Any:
    """The value of a JSON text, mended where it can be, else None."""
    if len(text) > _LONGEST:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    text = _WRAPPER.sub("", _WRAPPER.sub("", text)).strip().rstrip(";")
    text = _COMMENT.sub(lambda match: match[1] or "", text)
    try:
        return json.loads(_TRAILING.sub("", text), strict=False)
    except (ValueError, RecursionError):
        return None


def _articles(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value[:200]:
            yield from _articles(item, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type", "")
        kind = kinds if isinstance(kinds, str) else " ".join(map(str, kinds)) if kinds else ""
        if any(_ARTICLES.search(name) for name in kind.split()) or "pubDate" in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if isinstance(value.get(key), list | dict):
                yield from _articles(value[key], depth + 1)
