"""Which elements a CSS list names, asked of one element at a time.

What a page object leaves out of a text (`.advert, [style*="display:none"], figure`) is asked for
every element of a subtree that is walked anyway. An XPath for each selector would scan the
subtree once more for each; this looks at tag, id, classes and attributes only. Selectors with
combinators or pseudo-classes are left to XPath.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from lxml import etree
from parsel import Selector

__all__ = ["leaves_out"]

_SIMPLE = re.compile(
    r"(?P<tag>[a-z][\w-]*)?(?P<rest>(?:#[\w-]+|\.[\w-]+|\[[^\]\s]*(?:\s[^\]]*)?\])*)"
)
_PART = re.compile(
    r"#(?P<id>[\w-]+)|\.(?P<cls>[\w-]+)"
    r"|\[(?P<name>[\w-]+)(?:(?P<op>[*^$~]?=)[\"']?(?P<value>[^\"'\]]*)[\"']?)?\]"
)
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
def _compiled(css: str) -> tuple[tuple[_Rule, ...], str]:
    """Rules for the simple selectors of a list, and the others as CSS."""
    pairs = [(one, _rule(one)) for one in (part.strip() for part in css.split(",")) if one]
    rules = tuple(rule for _, rule in pairs if rule is not None)
    return rules, ", ".join(one for one, rule in pairs if rule is None)


def _by_tag_only(rules: Iterable[_Rule]) -> frozenset[str]:
    return frozenset(rule.tag for rule in rules if not rule.tests)


def leaves_out(node: Selector, css: str) -> Callable[[etree._Element], bool]:
    """A test for elements below `node`: whether the CSS list names them."""
    rules, rest = _compiled(css)
    named = frozenset(found.root for found in node.css(rest)) if rest else frozenset()
    tags = _by_tag_only(rules)
    tested = tuple(rule for rule in rules if rule.tests)

    def test(element: etree._Element) -> bool:
        if element.tag in tags or (named and element in named):
            return True
        return bool(element.keys()) and any(rule.fits(element) for rule in tested)

    return test
