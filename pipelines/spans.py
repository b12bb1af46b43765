"""Spans that no conversion may touch: URLs, addresses, handles, code, and names that a user gave.

Conversion reads the text around them as usual; they are put back afterwards, which is safe since
every conversion here is 1:1 in code points.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from archive.errors import UsageError

__all__ = ["Protection", "overlay", "read_protection", "restore"]

# Places where a span may begin or show itself, and what is tried from each of them.
_MARK = re.compile("[@\uff20/`#]")
_STOP = r"\s<>\"'“”‘’「」『』，。！？；、（）《》【】"
_URL = re.compile(rf"(?:https?|ftp)://[^{_STOP}]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_HANDLE = re.compile(r"(?<![A-Za-z0-9_.+-])[@\uff20][\w·-]{1,30}")
_REDDIT = re.compile(r"(?<![\w/])/?u/[\w-]{2,30}", re.ASCII)
_TAG = re.compile(r"(?<![\w&])#[\w-]*[A-Za-z0-9_-][\w-]*(?=[\s,.]|$)")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
# How far before its mark each kind of span may begin.
_KINDS = {
    "/": ((_URL, 6), (_REDDIT, 1), (_REDDIT, 0)),
    "@": ((_MAIL, 64), (_HANDLE, 0)),
    "\uff20": ((_HANDLE, 0),),
    "#": ((_TAG, 0),),
    "`": ((_CODE, 0),),
}


@dataclass(frozen=True)
class Protection:
    """Names that a user wants kept: pairs of (Traditional, Simplified) form."""

    names: tuple[tuple[str, str], ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the forms, longest first."""
        forms = sorted({f for pair in self.names for f in pair}, key=lambda f: (-len(f), f))
        return re.compile("|".join(map(re.escape, forms)) or r"(?!)")

    @cached_property
    def hans(self) -> dict[str, str]:
        """Form -> form in Simplified text."""
        return {form: pair[1] for pair in self.names for form in pair}

    @cached_property
    def hant(self) -> dict[str, str]:
        """Form -> form in Traditional text."""
        return {form: pair[0] for pair in self.names for form in pair}


def restore(source: str, converted: str, names: dict[str, str] | None = None) -> str:
    """`converted` with every protected span of `source` put back.

    `names` maps further forms to what they become. Both texts have the same length.
    """
    converted = overlay(converted, ((a, b, source[a:b]) for a, b in _spans(source)))
    if names:
        found = _names_pattern(tuple(names)).finditer(source)
        converted = overlay(converted, ((m.start(), m.end(), names[m.group()]) for m in found))
    return converted


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """URLs, addresses, handles, tags and code, in order, without overlap."""
    done = 0
    for mark in _MARK.finditer(text):
        if mark.start() < done:
            continue
        for pattern, reach in _KINDS[mark.group()]:
            match = _around(pattern, text, mark.start(), max(done, mark.start() - reach))
            if match:
                done = match.end()
                yield match.span()
                break


def _around(pattern: re.Pattern[str], text: str, index: int, first: int) -> re.Match[str] | None:
    """The match of the pattern that begins at `first` or later and covers `index`."""
    for start in range(first, index + 1):
        match = pattern.match(text, start)
        if match and match.end() > index:
            return match
    return None


def overlay(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """`text` with each (start, end, replacement) put in; pieces in order, without overlap."""
    parts: list[str] = []
    last = 0
    for start, end, piece in pieces:
        parts += (text[last:start], piece)
        last = end
    return "".join((*parts, text[last:])) if last else text


@cache
def _names_pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, ordered)))


def read_protection(file: Path) -> Protection:
    """A user's list: one name a line, or Traditional and Simplified form with a tab between.

    A third column (the reason) and lines that begin with # are left out. Raises `UsageError` where
    the file cannot be read or the two forms differ in length.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}; give a UTF-8 file with one name a line") from error
    return Protection(tuple(_pairs(file, lines)))


def _pairs(file: Path, lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        hant, hans = cells[0], cells[1] if len(cells) > 1 and cells[1] else cells[0]
        if len(hant) != len(hans):
            raise UsageError(
                f"{file}:{number}: {hant} and {hans} differ in length; give equal ones"
            )
        yield hant, hans
