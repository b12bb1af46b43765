"""The forms in which a browsing page shows a text: as published, in Simplified, in Traditional."""

from collections.abc import Callable
from typing import Final

from pipelines.hans import to_hans
from pipelines.hant import to_hant

__all__ = ["FORMS", "converter"]

FORMS: Final = {"original": "Original", "hans": "简体", "hant": "繁體"}
"""The forms in which a text can be shown."""


def converter(form: str) -> Callable[[str | None], str]:
    """A function from a text as published to that form; an unknown form means the original.

    Each form has as many code points as the original, so places in one are places in all.
    """
    if form == "hans":
        return lambda text: to_hans(text or "")
    if form == "hant":
        return lambda text: to_hant(text or "").text
    return lambda text: text or ""
