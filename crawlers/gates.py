"""Gates: what must hold for a finished run to count as good.

Scrapy exits 0 when every callback raised and when the host was dead; here such a run ends with
exit code 3 and names the gate. Pure: counters in, failures out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Gate", "failures"]

_WALLS = ("blocked", "captcha", "login", "paywall")


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that a run did not pass: its name, what was measured, and the limit."""

    name: str
    measured: str
    limit: str

    def __str__(self) -> str:
        return f"{self.name}: {self.measured} (limit {self.limit})"


def failures(tally: Mapping[str, int]) -> list[Gate]:
    """The gates that a run with these counters fails."""
    pages = tally.get("pages", 0)
    if not pages:  # everything asked for is known already: a dead host would have given errors
        return []
    walls = sum(tally.get(f"pages.{name}", 0) for name in _WALLS)
    found = [
        _share("errors", tally.get("errors", 0), pages, 0.1),
        _share("blocked", walls, pages, 0.05),
        _lists(tally),
        _share("unreadable", tally.get("unreadable", 0), pages, 0.1),
        _items(tally, pages),
        _completeness(tally),
    ]
    return [gate for gate in found if gate is not None]


def _share(name: str, part: int, whole: int, limit: float) -> Gate | None:
    if part <= whole * limit:
        return None
    return Gate(name, f"{part} of {whole} pages", f"{limit:.0%}")


def _lists(tally: Mapping[str, int]) -> Gate | None:
    """A list that could not be read hides everything that it leads to."""
    failed = tally.get("lists.failed", 0)
    return Gate("lists", f"{failed} lists could not be read", "0") if failed else None


def _items(tally: Mapping[str, int], pages: int) -> Gate | None:
    """Pages of content were fetched, and none of them gave an item, new or known."""
    if tally.get("items", 0):
        return None
    return Gate("items", f"{pages} pages gave no article and no comment", "at least 1")


def _completeness(tally: Mapping[str, int]) -> Gate | None:
    declared, fetched = tally.get("declared", 0), tally.get("fetched", 0)
    if fetched >= declared * 0.9:
        return None
    return Gate("completeness", f"{fetched} of {declared} declared comments", "90%")
