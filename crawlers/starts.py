"""Seeds by template: the options of a run -> the first links."""

from collections.abc import Iterator, Mapping

from archive.model import Link, PageClass

__all__ = ["starts"]


def starts(options: Mapping[str, str], **templates: tuple[PageClass, str]) -> Iterator[Link]:
    """For each option that was given, a link per value (comma between), put into its template."""
    for option, (kind, template) in templates.items():
        for value in options.get(option, "").split(","):
            if given := value.strip():
                yield Link(template.format(given), kind)
