"""Plain text out of the small pieces of HTML that interfaces and feeds carry."""

import re

from crawlers.generic.survey import survey
from crawlers.parse import parse_html

__all__ = ["plain_text"]

_TAG = re.compile(
    r"</?(?:a|b|br|p|div|span|img|blockquote|strong|em|i|ul|ol|li|h\d|pre|code|font|figure|table)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)


def plain_text(markup: str) -> str:
    """The text of a fragment, a line for each of its blocks; quotes of others are left out.

    A text without tags or entities is no markup, and only loses its outer spaces.
    """
    if not _TAG.search(markup):
        if not _ENTITY.search(markup):
            return "\n".join(line.rstrip() for line in markup.strip().splitlines())
        return "\n".join(part for part in map(_decoded, markup.splitlines()) if part)
    seen = survey(parse_html(f"<div>{markup}</div>"))
    quotes = [(box.first, box.last) for box in seen.boxes if box.tag == "blockquote"]
    return "\n".join(
        line.text
        for number, line in enumerate(seen.lines)
        if not any(first <= number < last for first, last in quotes)
    )


def _decoded(line: str) -> str:
    return " ".join(line_.text for line_ in survey(parse_html(f"<p>{line}</p>")).lines)
