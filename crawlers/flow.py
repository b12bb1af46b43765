"""Text of a subtree as a reader sees it: paragraphs as lines, chosen parts left out.

Block elements and `<br>` end a line, inline markup disappears, white space collapses. Scripts,
styles and form controls never count as text; Cloudflare's masked addresses are unmasked, and
emoticons give their name. Works on the tree without changing it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from lxml import etree
from parsel import Selector

from crawlers.leaving_out import leaves_out

__all__ = ["html", "opening_text", "squash", "text_of", "text_of_html"]

_BLOCK = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    )
)
_SILENT: frozenset[object] = frozenset(
    (
        *(etree.Comment, etree.ProcessingInstruction, etree.Entity),
        *("script", "style", "noscript", "template", "iframe", "svg"),
        *("select", "button", "textarea", "head", "object"),
    )
)
_SPACES = "\t\r\f\v\n\u00a0\u2002\u2003\u2009"
_RUN = re.compile("  +")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_EMOTICON = re.compile(r"\[[^\[\]\s]{1,8}\]")
_BREAK = "\n"
_Test: TypeAlias = Callable[[etree._Element], bool]  # noqa: SLF001 - lxml's only name for it
_Enough: TypeAlias = Callable[[list[str]], bool]
_MARK = "\0"  # the end of a line; no tree holds this character


def html(text: str) -> Selector:
    """A parsed page or fragment; never None, never raises for what the text holds.

    By lxml's plain parser: the one that parsel would take calls Python for every element.
    """
    data = text.strip().replace("\x00", "").encode("utf-8", "replace") or b"<html/>"
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
    # The stubs promise a root; a text of comments alone has none.
    root: Any = etree.fromstring(data, parser=parser)
    if root is None:
        root = etree.fromstring(b"<html/>", parser=parser)
    return Selector(root=root, type="html")


def squash(text: str) -> str:
    """One line: runs of white space (ideographic space included) become one space."""
    if text.isprintable() and "  " not in text:  # nothing invisible, no space but the usual one
        return text.strip(" ")
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def _unmasked(code: str) -> str:
    """An address that Cloudflare masks: each byte is XORed with the first one."""
    try:
        data = bytes.fromhex(code)
    except ValueError:
        return ""
    return bytes(byte ^ data[0] for byte in data[1:]).decode(errors="replace") if data else ""


def _emoticon(image: etree._Element) -> str:
    """`[摊手]`: what an image that stands for a word is called; other images are no text."""
    name = (image.get("alt") or image.get("title") or "").strip()
    return name if _EMOTICON.fullmatch(name) else ""


def _parts(node: etree._Element, gone: _Test | None, enough: _Enough | None = None) -> list[str]:
    """Text and marks of line ends in document order; the node's own tail is not part of it.

    A loop over children, not an event for each tag: it costs half as much. It ends early where
    what is there already is `enough`.
    """
    if node.tag in _SILENT or (gone is not None and gone(node)):
        return []
    parts = [node.text or ""]
    stack: list[tuple[etree._Element, Iterator[etree._Element]]] = [(node, iter(node))]
    while stack:
        above, children = stack[-1]
        for child in children:
            tag = child.tag
            if tag == "br":  # often most of a tree
                parts.append(_MARK)
            # What is silent or left out counts no more than a comment does: its tail stays.
            elif tag not in _SILENT and (gone is None or not gone(child)):
                parts.append(_opening(child, tag))
                if len(child) and "data-cfemail" not in child.keys():  # noqa: SIM118 - no mapping
                    stack.append((child, iter(child)))
                    break
                if tag in _BLOCK:
                    parts.append(_MARK)
            parts.append(child.tail or "")
            if enough is not None and enough(parts):
                return parts
        else:
            stack.pop()
            parts.append(_MARK if above.tag in _BLOCK else "")
            if stack and (tail := above.tail):
                parts.append(tail)
    return parts


def _opening(element: etree._Element, tag: object) -> str:
    """What stands before an element's children."""
    if masked := element.get("data-cfemail"):
        return _unmasked(masked)
    if tag == "img":
        return _emoticon(element)
    text = element.text or ""
    return _MARK + text if tag in _BLOCK else text


def text_of(node: Selector | etree._Element, drop: str = "", *, pre: bool = False) -> str:
    """Paragraphs of a subtree joined by newlines; nodes that match the CSS `drop` are left out.

    `pre`: line breaks of the source count (preformatted text), and so do leading spaces.
    """
    root = node.root if isinstance(node, Selector) else node
    if not isinstance(root, etree._Element):  # noqa: SLF001 - lxml's only name for the type
        return squash(str(root or ""))
    if not len(root) and not pre:
        return squash(root.text or "")
    gone = leaves_out(root, drop) if drop else None
    joined = "".join(_parts(root, gone))
    if pre:
        joined = joined.replace("\r", "").replace(_MARK, _BREAK)
        return _INVISIBLE.sub("", joined).strip(_BREAK)
    return _lines(joined)


def _lines(joined: str) -> str:
    for space in _SPACES:  # one replacement for each kind is far faster than a regex for all
        joined = joined.replace(space, " ")
    flowing = _INVISIBLE.sub("", _RUN.sub(" ", joined))
    return _BREAK.join(line for raw in flowing.split(_MARK) if (line := raw.strip()))


def opening_text(node: Selector, limit: int) -> str:
    """About the first `limit` visible characters below a node; stops walking there."""
    size = counted = 0

    def enough(parts: list[str]) -> bool:
        nonlocal size, counted
        size += sum(len(part.strip()) for part in parts[counted:])
        counted = len(parts)
        return size >= limit

    return _lines("".join(_parts(node.root, None, enough)))


def text_of_html(fragment: str, drop: str = "") -> str:
    """The same for a piece of HTML out of JSON or an attribute."""
    if "<" not in fragment and "&" not in fragment:
        lines = (squash(line) for line in fragment.splitlines())
        return _BREAK.join(line for line in lines if line)
    return text_of(html(f"<div>{fragment}</div>"), drop)
