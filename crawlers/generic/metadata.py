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

_ITEMS = etree.XPath("//@itemprop/..")
_PROPERTIES = frozenset({"datePublished", "dateUpdate", "dateCreated", "headline"})
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

    def is_story(self) -> bool:
        """Whether JSON-LD calls the page a publisher's article, not a post of a forum."""
        kinds = (str(item.get("@type", "")) for item in self.data)
        return any("Article" in kind and "Posting" not in kind for kind in kinds)

    def linked(self, *keys: str) -> Iterator[Any]:
        """Values of JSON-LD properties, of articles before web pages."""
        for key in keys:
            for item in self.data:
                if item.get(key):
                    yield item[key]


def read_metadata(root: etree._Element) -> Metadata:
    """All metadata of a page; empty where there is none."""
    found = Metadata()
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name and (content := element.get("content")):
            found.named.setdefault(name.strip().lower(), []).append(" ".join(content.split()))
    for element in _ITEMS(root):
        name = element.get("itemprop")
        if name in _PROPERTIES and element.tag != "meta":
            value = element.get("datetime") or element.get("content") or "".join(element.itertext())
            found.named.setdefault(name.lower(), []).append(value.strip())
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
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
