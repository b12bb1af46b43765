"""One page read with everything said about it: what a maintainer opens when a site changes.

Beside what the page gave it tells which rule of the page object found which value, which rules
found nothing, how many of the remarks have each field, and where the links lead. Pure: bytes in,
plain data out; never raises for what the page holds.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from archive.errors import ShengluError
from archive.model import Article, Capture, Comment, Link, Moment, PageData
from crawlers.page import Reading, View, read_page
from crawlers.page_object import Page
from crawlers.registry import site_for, sites
from crawlers.rules import declared, read_rule

__all__ = ["inspect"]

_FIELDS = (
    *("article_id", "thread_id", "title", "text", "url", "kind", "authors", "author_id", "editor"),
    *("medium", "section", "published", "modified", "images", "reprint_source", "ip_region"),
    *("votes_up", "votes_down", "reply_count", "state"),
)
_REMARK = (
    *("comment_id", "author", "author_id", "text", "published", "floor", "parent_id", "ip_region"),
    *("reaction", "votes_up", "votes_down", "reply_count"),
)
_SHOWN = 5
_LINKS = 3


def inspect(capture: Capture, site_name: str = "") -> dict[str, Any]:
    """What the page gave, field by field, by the named site's page objects or the ones it finds."""
    view = View(capture)
    site = sites()[site_name] if site_name else None
    if site is None and capture.body and view.facts() is not None:
        site = site_for(view)
    pages: Sequence[type[Page]] = site.pages if site else ()
    reading = read_page(view, pages)
    page = next((one for one in pages if one.parser() == reading.parser), None)
    data = reading.data
    facts = view.facts() if capture.body else None
    return {
        "url": capture.url or view_address(view),
        "site": site.name if site else None,
        "parser": reading.parser,
        "page_class": str(data.page_class),
        "reason": data.reason,
        "bytes": len(capture.body),
        "charset": facts.charset if facts else None,
        "fields": _fields(reading, page, view),
        "missed": _missed(data, page, view),
        "comments": _comments(data.comments),
        "links": _links(data.links),
        "thread": _thread(data),
        "problems": [f"{p.where}: {p.reason}" for p in data.problems],
    }


def view_address(view: View) -> str | None:
    """The address that the page gives itself, where it can be read at all."""
    try:
        return view.address or None
    except (ShengluError, ValueError):
        return None


def _value(value: Any) -> Any:
    if isinstance(value, Moment):
        at = value.at.isoformat() if value.at else None
        return {"at": at, "raw": value.raw, "precision": value.precision, "method": value.method}
    return list(value) if isinstance(value, tuple) else value


def _fields(reading: Reading, page: type[Page] | None, view: View) -> list[dict[str, Any]]:
    """Every field of the article: its value, and where that came from."""
    if not reading.data.articles:
        return _by_rules(page, view)
    article: Article = reading.data.articles[0]
    rows = []
    for name in _FIELDS:
        value = _value(getattr(article, name))
        empty = value in (None, "", [])
        origin = article.provenance.get(name)
        if name == "article_id":  # a thread's article has the thread's id
            origin = origin or article.provenance.get("thread_id")
        rows.append({"field": name, "value": None if empty else value, "from": origin})
    return rows


def _by_rules(page: type[Page] | None, view: View) -> list[dict[str, Any]]:
    """A page without an article: what the rules of its page object find on it."""
    found = {name: _first(rules, view) for name, rules in _rules(page).items()}
    return [{"field": n, "value": v or None, "from": r or None} for n, (v, r) in found.items()]


def _rules(page: type[Page] | None) -> dict[str, tuple[str, ...]]:
    return dict(declared(page.rules)) if page else {}


def _first(rules: Iterable[str], view: View) -> tuple[str, str]:
    for rule in rules:
        if (value := _found(rule, view)) and not value.startswith("\0"):
            return value, rule
    return "", ""


def _found(rule: str, view: View) -> str:
    try:
        return read_rule(rule, view)[0]
    except Exception as error:  # noqa: BLE001 - a broken rule is what this tool is there to show
        return f"\0{type(error).__name__}: {error}"


def _missed(data: PageData, page: type[Page] | None, view: View) -> list[dict[str, Any]]:
    """The rules that find nothing on this page, by field; `lost` where no rule finds anything."""
    if data.reason == "undecodable":
        return []
    rows = []
    for name, rules in _rules(page).items():
        found = {rule: _found(rule, view) for rule in rules}
        silent = [rule for rule, value in found.items() if not value or value[0] == "\0"]
        lost = len(silent) == len(rules)
        tried = [f"{rule}  ({found[rule][1:]})" if found[rule] else rule for rule in silent]
        if tried:
            rows.append({"field": name, "lost": lost, "rules": tried})
    return sorted(rows, key=lambda row: not row["lost"])


def _comments(comments: Sequence[Comment]) -> dict[str, Any]:
    """How many there are, how many of them have each field, and the first few."""

    def has(comment: Comment, name: str) -> bool:
        value = getattr(comment, name)
        return value.at is not None if isinstance(value, Moment) else value not in (None, "")

    counts = {name: sum(has(one, name) for one in comments) for name in _REMARK}
    first = [{n: _value(getattr(one, n)) for n in _REMARK} for one in comments[:_SHOWN]]
    states = Counter(str(one.state) for one in comments)
    return {"count": len(comments), "with": counts, "states": dict(states), "first": first}


def _links(links: Sequence[Link]) -> dict[str, Any]:
    kinds = Counter(str(link.kind) for link in links)
    return {
        kind: {"count": count, "first": [k.url for k in links if str(k.kind) == kind][:_LINKS]}
        for kind, count in kinds.items()
    }


def _thread(data: PageData) -> dict[str, Any] | None:
    if (walk := data.thread) is None:
        return None
    return {
        "thread_id": walk.thread_id,
        "declared": walk.declared,
        "page": walk.page,
        "stop": str(walk.stop) if walk.stop else None,
    }
