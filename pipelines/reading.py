"""A text with the four passes over it that every step needs, made in one go."""

from typing import NamedTuple

from pipelines.classes import passes

__all__ = ["Reading", "read"]


class Reading(NamedTuple):
    """A text; the class letter of each character; its projection, fold and usual Traditional."""

    text: str
    classes: str
    plain: str
    key: str
    usual: str

    def part(self, start: int, end: int) -> "Reading":
        """The reading of a part of the text."""
        return Reading(*(column[start:end] for column in self))


def read(text: str) -> Reading:
    """The reading of a text."""
    return Reading(text, *passes(text))
