"""Text into an lxml tree, once for every reader of a page.

libxml2 forgives nearly everything; what it does not forgive is mended here: null bytes, lone
surrogates, an XML declaration, an empty text, a DOCTYPE with entities.

Limits: elements nested deeper than libxml2 allows without `huge_tree` (256) end the tree there;
texts above `LONGEST` characters are cut, with no error, because no page that people read is as
long.
"""

import re

from lxml import etree, html

__all__ = ["LONGEST", "parse_html"]

LONGEST = 12_000_000  # characters
# lxml.html asks Python for the class of every element; one class for all is three times as fast.
_CLASSES = etree.ElementDefaultClassLookup(element=html.HtmlElement, comment=html.HtmlComment)
_DOCTYPE = re.compile(r"^\s*<!DOCTYPE[^>\[]*\[.{0,20000}?\]\s*>", re.DOTALL | re.IGNORECASE)


def parse_html(text: str) -> html.HtmlElement:
    """The root element of a page; an empty `html` element where there is nothing to parse."""
    text = text[:LONGEST].replace("\0", "")
    if "[" in text[:2000]:
        text = _DOCTYPE.sub("", text)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False, remove_pis=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return html.Element("html")
    return root if isinstance(root, html.HtmlElement) else html.Element("html")
