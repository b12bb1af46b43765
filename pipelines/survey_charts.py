"""Plots of a survey as SVG text: no library, no script, readable in print. Pure.

Colours are Okabe and Ito's, which people with any colour vision tell apart; each series is also
named. Numbers of a bar are in its tooltip and in the table beside the plot.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape

__all__ = ["COLOURS", "interval_bars", "periods", "timeline"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
_WIDTH, _LEFT, _RIGHT = 720, 130, 60
_ROW = 34
_HEIGHT, _TOP, _BOTTOM = 240, 16, 40
_MOST_BARS = 62


def interval_bars(rows: Sequence[tuple[str, float, float, float, str]]) -> str:
    """Horizontal bars: label, proportion, low and high end of its interval, and a tooltip."""
    height = _ROW * len(rows) + 26
    plot = _WIDTH - _LEFT - _RIGHT
    parts = []
    for number, (label, part, low, high, tip) in enumerate(rows):
        y = number * _ROW + 6
        colour = COLOURS[number % len(COLOURS)]
        start, end = _LEFT + low * plot, _LEFT + high * plot
        middle = y + _ROW / 2 - 4
        parts += [
            (
                f'<g><title>{escape(tip)}</title><text x="{_LEFT - 8}" y="{middle + 5:.1f}" '
                f'text-anchor="end">{escape(label)}</text>'
            ),
            (
                f'<rect x="{_LEFT}" y="{y}" width="{part * plot:.1f}" height="{_ROW - 10}" '
                f'fill="{colour}"/>'
            ),
            (
                f'<path d="M{start:.1f} {middle:.1f}H{end:.1f}M{start:.1f} {middle - 5:.1f}v10'
                f'M{end:.1f} {middle - 5:.1f}v10" stroke="currentColor" fill="none"/>'
            ),
            f'<text x="{end + 6:.1f}" y="{middle + 5:.1f}">{part:.0%}</text></g>',
        ]
    ticks = "".join(
        f'<text x="{_LEFT + plot * tick / 4:.0f}" y="{height - 4}" text-anchor="middle">'
        f"{tick * 25} %</text>"
        for tick in range(5)
    )
    return _svg(height, "".join(parts) + ticks, "Shares with 95 % intervals")


def periods(days: Sequence[date]) -> list[tuple[date, date]]:
    """The span of those days in equal steps: of a day, or of the weeks that give few bars."""
    if not days:
        return []
    first, last = min(days), max(days)
    step = 1
    while (last - first).days // step >= _MOST_BARS:
        step = 7 if step == 1 else step + 7
    count = (last - first).days // step + 1
    starts = [first + timedelta(days=step * number) for number in range(count)]
    return [(start, start + timedelta(days=step)) for start in starts]


def timeline(series: Mapping[str, Sequence[date]]) -> str:
    """Stacked bars of how many units of each series fall into each period."""
    spans = periods([day for days in series.values() for day in days])
    if not spans:
        return ""
    counts = [
        Counter(next(n for n, (_, end) in enumerate(spans) if day < end) for day in days)
        for days in series.values()
    ]
    most = max(sum(count[n] for count in counts) for n in range(len(spans)))
    plot, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    wide = plot / len(spans)
    parts = []
    for number, (start, end) in enumerate(spans):
        y = float(_HEIGHT - _BOTTOM)
        for at, (label, count) in enumerate(zip(series, counts, strict=True)):
            size = count[number] / most * tall
            y -= size
            if count[number]:
                tip = f"{_days(start, end)}: {label}, {count[number]}"
                parts.append(
                    f'<rect x="{_LEFT + number * wide + 1:.1f}" y="{y:.1f}" '
                    f'width="{max(1.0, wide - 2):.1f}" height="{size:.1f}" '
                    f'fill="{COLOURS[at % len(COLOURS)]}"><title>{escape(tip)}</title></rect>'
                )
    labels = _axis(spans, wide, most)
    return _svg(_HEIGHT, "".join(parts) + labels, "Units by date of publication (+08:00)")


def _days(start: date, end: date) -> str:
    last = end - timedelta(days=1)
    return start.isoformat() if last == start else f"{start} to {last}"


def _axis(spans: Sequence[tuple[date, date]], wide: float, most: int) -> str:
    every = max(1, len(spans) // 6)
    dates = "".join(
        f'<text x="{_LEFT + (n + 0.5) * wide:.0f}" y="{_HEIGHT - _BOTTOM + 18}" '
        f'text-anchor="middle">{start:%m-%d}</text>'
        for n, (start, _) in enumerate(spans)
        if n % every == 0
    )
    base = _HEIGHT - _BOTTOM
    return (
        f'{dates}<path d="M{_LEFT} {base}H{_WIDTH - _RIGHT}" stroke="currentColor"/>'
        f'<text x="{_LEFT - 8}" y="{_TOP + 8}" text-anchor="end">{most}</text>'
        f'<text x="{_LEFT - 8}" y="{base}" text-anchor="end">0</text>'
    )


def _svg(height: int, inside: str, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'font-size="13" fill="currentColor" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )
