r"""Rules that take one short string from a page, written as text: `kind:expression`.

    css:h1                text of the first non-empty match, white space collapsed
    css:a.time@title      an attribute of it
    last:.path a          the same, from the last match back
    words:.time           text with a space between pieces of markup
    xpath://h1/text()     the first non-empty string of an XPath
    meta:og:title         a `<meta>` by name, property or itemprop
    ld:author.name        a path into the page's JSON-LD
    state:props.pageProps a path into the state that the page's scripts start from
    json:data.list.0.id   a path into a JSON body
    re:"docid":"(.+?)"    first group (or match) of a regex on the decoded text
    url:/(\d+)\.html      the same on the page's URL
    query:path            a parameter of the URL's query, decoded

A page object writes its rules as one text, `field: rule | rule; field: rule`; the first rule that
finds something wins. `=> REGEX` behind any of them cuts the value down to its
first group (or the match). A rule text is its
own provenance. A rule never raises on a page that lacks what it asks for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from parsel import Selector

from crawlers.finding import Finder, xpath
from crawlers.flow import squash, text_of
from crawlers.view import View

__all__ = ["cut", "declared", "dig", "each", "hrefs_of", "number", "read_rule"]

_CUT = " => "
_TEXTS = etree.XPath(".//text()", smart_strings=False)
_END = re.compile(r";\s+|;$")
_SHOWN = 60  # characters of a rule that go into a row's provenance
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万萬千kKwW亿億])?")
_SCALE = {"千": 1e3, "k": 1e3, "K": 1e3, "w": 1e4, "W": 1e4, "万": 1e4, "萬": 1e4} | {
    "亿": 1e8,
    "億": 1e8,
}


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def cut(pattern: str, text: str) -> str:
    """The group `id`, else the first group, else the match of a regex, on one line; or empty."""
    match = _regex(pattern).search(text)
    if match is None:
        return ""
    named = match.groupdict().get("id")
    groups = (named,) if named else match.groups() or (match.group(),)
    return squash(next((group for group in groups if group), ""))


@cache
def declared(text: str) -> Mapping[str, tuple[str, ...]]:
    """A map written `field: rule | rule; field: rule` (rules are tried in that order)."""
    pairs = (" ".join(pair.split()).partition(": ") for pair in _END.split(text) if pair.strip())
    return MappingProxyType({name: tuple(rules.split(" | ")) for name, _, rules in pairs})


def dig(value: Any, path: str) -> Any:
    """Follow `a.b.0.c` through dicts and lists; None where the way ends."""
    for step in path.split("."):
        if isinstance(value, list) and step.lstrip("-").isdigit():
            index = int(step)
            value = value[index] if -len(value) <= index < len(value) else None
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0].get(step)
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def number(raw: str) -> int | None:
    """The first count in a text: `1,024`, `3.2万`, `回复: 17`; None where there is none."""
    if not (found := _COUNT.search(raw)):
        return None
    value = float(found[1].replace(",", ""))
    return round(value * _SCALE.get(found[2] or "", 1))


def _scalar(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(part for item in value if (part := _scalar(item)))
    if isinstance(value, dict):
        return _scalar(value.get("name"))
    return "" if value is None or isinstance(value, bool) else squash(str(value))


@cache
def _asked(css: str) -> tuple[str, str]:
    """`a.name@href` as CSS and the name of an attribute."""
    path, _, name = css.rpartition("@") if "@" in css else (css, "", "")
    return path, name


def each(node: Selector | Finder, css: str) -> Iterator[str]:
    """Values of `selector` (text) or `selector@name` (attribute) below a node, in page order."""
    path, name = _asked(css)
    if isinstance(node, Finder):
        found = node.elements(path) if path else (node.top.root,)
    else:
        found = [hit.root for hit in node.css(path)] if path else [node.root]
    for element in found:
        yield squash(element.get(name, "") if name else text_of(element))


def hrefs_of(view: View, rule: str) -> Iterator[str]:
    """The addresses that a rule (CSS with `@href`, or an XPath of strings) finds on a page."""
    if rule.startswith(("/", "(")):
        yield from map(str, xpath(view.selector, rule))
    elif rule:
        yield from each(view.finder, rule)


def _spaced(element: etree._Element) -> str:
    return " ".join(word for text in _TEXTS(element) for word in text.split())


_KINDS: Mapping[str, Callable[[str, View], Iterable[str]]] = MappingProxyType(
    {
        "css": lambda rest, view: each(view.finder, rest),
        "words": lambda rest, view: map(_spaced, view.finder.elements(rest)),
        "last": lambda rest, view: reversed(tuple(each(view.finder, rest))),
        "xpath": lambda rest, view: (squash(str(s)) for s in xpath(view.selector, rest)),
        "meta": lambda rest, view: (squash(view.embedded.metas.get(rest.lower(), "")),),
        "ld": lambda rest, view: (_scalar(dig(found, rest)) for found in view.embedded.linked_data),
        "state": lambda rest, view: (_scalar(dig(view.embedded.state, rest)),),
        "json": lambda rest, view: (_scalar(dig(view.json, rest)),),
        "re": lambda rest, view: (cut(rest, view.text),),
        "url": lambda rest, view: (cut(rest, view.address),),
        "query": lambda rest, view: parse_qs(urlsplit(view.address).query).get(rest, ()),
    }
)


def read_rule(rule: str, view: View) -> tuple[str, str]:
    """(value, provenance) of one rule on a page; the value is empty where the page has none."""
    body, _, pattern = rule.partition(_CUT)
    kind, _, rest = body.partition(":")
    provenance = "json-ld" if kind == "ld" else kind if kind == "url" else body[:_SHOWN]
    for value in _KINDS[kind](rest, view):
        kept = cut(pattern, value) if pattern else value
        if kept:
            return kept, provenance
    return "", provenance
