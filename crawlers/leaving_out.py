"""Which elements a CSS list names, asked of one element at a time.

What a page object leaves out of a text (`.advert, [style*="display:none"], figure`) is asked for
every element of a subtree that is walked anyway. An XPath for each selector would scan the
subtree once more for each; this looks at tag, id, classes and attributes only. Selectors with
combinators or pseudo-classes are left to XPath.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from lxml import etree
from parsel.csstranslator import HTMLTranslator

__all__ = ["leaves_out"]

_SIMPLE = re.compile(
    r"(?P<tag>[a-z][\w-]*)?(?P<rest>(?:#[\w-]+|\.[\w-]+|\[[^\]\s]*(?:\s[^\]]*)?\])*)"
)
_PART = re.compile(
    r"#(?P<id>[\w-]+)|\.(?P<cls>[\w-]+)"
    r"|\[(?P<name>[\w-]+)(?:(?P<op>[*^$~]?=)[\"']?(?P<value>[^\"'\]]*)[\"']?)?\]"
)
_REMEMBERED = 4096
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "": lambda shown, wanted: True,  # noqa: ARG005 - the attribute is there
    "=": lambda shown, wanted: shown == wanted,
    "*=": lambda shown, wanted: bool(wanted) and wanted in shown,
    "^=": lambda shown, wanted: bool(wanted) and shown.startswith(wanted),
    "$=": lambda shown, wanted: bool(wanted) and shown.endswith(wanted),
    "~=": lambda shown, wanted: wanted in shown.split(),
}


@dataclass(frozen=True, slots=True)
class _Rule:
    tag: str
    tests: tuple[tuple[str, str, str], ...]

    def fits(self, element: etree._Element) -> bool:
        if self.tag and element.tag != self.tag:
            return False
        for name, op, wanted in self.tests:
            shown = element.get(name)
            if shown is None or not _TESTS[op](shown, wanted):
                return False
        return True


@dataclass(frozen=True, slots=True)
class _List:
    """A CSS list: bare tags, values of one attribute, mixed rules, and the rest as CSS.

    `seen` remembers which values of an attribute fit: a page has few, its elements many.
    """

    tags: frozenset[str]
    values: Mapping[str, tuple[_Rule, ...]]
    mixed: tuple[_Rule, ...]
    rest: etree.XPath | None
    seen: dict[tuple[str, str], bool]

    def remembered(self, name: str, value: str, element: etree._Element) -> bool:
        """Whether this value of an attribute fits, from now on without asking its rules."""
        fits = any(rule.fits(element) for rule in self.values[name])
        if len(self.seen) < _REMEMBERED:
            self.seen[name, value] = fits
        return fits


def _rule(selector: str) -> _Rule | None:
    found = _SIMPLE.fullmatch(selector)
    if not found:
        return None
    parts = list(_PART.finditer(found["rest"]))
    if "".join(part.group() for part in parts) != found["rest"]:
        return None
    tests = [
        ("id", "=", part["id"])
        if part["id"]
        else ("class", "~=", part["cls"])
        if part["cls"]
        else (part["name"], part["op"] or "", part["value"] or "")
        for part in parts
    ]
    return _Rule(found["tag"] or "", tuple(tests))


@cache
def _compiled(css: str) -> _List:
    pairs = [(one, _rule(one)) for one in (part.strip() for part in css.split(",")) if one]
    rules = [rule for _, rule in pairs if rule is not None]
    rest = ", ".join(one for one, rule in pairs if rule is None)
    values: dict[str, tuple[_Rule, ...]] = {}
    for rule in rules:
        if not rule.tag and len(rule.tests) == 1:
            name = rule.tests[0][0]
            values[name] = (*values.get(name, ()), rule)
    return _List(
        frozenset(rule.tag for rule in rules if not rule.tests),
        values,
        tuple(rule for rule in rules if rule.tests and (rule.tag or len(rule.tests) > 1)),
        etree.XPath(HTMLTranslator().css_to_xpath(rest)) if rest else None,
        {},
    )


def leaves_out(node: etree._Element, css: str) -> Callable[[etree._Element], bool]:
    """A test for elements below `node`: whether the CSS list names them."""
    asked = _compiled(css)
    tags, names, seen, mixed = asked.tags, tuple(asked.values), asked.seen, asked.mixed
    named = frozenset(asked.rest(node)) if asked.rest else frozenset()

    def left_out(element: etree._Element) -> bool:
        if element.tag in tags or (named and element in named):
            return True
        for name in names:
            value = element.get(name)
            if value is not None:
                fits = seen.get((name, value))
                if fits or (fits is None and asked.remembered(name, value, element)):
                    return True
        return bool(mixed) and any(rule.fits(element) for rule in mixed)

    return left_out
