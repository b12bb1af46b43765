"""Characters as they should stand in the archive: NFC, no invisible marks, plain line ends.

This is the only step that may change the length of a text; all later columns are 1:1 with what
it returns. Width, case and variants are left alone here: `search_key` folds them.
"""

import re
import unicodedata

__all__ = ["clean", "standard"]

# Zero-width and bidirectional controls, soft hyphen, Mongolian vowel separator, BOM, and the
# interlinear and tag characters that some sites scatter inside words as a watermark.
_INVISIBLE = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
# Joiners carry meaning between emoji and in Indic scripts; beside Han or kana they carry none.
_HAN = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_JOINERS = re.compile(f"(?<=[{_HAN}])[\u200c\u200d]+|[\u200c\u200d]+(?=[{_HAN}])")
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f"
_ODD = re.compile(
    f"[{_INVISIBLE}{_CONTROLS}{_SPACES}\u200c\u200d\x0b\x0c\r\x85\u2028\u2029\ue000-\uf8ff]"
)
_DROP = re.compile(f"[{_INVISIBLE}{_CONTROLS}]+")
_SPACE = re.compile(f"[{_SPACES}]")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

# GB18030-2005 kept these at private-use code points; GB18030-2022 gives the standard ones.
_PRIVATE = str.maketrans(
    "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796"
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864\ue7c7\ue7c8"
    "\ue815\ue816\ue817\ue818\ue831\ue83b\ue855",
    "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19"
    "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb\u1e3f\u01f9"
    "\u2e81\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe",
)

_PRIVATE_USE = re.compile("[\ue78d-\ue864]")


def clean(text: str) -> str:
    r"""Text as it is stored: NFC, `\n` line ends, no invisible characters, plain spaces.

    Private-use code points of old GB fonts become the standard character where one is known and
    stay where none is. The ideographic space U+3000 stays, since it indents paragraphs. Idempotent.
    """
    if text.isascii() and not _ODD.search(text):
        return text
    if _ODD.search(text):
        text = _LINE_END.sub("\n", text).translate(_PRIVATE)
        text = _SPACE.sub(" ", _DROP.sub("", text))
        text = _JOINERS.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def standard(text: str) -> str:
    """Text with the private-use code points of old GB fonts as standard characters; 1:1."""
    return text.translate(_PRIVATE) if _PRIVATE_USE.search(text) else text
