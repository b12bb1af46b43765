"""Text of a subtree as a reader sees it: paragraphs as lines, chosen parts left out.

Block elements and `<br>` end a line, inline markup disappears, white space collapses. Scripts,
styles and form controls never count as text; Cloudflare's masked addresses are unmasked, and
emoticons give their name. Works on the tree without changing it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

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
_SILENT = frozenset(
    (
        *("script", "style", "noscript", "template", "iframe", "svg"),
        *("select", "button", "textarea", "head", "object"),
    )
)
_SPACE = re.compile(r"[ \t\r\f\v\n\u00a0\u2002\u2003\u2009]+")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_EMOTICON = re.compile(r"\[[^\[\]\s]{1,8}\]")
_BREAK = "\n"


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
    return " ".join(_INVISIBLE.sub("", text).split())


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


def _parts(
    node: etree._Element, gone: Callable[[etree._Element], bool] | None, *, pre: bool
) -> Iterable[str]:
    """Text and line breaks in document order; the node's own tail is not part of it."""
    walker = etree.iterwalk(node, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _SILENT or (gone is not None and gone(element)):
                walker.skip_subtree()
                continue
            if masked := element.get("data-cfemail"):
                walker.skip_subtree()
                yield _unmasked(masked)
                continue
            if tag in _BLOCK or tag == "br":
                yield _BREAK
            elif tag == "img":
                yield _emoticon(element)
            if element.text:
                yield element.text if pre else _SPACE.sub(" ", element.text)
            continue
        if event == "end" and tag in _BLOCK:
            yield _BREAK
        if element is not node and element.tail:
            yield element.tail if pre else _SPACE.sub(" ", element.tail)


def text_of(node: Selector, drop: str = "", *, pre: bool = False) -> str:
    """Paragraphs of a subtree joined by newlines; nodes that match the CSS `drop` are left out.

    `pre`: line breaks of the source count (preformatted text), and so do leading spaces.
    """
    root = node.root
    if not isinstance(root, etree._Element):  # noqa: SLF001 - lxml's only name for the type
        return squash(str(root or ""))
    if not len(root) and not pre:
        return squash(root.text or "")
    gone = leaves_out(node, drop) if drop else None
    joined = _INVISIBLE.sub("", "".join(_parts(root, gone, pre=pre)))
    if pre:
        return joined.replace("\r", "").strip("\n")
    return _BREAK.join(line for raw in joined.split(_BREAK) if (line := raw.strip()))


def opening_text(node: Selector, limit: int) -> str:
    """About the first `limit` visible characters below a node; stops walking there."""
    parts: list[str] = []
    size = 0
    for part in _parts(node.root, None, pre=False):
        parts.append(part)
        size += len(part.strip())
        if size >= limit:
            break
    lines = (line.strip() for line in "".join(parts).split(_BREAK))
    return _BREAK.join(line for line in lines if line)


def text_of_html(fragment: str, drop: str = "") -> str:
    """The same for a piece of HTML out of JSON or an attribute."""
    if "<" not in fragment and "&" not in fragment:
        lines = (squash(line) for line in fragment.splitlines())
        return _BREAK.join(line for line in lines if line)
    return text_of(html(f"<div>{fragment}</div>"), drop)
