"""People as pages show them: lists of author names, and addresses that stand for a person.

Names are split only where the page separates them; a name that might be two is kept as one.
"""

import re

from crawlers.flow import squash

__all__ = ["masked", "names"]

_ROLE = re.compile(
    r"^(?:本[报報刊网網台]?|\S{2,6}(?=记者|記者))?(?:(?:文|图|圖|撰文|作者|作者名|记者|記者|通讯员|通訊員|见习记者|實習記者|实习生"
    r"|特约记者|特約記者|撰稿人?|编译|編譯|主笔|主筆|评论员|评论员|綜合報導|责任编辑|責任編輯|编辑|編輯)"
    r"\s*[:：/／|｜]?\s*)+"
)
_BETWEEN = re.compile(r"\s*(?:[、,，;；/／|｜&＆]|\s(?:通讯员|记者|記者)\s|\s+)\s*")
_HAN = "[\u4e00-\u9fff]"
# A name of two characters, set as wide as one of three: 李 晓.
_WIDE = re.compile(rf"(?<!{_HAN})({_HAN})\s{{1,2}}({_HAN})(?!{_HAN})")
_LATIN = re.compile(r"[A-Za-z][\w.'-]* [A-Za-z]")
_AFTER = re.compile(r"\s*(?:[(（\[【].*?[)）\]】]|[／/](?:[^/／]{1,6}(?:報導|报道|電)).*)\s*$")
_NO_NAME = re.compile(
    r"^(?:\d*|admin|管理员|管理員|佚名|匿名|未知|网友|記者|记者|作者|编辑|編輯|小编|小編|综合|綜合|本站|原创)$",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b")


def names(raw: str) -> tuple[str, ...]:
    """The names in a byline such as `作者：张三、李四` or `記者王小明／台北報導`; none twice."""
    text = _AFTER.sub("", squash(raw))
    text = _WIDE.sub(r"\1\2", _ROLE.sub("", text))
    parts = [text] if _LATIN.search(text) else _BETWEEN.split(text)
    kept = (_ROLE.sub("", part).strip(" :：,，。") for part in parts)
    return tuple(dict.fromkeys(name for name in kept if name and not _NO_NAME.match(name)))


def masked(address: str) -> str | None:
    """A region, or an IPv4 address without its last number; None where nothing is shown."""
    return _IPV4.sub(r"\1.*", address) if address else None
