"""What has the shape of a person's shown name, and the name that stands beside a time."""

import re

from crawlers.generic.noise import is_control
from crawlers.generic.stamps import HINT, Stamp

__all__ = ["SENTENCE", "beside", "is_name"]

_NAME = re.compile(r"^[@＠]?[^\s:：|]{1,30}(?: [^\s:：|]{1,20}){0,3}$")
SENTENCE = re.compile(r"[，。！？；：,!?;]")  # a name that no markup calls one has none of these
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
