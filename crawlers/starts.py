"""Seeds by template: the options of a run -> the first links."""

import re
from collections.abc import Iterator, Mapping

from archive.errors import UsageError
from archive.model import Link, PageClass

__all__ = ["span", "starts"]

_ORIGIN, _ADDRESS = "https://{}", re.compile(r"(https?://)(?=[^/\s])")
_SPAN = re.compile(r"(\d+)(?:\.\.(\d+))?")


def starts(options: Mapping[str, str], **templates: tuple[PageClass, str]) -> Iterator[Link]:
    """For each option that was given, a link per value (comma between), put into its template.

    A host may be written as an address too: `http://127.0.0.1:8080/` keeps its scheme and port.
    """
    for option, (kind, template) in templates.items():
        for value in options.get(option, "").split(","):
            if given := value.strip():
                yield Link(_filled(template, given), kind)


def _filled(template: str, given: str) -> str:
    if template.startswith(_ORIGIN) and (found := _ADDRESS.match(given)):
        return template.replace(_ORIGIN, found[1] + "{}", 1).format(
            given[found.end() :].rstrip("/")
        )
    return template.format(given)


def span(text: str) -> range:
    """`100..200` as the numbers 100 to 200, `100` as that one.

    Raises:
        UsageError: it is neither.
    """
    if not (found := _SPAN.fullmatch(text.strip())):
        raise UsageError(f"not a range: {text!r}; write 100..200 or 100")
    return range(int(found[1]), int(found[2] or found[1]) + 1)
