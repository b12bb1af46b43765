"""Any page of an unknown site into page data: the last reader, which always answers.

JSON and JSONP, feeds and sitemaps, and HTML each go to their reader. Nothing raises out of
here: what a reader cannot bear becomes a `Problem`, and the rest of the page is still read.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urljoin

from lxml import html

from archive.model import (
    Article,
    Capture,
    Comment,
    Link,
    PageClass,
    PageData,
    Problem,
    ThreadPage,
)
from crawlers.generic.article import Read, read_article, site_of
from crawlers.generic.counts import declared_count
from crawlers.generic.feed import is_feed, read_feed
from crawlers.generic.metadata import read_metadata
from crawlers.generic.payload import mine_json, mine_links, mine_opening
from crawlers.generic.scores import weight
from crawlers.generic.settle import settle
from crawlers.generic.state import states
from crawlers.generic.survey import Survey, survey
from crawlers.generic.threads import Mined, mine_survey
from crawlers.generic.title import find_title
from crawlers.parse import parse_html

__all__ = ["read_generic"]

_WRAPPED = re.compile(r"^\s*(?:(?:var|let|const)\s+)?[\w.$\[\]'\"]{1,80}\s*(?:=|\()\s*(?=[\[{])")
_JSON = re.compile(r"\s*\ufeff?\s*[\[{]")
_ARTICLE = 60.0  # weight of a text from which a page is an article
_MOST_LINKS = 2000
T = TypeVar("T")


def read_generic(capture: Capture, text: str) -> PageData:
    """What a page gives without any knowledge of its site; answers for every input."""
    now = capture.fetched_at
    try:
        if not text.strip("\0 \t\r\n\ufeff"):
            return PageData(PageClass.EMPTY, "no text")
        value = _json(capture, text)
        if value is not None:
            return _from_json(value, capture.url, now)
        if is_feed(text):
            articles, links = read_feed(text, now)
            return PageData(PageClass.FEED, "feed", articles=articles, links=links)
        return _from_html(text, capture.url, now)
    except Exception as error:  # noqa: BLE001 - the last reader answers for any input
        problem = Problem(f"generic reader: {type(error).__name__}", "page", str(error)[:200])
        return PageData(PageClass.OTHER, "unreadable", problems=(problem,))


def _json(capture: Capture, text: str) -> Any:
    """The JSON value of a response, unwrapped from JSONP or an assignment; else None."""
    start = text[:300]
    if not _JSON.match(start):
        kind = capture.header("content-type").lower()
        found = _WRAPPED.match(start)
        if not found or ("html" in kind and "<" in text[:2000]):
            return None
        text = text[found.end() :]
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text.strip("\ufeff \t\r\n"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _from_json(value: Any, url: str, now: datetime) -> PageData:
    comments = mine_json(value, url, now)
    opening = mine_opening(value, url, now)
    return PageData(
        PageClass.API,
        "json",
        articles=(opening,) if opening else (),
        comments=comments,
        links=() if comments else mine_links(value)[:_MOST_LINKS],
    )


def _from_html(text: str, url: str, now: datetime) -> PageData:
    problems: list[Problem] = []
    root = parse_html(text)
    seen = survey(root)
    if seen.cut:
        problems.append(Problem(f"page longer than {len(seen.lines)} lines: the rest is unread"))
    read = _tried(problems, "article", lambda: read_article(root, seen, url, now))
    after = read.article.published.at if read and read.article.published else None
    mined = _tried(problems, "comments", lambda: mine_survey(seen, url, now, after)) or Mined()
    settled = settle(read, mined)
    article, comments = settled.article, settled.comments
    if (bare := article) and not bare.title:
        article = _tried(problems, "title", lambda: _titled(bare, root, seen, url)) or bare
    if not comments:
        comments = _tried(problems, "state", lambda: _state_comments(root, seen, url, now)) or ()
    if not seen.lines and article is None and not comments:
        return PageData(PageClass.EMPTY, "no visible text", problems=tuple(problems))
    said = sum(len(comment.text) for comment in comments)
    page_class, reason = _class(seen, read, article, said)
    # An opening of one line, or links in the head of each remark, make no page a list.
    if settled.thread or (comments and page_class is PageClass.OTHER):
        page_class, reason = PageClass.THREAD, "remarks of readers"
    listed = page_class is PageClass.LIST
    return PageData(
        page_class,
        reason,
        articles=(article,) if article and not listed else (),
        comments=comments,
        links=_links(root, url) if listed else (),
        thread=ThreadPage("", _declared(seen, mined, len(comments))) if comments else None,
        problems=tuple(problems),
    )


def _declared(seen: Survey, mined: Mined, shown: int) -> int | None:
    starts = sorted(start for start, _, _ in mined.spans)[:2] or [0]
    return declared_count(seen.lines, starts[0], starts[-1], shown)


def _titled(article: Article, root: html.HtmlElement, seen: Survey, url: str) -> Article:
    """A thread without an article's text has a headline all the same."""
    title, where = find_title(root, seen, read_metadata(root))
    origin = {"title": where} if title else {}
    return replace(article, title=title, url=url, provenance={**article.provenance, **origin})


def _tried(problems: list[Problem], where: str, reader: Callable[[], T]) -> T | None:
    """What a reader gives; what it raises is kept as a problem and the page is read on."""
    try:
        return reader()
    except Exception as error:  # noqa: BLE001 - one part that fails must not lose the others
        reason = f"generic reader: {type(error).__name__}"
        problems.append(Problem(reason, where, str(error)[:200]))
        return None


def _state_comments(
    root: html.HtmlElement, seen: Survey, url: str, now: datetime
) -> tuple[Comment, ...]:
    """Remarks in the data of scripts, for pages that have nearly no text of their own."""
    if sum(len(line.text) for line in seen.lines[:200]) > 1500:
        return ()
    for state in states(root):
        if comments := mine_json(state, url, now):
            return comments
    return ()


def _class(
    seen: Survey, read: Read | None, article: Article | None, said: int
) -> tuple[PageClass, str]:
    """What the page is; `said`: characters of its remarks."""
    size = weight(article.text) if article else 0.0
    links = sum(min(line.links, len(line.text)) for line in seen.lines)
    total = sum(len(line.text) for line in seen.lines) or 1
    titled = sum(1 for line in seen.lines if line.links >= 8)
    if (
        titled >= 12
        and links > total * 0.4
        and size + said < links * 0.25
        and not (read and read.sure)
    ):
        return PageClass.LIST, "mostly links"
    if size >= _ARTICLE or (read and read.sure):
        return PageClass.ARTICLE, "text"
    return PageClass.OTHER, "little text"


def _links(root: html.HtmlElement, url: str) -> tuple[Link, ...]:
    """Titled links of a list page to its own site."""
    found: dict[str, Link] = {}
    host = site_of(url)
    for element in root.iter("a"):
        target = (element.get("href") or "").strip()
        if not target or target.startswith(("#", "javascript:", "mailto:")):
            continue
        if len("".join(element.itertext()).strip()) < 6:
            continue
        try:
            address = urljoin(url, target)
        except ValueError:
            continue
        if address.startswith("http") and host in address.partition("?")[0][:80]:
            found.setdefault(address, Link(address, PageClass.ARTICLE))
        if len(found) >= _MOST_LINKS:
            break
    return tuple(found.values())
