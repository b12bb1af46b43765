"""The numbers of a survey: agreement of coders, shares and their intervals. Pure.

Own code, since the `krippendorff` package is under the GPL; tested with the examples of
Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

__all__ = ["Share", "agreement", "alpha", "settle", "share", "shares", "wilson"]

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with the 95 % Wilson interval of its proportion."""

    count: int
    of: int
    low: float
    high: float

    @property
    def part(self) -> float:
        """The proportion; 0 of an empty whole."""
        return self.count / self.of if self.of else 0.0


def alpha(units: Sequence[Sequence[str | None]]) -> float | None:
    """Krippendorff's alpha for nominal codes; a unit is its codes, one a coder, None where absent.

    None where nothing can be said: fewer than two codes in every unit, or only one code at all.
    """
    pairable = [[code for code in unit if code is not None] for unit in units]
    pairable = [codes for codes in pairable if len(codes) > 1]
    total = sum(map(len, pairable))
    counts = Counter(code for codes in pairable for code in codes)
    expected = total * total - sum(n * n for n in counts.values())
    if not expected:
        return None
    observed = 0.0
    for codes in pairable:
        same = sum(n * n for n in Counter(codes).values())
        observed += (len(codes) ** 2 - same) / (len(codes) - 1)
    return 1 - (total - 1) * observed / expected


def agreement(units: Sequence[Sequence[str | None]]) -> Share:
    """The pairs of codes of one unit that are equal, of all such pairs."""
    pairs = [
        (a, b)
        for unit in units
        for a, b in combinations([code for code in unit if code is not None], 2)
    ]
    return share(sum(a == b for a, b in pairs), len(pairs))


def settle(codes: Sequence[str | None]) -> str | None:
    """The code that more than half of a unit's coders gave, else None."""
    given = [code for code in codes if code is not None]
    if not given:
        return None
    code, count = Counter(given).most_common(1)[0]
    return code if 2 * count > len(given) else None


def wilson(count: int, of: int, z: float = _Z95) -> tuple[float, float]:
    """The Wilson score interval of a proportion (Wilson 1927); (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    part = count / of
    middle = (part + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(part * (1 - part) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(count: int, of: int) -> Share:
    """A share with its interval."""
    return Share(count, of, *wilson(count, of))


def shares(settled: Mapping[str, str | None], codes: Sequence[str]) -> dict[str, Share]:
    """The share of each code among the units that have a settled one."""
    counts = Counter(code for code in settled.values() if code is not None)
    whole = sum(counts.values())
    return {code: share(counts[code], whole) for code in codes}
