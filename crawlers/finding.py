"""CSS on a page or a part of it, answered from an index of ids and classes where that is possible.

A page object asks a page twenty questions such as `#endText`, `.post_info a` or
`[id^=postnum]`, and most of them find nothing. As XPath each scans the whole tree; from one index
built in a single pass, a miss costs nothing and a hit only its subtree. What the index cannot
answer (other attributes first, other combinators) goes to lxml, as XPath that is compiled once.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from lxml import etree
from parsel import Selector
from parsel.csstranslator import HTMLTranslator

__all__ = ["Finder", "xpath"]

_FIRST = re.compile(
    r"(?P<tag>[a-z][\w-]*)?(?P<marks>(?:[#.][\w-]+|\[id\^=[\w-]+\])+)(?:\s+(?P<rest>[a-z.#\[*].*))?"
)
_MARK = re.compile(r"[#.][\w-]+|\[id\^=[\w-]+\]")
_COMBINED = re.compile(r"[>+~]")
_QUOTED = re.compile(r"\[[^\]]*\]|\([^)]*\)")

_Placed = tuple[int, etree._Element]  # noqa: SLF001 - lxml's only name for the type
_Index = dict[str, list[_Placed]]


@cache
def _plan(css: str) -> tuple[tuple[str, str, frozenset[str], str], ...] | None:
    """(tag, id, classes, rest) of each selector of a list; None where the index is no help."""
    plan = []
    for one in css.split(","):
        found = _FIRST.fullmatch(one.strip())
        if not found or _COMBINED.search(_QUOTED.sub("", one)):
            return None
        marks = _MARK.findall(found["marks"])
        ids = [mark[1:] for mark in marks if mark[0] == "#"]
        ids += [f"^{mark[5:-1]}" for mark in marks if mark[0] == "["]
        classes = frozenset(mark[1:] for mark in marks if mark[0] == ".")
        plan.append((found["tag"] or "", ids[0] if ids else "", classes, found["rest"] or ""))
    return tuple(plan)


@cache
def _compiled(css: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(css), smart_strings=False)


@cache
def _path(expression: str) -> etree.XPath:
    return etree.XPath(expression, smart_strings=False)


def xpath(node: Selector, expression: str) -> list[Any]:
    """The elements or strings of an XPath below a node; it is compiled once, not on every page."""
    found = _path(expression)(node.root)
    return found if isinstance(found, list) else [found]


_place = itemgetter(0)


@lru_cache(maxsize=4096)
def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _indexed(top: etree._Element) -> tuple[_Index, _Index]:
    ids: defaultdict[str, list[_Placed]] = defaultdict(list)
    classes: defaultdict[str, list[_Placed]] = defaultdict(list)
    for place, element in enumerate(top.iter(etree.Element)):
        if (name := element.get("id")) is not None:
            ids[name].append((place, element))
        if (names := element.get("class")) is not None:
            classes[names].append((place, element))
    ids.default_factory = classes.default_factory = None
    return ids, classes


class Finder:
    """The elements of a page, or below one node, by id and by class in document order."""

    def __init__(self, top: Selector, whole: "Finder | None" = None) -> None:
        self.top = top
        # Never itself: a circle would keep every page's tree until the garbage collector comes.
        self._whole = whole
        self._ids: _Index = {}
        self._classes: _Index = {}
        self._values: dict[frozenset[str], list[str]] = {}
        if whole is None:
            self._ids, self._classes = _indexed(top.root)

    def css(self, css: str) -> list[Selector]:
        """What `Selector.css` finds, except that a list's selectors are answered one by one."""
        return [Selector(root=element, type="html") for element in self.elements(css)]

    def elements(self, css: str) -> Iterable[etree._Element]:
        """The same as elements."""
        plan = _plan(css)
        if plan is None:
            return list(_compiled(css)(self.top.root))
        found: dict[etree._Element, None] = {}
        for tag, name, classes, rest in plan:
            for element in self._first(tag, name, classes):
                if rest:
                    hits = _compiled(rest)(element)
                    found.update(dict.fromkeys(hit for hit in hits if hit is not element))
                else:
                    found[element] = None
        return list(found)

    def _first(self, tag: str, name: str, classes: frozenset[str]) -> Iterator[etree._Element]:
        if name:
            held = self._named(name)
        else:
            whole = self._whole or self
            keys = [key for key in whole.values_with(classes) if key in self._classes]
            if not keys:
                return
            held = self._classes[keys[0]]
            if len(keys) > 1:
                held = sorted((placed for key in keys for placed in self._classes[key]), key=_place)
        for _, element in held:
            if (not tag or element.tag == tag) and (
                not name or classes <= _words(element.get("class", ""))
            ):
                yield element

    def values_with(self, classes: frozenset[str]) -> list[str]:
        """The class attributes that stand on the page and hold all of these classes."""
        known = self._values.get(classes)
        if known is None:
            known = [key for key in self._classes if classes <= _words(key)]
            self._values[classes] = known
        return known

    def _named(self, name: str) -> list[_Placed]:
        if not name.startswith("^"):
            return self._ids.get(name, [])
        begins = name[1:]
        return [
            placed for key, held in self._ids.items() if key.startswith(begins) for placed in held
        ]

    def parts(self, nodes: Iterable[Selector]) -> dict[etree._Element, "Finder"]:
        """A finder for each of these nodes, out of this one's index: the tree is not read again.

        A node inside another one belongs to both.
        """
        parts = {node.root: Finder(node, self) for node in nodes}
        owners: dict[etree._Element | None, tuple[Finder, ...]] = {None: ()}
        for index, name in ((self._ids, "_ids"), (self._classes, "_classes")):
            for key, held in index.items():
                for placed in held:
                    for part in _owners(placed[1], parts, owners):
                        getattr(part, name).setdefault(key, []).append(placed)
        return parts


def _owners(
    element: etree._Element,
    parts: dict[etree._Element, Finder],
    known: dict[etree._Element | None, tuple[Finder, ...]],
) -> tuple[Finder, ...]:
    """The parts that an element stands in, its ancestors being asked once."""
    path: list[etree._Element] = []
    above: etree._Element | None = element
    while above not in known:
        assert above is not None  # noqa: S101 - None is known from the start
        path.append(above)
        above = above.getparent()
    found = known[above]
    for one in reversed(path):
        part = parts.get(one)
        found = known[one] = (*found, part) if part else found
    return found
