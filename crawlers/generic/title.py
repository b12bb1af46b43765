"""The headline of a page: the heading that the page's own title repeats.

`<title>` and `og:title` mostly carry the headline with the site's name behind it; the first
`h1` is often the site's or the channel's name. So a heading counts when the title contains it.
"""

import re
from functools import lru_cache

from lxml import etree

from crawlers.generic.metadata import Metadata
from crawlers.generic.survey import Box, Line, Survey

__all__ = ["find_title", "headline_above", "names_the_site", "shown_title"]

_HEADINGS = ("h1", "h2", "h3")
_NAMED = re.compile(r"title|headline|subject|biaoti|tit\b")
_HEAD = re.compile(
    r"^header\b|(?<![a-z-])(?:header|masthead|banner|logo|brand|site-?(?:name|title|head))"
)
_STORY = re.compile(r"post|entry|article|story|topic|thread")
_CUT = re.compile(r"\s*(?:[|｜_»«–—]|\s-\s|\s-|-\s|--|::)\s*")
_SITE = re.compile(
    r"^[^-_|｜–—:：]{2,16}(?:报|報|网|網|网站|電子報|电子报|数字报|数字报纸|電子版|电子版|在线|線上|热线|首页|首頁|正文|文章|新闻|新聞)$"
)
_BYLINE = re.compile(
    r"记者|記者|通讯员|来源|來源|作者|编辑|編輯|上一[篇页]|下一[篇页]|\d{4}\s?[年/-]|第\d+版|[。：:]$"
)
_ENDS_NAME = frozenset("-_|｜—–")
_STRONG = frozenset({"b", "strong", "font", "big"})
_BETWEEN = " \t:：|｜-–—»·_"  # stands between a headline and the name of the site
_DASH = re.compile(r"[-_|｜–—]")


@lru_cache(maxsize=8192)
def _is_named(cls: str) -> bool:
    return _NAMED.search(cls) is not None


def shown_title(root: etree._Element) -> str:
    """The text of the page's own `title` element."""
    element = root.find("head/title")
    if element is None:
        element = root.find(".//title")
    return " ".join((element.text or "").split()) if element is not None else ""


def _key(text: str) -> str:
    return "".join(text.split()).lower()


def find_title(root: etree._Element, seen: Survey, meta: Metadata) -> tuple[str, str]:
    """The headline and where it came from; empty strings where the page has none."""
    shown = shown_title(root)
    social, name = meta.first("og:title", "twitter:title")
    linked = next((v for v in meta.linked("headline", "title") if isinstance(v, str)), "")
    keys = [_key(text) for text in (shown, social, linked) if text]
    best, where, rank = "", "", 0.0
    for number, box in enumerate(seen.boxes):
        named = box.tag in _HEADINGS
        if not named and not (box.last - box.first == 1 and _is_named(box.cls)):
            continue
        text = " ".join(seen.lines[i].text for i in range(box.first, min(box.last, box.first + 3)))
        key = _key(text)
        if not 2 <= len(key) <= 300:
            continue
        score = _agreement(key, keys) * (1.3 if box.tag == "h1" else 1.0 if named else 0.9)
        if score > rank:
            best, where, rank = text, f"css:{box.tag}", score
        if number > 4000:
            break
    if rank >= 0.35:
        return _story_of(seen, best, shown) or (best, where)
    if begun := _begun(seen, shown):
        return begun, "css:title"
    if social:
        return _without_site(social, meta), f"meta:{name}"
    if linked:
        return " ".join(linked.split()), "json-ld"
    return (_without_site(shown, meta), "css:title") if shown else _first_heading(seen)


def _story_of(seen: Survey, heading: str, shown: str) -> tuple[str, str] | None:
    """The other heading of the page's title, where the one found is the site's name.

    `Name: Story` has the shape of `Story: Name`; the name stands in the head of the page.
    """
    if shown.startswith(heading):
        rest = shown[len(heading) :].strip()
        beside = rest[:1]
    elif shown.endswith(heading):
        rest = shown[: -len(heading)].strip()
        beside = rest[-1:]
    else:
        return None
    rest = rest.strip(_BETWEEN)
    if len(_key(rest)) < 4 or not beside or beside not in _BETWEEN:
        return None
    own = [box for box in seen.boxes if box.tag in _HEADINGS and _lines_of(seen, box) == heading]
    told = [box for box in seen.boxes if box.tag in _HEADINGS and _lines_of(seen, box) == rest]
    if not told or not own or not all(_in_head(seen, box) for box in own):
        return None
    return (rest, f"css:{told[0].tag}") if not _in_head(seen, told[0]) else None


def _lines_of(seen: Survey, box: Box) -> str:
    return " ".join(seen.lines[i].text for i in range(box.first, min(box.last, box.first + 3)))


def _in_head(seen: Survey, box: Box) -> bool:
    """Whether a heading stands in the head of the page, or is a link to its front."""
    around = (box, *(seen.boxes[number] for number in seen.ancestors(box.parent, 4)))
    return any(
        _HEAD.search(f"{one.tag} {one.cls}") and not _STORY.search(one.cls) for one in around
    )


def names_the_site(title: str) -> bool:
    """Whether a title is no headline but the name of a paper or a site (青溪日报)."""
    return all(_SITE.match(part.strip()) for part in _DASH.split(title))


def headline_above(seen: Survey, first: int, *, headings: bool = False) -> str:
    """The most emphasised short line in the few above the text, or nothing.

    Old papers give every page one title and set the headline in bold or large type. With
    `headings` only a heading element counts, and one may be the text's first line.
    """
    best, rank = "", 0.0
    for number in range(max(0, first - 14), first + headings):
        line = seen.lines[number]
        if not 4 <= len(line.text) <= 50 or line.links > len(line.text) * 0.5:
            continue
        if headings and seen.boxes[line.box].tag not in _HEADINGS:
            continue
        if _BYLINE.search(line.text):
            continue
        score = _emphasis(seen, line)
        if score > rank:
            best, rank = line.text, score
    return best


def _emphasis(seen: Survey, line: Line) -> float:
    box = seen.boxes[line.box]
    own = _key(line.text)
    whole = [mark for mark in line.marks if mark.tag in _STRONG and _key(mark.text) == own]
    style = (box.element.get("style") or "").lower()
    score = 2.0 * bool(whole) + 1.0 * any(mark.element.get("size") for mark in whole)
    score += 2.0 * ("bold" in style or "font-size" in style) + 2.0 * (box.tag in _HEADINGS)
    score += 2.0 * _is_named(box.cls)
    return score + 0.5 * ("center" in (box.element.get("align") or "").lower()) if score else 0.0


def _begun(seen: Survey, shown: str) -> str:
    """The longest line that the page's title begins with, before the name of its site."""
    best = ""
    for line in seen.lines[:400]:
        size = len(line.text)
        if max(5, len(best)) < size < len(shown) and shown.startswith(line.text):
            rest = shown[size:].lstrip()
            if _CUT.match(rest) or rest[:1] in "-_|｜–—（(":
                best = line.text
    return best


def _agreement(key: str, keys: list[str]) -> float:
    """How much of a title the heading is, 0 where no title contains it (or it, a title)."""
    best = 0.0
    for title in keys:
        if key in title:
            score = len(key) / len(title)
            named = title[len(key) : len(key) + 1] in {":", "："}  # 慢慢走: the headline
            score += 0.3 if title.startswith(key) and not named else 0.0
            paper = title[: -len(key)]
            if title.endswith(key) and paper[-1:] in _ENDS_NAME and names_the_site(paper[:-1]):
                score = max(score, 0.5)  # 某报数字报-the headline
        elif len(title) > 8 and key.startswith(title):
            score = len(title) / len(key)
        else:
            score = 0.0
        best = max(best, score)
    return best


def _without_site(title: str, meta: Metadata) -> str:
    """A title without the names of channel and site behind it."""
    site = meta.first("og:site_name")[0]
    parts = _CUT.split(title)
    if len(parts) < 2:
        return title
    end = len(title)
    while True:
        cuts = list(_CUT.finditer(title, 0, end))
        if not cuts:
            break
        tail = title[cuts[-1].end() : end].strip()
        head = title[: cuts[-1].start()].strip()
        if head and (tail == site or len(_key(tail)) <= max(4, len(_key(head)) * 0.8)):
            end = cuts[-1].start()
        else:
            break
    return title[:end].strip()


def _first_heading(seen: Survey) -> tuple[str, str]:
    for box in seen.boxes:
        if box.tag in _HEADINGS and box.last > box.first:
            return seen.lines[box.first].text, f"css:{box.tag}"
    return "", ""
