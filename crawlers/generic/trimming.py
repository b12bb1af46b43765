"""What of a record's lines is the reader's own: not its buttons, its byline or its profile.

`without` takes the author, the time and the words between them out of a line; `is_own` and
`is_row` tell lines that hold nothing of the reader.
"""

import re

from crawlers.generic.authors import Candidate
from crawlers.generic.noise import is_control, is_noise
from crawlers.generic.records import Record

__all__ = ["is_own", "is_row", "without"]

_ADDRESS = re.compile(r"\s+\d{1,3}(?:\.\d{1,3}){3}\s*$")
_REACTION = re.compile(r"^([推噓嘘→])\s+(?=\S)")
_ROW = re.compile(r"\d|.{6}")  # a counter, or more than one button
# What is left of 甲 于 2009-03-01 留言： without the name and the time.
_LEFT = re.compile(
    r"(?:于|於|在|发表|發表|发布|發佈|评论|評論|留言|回复|回覆|说道?|說道?|写道|寫道"
    r"|\d{1,6}\s?[楼樓F]|[\s:：\[\]【】()])+"
)
_ICON = re.compile(r"[^\x00-\x7f\u4e00-\u9fff]\s?\d+$")  # of an icon font: ñ21
# What boards tell of a writer beside the remark.
_PROFILE = re.compile(
    r".{0,6}\bLv\.?\s?\d+$|(?:级别|級別|等级|等級|积分|積分|威望|精华|發帖|发帖|帖子|文章|註冊日期"
    r"|注册时间|最后登录|UID)\s?[:：].{0,24}$"
    r"|(?:UID|积分|積分|精华|注册|註冊|帖子|威望|金钱)\s?[\d-]+$|[\u4e00-\u9fff]{2,3}会员$"
)


def is_row(text: str) -> bool:
    """Whether a line is a row of buttons, or a counter beside a sign of an icon font."""
    return bool((_ROW.search(text) and is_control(text)) or _ICON.match(text))


def is_own(text: str, common: frozenset[str], *, flat: bool) -> bool:
    """Whether a line is the reader's own; `flat`: no box holds the text alone."""
    if not text or text in common:
        return False
    if flat:
        return not (is_control(text) or is_noise(text) or _PROFILE.match(text))
    return len(text) >= 4 or not is_control(text)


def without(text: str, record: Record, author: Candidate | None, index: int) -> str:
    """A line without the author and the time that stand in it."""
    if index == record.stamp.line:
        shown = record.stamp.moment.raw
        text = text.replace(shown, " ", 1) if shown in text else text
        if record.stamp.mark is not None:
            text = text.replace(" ".join(record.stamp.mark.text.split()), " ", 1)
    if author is not None and index == author.line:
        text = text.replace(author.text, " ", 1)
    text = _REACTION.sub("", text.strip()) if author is not None else text
    text = _ADDRESS.sub("", text)
    text = text.strip(" \t:：|·•,，-—/")
    return "" if index == record.stamp.line and _LEFT.fullmatch(text) else text
