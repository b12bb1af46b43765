"""Bytes to text: which charset a page is really in, whatever it says.

A declaration is a hint that is checked against the bytes. Strict UTF-8 and a BOM are proofs. All
else is a contest: each candidate decodes the bytes, and the one whose characters are the most
usual in Chinese wins, with a small advantage for what the page declares. GB2312 and GBK are read
as GB18030, Big5 as Big5-HKSCS or as the UAO table that PTT uses.

Sources: WHATWG Encoding (labels), RFC 3629 (UTF-8), GB 18030, HKSCS-2008, UAO 2.50.
"""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import log

from pipelines.legacy import decode_big5_uao, decode_gb18030
from pipelines.tables import read_json

__all__ = ["Decoded", "declared_charsets", "decode"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})"
    rb"|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
# Far more than the 1,024 bytes that browsers look at: scripts often come first.
_HEAD = 65_536
_FAMILIES = {
    "gb18030": "gb18030 gb2312 gbk gb-2312-80 gb2312-80 cp936 ms936 windows-936 x-gbk euc-cn",
    "big5-hkscs": "big5 big5-hkscs big5hkscs cn-big5 x-x-big5 cp950 ms950 big5-eten",
    "big5-uao": "big5-uao big5uao",
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 utf-8-sig unicode",
}
_LABELS = {label: name for name, labels in _FAMILIES.items() for label in labels.split()}
# Always tried: the charsets that Chinese pages are really in.
_USUAL = ("gb18030", "big5-hkscs", "big5-uao")
# What a server says when nobody told it: no evidence.
_EMPTY_WORDS = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252"}
_SAMPLE = 60_000
# Searched by regex: a loop over the characters of a page costs more than parsing it.
_NARROW = re.compile("[\x80-\u07ff]")
_WIDE = re.compile("[\u2e80-\U0010ffff]")
# In nats a character; chosen so that one wrong character in fifty outweighs a declaration.
_DECLARED_BONUS = 0.1
_BROKEN = 14.0


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how it was read.

    `declared` is the first charset that header or markup names (None if none); `replacements`
    counts U+FFFD put in for unreadable bytes; `method` is bom, utf-8, declared, scored or ascii.
    """

    text: str
    charset: str
    declared: str | None
    replacements: int
    method: str


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of these bytes, read with the charset that they are really in; never raises."""
    declared = declared_charsets(body, content_type)
    said = declared[0] if declared else None
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _result(_read(body[len(mark) :], name), name, said, "bom")
    if (wide := _wide(body)) is not None:
        return _result(_read(body, wide), wide, said, "scored")
    if body.isascii() and b"~{" not in body and b"\x1b$" not in body:
        return Decoded(body.decode("ascii"), "utf-8", said, 0, "ascii")
    if (text := _strict_utf8(body)) is not None and not _looks_accidental(text):
        return _result(text, "utf-8", said, "utf-8")
    return _contest(body, declared)


def declared_charsets(body: bytes, content_type: str = "") -> list[str]:
    """Charsets that the header, then the markup, names; normal names, unknown ones left out."""
    found = [m.group(1) for m in _HEADER.finditer(content_type)]
    found += [(a or b).decode("ascii", "replace") for a, b in _META.findall(body[:_HEAD])]
    bare = content_type.strip().lower()
    if bare and "/" not in bare and "=" not in bare:
        found.insert(0, bare)
    names = (_normal(label) for label in found)
    return list(dict.fromkeys(name for name in names if name))


def _normal(label: str) -> str | None:
    label = label.strip().lower().replace("_", "-")
    if name := _LABELS.get(label):
        return name
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # Some Python codecs (base64, rot13) are no charsets at all.
    return info.name if getattr(info, "_is_text_encoding", False) else None


def _read(body: bytes, charset: str) -> str:
    if charset == "gb18030":
        return decode_gb18030(body)
    if charset == "big5-uao":
        return decode_big5_uao(body)
    try:
        return body.decode("big5hkscs" if charset == "big5-hkscs" else charset, "replace")
    except (UnicodeError, LookupError, ValueError):
        return body.decode("latin-1")


def _result(text: str, charset: str, said: str | None, method: str) -> Decoded:
    return Decoded(text, charset, said, text.count("\ufffd"), method)


def _wide(body: bytes) -> str | None:
    """UTF-16 without a BOM shows as a zero byte in nearly every second place of its ASCII."""
    head = body[:4096]
    if len(head) < 8 or head.count(0) * 4 < len(head):
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    return None if even == odd else "utf-16-le" if odd > even else "utf-16-be"


def _strict_utf8(body: bytes) -> str | None:
    """The body as UTF-8; a sequence cut off at the very end becomes one U+FFFD."""
    with suppress(UnicodeDecodeError):
        return body.decode()
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(body)
    except UnicodeDecodeError:
        return None
    return text + "\ufffd" if decoder.getstate()[0] else text


def _looks_accidental(text: str) -> bool:
    """Whether legal UTF-8 may be chance: a few two-byte sequences and not one Han character."""
    return not _WIDE.search(text) and 0 < len(_NARROW.findall(text)) <= 6


def _contest(body: bytes, declared: list[str]) -> Decoded:
    said = declared[0] if declared else None
    hints = [name for name in declared if name not in _EMPTY_WORDS]
    if "big5-hkscs" in hints:  # the label says nothing about which extension is in use
        hints.append("big5-uao")
    silent = [name for name in declared if name in _EMPTY_WORDS]
    sample = body if len(body) <= _SAMPLE else _dense(body)
    best, best_score = "utf-8", float("-inf")
    for name in dict.fromkeys((*hints, *_USUAL, "utf-8", *silent)):
        score = plausibility(_read(sample, name))
        score += _DECLARED_BONUS if name in hints else 0.0
        if score > best_score:
            best, best_score = name, score
    return _result(_read(body, best), best, said, "declared" if best in hints else "scored")


def _dense(body: bytes) -> bytes:
    """The part of a long body that holds its first bytes beyond ASCII, cut at ASCII bytes."""
    first = next(i for i, byte in enumerate(body) if byte >= 0x80) if not body.isascii() else 0
    end = first + _SAMPLE
    while end < len(body) and body[end] >= 0x40:
        end += 1
    return body[first:end]


def plausibility(text: str) -> float:
    """Mean log-probability of the characters beyond ASCII as Chinese; 0 where there are none."""
    table, rare = _weights()
    scores = [table.get(char, rare) for char in text if char > "\x7f"]
    return sum(scores) / len(scores) if scores else -_BROKEN / 2


@cache
def _weights() -> tuple[dict[str, float], float]:
    ordered = read_json("characters.json")["frequency"]
    table = {char: -log(rank + 20.0) for rank, char in enumerate(ordered)}
    rare = -log(len(ordered) * 4.0)
    table |= dict.fromkeys("，。、；：？！“”‘’「」『』（）《》〈〉【】…—·～％　", -4.0)
    table |= {chr(code): -7.5 for code in (*range(0xFF01, 0xFF5F), *range(0x3041, 0x30FF))}
    table |= {chr(code): -13.0 for code in (*range(0x80, 0xA0), *range(0xE000, 0xF900))}
    table["\ufffd"] = -_BROKEN
    return table, rare
