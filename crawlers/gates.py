"""Gates: what must hold for a finished run to count as good.

Scrapy exits 0 when every callback raised and when the host was dead; here such a run ends with
exit code 3 and names the gate. Besides fixed limits a run is held against the site's own earlier
runs: a selector that finds nothing any more is no error, only a column that was full and is empty.
Pure: counters in, failures out.

Counters of fields are named `of.CLASS.ITEM` (items read on pages of that class) and
`has.CLASS.ITEM.FIELD` (those with that field).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import median

__all__ = ["HISTORY", "Ended", "Gate", "failures"]

HISTORY = 10
"""Runs that a run is held against, at most; those that were themselves out of line are left out."""

_WALLS = ("blocked", "captcha", "login", "paywall")
_CONTENT = ("thread", "article", "api")
_FEW = 10  # items, pages or lists below which nothing is said about shares
_USUAL = 0.2  # share of items below which a field is too rare to miss
_ALWAYS = 0.97  # share of items above which a field is on every item, but for mishaps
_RULE = 0.2  # share of items below which a rule is too seldom used to miss
_ODD = frozenset({"errors", "blocked", "items", "drift", "yield", "coverage", "gone", "collapsed"})

Tally = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that a run did not pass: its name, what was measured, and the limit."""

    name: str
    measured: str
    limit: str

    def __str__(self) -> str:
        return f"{self.name}: {self.measured} (limit {self.limit})"


@dataclass(frozen=True, slots=True)
class Ended:
    """How the run ended, for the report; `error` is what stopped it."""

    run_id: str
    finished: bool
    resumed: bool
    tally: dict[str, int]
    gates: tuple[Gate, ...] = ()
    paused: str = ""
    error: Exception | None = None


def failures(tally: Tally, history: Sequence[Tally] = ()) -> list[Gate]:
    """The gates that a run with these counters fails; `history` are those of earlier runs."""
    pages = tally.get("pages", 0)
    torn = _torn(tally)
    if not pages:  # everything asked for is known already: a dead host would have given errors
        return [torn] if torn else []
    usual = [one for one in history if not any(one.get(f"gates.{name}") for name in _ODD)]
    walls = sum(tally.get(f"pages.{name}", 0) for name in _WALLS)
    found = [
        torn,
        _errors(tally, pages),
        _share("blocked", walls, pages, 0.05),
        _lists(tally),
        _share("unreadable", tally.get("unreadable", 0), pages, 0.1),
        _items(tally, pages),
        _completeness(tally),
        _gone(tally),
        _collapsed(tally),
        _falls("coverage", "links a list page", _listed(tally), map(_listed, usual)),
        _falls("yield", "items a page", _yield(tally), map(_yield, usual)),
        *_emptied(tally, usual[:HISTORY]),
        *_drift(tally, usual[:HISTORY]),
    ]
    return [gate for gate in found if gate is not None]


def _share(name: str, part: int, whole: int, limit: float) -> Gate | None:
    if part <= whole * limit:
        return None
    return Gate(name, f"{part} of {whole} pages", f"{limit:.0%}")


def _torn(tally: Tally) -> Gate | None:
    """Files that were to be read and could not be, or not whole."""
    count = sum(tally.get(f"left_out.{why}", 0) for why in ("damaged record", "file without one"))
    what = f"{count} records or files could not be read; the log says where"
    return Gate("damaged", what, "0") if count else None


def _errors(tally: Tally, pages: int) -> Gate | None:
    """Pages that failed; those that robots.txt forbids are counted by themselves, too."""
    gate = _share("errors", tally.get("errors", 0), pages, 0.1)
    forbidden = tally.get("forbidden", 0)
    if gate is None or not forbidden:
        return gate
    return replace(gate, measured=f"{gate.measured}, {forbidden} of them forbidden by robots.txt")


def _lists(tally: Tally) -> Gate | None:
    """A list that could not be read hides everything that it leads to."""
    failed = tally.get("lists.failed", 0)
    return Gate("lists", f"{failed} lists could not be read", "0") if failed else None


def _items(tally: Tally, pages: int) -> Gate | None:
    """Pages were fetched, and none of them gave an item, new or known.

    Lists alone are fine if they lead somewhere: a backfill repeated finds that all is known.
    """
    lists = tally.get("pages.list", 0) + tally.get("pages.feed", 0)
    if tally.get("items", 0) or (lists == pages and tally.get("listed", 0)):
        return None
    return Gate("items", f"{pages} pages gave no article and no comment", "at least 1")


def _completeness(tally: Tally) -> Gate | None:
    declared, fetched = tally.get("declared", 0), tally.get("fetched", 0)
    if fetched >= declared * 0.9:
        return None
    return Gate("completeness", f"{fetched} of {declared} declared comments", "90%")


def _gone(tally: Tally) -> Gate | None:
    """Known pages that are gone: a few each run are life, half of them are a site that moved."""
    gone, asked = tally.get("gone", 0), tally.get("known", 0)
    if asked < _FEW or gone * 2 <= asked:
        return None
    return Gate("gone", f"{gone} of {asked} known pages are gone", "50%")


def _collapsed(tally: Tally) -> Gate | None:
    """Threads in which a walk to the end met nothing of many comments that were there before."""
    count = tally.get("threads.collapsed", 0)
    if not count:
        return None
    return Gate("collapsed", f"{count} threads lost their comments all at once", "0")


def _listed(tally: Tally) -> tuple[float, int] | None:
    """Links to articles and threads a list page, and the number of list pages."""
    lists = tally.get("pages.list", 0) + tally.get("pages.feed", 0)
    return (tally.get("listed", 0) / lists, lists) if lists else None


def _yield(tally: Tally) -> tuple[float, int] | None:
    """Articles and comments a page, over the pages that should hold some."""
    pages = sum(tally.get(f"pages.{name}", 0) for name in (*_CONTENT, "other", "empty"))
    return (tally.get("items", 0) / pages, pages) if pages >= _FEW else None


def _emptied(tally: Tally, history: Sequence[Tally]) -> Iterable[Gate | None]:
    """The same for one kind of items on pages of one class: articles without their comments."""
    for name in sorted({k for one in history for k in one if k.startswith("of.")}):
        page_class, item = name.removeprefix("of.").split(".", 1)
        if item != "page":
            place = f"pages.{page_class}"
            rates = [_rate(one, name, place) for one in (tally, *history)]
            what = f"{item}s a page of class {page_class}"
            yield _falls("yield", what, rates[0], rates[1:])


def _rate(tally: Tally, name: str, place: str) -> tuple[float, int] | None:
    pages = tally.get(place, 0)
    return (tally.get(name, 0) / pages, pages) if pages >= _FEW else None


def _falls(
    name: str,
    what: str,
    now: tuple[float, int] | None,
    before: Iterable[tuple[float, int] | None],
) -> Gate | None:
    """Less than a quarter of the usual, and less than any run before: something is not found."""
    known = [rate for one in before if one is not None for rate in one[:1]][:HISTORY]
    if now is None or not known or median(known) < 1:
        return None
    rate, _ = now
    usual = median(known)
    if rate >= usual / 4 or rate >= min(known):
        return None
    return Gate(name, f"{what}: {usual:.1f} -> {rate:.1f}", f"a quarter of the last {len(known)}")


def _drift(tally: Tally, history: Sequence[Tally]) -> Iterable[Gate]:
    """Fields that were filled and are empty now, by page class: a selector went out of date."""
    for name in sorted(tally):
        if not name.startswith("of.") or tally[name] < _FEW:
            continue
        place, items = name.removeprefix("of."), tally[name]
        before = sum(one.get(name, 0) for one in history)
        fields = {k for one in history for k in one if k.startswith(f"has.{place}.")}
        for key in sorted(fields) if before >= _FEW else ():
            usual = min(1.0, sum(one.get(key, 0) for one in history) / before)
            share = tally.get(key, 0) / items
            guess = (usual * before + 1) / (before + 2)  # what was always there may be missed once
            chance = 4 * sqrt(guess * (1 - guess) / items)
            least, limit = _limits(key, usual)
            if usual >= least and share < limit and usual - share > chance:
                page_class, item, field = key.removeprefix("has.").split(".", 2)
                shown = f"{page_class} pages, {item}, {field}: {usual:.0%} -> {share:.0%}"
                yield Gate("drift", shown, "half of the site's own history")


def _limits(key: str, usual: float) -> tuple[float, float]:
    """From which usual share on a field is judged, and the share below which it has drifted."""
    if " by " in key:  # another rule may stand in for some pages: only one as good as gone counts
        return _RULE, usual / 10
    return _USUAL, 0.8 if usual >= _ALWAYS else usual * 0.6
