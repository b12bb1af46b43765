"""An article out of a page whose site is not known.

Order of trust: what the page says of itself in validated metadata, the byline, the visible
text by its density, and a script's embedded state where the page has no text of its own.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from archive.model import Article, Kind, Precision
from crawlers.dates import read_time
from crawlers.generic.around import Around, look_around, own_names
from crawlers.generic.body import Body, find_body
from crawlers.generic.byline import clean_names, read_credits
from crawlers.generic.markup import plain_text
from crawlers.generic.metadata import Metadata, read_metadata
from crawlers.generic.noise import is_noise
from crawlers.generic.published import find_published
from crawlers.generic.scores import weight
from crawlers.generic.state import Embedded, agree, read_state
from crawlers.generic.survey import Survey, survey
from crawlers.generic.title import find_title, headline_above, names_the_site
from crawlers.parse import parse_html

__all__ = ["Read", "extract_article", "read_article", "site_of"]

_CLOCK = re.compile(r"(?:香港|北京|台北|臺北)?(?:时间|時間)\s?\d{1,2}\s?[時时:]")
_SHORT = 60.0  # weight of a text below which the page is asked for another


@dataclass(frozen=True, slots=True)
class Read:
    """An article and where in the page its text stands.

    `called`: the page calls itself an article; `sure`: it does, or it shows a time of day.
    """

    article: Article
    body: Body
    sure: bool = False
    called: bool = False


def extract_article(
    root: html.HtmlElement | None, html_text: str, url: str, now: datetime
) -> Article | None:
    """The article of a page, or None where no text was found; `now` is the time of the fetch."""
    tree = root if root is not None else parse_html(html_text)
    read = read_article(tree, survey(tree), url, now)
    return read.article if read else None


def read_article(root: html.HtmlElement, seen: Survey, url: str, now: datetime) -> Read | None:
    """The same, of a page that has been surveyed."""
    meta = read_metadata(root)
    title, title_from = find_title(root, seen, meta)
    hint = meta.first("og:description", "description", "twitter:description")[0]
    body = find_body(seen, title, hint, site_of(url))
    title, title_from, body = _headed(seen, title, title_from, body)
    text, text_from, hidden = body.text, "generic", None
    if weight(text) < _SHORT:
        hidden, text_from = _elsewhere(root, meta, title, text)
        text = _own_lines(hidden.text) if hidden else text
    if not text:
        return None
    around = look_around(seen, body, title) if body.lines else Around()
    names = read_credits(around, body.lines, meta, own_names(root, meta, title, url))
    lines = (*around.header, *(part for part in around.parts if part not in around.header))
    if hidden and hidden.author and not names.authors:
        given = clean_names(hidden.author, own_names(root, meta, title, url))
        names = replace(names, authors=given, authors_from="state" if given else "")
    closing = _joined([*around.tail, *(line for line in body.lines[-2:] if len(line) < 40)])
    places = (lines, closing, around.marks)
    published, published_from = find_published(root, places, meta, url, now)
    if published is None and hidden and (moment := read_time(hidden.time or "", now=now)).at:
        published, published_from = moment, "state"
    origin = {
        "title": title_from,
        "text": text_from,
        "authors": names.authors_from,
        "medium": names.medium_from,
        "editor": "byline" if names.editor else "",
        "published": published_from,
    }
    article = Article(
        article_id="",
        title=title or (hidden.title if hidden else ""),
        text=text,
        url=url,
        kind=Kind.NEWS,
        authors=names.authors,
        editor=names.editor,
        medium=names.medium,
        section=meta.first("article:section", "og:article:section")[0] or None,
        published=published,
        images=_images(seen, body, url),
        reprint_source=names.reprint,
        provenance={name: where for name, where in origin.items() if where},
    )
    dated = published is not None and published.precision in {Precision.MINUTE, Precision.SECOND}
    called = meta.first("og:type")[0].startswith("article") or meta.is_story()
    return Read(article, body, called or (dated and published_from != "script"), called)


def _elsewhere(
    root: html.HtmlElement, meta: Metadata, title: str, text: str
) -> tuple[Embedded | None, str]:
    """A text from JSON-LD or a script's data, where it is much longer than the visible one."""
    found = max((v for v in meta.linked("articleBody") if isinstance(v, str)), key=len, default="")
    if len(found) > 2 * len(text):
        return Embedded(plain_text(found)), "json-ld"
    state = read_state(root, title)
    if state is None or len(state.text) <= 2 * len(text):
        return None, "generic"
    sure = not text or agree(state.title, title)
    return (state, "state") if sure else (None, "generic")


def _stands(seen: Survey, title: str) -> bool:
    """Whether the page shows its title, or a line that is the greater part of it."""
    key = "".join(title.split())
    return any(
        len(line.text) * 3 > len(title) and "".join(line.text.split()) in key
        for line in seen.lines[:400]
    )


def _headed(seen: Survey, title: str, origin: str, body: Body) -> tuple[str, str, Body]:
    """The headline by the text, for a title that is the site's name or stands nowhere on the page.

    A headline that opens the text is taken out of it.
    """
    if not body.numbers or not title:
        return title, origin, body
    if names_the_site(title):
        above = headline_above(seen, body.numbers[0])
    elif origin == "css:title" and not _stands(seen, title):
        above = headline_above(seen, body.numbers[0], headings=True)
        if above and len(body.lines) > 1 and body.lines[0] == above:
            body = replace(body, lines=body.lines[1:], numbers=body.numbers[1:])
    else:
        above = ""
    return (above, "css:heading", body) if above else (title, origin, body)


def _joined(lines: list[str]) -> tuple[str, ...]:
    """Lines, with one that is a time of day (香港時間17時45分) behind the date above it."""
    pairs = pairwise(lines)
    timed = [f"{date} {clock}" for date, clock in pairs if len(date) < 40 and _CLOCK.match(clock)]
    return (*timed, *lines)


def _own_lines(text: str) -> str:
    """A text without its lines of credits and notices."""
    return "\n".join(line for line in text.split("\n") if line and not is_noise(line))


def site_of(url: str) -> str:
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
