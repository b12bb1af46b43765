"""What coded sheets say: codes settled by majority, agreement, shares, and the report's numbers.

Pure. Nothing is dropped silently: a code outside the codebook and an id outside the sample are
listed as problems, and what the coders disagree on is counted as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any

from pipelines.survey import Camp, Topic, Unit
from pipelines.survey_charts import COLOURS, interval_bars, timeline
from pipelines.survey_statistics import Share, agreement, alpha, settle, shares

__all__ = ["UNCODED", "UNSETTLED", "Results", "evaluate", "report_values", "summary"]

_ZONE = timezone(timedelta(hours=8))
UNSETTLED = "unsettled"
UNCODED = "uncoded"


@dataclass(frozen=True, slots=True)
class Results:
    """The coded sample. `settled` has every unit; None where coders disagree or none coded it."""

    coders: tuple[str, ...]
    codes: dict[str, tuple[str | None, ...]]
    settled: dict[str, str | None]
    alpha: float | None
    agreement: Share
    shares: dict[str, Share]
    problems: tuple[str, ...]

    def group(self, evidence: str) -> str:
        """The camp that a unit stands under in the report."""
        code = self.settled[evidence]
        if code is not None:
            return code
        return UNSETTLED if any(self.codes[evidence]) else UNCODED


def evaluate(
    topic: Topic, units: Sequence[Unit], sheets: Mapping[str, Mapping[str, str]]
) -> Results:
    """The results of sheets by coder: evidence id -> code, in any case."""
    known = {camp.code.casefold(): camp.code for camp in topic.camps}
    sample = {unit.evidence for unit in units}
    problems: list[str] = []
    read: dict[str, dict[str, str]] = {}
    for coder, sheet in sheets.items():
        read[coder] = {}
        for evidence, written in sheet.items():
            code = known.get(written.casefold())
            if evidence not in sample:
                problems.append(f"{coder}: {evidence} is not in the sample")
            elif code is None:
                problems.append(f"{coder}: {written!r} ({evidence}) is no code of the codebook")
            else:
                read[coder][evidence] = code
    codes = {
        unit.evidence: tuple(read[coder].get(unit.evidence) for coder in sheets) for unit in units
    }
    settled = {evidence: settle(given) for evidence, given in codes.items()}
    return Results(
        coders=tuple(sheets),
        codes=codes,
        settled=settled,
        alpha=alpha(list(codes.values())),
        agreement=agreement(list(codes.values())),
        shares=shares(settled, [camp.code for camp in topic.camps]),
        problems=tuple(problems),
    )


def summary(results: Results, counts: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers as plain values, for JSON."""
    groups = [results.group(evidence) for evidence in results.settled]
    return {
        "counts": dict(counts),
        "coders": list(results.coders),
        "alpha": None if results.alpha is None else round(results.alpha, 4),
        "agreement": _plain(results.agreement),
        "settled": sum(code is not None for code in results.settled.values()),
        "unsettled": groups.count(UNSETTLED),
        "uncoded": groups.count(UNCODED),
        "camps": {code: _plain(share) for code, share in results.shares.items()},
        "problems": list(results.problems),
    }


def _plain(share: Share) -> dict[str, Any]:
    ends = [round(share.low, 4), round(share.high, 4)]
    return {"count": share.count, "of": share.of, "share": round(share.part, 4), "interval": ends}


def report_values(topic: Topic, units: Sequence[Unit], results: Results) -> dict[str, Any]:
    """The values that the report's template shows besides the summary."""
    groups = _groups(topic, units, results)
    bars = [
        (camp.label, share.part, share.low, share.high, f"{share.count} of {share.of}")
        for camp in topic.camps
        for share in (results.shares[camp.code],)
    ]
    days = {
        camp.label: [unit.time.astimezone(_ZONE).date() for unit in groups[camp.code]]
        for camp in topic.camps
    }
    sources = sorted({unit.source for unit in units})
    return {
        "bars": interval_bars(bars),
        "timeline": timeline(days),
        "colours": dict(zip((c.code for c in topic.camps), COLOURS * len(bars), strict=False)),
        "groups": [
            (camp, groups[camp.code])
            for camp in (*topic.camps, Camp(UNSETTLED, "Coders disagree"), Camp(UNCODED, "Uncoded"))
            if groups[camp.code] or camp in topic.camps
        ],
        "sources": [
            (source, {code: _of(found, source) for code, found in groups.items()})
            for source in sources
        ],
        "zone": _ZONE,
    }


def _groups(topic: Topic, units: Sequence[Unit], results: Results) -> dict[str, list[Unit]]:
    groups: dict[str, list[Unit]] = {camp.code: [] for camp in topic.camps}
    groups |= {UNSETTLED: [], UNCODED: []}
    for unit in sorted(units, key=lambda unit: (unit.time, unit.evidence)):
        groups[results.group(unit.evidence)].append(unit)
    return groups


def _of(units: Sequence[Unit], source: str) -> list[Unit]:
    return [unit for unit in units if unit.source == source]
