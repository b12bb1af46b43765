"""Two double-byte charsets that Python's codecs read only in part: GB18030 and Big5-UAO."""

import codecs
import re
from functools import cache

from pipelines.characters import standard
from pipelines.tables import read_bytes

__all__ = ["decode_big5_uao", "decode_gb18030"]

_LEADS = range(0x81, 0xFF)
_TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
_UNIT = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]|[\x00-\x7f]+")


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Windows code page 936 writes the euro sign as a lone 0x80, which GB18030 does not know."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    sign = "\u20ac" if error.object[error.start] == 0x80 else "\ufffd"
    return sign, error.start + 1 if sign == "\u20ac" else error.end


def decode_gb18030(body: bytes) -> str:
    """GB18030 text; U+FFFD for what is none; private-use code points of old fonts mapped."""
    codecs.register_error("shenglu.euro", _euro)
    return standard(body.decode("gb18030", "shenglu.euro"))


@cache
def _uao() -> dict[bytes, str]:
    cells = read_bytes("uao.bin").decode("utf-16-le")
    codes = (bytes((lead, trail)) for lead in _LEADS for trail in _TRAILS)
    return dict(zip(codes, cells, strict=True))


def decode_big5_uao(body: bytes) -> str:
    """Big5 text with the Unicode-At-On block; U+FFFD for what is none."""
    table = _uao()
    units = _UNIT.findall(body)
    return "".join(u.decode("ascii") if u[0] < 0x80 else table.get(u, "\ufffd") for u in units)
