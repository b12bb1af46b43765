"""CSS on a page or a part of it, answered from an index of ids and classes where that is possible.

A page object asks a page twenty questions such as `#endText`, `.post_info a` or
`[id^=postnum]`, and most of them find nothing. As XPath each scans the whole tree; from one index
built in a single pass, a miss costs nothing and a hit only its subtree. What the index cannot
answer (other attributes first, other combinators) goes to parsel as before. Results are parsel
selectors.
"""

import re
from collections import defaultdict
from functools import cache

from lxml import etree
from parsel import Selector

__all__ = ["Finder"]

_MARKED = etree.XPath("descendant-or-self::*[@id or @class]")

_FIRST = re.compile(
    r"(?P<tag>[a-z][\w-]*)?(?P<marks>(?:[#.][\w-]+|\[id\^=[\w-]+\])+)(?:\s+(?P<rest>[a-z.#\[*].*))?"
)
_MARK = re.compile(r"[#.][\w-]+|\[id\^=[\w-]+\]")
_COMBINED = re.compile(r"[>+~]")
_QUOTED = re.compile(r"\[[^\]]*\]|\([^)]*\)")


@cache
def _plan(css: str) -> tuple[tuple[str, str, tuple[str, ...], str], ...] | None:
    """(tag, id, classes, rest) of each selector of a list; None where the index is no help."""
    plan = []
    for one in css.split(","):
        found = _FIRST.fullmatch(one.strip())
        if not found or _COMBINED.search(_QUOTED.sub("", one)):
            return None
        marks = _MARK.findall(found["marks"])
        ids = [mark[1:] for mark in marks if mark[0] == "#"]
        ids += [f"^{mark[5:-1]}" for mark in marks if mark[0] == "["]
        classes = tuple(mark[1:] for mark in marks if mark[0] == ".")
        plan.append((found["tag"] or "", ids[0] if ids else "", classes, found["rest"] or ""))
    return tuple(plan)


class Finder:
    """The elements of a page, or below one node, by id and by class in document order."""

    def __init__(self, top: Selector) -> None:
        self.top = top
        self._ids: dict[str, list[etree._Element]] = defaultdict(list)
        self._classes: dict[str, list[etree._Element]] = defaultdict(list)
        for element in _MARKED(top.root):
            if name := element.get("id"):
                self._ids[name].append(element)
            for name in (element.get("class") or "").split():
                self._classes[name].append(element)

    def css(self, css: str) -> list[Selector]:
        """What `Selector.css` finds, except that a list's selectors are answered one by one."""
        plan = _plan(css)
        if plan is None:
            return list(self.top.css(css))
        found: dict[etree._Element, Selector] = {}
        for tag, name, classes, rest in plan:
            for element in self._first(tag, name, classes):
                node = Selector(root=element, type="html")
                for hit in node.css(rest) if rest else (node,):
                    if hit.root is not element or not rest:
                        found.setdefault(hit.root, hit)
        return list(found.values())

    def _first(self, tag: str, name: str, classes: tuple[str, ...]) -> list[etree._Element]:
        if name.startswith("^"):
            begins = name[1:]
            held = [e for key, found in self._ids.items() if key.startswith(begins) for e in found]
        else:
            held = (self._ids.get(name) if name else self._classes.get(classes[0])) or []
        return [
            element
            for element in held
            if (not tag or element.tag == tag)
            and set(classes) <= set((element.get("class") or "").split())
        ]
