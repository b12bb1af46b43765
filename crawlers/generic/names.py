"""What has the shape of a person's shown name, and the name that stands beside a time."""

import re

from crawlers.generic.noise import is_control
from crawlers.generic.stamps import HINT, Stamp

__all__ = ["SENTENCE", "beside", "is_name", "teller"]

_NAME = re.compile(r"^[@＠]?[^\s:：|]{1,30}(?: [^\s:：|]{1,20}){0,3}$")
SENTENCE = re.compile(r"[，。！？；：,!?;]")  # a name that no markup calls one has none of these
_NUMBER = re.compile(r"(?:No\.?|#)\s?\d+$|\d+$")
# 甲 发表评论于 …; 网友：甲 …; … 甲 说道:
_ONE = r"(?P<n>[^\s:：|,，。()（）]{1,24})"
_SAID = re.compile(
    rf"^\s*(?:#?\d+\s?[楼樓F.、]?\s+)?{_ONE}\s?(?:[(（][^()（）]{{1,30}}[)）])?\s{{0,3}}"
    r"(?P<v>(?:发表评论|發表評論|发表|發表|发布|發佈|评论|評論|留言|回复|回覆|写|寫|说|說)(?:于|於|在|道|：|:)"
    r"|于|於|@|says?|wrote|posted)?\s{0,3}(?:on|at)?[:：]?\s*$"
)
_LABELLED = re.compile(
    r"(?:网友|網友|用户名?|昵称|暱稱|评论人|评论者|发表人|发布人|发帖人|留言者|留言人|姓名|作者|发言人)\s?(?P<v>[:：])\s{0,2}"
    + _ONE
)
_SAYS = re.compile(
    rf"^\s{{0,3}}{_ONE}\s{{0,2}}(?P<v>说道?|說道?|写道|寫道|发表|says|wrote)\s?[:：]?\s*$"
)
_SIGNS = " \t\n|·•⋅,，:：-–—/()（）[]¶§#∞"
_SIGNS_AT_MOST = 8  # people call themselves ...; a longer row of signs is a rule
_BYLINE = re.compile(
    r"^(?:(?:posted |written |added )?by|from)\s+|\s+(?:says|said|wrote|writes)\b.*$|\s(?:on|at)$"
    r"|\s*(?:說|说|發表於|发表于|於|于)$",
    re.IGNORECASE | re.MULTILINE,
)


def is_name(text: str) -> bool:
    """Whether a short text may be a name: no number, no button, no time."""
    return (
        (1 < len(text) <= 40 or (len(text) == 1 and text > "\u3400"))
        and _NAME.match(text) is not None
        and not text.isdigit()
        and not _NUMBER.match(text)
        and (len(text) <= _SIGNS_AT_MOST or any(map(str.isalnum, text)))
        and not is_control(text)
        and not HINT.search(text)
    )


def beside(stamp: Stamp, text: str) -> str:
    """The name on the line of a time, without the time; nothing where more stands there."""
    written = text[stamp.start : stamp.end]
    shown = written or (" ".join(stamp.mark.text.split()) if stamp.mark else "")
    rest = text.replace(shown, "\n", 1).strip(_SIGNS)
    rest = _BYLINE.sub("", rest).strip(_SIGNS)
    return rest if "\n" not in rest and not SENTENCE.search(rest) and is_name(rest) else ""


def teller(stamp: Stamp, text: str) -> tuple[str, float] | None:
    """The name that the line of a time says something of, and what speaks for it: 甲 留言于 …."""
    if stamp.mark is not None or len(text) > 120:
        before, after = text.partition(stamp.moment.raw)[::2]
    else:
        before, after = text[: stamp.start], text[stamp.end :]
    found = _LABELLED.search(before) or _LABELLED.search(after) or _SAID.match(before)
    found = found or _SAYS.match(after)
    if found is None or not is_name(found["n"]):
        return None
    return found["n"].rstrip("·•"), 3.0 if found.groupdict().get("v") else 0.5
