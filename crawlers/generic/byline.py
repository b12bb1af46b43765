"""Who wrote, edited and first published an article, as its byline says.

Authors, editor and medium (來源) are three things: an editor is no author, a newspaper is no
person. Names are taken from labelled places only (作者, 记者, 〔記者X／台北報導〕, …電, JSON-LD,
meta author) and must look like names; a wrong author is worse than none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crawlers.generic import signatures as shapes
from crawlers.generic.around import Around
from crawlers.generic.metadata import Metadata

__all__ = ["Credits", "clean_names", "read_credits"]


@dataclass(frozen=True, slots=True)
class Credits:
    """Names and where they were read."""

    authors: tuple[str, ...] = ()
    editor: str | None = None
    medium: str | None = None
    authors_from: str = ""
    medium_from: str = ""
    reprint: str | None = None


def read_credits(around: Around, body: Sequence[str], meta: Metadata, own: str) -> Credits:
    """Credits from the lines by the headline, the first and last of the body, and below it.

    `own` is what the site calls itself.
    """
    around = replace(
        around,
        header=tuple(map(_plain, around.header)),
        parts=tuple(map(_plain, around.parts)),
        tail=tuple(map(_plain, around.tail)),
    )
    body = (
        tuple(map(_plain, (*body[:3], *body[-4:]))) if len(body) > 7 else tuple(map(_plain, body))
    )
    editor = _first(shapes.EDITOR, (*around.tail, *body[-2:], *around.parts))
    medium, origin = _medium(around.parts, around.tail, meta)
    authors, where = _authors(around, body)
    if len(authors) > 1:  # a site that signs beside its writer; a blog is called after its one
        site = "".join(own.split()).lower()
        authors = tuple(name for name in authors if name.lower() not in site) or authors
    if not authors:
        authors, where = _given(meta, f"{own} {editor or ''} {medium or ''}".lower())
    if authors and where in {"byline", "byline:closing", "byline:tail"}:
        lines = (*around.parts[:40], *(line for line in (*body, *around.tail) if len(line) < 60))
        helped = (m["n"] for line in lines for m in shapes.ASSISTED.finditer(line))
        authors = tuple(dict.fromkeys((*authors, *(n for h in helped for n in clean_names(h)))))
    reprint = _first(shapes.REPRINT, (*around.tail, *around.parts))
    return Credits(authors, editor, medium, where, origin, reprint)


def _plain(line: str) -> str:
    """A line with the colons of Hong Kong's sites as others set them."""
    return line.replace("︰", "：").replace("﹕", "：")


def _authors(around: Around, body: Sequence[str]) -> tuple[tuple[str, ...], str]:
    places: tuple[tuple[Sequence[re.Pattern[str]], Iterable[str], str], ...] = (
        ((shapes.LABEL, shapes.REPORTER, shapes.BY), around.parts, "byline"),
        (shapes.DESKS, around.parts, "byline"),
        ((shapes.CITED,), body[:2], "byline:opening"),
        ((shapes.ANY,), around.signed, "byline:class"),
        ((shapes.WHOLE,), around.account, "byline:account"),
        ((*shapes.OPENINGS, *shapes.DESKS[:2]), (*body[:3], *around.header), "byline:opening"),
        ((*shapes.CLOSINGS, *shapes.SIGNED_BELOW), (*body[-4:], *around.tail), "byline:closing"),
        ((shapes.LABEL,), around.tail, "byline:tail"),
        (shapes.SIGNED_BELOW, around.tail, "byline:tail"),
    )
    for patterns, lines, where in places:
        for line in lines:
            for pattern in patterns:
                found = pattern.search(line[-200:] if pattern in shapes.CLOSINGS else line[:200])
                if found and pattern is shapes.WHOLE:
                    return (found["n"],), where
                names = clean_names(found["n"]) if found else ()
                if names:
                    return names, where
    return (), ""


def clean_names(text: str, site: str = "") -> tuple[str, ...]:
    """The persons in a list of names; placeholders, sites and papers are none."""
    names = []
    for part in shapes.BETWEEN.split(shapes.SPACED.sub(r"\1\2", text)):
        name = shapes.EDGE.sub("", part.strip())
        if not 2 <= len(name) <= 40 or shapes.BAD_NAME.search(name):
            continue
        if name.lower() in site:
            continue
        if name not in names:
            names.append(name)
    return tuple(names[:8])


def _given(meta: Metadata, site: str) -> tuple[tuple[str, ...], str]:
    """Authors of JSON-LD, then of meta elements, if they are persons."""
    for value in meta.linked("author", "creator"):
        names = [name for item in _people(value) for name in clean_names(item, site)]
        if names:
            return tuple(dict.fromkeys(names)), "json-ld"
    for name in (
        "author",
        "article:author",
        "og:article:author",
        "dc.creator",
        "byl",
        "byline",
        "parsely-author",
    ):
        for value in meta.named.get(name, ()):
            if len(value) <= 40 and (names := list(clean_names(value, site))):
                return tuple(names), f"meta:{name}"
    return (), ""


def _people(value: Any) -> Iterable[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            if "rgani" not in str(item.get("@type", "")) and isinstance(item.get("name"), str):
                yield item["name"]
        elif isinstance(item, str):
            yield item


def _medium(header: Sequence[str], tail: Sequence[str], meta: Metadata) -> tuple[str | None, str]:
    for lines in (header, tail):
        if found := _first(shapes.MEDIUM, lines):
            return shapes.DATE.sub("", found), "byline"
        for number, line in enumerate(lines[:-1]):
            if shapes.LABEL_ONLY.search(line) and len(lines[number + 1]) <= 24:
                return lines[number + 1], "byline"
    for name in ("mediaid", "source", "article:source"):
        for value in meta.named.get(name, ()):
            if 2 <= len(value) <= 24:
                return value, f"meta:{name}"
    site = meta.first("og:site_name", "application-name")[0]
    return (site, "meta:og:site_name") if site else (None, "")


def _first(pattern: re.Pattern[str], lines: Iterable[str]) -> str | None:
    for line in lines:
        if len(line) < 300 and (found := pattern.search(line)):
            return found["n"].strip('（(）)【】[]“”"。，,')
    return None
