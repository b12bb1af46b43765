"""One walk over a page: its lines of text, and the boxes that they stand in.

Every reader of unknown pages (body, byline, threads) works on this flat picture instead of the
tree, so the tree is walked once. A `Line` is the text of one block up to a line break; a `Box`
is a block-level element, and holds the lines `first` up to `last`. Inline elements are no boxes;
they are kept as `Mark`s of their line. The tree is not changed.

Left out: scripts, styles, controls, drawings, navigation, and short hidden text (anti-copy
noise).
Limits: elements nested deeper than `_DEEPEST` are not looked into; after `_MOST` lines or
boxes the walk ends, and `Survey.cut` says so.
"""

import re

from lxml import etree, html

from crawlers.generic.noise import is_control

__all__ = ["Box", "Line", "Mark", "Survey", "survey"]

_DEEPEST = 300
_MOST = 10_000  # lines, and boxes, of a page; what people read has fewer


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIP = _words(
    "script style noscript template svg iframe object embed canvas select option button input "
    "textarea head link meta title audio video map area datalist dialog math applet nav"
)
_SPECIAL = _SKIP | {"img"}
_INLINE = _words(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o q rp "
    "rt ruby s samp small span strike strong sub sup time tt u var wbr picture source"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_EMOJI = re.compile(r"\[[^\[\]]{1,6}\]")  # [微笑], as it stands for the picture in the text
_HIDDEN = etree.XPath("//@style[contains(., 'none')]/.. | //@hidden/.. | //font[@class='jammer']")
_TEXT = etree.XPath("string()", smart_strings=False)
_HIDDEN_TEXT = 300  # characters; a longer hidden part is text that a script unfolds


class Mark:
    """An inline element of a line, and its text."""

    __slots__ = ("element", "tag", "text")

    def __init__(self, element: etree._Element, tag: str, text: str) -> None:
        self.element = element
        self.tag = tag
        self.text = text

    @property
    def cls(self) -> str:
        """Class and id, lower case."""
        return f"{self.element.get('class', '')} {self.element.get('id', '')}".lower()


class Line:
    """The text of a block up to a line break; `links` counts its characters within links."""

    __slots__ = ("box", "links", "marks", "text")

    def __init__(self, text: str, links: int, box: int, marks: list[Mark]) -> None:
        self.text = text
        self.links = links
        self.box = box
        self.marks = marks


class Box:
    """A block-level element: its place in the page and the range of its lines."""

    __slots__ = ("cls", "depth", "element", "first", "last", "parent", "tag")

    def __init__(self, element: etree._Element, parent: int, depth: int, first: int) -> None:
        self.element = element
        self.tag = str(element.tag)
        self.cls = f"{element.get('class', '')} {element.get('id', '')}".lower()
        self.parent = parent
        self.depth = depth
        self.first = first
        self.last = first


class Survey:
    """What the walk saw: `boxes` in document order, `lines`, and images by the line before them."""

    __slots__ = (
        "_hidden",
        "_links",
        "_marks",
        "_parts",
        "_sizes",
        "boxes",
        "cut",
        "images",
        "lines",
        "metas",
    )

    def __init__(self, hidden: frozenset[etree._Element] = frozenset()) -> None:
        self._hidden = hidden
        self.boxes: list[Box] = []
        self.lines: list[Line] = []
        self.images: list[tuple[int, etree._Element]] = []
        self.metas: list[tuple[int, etree._Element]] = []
        self._parts: list[str] = []
        self._marks: list[Mark] = []
        self._links = 0
        self.cut = False
        self._sizes: tuple[list[int], list[int]] | tuple[()] = ()

    def sizes(self) -> tuple[list[int], list[int]]:
        """Running sums over the lines: characters that are no buttons, and those of links."""
        if not self._sizes:
            texts, links = [0], [0]
            for line in self.lines:
                size = 0 if is_control(line.text) else len(line.text)
                texts.append(texts[-1] + size)
                links.append(links[-1] + min(line.links, len(line.text)))
            self._sizes = texts, links
        return self._sizes

    def ancestors(self, box: int, most: int = _DEEPEST) -> list[int]:
        """The box itself and those around it, innermost first, at most so many."""
        found: list[int] = []
        while box >= 0 and len(found) < most:
            found.append(box)
            box = self.boxes[box].parent
        return found

    def _flush(self, box: int) -> None:
        """End the line; called only where there are parts."""
        text = " ".join("".join(self._parts).split())
        if not text.isprintable():
            text = _CONTROL.sub("", text)
        if text:
            self.lines.append(Line(text, self._links, box, self._marks))
            self.cut = self.cut or len(self.lines) >= _MOST
            self._marks = []
        self._parts = []
        self._links = 0

    def open(self, element: etree._Element, parent: int, depth: int, *, link: bool) -> None:
        """Walk a block-level element; `parent` -1 for the first."""
        if self._parts:
            self._flush(parent)
        boxes = self.boxes
        number = len(boxes)
        if number >= _MOST:
            self.cut = True
            return
        box = Box(element, parent, depth, len(self.lines))
        boxes.append(box)
        self._inside(element, number, depth, link=link)
        if self._parts:
            self._flush(number)
        box.last = len(self.lines)

    def _inside(  # noqa: C901 - the hot loop: a call an element more would cost a third
        self, element: etree._Element, box: int, depth: int, *, link: bool
    ) -> None:
        text = element.text
        if text and (self._parts or not text.isspace()):
            self._parts.append(text)
            if link:
                self._links += len(text)
        if depth > _DEEPEST:
            return
        hidden = self._hidden
        for child in element:
            tag = child.tag
            if tag in _INLINE and not (hidden and child in hidden):
                self._inline(
                    child,
                    tag,
                    box,
                    depth,
                    link=link or (tag == "a" and child.get("href") is not None),
                )
            elif tag == "br":
                if self._parts:
                    self._flush(box)
            elif tag in _SPECIAL or (hidden and child in hidden):
                self._special(child, str(tag), box)
            elif isinstance(tag, str):
                self.open(child, box, depth + 1, link=link)
            text = child.tail
            if text and (self._parts or not text.isspace()):
                self._parts.append(text)
                if link:
                    self._links += len(text)
            if self.cut:
                return

    def _special(self, element: etree._Element, tag: str, box: int) -> None:
        """What is no text: pictures, and the dates that some sites put in `meta` elements."""
        if tag == "img":
            self.images.append((len(self.lines), element))
            alt = element.get("alt")
            if alt and _EMOJI.fullmatch(alt):
                self._parts.append(alt)
        elif tag == "meta" and (element.get("itemprop") or "").startswith("date"):
            self.metas.append((box, element))

    def _inline(
        self, element: etree._Element, tag: str, box: int, depth: int, *, link: bool
    ) -> None:
        start, lines = len(self._parts), len(self.lines)
        self._inside(element, box, depth + 1, link=link)
        if lines == len(self.lines):
            text = "".join(self._parts[start:]).strip()
            self._marks.append(Mark(element, tag, text))


def _hidden(root: etree._Element) -> frozenset[etree._Element]:
    """Short parts that the page hides: noise against copying, not text that a script unfolds."""
    return frozenset(
        element
        for element in _HIDDEN(root)
        if (
            "display:none" in element.get("style", "display:none").replace(" ", "").lower()
            and len("".join(_TEXT(element).split())) < _HIDDEN_TEXT
        )
    )


def survey(root: html.HtmlElement) -> Survey:
    """Walk the page from its body, or from the root of a fragment."""
    body = root.find("body")
    seen = Survey(_hidden(root))
    seen.open(body if body is not None else root, -1, 0, link=False)
    return seen
