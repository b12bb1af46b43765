"""RSS, Atom, RDF and sitemaps: links, and articles where the feed carries their text.

Read by a forgiving XML parser that neither expands entities nor opens anything. An entry whose
text is only a teaser gives a link, no article: a teaser stored as an article would look like an
edit when the page itself is read.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from archive.model import Article, Kind, Link, Moment, PageClass
from crawlers.dates import read_time
from crawlers.generic.markup import plain_text

__all__ = ["breaks_off", "is_feed", "read_feed"]

_START = re.compile(
    r"\s*(?:\ufeff)?(?:<\?xml[^>]{0,200}\?>\s*)?(?:<\?[^>]{0,300}\?>\s*)*(?:<!--.{0,2000}?-->\s*)*"
    r"(?:<!DOCTYPE[^>]{0,200}>\s*)?<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex)\b",
    re.IGNORECASE | re.DOTALL,
)
_DECLARED = re.compile(r"^\s*\ufeff?\s*<\?xml[^>]{0,200}\?>")
_ENTRIES = frozenset({"item", "entry", "url", "sitemap"})
_FULL = ("encoded", "content")
_SHORT = ("description", "summary")
_TIMES = (
    "pubdate",
    "published",
    "date",
    "issued",
    "created",
    "publication_date",
    "updated",
    "modified",
)
_LEAST = 300  # characters from which a description is a text and no teaser
_MOST = 50_000


def is_feed(text: str) -> bool:
    """Whether a text is a feed or a sitemap, by its root element."""
    return _START.match(text[:6000]) is not None


def breaks_off(text: str) -> str:
    """What is wrong with a feed whose end, and so its later entries, are missing; else empty."""
    found = _START.match(text[:6000])
    if found is None or re.search(rf"</(?:\w+:)?{found[1]}\s*>", text[-2000:], re.IGNORECASE):
        return ""
    opened = text[found.start(1) :].partition(">")[0]
    return "" if opened.endswith("/") else "the feed breaks off before its end"


def read_feed(text: str, now: datetime) -> tuple[tuple[Article, ...], tuple[Link, ...]]:
    """Articles and links of a feed, in its order; empty where it is broken beyond reading."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, remove_pis=True
    )
    source = _DECLARED.sub("", text.replace("\0", ""))
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return (), ()
    articles: list[Article] = []
    links: dict[str, Link] = {}
    for entry in _entries(root):
        fields = _fields(entry)
        target = fields.get("link") or fields.get("loc") or fields.get("guid") or ""
        if not target.startswith(("http://", "https://")):
            continue
        moment = _time(fields, now)
        kind = PageClass.FEED if _local(entry) == "sitemap" else PageClass.ARTICLE
        links.setdefault(target, Link(target, kind, published=moment.at if moment else None))
        if article := _article(fields, target, moment):
            articles.append(article)
    return tuple(articles), tuple(links.values())


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _entries(root: etree._Element | None) -> Iterator[etree._Element]:
    if root is None:
        return
    for number, element in enumerate(root.iter("*")):
        if number > _MOST * 20:
            return
        if _local(element) in _ENTRIES:
            yield element


def _fields(entry: etree._Element) -> dict[str, str]:
    """The first value of each child by its local name; Atom's nested name and link are told."""
    found: dict[str, str] = {}
    for child in entry.iter("*"):
        name = _local(child)
        if child is entry:
            continue
        if name == "link" and child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                found.setdefault("link", child.get("href", "").strip())
            continue
        value = "".join(child.itertext()).strip() if name != "author" else _person(child)
        if value:
            found.setdefault(name, value)
    return found


def _person(element: etree._Element) -> str:
    names = [child.text or "" for child in element if _local(child) == "name"]
    return (names[0] if names else element.text or "").strip()


def _time(fields: dict[str, str], now: datetime) -> Moment | None:
    for name in _TIMES:
        if name in fields:
            moment = read_time(fields[name], now=now)
            if moment.at is not None:
                return moment
    return None


def _article(fields: dict[str, str], target: str, moment: Moment | None) -> Article | None:
    markup = next((fields[name] for name in _FULL if name in fields), "")
    if not markup:
        markup = next((fields[name] for name in _SHORT if name in fields), "")
        if len(markup) < _LEAST:
            return None
    text = plain_text(markup)
    title = plain_text(fields.get("title", "")).replace("\n", " ")
    if not text or not title:
        return None
    author = fields.get("creator") or fields.get("author") or ""
    return Article(
        article_id="",
        title=title,
        text=text,
        url=target,
        kind=Kind.NEWS,
        authors=(author,) if author and "@" not in author else (),
        section=fields.get("category"),
        published=moment,
        provenance={"title": "feed", "text": "feed", "published": "feed", "authors": "feed"},
    )
