"""Broken and hostile answers through the whole line: each has a name, none passes in silence."""

import json

import pytest

from archive.query import connect, rows_as_dicts
from archive.root import Root
from tests.replicas.faults import serving

SETTINGS = ["-s", "DOWNLOAD_TIMEOUT=4", "-s", "RETRY_TIMES=2", "--delay", "0"]
# A day's pause is refused at once; all others must come back within the run.
SLOWEST = 240


@pytest.fixture(scope="module")
def outcome(tmp_path_factory, request):
    """One crawl over every fault, as if each were a thread of a board."""
    from tests.integration.conftest import Operator

    archive = tmp_path_factory.mktemp("faults") / "archive"
    with serving() as faults:
        urls = {name: faults.url(name, "thread-17-1-1.html") for name in faults_of(faults)}
        words = ["crawl", "discuz", "--url", ",".join(urls.values()), *SETTINGS, "--json"]
        done = Operator(archive, None).shenglu(*words, timeout=SLOWEST)
    with connect(Root.open(archive)) as base:
        fetches = rows_as_dicts(base.execute("SELECT * FROM fetches ORDER BY observed_at"))
        quarantine = rows_as_dicts(base.execute("SELECT * FROM quarantine"))
        articles = rows_as_dicts(base.execute("SELECT * FROM articles"))
        comments = rows_as_dicts(base.execute("SELECT * FROM comments"))
    return {
        "done": done,
        "urls": urls,
        "fetches": fetches,
        "quarantine": quarantine,
        "items": [*articles, *comments],
    }


def faults_of(faults):
    from tests.replicas.faults import FAULTS

    return FAULTS


def classes(outcome, name):
    """How a fault ended: the class of its last exchange, and what else was noted."""
    url = outcome["urls"][name]
    mine = [f for f in outcome["fetches"] if f["url"] == url or name in f["url"].split("/")]
    found = {"error" for f in mine if f["error"] or f["status"] >= 500}
    found |= {f["page_class"] for f in mine if f["page_class"]}
    found |= {"denied" for f in mine if f["robots"] in {"deny", "unknown"}}
    found |= {"quarantine" for q in outcome["quarantine"] if name in q["url"].split("/")}
    found |= {"ok" for f in mine if f["page_class"] in {"thread", "article", "list"}}
    return found


def test_the_run_ends_with_a_gate_and_no_traceback(outcome):
    done = outcome["done"]
    assert done.returncode == 3, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)[0]
    assert any("errors" in gate for gate in report["gates"])


def test_every_fault_ends_as_it_should(outcome):
    from tests.replicas.faults import FAULTS

    wrong = {
        name: (sorted(classes(outcome, name)), fault.expect)
        for name, fault in FAULTS.items()
        if not classes(outcome, name) & set(fault.expect)
    }
    assert wrong == {}


def test_nothing_faulty_became_content(outcome):
    good = {"ok"}
    from tests.replicas.faults import FAULTS

    bad = {name for name, fault in FAULTS.items() if not good & set(fault.expect)}
    texts = [i for i in outcome["items"] if bad & set((i["url"] or "").split("/"))]
    assert [(i["url"], i["text"]) for i in texts] == []


def test_every_page_left_a_row(outcome):
    asked = {f["url"] for f in outcome["fetches"]}
    assert [url for url in outcome["urls"].values() if url not in asked] == []
