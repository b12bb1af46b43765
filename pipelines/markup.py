"""What a page's body carries that is not its text: images, disclaimers, bylines.

Sites and aggregators leave image placeholders and a footer inside the body. They are taken out
into fields, never lost: body, footer and images together hold all of the text. Masked words
(盤*古) stay as the author wrote them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

__all__ = ["Body", "split_body"]

_IMAGE = re.compile(r"!\[[^\]\n]*\]\(([^)\s]*)(?:\s+\"[^\"\n]*\")?\)")
_COLON = r"\s*[:：︰]\s*"
_OPEN = r"^[\s　（(【\[「]*"
_OPEN_RUN = re.compile(_OPEN)
_FLAGS = re.IGNORECASE

# Each row: what the line opens with in both scripts, naive forms included.
_AUTHOR = re.compile(
    _OPEN + r"(?:本文|文章|原文)?(?:作者|撰文|文字|記者|记者|撰稿)" + _COLON + r"(?P<v>.+)$", _FLAGS
)
_BY_SLASH = re.compile(_OPEN + r"[文撰]\s*[/／|｜丨]\s*(?P<v>\S.{0,30})$")
_EDITOR = re.compile(
    _OPEN + r"(?:責任|责任|本文|值班|執行|执行|網站|网站)?(?:編輯|编辑|責編|责编|編審|编审)"
    r"(?:/校對|/校对)?" + _COLON + r"(?P<v>.+)$"
)
_MEDIUM = re.compile(
    _OPEN + r"(?:(?:本文|文章|稿件|新聞|新闻|信息|消息)?[來来]源|出[處处])"
    r"(?:" + _COLON + r"|[於于自為为是]" + r"\s*[:：]?\s*)(?P<v>.+)$"
)
_REPRINT = re.compile(
    _OPEN
    + r"(?:本文|文章)?(?:轉[載自貼]|转[载自贴]|轉載自|转载自|原文(?:鏈接|链接|連結|網址|网址)|"
    r"原[載载]於?于?|首[發发]於?于?)" + r"(?:" + _COLON + r"|[自於于])?(?P<v>.+)$"
)
_NOTICE = re.compile(
    _OPEN + r"(?:(?:特別|特别|免責|免责|版權|版权|風險|风险|法律|鄭重|郑重|重要|本文|作者|平台)?"
    r"(?:聲明|声明|提示)" + _COLON + r"|Notice" + _COLON + r"|Disclaimer" + _COLON + r"|"
    r"(?:點擊|点击)?返回搜狐|"
    r"本文[僅仅]代表作者|以上[內内]容[僅仅（(]|"
    r"(?:版權|版权)(?:歸|归|所有)|未[經经](?:授權|授权|許可|许可|允許|允许).{0,12}(?:轉載|转载)|"
    r"(?:更多|查看更多).{0,12}(?:返回|請關注|请关注|責任|责任))",
    _FLAGS,
)
# "聲明:本文來源於網絡,...": the source is named inside the notice.
_SOURCE_IN_NOTICE = re.compile(
    r"(?:[來来]源|轉[載自]|转[载自])[於于自]?\s*[:：]?(?P<v>[^，,。；;]{1,30})"
)
_TRAILING = re.compile(
    r"[（(\[【]\s*(?:責任|责任|本文)?(?:編輯|编辑|責編|责编)"
    + _COLON
    + r"(?P<v>[^）)\]】\n]{1,30})[）)\]】]\s*$"
)
_CLOSERS = frozenset("）)]】")
_SPLIT_NAMES = re.compile(r"[、,，/／;；&|｜\s]+")
# Only this many lines at the end (or start) of a body can be its footer (or its byline).
_TAIL, _HEAD = 12, 3
# A byline is short; a longer line is a sentence that happens to begin with the same word.
_BYLINE = 60
# What a line opens with, brackets and spaces aside, that one of these patterns can match.
_HEADS = frozenset(
    "本文原作撰記记責责值執执網网編编審审稿新信消來来出轉转首特免版風风法鄭郑重平聲声提點点返以未更查NnDd"
)
_KINDS = (
    ("editor", _EDITOR),
    ("medium", _MEDIUM),
    ("reprint", _REPRINT),
    ("authors", _AUTHOR),
    ("authors", _BY_SLASH),
)


@dataclass(frozen=True, slots=True)
class Body:
    """A text taken apart: what a reader reads, and what stood around it.

    `footer` keeps the removed lines as published, in order; `images` keeps the URLs that were
    not empty. The other fields are read from those lines, None or empty where they are silent.
    """

    text: str
    footer: str = ""
    images: tuple[str, ...] = ()
    reprint_source: str | None = None
    authors: tuple[str, ...] = ()
    editor: str | None = None
    medium: str | None = None


def split_body(text: str) -> Body:
    """The body, with images, footer and bylines taken out of it into fields."""
    pictured = "![" in text
    images = tuple(url for url in _IMAGE.findall(text) if url) if pictured else ()
    lines = _without_images(text) if pictured else text.split("\n")
    kinds = {index: kind for index in _edge(lines) if (kind := _kind(lines[index]))}
    if not kinds and not pictured:
        return _with_trailing(Body(text))
    found: dict[str, str] = {}
    for _, kind in sorted(kinds.items()):
        if kind[0] != "notice":
            found.setdefault(*kind)
    kept = [line for index, line in enumerate(lines) if index not in kinds]
    footer = [line for index, line in enumerate(lines) if index in kinds]
    body = Body(
        text="\n".join(kept).strip("\n"),
        footer="\n".join(footer),
        images=images,
        reprint_source=found.get("reprint"),
        authors=_names(found.get("authors", "")),
        editor=found.get("editor"),
        medium=found.get("medium"),
    )
    return _with_trailing(body)


def _without_images(text: str) -> list[str]:
    """Lines of the text; a line that held nothing but images is gone."""
    lines = []
    for line in text.split("\n"):
        bare = _IMAGE.sub("", line)
        if bare == line or bare.strip():
            lines.append(bare)
    return lines


def _edge(lines: Sequence[str]) -> set[int]:
    """The places of the first and the last lines that are not blank."""
    places = range(len(lines))
    first = islice((i for i in places if lines[i].strip()), _HEAD)
    last = islice((i for i in reversed(places) if lines[i].strip()), _TAIL)
    return {*first, *last}


def _kind(line: str) -> tuple[str, str] | None:
    """What a line at the edge of a body is: field and value, `notice`, or None for text."""
    opened = _OPEN_RUN.match(line)
    if opened is None or line[opened.end() : opened.end() + 1] not in _HEADS:
        return None
    if _NOTICE.search(line):
        source = _SOURCE_IN_NOTICE.search(line)
        return ("reprint", source["v"]) if source else ("notice", "")
    if len(line) <= _BYLINE:
        for kind, pattern in _KINDS:
            if match := pattern.search(line):
                return kind, match["v"].strip(" 　）)】]」。")
    return None


def _with_trailing(body: Body) -> Body:
    """The body with a closing （責任編輯：...） moved to its footer."""
    closed = body.text.rstrip()[-1:] in _CLOSERS
    match = _TRAILING.search(body.text) if closed else None
    if not match:
        return body
    footer = "\n".join(filter(None, (match.group().strip(), body.footer)))
    text, editor = body.text[: match.start()].rstrip(), body.editor or match["v"].strip()
    return replace(body, text=text, footer=footer, editor=editor)


def _names(value: str) -> tuple[str, ...]:
    return tuple(name for name in _SPLIT_NAMES.split(value) if name)
