"""Who wrote, edited and first published an article, as its byline says.

Authors, editor and medium (來源) are three things: an editor is no author, a newspaper is no
person. Names are taken from labelled places only (作者, 记者, 〔記者X／台北報導〕, …電, JSON-LD,
meta author) and must look like names; a wrong author is worse than none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crawlers.generic.around import Around
from crawlers.generic.metadata import Metadata

__all__ = ["Credits", "clean_names", "read_credits"]

_NAME = r"[\u4e00-\u9fff\U00020000-\U0003ffff]{1,5}(?:[·・•‧][\u4e00-\u9fff]{1,6})?"
_NAMES = rf"{_NAME}(?:[、,，&＆\s]{{1,2}}{_NAME}){{0,5}}"
_PLACE = r"(?:[^\s／/、，。）)】〕］]{0,8}?)(?:報導|报道|報道|电|電|攝影|特稿|專訪|整理|編譯|核稿)"
_OPENINGS = tuple(
    re.compile(shape)
    for shape in (
        # 〔記者甲乙／台北報導〕 【記者甲乙台北報導】 [記者甲乙／綜合報導]
        rf"^[〔\[【（(［]?\s?(?:本報|本报|特派|駐地|實習|见习|見習|實習)?(?:記者|记者)\s?(?P<n>{_NAMES}?)\s?[／/╱]\s?{_PLACE}",
        # （中央社記者甲乙台北21日電） （德國之聲…）
        rf"^[（(〔\[【][^）)〕\]】]{{0,10}}?社(?:記者|记者)(?P<n>{_NAME}?(?:、{_NAME}?)*)"
        r"(?:[\u4e00-\u9fff]{2,4}?)?\d{1,2}日(?:專|综合|綜合)?[电電]",
        # 新华社北京5月19日电（刘艺、杨吉） 中新网…电 (记者 甲乙)
        rf"^[^。]{{0,16}}?\d{{1,2}}日[电電讯訊]\s{{0,2}}[（(]\s?(?:(?:记者|記者|通讯员|特约)\s?)?(?P<n>{_NAMES})\s?[）)]",
        rf"^[^。]{{0,14}}[讯訊]\s{{0,2}}[（(]\s?(?:[^）)]{{0,8}}(?:记者|記者))\s?(?P<n>{_NAMES})\s?[）)]",
        # 【文/观察者网专栏作者 王文】 文/甲乙 文｜甲乙
        rf"^[【〔\[（(]?\s?文\s?[/／|｜:：]\s?(?:[^\s】]{{0,12}}(?:作者|记者|記者|编辑)\s)?(?P<n>{_NAMES})\s?[】〕\])）]?$",
        r"^[（(【\[]?\s?(?:执笔|執筆|采写|採寫|撰文|撰稿|作者|採訪撰文)\s?[/／|｜:：]\s?(?P<n>[^\s:：]{2,40})\s?[）)】\]]?$",
    )
)
_CLOSINGS = tuple(
    re.compile(shape)
    for shape in (
        # （总台央视记者 甲乙 丙丁） （本报记者 甲乙） (记者 甲乙)
        rf"[（(](?:[^（()）]{{0,12}}?)(?:记者|記者)[\s:：]?\s?(?P<n>{_NAMES})(?:\s?[^）)\s]{{0,4}}(?:报道|報導|采写))?\s?[）)]\s*$",
        rf"^(?:[^\s。]{{0,10}}?)(?:(?:记者|記者)\s?[:：丨|｜/]?|(?:作者|采写|撰文)\s?[:：丨|｜/])\s?(?P<n>{_NAMES})(?:\s(?:报道|采写|编辑|校对).*)?$",
        r"作者\s?[:：].{2,60}?(?:[员授任长家師师者士])(?P<n>[\u4e00-\u9fff]{2,3})\s?[）)]$",
        r"^[（(]?(?:本文)?作者\s?[:：]\s?(?:[^\s，。]{2,20}(?:员|授|任|长|家|師|师|者|士)\s)?(?P<n>[\u4e00-\u9fff]{2,4})[）)]?$",
    )
)
_LABEL = re.compile(
    r"(?:^|[\s|｜·•>》\]】)）　])(?:作\s{0,2}者|记\s?者|記\s?者|撰文|采写|撰稿|特约记者|author)(?:\s?[:：／/]\s{0,3}|\s{1,2})"
    r"(?P<n>[^\s|｜:：<>]{2,24}(?:[\s、&](?!来源|來源|编辑|責任|责任|发布|時間|时间|\d)[\u4e00-\u9fff]{2,4}(?=[\s、]|$)){0,4})",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"^(?P<n>.{2,40})$")
_ANY = re.compile(r"(?P<n>.{2,80}?)(?:\s\d{4}.{0,40})?$")
_BY = re.compile(
    r"^by\s(?P<n>[A-Z][\w.'’-]+(?:\s(?:and\s)?[A-Z][\w.'’-]+){1,5})(?:\s*[|,•].{0,60})?$",
    re.IGNORECASE,
)
_REPORTER = re.compile(
    rf"(?:^|[\s|｜／/])(?:記者|记者)\s?(?P<n>[\u4e00-\u9fff]{{2,4}}(?:、[\u4e00-\u9fff]{{2,4}}){{0,3}})\s?(?:[／/]\s?{_PLACE}|$)"
)
_EDITOR = re.compile(
    r"(?:责任编辑|責任編輯|责编|責編|責任編\s?輯|编辑|編輯|核稿編輯)\s{0,2}[:：/／]\s{0,3}(?P<n>[^\s\]】）)|｜:：,，]{2,20})"
)
_MEDIUM = re.compile(
    r"(?:稿件来源|信息来源|文章来源|本文来源|来源|來源|來自|出处|出處|稿源|转自|轉自)\s{0,3}[:：]\s{0,3}"
    r"(?P<n>[^\s|｜<>]{2,30})"
)
_REPRINT = re.compile(
    r"(?:转自|轉自|转载自|轉載自|摘自|原载|原載)\s{0,3}[:：]?\s{0,3}(?P<n>[^\s|｜<>，。）)]{2,30})"
)
_LABEL_ONLY = re.compile(r"(?:来源|來源|稿源)\s?[:：]$")
_BAD_NAME = re.compile(
    r"^[\d_.-]+$|\d[-/:年]\d|[\u4e00-\u9fff]\d|\d[\u4e00-\u9fff]|[网網报報社台站]$|频道|頻道|编辑|編輯|记者站|中心|公司|集团|委员会|新闻|新聞|客户端|日报|晚报|电视|"
    r"佚名|匿名|网络|未知|不详|来源|來源|责任|責任|报道|報導|综合|綜合|整理|^(?:admin|email|author|editor|name|staff|null|none|test)\b|@|https?:|小编|小編|原创|专栏|專欄|综合|摄影|攝影|发布|發布|www|公众号|微信|\.(?:com|net|cn|org|tw|hk)"
    r"|电台|電台|財經|财经|電視|广播|廣播|通訊|通讯社|举报|舉報|[“”\"'《》<>{}=]|赞赏|打赏|关注|登录|更多|详情|简介|粉丝|阅读|评论|收藏|点击|快訊|快讯|即時|中文站|杂志|雜誌|研究院|大学|团队|團隊",
    re.IGNORECASE,
)
_EDGE = re.compile(
    r"^(?:记者|記者|作者|文|by|特约|實習|实习|见习)\s?[:：/／]?|[\s,，、;；。.|｜/／]+$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d[-/年.].*$")
_BETWEEN = re.compile(r"[、,，&＆;；/／]|\s{1,3}(?=[\u4e00-\u9fff])|\sand\s|\s{2,}")


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
    editor = _first(_EDITOR, (*around.tail, *body[-2:], *around.parts))
    medium, origin = _medium(around.parts, around.tail, meta)
    authors, where = _authors(around, body)
    if not authors:
        authors, where = _given(meta, f"{own} {editor or ''} {medium or ''}".lower())
    reprint = _first(_REPRINT, (*around.tail, *around.parts))
    return Credits(authors, editor, medium, where, origin, reprint)


def _authors(around: Around, body: Sequence[str]) -> tuple[tuple[str, ...], str]:
    places: tuple[tuple[Sequence[re.Pattern[str]], Iterable[str], str], ...] = (
        ((_LABEL, _REPORTER, _BY), around.parts, "byline"),
        ((_ANY,), around.signed, "byline:class"),
        ((_WHOLE,), around.account, "byline:account"),
        (_OPENINGS, (*body[:3], *around.header), "byline:opening"),
        (_CLOSINGS, (*body[-2:], *around.tail), "byline:closing"),
        ((_LABEL,), around.tail, "byline:tail"),
        (_OPENINGS[-2:], around.tail, "byline:tail"),
    )
    for patterns, lines, where in places:
        for line in lines:
            for pattern in patterns:
                found = pattern.search(line[-200:] if pattern in _CLOSINGS else line[:200])
                if found and pattern is _WHOLE:
                    return (found["n"],), where
                names = clean_names(found["n"]) if found else ()
                if names:
                    return names, where
    return (), ""


def clean_names(text: str, site: str = "") -> tuple[str, ...]:
    """The persons in a list of names; placeholders, sites and papers are none."""
    names = []
    for part in _BETWEEN.split(text):
        name = _EDGE.sub("", part.strip())
        if not 2 <= len(name) <= 40 or _BAD_NAME.search(name):
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
        if found := _first(_MEDIUM, lines):
            return _DATE.sub("", found), "byline"
        for number, line in enumerate(lines[:-1]):
            if _LABEL_ONLY.search(line) and len(lines[number + 1]) <= 24:
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
