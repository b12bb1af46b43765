"""How many remarks a page says that there are: "45 comments", "共 45 条评论", "回覆：45"."""

import re
from collections.abc import Sequence

from crawlers.generic.survey import Line

__all__ = ["declared_count"]

_WHAT = (
    r"(?:评论|評論|留言|回复|回覆|回应|回應|跟[帖贴貼]|comments?\b|repl(?:y|ies)\b|responses?\b"
    r"|answers?\b|thoughts?\s+on\b)"
)
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d{1,7})"
_BEFORE = re.compile(
    rf"^\W*(?:共|全部|已有|所有|累计|all)?\s*[（(]?{_NUMBER}[)）]?\s*[条條则則个個篇次]?\s*"
    rf"(?:网友|網友|读者|讀者|user|reader)?\s*{_WHAT}",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"{_WHAT}(?:数|數|总数|總數)?\s*(?:[:：]\s*{_NUMBER}|[（(\[]\s*{_NUMBER}\s*[条條则則]?[)）\]])",
    re.IGNORECASE,
)
_FAR = 60  # lines above the first remark that are looked at, the nearest first
_LONG = 80  # characters of such a line; a longer one is prose


def declared_count(lines: Sequence[Line], first: int, second: int, shown: int) -> int | None:
    """The number that the page claims above its remarks; None where it claims none.

    `first` is the line of the first remark; `second` that of the next one, since the first may be
    the opening post, and the claim follow it. A number smaller than what is `shown` counts
    something else (answers to one remark, those of today) and is no claim.
    """
    for index in (*range(second - 1, first, -1), *range(first - 1, max(-1, first - 1 - _FAR), -1)):
        text = lines[index].text
        if len(text) > _LONG:
            continue
        for found in (_BEFORE.search(text), _AFTER.search(text)):
            if found is None:
                continue
            number = int(next(filter(None, found.groups())).replace(",", ""))
            if number >= shown:
                return number
    return None
