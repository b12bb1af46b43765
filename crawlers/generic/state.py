"""Articles that a page carries as data in its scripts, for pages without text of their own.

Sites that render in the browser ship their data in the page: JSON script elements
(`__NEXT_DATA__`), or an assignment (`window.__NUXT__ = {...}`, `var allData = {...}`). Only
looked at where the visible text is too short to be an article. Limit: a state that is a
program (`function(a,b){...}`) is not run.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from crawlers.generic.markup import plain_text
from crawlers.generic.metadata import mend_json

__all__ = ["Embedded", "agree", "read_state", "states"]

_SCRIPTS = etree.XPath("//script[not(@src)]")
_ASSIGNED = re.compile(
    r"(?:window\.|var\s|let\s|const\s|self\.)\s{0,3}[\w.$\"'\[\]]{1,60}\s{0,3}=\s{0,3}(?=[{\[])"
)
_LONGEST = 4_000_000
_BUDGET = 30_000
_BODY = (
    "content",
    "body",
    "articleBody",
    "article_content",
    "articleContent",
    "originContent",
    "contentData",
    "contentHtml",
    "html",
    "text",
    "data",
    "blocks",
    "paragraphs",
)
_TITLE = ("title", "headline", "name", "subject", "articleTitle")
_TIME = (
    "publishTime",
    "publish_time",
    "pubTime",
    "published_at",
    "publishedAt",
    "publishDate",
    "newsTime",
    "createTime",
    "created_at",
    "createdAt",
    "datePublished",
    "date",
    "time",
)
_AUTHOR = ("author", "authors", "authorName", "author_name", "writer", "byline", "reporter")
_PIECES = frozenset({"text", "boldText", "italicText", "link", "bold", "italic"})
_DEEPEST = 6  # lists and objects within each other that hold one text
_LEAST = 12  # characters of a text worth calling an article
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Embedded:
    """An article as a script's data holds it; `time` and `author` are raw values."""

    text: str
    title: str = ""
    time: str = ""
    author: str = ""


def states(root: etree._Element) -> Iterator[Any]:
    """The JSON values that the scripts of a page carry."""
    for script in _SCRIPTS(root):
        source = script.text or ""
        if not 60 <= len(source) <= _LONGEST or "ld+json" in (script.get("type") or ""):
            continue
        if "json" in (script.get("type") or ""):
            value = mend_json(source)
            if value is not None:
                yield value
            continue
        for match in list(_ASSIGNED.finditer(source))[:20]:
            try:
                yield _DECODER.raw_decode(source, match.end())[0]
            except (ValueError, RecursionError):
                continue


def read_state(root: etree._Element, title: str) -> Embedded | None:
    """The longest text in the states of a page that stands beside a title, or None.

    One whose title is the page's `title` goes before any other.
    """
    best: Embedded | None = None
    rank = (False, 0)
    for state in states(root):
        for holder in _objects(state):
            named = _string(holder, _TITLE)
            body = max((_body(holder.get(key)) for key in _BODY), key=len)
            prose = len(body) >= _LEAST and ("<p" in body or "。" in body or ". " in body)
            if named and prose and (found := (agree(named, title), len(body))) > rank:
                best = Embedded(body, named, _string(holder, _TIME), _author(holder))
                rank = found
    best = best or _form(root)
    if best is None:
        return None
    text = plain_text(best.text)
    return replace(best, text=text) if len(text) >= _LEAST else None


def agree(one: str, other: str) -> bool:
    """Whether two titles are one, but for a site's name behind it."""
    one, other = "".join(one.split()), "".join(other.split())
    return len(one) >= 4 and len(other) >= 4 and (one in other or other in one)


def _form(root: etree._Element) -> Embedded | None:
    """A text that a page carries as markup in a hidden form field."""
    fields = [area.text or "" for area in root.iter("textarea")]
    body = max((text for text in fields if "<p" in text), key=len, default="")
    stamps = (text.strip() for text in fields if text.strip().isdigit())
    return Embedded(body, time=next(stamps, "")) if body else None


def _objects(state: Any) -> Iterator[dict[str, Any]]:
    queue: deque[Any] = deque([state])
    looked = 0
    while queue and looked < _BUDGET:
        value = queue.popleft()
        looked += 1
        if isinstance(value, dict):
            yield value
            queue.extend(item for item in value.values() if isinstance(item, dict | list))
        elif isinstance(value, list):
            queue.extend(item for item in value if isinstance(item, dict | list))


def _body(value: Any, depth: int = 0) -> str:
    """A text, or the texts of a list of blocks, as one string of markup."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth < _DEEPEST:
        pieces = depth > 1 and all(
            isinstance(item, dict) and item.get("type") in _PIECES for item in value
        )
        between = "" if pieces else "<br>"
        return between.join(filter(None, (_body(item, depth + 1) for item in value[:2000])))
    if isinstance(value, dict) and depth < _DEEPEST:
        if value.get("type") in {"image", "img", "video", "audio"}:
            return ""
        for key in (
            "text",
            "data",
            "content",
            "contentList",
            "html",
            "htmlTokens",
            "value",
            "children",
        ):
            if key in value and (found := _body(value[key], depth + 1)):
                return found
    return ""


def _author(holder: dict[str, Any]) -> str:
    """The names that stand beside a text, one or a list of them."""
    value = next((holder[key] for key in _AUTHOR if holder.get(key)), "")
    people = value[:8] if isinstance(value, list) else [value]
    names = (
        _string(one, ("name", "publishName")) if isinstance(one, dict) else one for one in people
    )
    return "、".join(name for name in names if isinstance(name, str))


def _string(holder: dict[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = holder.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return " ".join(str(value).split())
    return ""
