"""Template changes are caught in one run, and unchanged sites raise no alarm.

100 seeded changes that break something (`tests/replicas/breakage.py` says what counts), of the
three replicas and of the fixtures of all other sites; figures in docs/operations.md.
"""

import inspect
import json
import random
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from archive.model import Capture, Link, PageClass
from crawlers.page_object import Page as PageObject
from crawlers.registry import sites
from tests.replicas.breakage import Page, Run, changes, pages_of, read_run
from tests.replicas.discuz import Discuz
from tests.replicas.netease import Netease
from tests.replicas.ptt import Ptt
from tests.replicas.truth import truth

BASE = "http://127.0.0.1:1"
FIXTURES = Path(__file__).parents[1] / "sites"
COPIES = 12
CHANGES = 100


def replica_site(name):
    known = sites()[name]
    if name == "ptt":
        return known(board="Stock,Gossiping", base_url=BASE), Ptt, 16
    if name == "netease":
        return known(section="tech_list,money_list,dy_list", base_url=BASE), Netease, 90
    boards = [BASE + p for p in truth("discuz", 1).list_urls if "page=" not in p]
    return known(url=",".join(boards)), Discuz, 14


@pytest.fixture(scope="module")
def replicas():
    """Name -> site and the first pages of a crawl, by epoch."""
    found = {}
    for name in ("ptt", "netease", "discuz"):
        site, kind, most = replica_site(name)
        found[name] = site, {n: pages_of(site, kind(BASE, n), most) for n in (1, 2)}
    return found


def fixtures():
    """Site and page of every fixture with items, of the sites that have no replica."""
    for name, kind in sites().items():
        for folder in sorted((FIXTURES / name).glob("*/meta.json")):
            meta = json.loads(folder.read_text())
            if name in {"ptt", "netease", "discuz"} or not (meta.get("url") and kind.pages):
                continue
            body = next(folder.parent.glob("input.*")).read_bytes()
            when = datetime.fromisoformat(meta.get("fetched_at") or "2026-01-20T00:00:00+00:00")
            headers = (("Content-Type", meta["content_type"]),) if "content_type" in meta else ()
            link = Link(meta["url"], PageClass.ARTICLE, meta=meta.get("meta") or {})
            capture = Capture(meta["url"], body, when, meta.get("status", 200), headers)
            site = kind.__new__(kind)  # its page objects and source; it will not crawl
            yield site, Page(link, capture)


def rules_of(site):
    """What the site's declaration says, and that of the bases it builds on."""
    modules = {base.__module__ for page in site.pages for base in page.__mro__}
    modules &= {m for m in modules if m.startswith("crawlers.") and m != PageObject.__module__}
    return "".join(inspect.getsource(sys.modules[name]) for name in sorted(modules))


def many(run):
    """The run of a site whose pages all look like this one."""
    return Run(Counter({k: n * COPIES for k, n in run.tally.items()}), run.records * COPIES)


def broken_runs(replicas):
    """Runs after a change that broke something, with the history before it."""
    for name, (site, epochs) in replicas.items():
        before = read_run(site, epochs[1])
        for change in changes(epochs[1], 7, rules_of(site)):
            now = read_run(site, epochs[1], change)
            if before.broken(now):
                yield name, change, now.gates([before.tally] * 3)
    pages = list(fixtures())
    random.Random(7).shuffle(pages)  # noqa: S311 - the same each time
    drawn = [(site, page, changes([page], 7, rules_of(site))) for site, page in pages]
    while drawn:
        for one in list(drawn):
            site, page, left = one
            if (change := next(left, None)) is None:
                drawn.remove(one)
                continue
            before, now = many(read_run(site, [page])), many(read_run(site, [page], change))
            if before.broken(now):
                yield page.capture.url, change, now.gates([before.tally] * 3)


def test_of_a_hundred_template_changes_95_are_caught_in_one_run(replicas):
    seen, missed = 0, []
    for place, change, gates in broken_runs(replicas):
        seen += 1
        missed += [] if gates else [(place, change.kind, change.old)]
        if seen == CHANGES:
            break
    assert seen == CHANGES
    assert len(missed) <= 5, missed


def test_unchanged_sites_raise_no_alarm(replicas):
    """Runs that met other pages, or the same a visit later, after three runs like them."""
    dice, alarms, runs = random.Random(7), [], 0  # noqa: S311 - the same each time
    for name, (site, epochs) in replicas.items():
        each = [read_run(site, [page]) for epoch in epochs.values() for page in epoch]
        lists = [run for run in each if run.tally["pages.list"]]
        rest = [run for run in each if not run.tally["pages.list"]]
        for _ in range(100):
            drawn = [
                sum((r.tally for r in (*lists, *dice.sample(rest, len(rest) * 2 // 3))), Counter())
                for _ in range(4)
            ]
            runs += 1
            gates = Run(drawn[0], ()).gates(drawn[1:])
            alarms += [(name, gates)] if gates else []
    assert runs == 300
    assert len(alarms) <= 3, alarms
