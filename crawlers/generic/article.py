"""An article out of a page whose site is not known.

Order of trust: what the page says of itself in validated metadata, the byline, the visible
text by its density, and a script's embedded state where the page has no text of its own.
"""

from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from archive.model import Article, Kind
from crawlers.generic.body import Body, find_body
from crawlers.generic.around import look_around, own_names
from crawlers.generic.byline import read_credits
from crawlers.generic.metadata import Metadata, read_metadata
from crawlers.generic.published import find_published
from crawlers.generic.survey import Survey, survey
from crawlers.generic.title import find_title
from crawlers.parse import parse_html

__all__ = ["extract_article", "read_article"]



def extract_article(
    root: html.HtmlElement | None, html_text: str, url: str, now: datetime
) -> Article | None:
    """The article of a page, or None where no text was found; `now` is the time of the fetch."""
    tree = root if root is not None else parse_html(html_text)
    return read_article(tree, survey(tree), url, now)


def read_article(
    root: html.HtmlElement, seen: Survey, url: str, now: datetime
) -> Article | None:
    """The same, of a page that has been surveyed."""
    meta = read_metadata(root)
    title, title_from = find_title(root, seen, meta)
    hint = meta.first("og:description", "description", "twitter:description")[0]
    body = find_body(seen, title, hint, _site(url))
    if not body.lines:
        return None
    around = look_around(seen, body, title)
    names = read_credits(around, body.lines, meta, own_names(root, meta, title, url))
    published, published_from = find_published(root, (around.header, around.tail), meta, url, now)
    origin = {
        "title": title_from,
        "text": "generic",
        "authors": names.authors_from,
        "medium": names.medium_from,
        "editor": "byline" if names.editor else "",
        "published": published_from,
    }
    return Article(
        article_id="",
        title=title,
        text=body.text,
        url=url,
        kind=Kind.NEWS,
        authors=names.authors,
        editor=names.editor,
        medium=names.medium,
        section=meta.first("article:section", "og:article:section")[0] or None,
        published=published,
        images=_images(seen, body, url),
        provenance={name: where for name, where in origin.items() if where},
    )


def _site(url: str) -> str:
    """The host without its first label: one site's hosts differ there."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.partition(".")[2] if host.count(".") > 1 else host


def _images(seen: Survey, body: Body, url: str) -> tuple[str, ...]:
    """Pictures within the text, lazy ones by the address that they would load."""
    found: dict[str, None] = {}
    for line, element in seen.images:
        if body.first <= line <= body.last:
            source = _source(element)
            if source:
                found[urljoin(url, source)] = None
    return tuple(found)


def _source(element: etree._Element) -> str:
    for name in ("data-original", "data-src", "data-lazy-src", "file", "zoomfile", "src"):
        value = (element.get(name) or "").strip()
        if value and not value.startswith("data:") and len(value) < 2000:
            return value
    return ""
