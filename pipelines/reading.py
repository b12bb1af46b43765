"""A text with the two passes over it that every step needs: class letters and plain projection."""

from typing import NamedTuple

from pipelines.classes import classify, project

__all__ = ["Reading", "read"]


class Reading(NamedTuple):
    """A text, the class letter of each character, and its character-by-character projection."""

    text: str
    classes: str
    plain: str

    def part(self, start: int, end: int) -> "Reading":
        """The reading of a part of the text."""
        return Reading(self.text[start:end], self.classes[start:end], self.plain[start:end])


def read(text: str) -> Reading:
    """The reading of a text."""
    return Reading(text, classify(text), project(text))
