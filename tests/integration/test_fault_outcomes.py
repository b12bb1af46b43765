"""Broken and hostile answers through the whole line: each has a name, none passes in silence."""

import json
import os
from pathlib import Path

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
        urls = {
            name: faults.url(name, "forum-2-1.html" if "trap" in name else f"thread-{n}-1-1.html")
            for n, name in enumerate(faults_of(faults), 100)
        }
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
    mine = [
        f
        for f in outcome["fetches"]
        if f["url"] == url
        or name in f["url"].split("/")
        or (f["page_reason"] or "").endswith(f"redirected from {url}")
    ]
    found = {"error" for f in mine if f["error"] or f["status"] >= 500}
    found |= {f["page_class"] for f in mine if f["page_class"]}
    found |= {"denied" for f in mine if f["robots"] in {"deny", "unknown"}}
    mine_quarantine = [q for q in outcome["quarantine"] if name in q["url"].split("/")]
    found |= {"quarantine" for _ in mine_quarantine}
    found |= {"trap" for q in mine_quarantine if q["part"] == "link"}
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


def test_the_table_in_the_docs_is_what_the_run_gave(outcome):
    """SHENGLU_WRITE_DOCS=1 writes the table instead of comparing it."""
    from tests.replicas.faults import FAULTS

    page = Path(__file__).parents[2] / "docs" / "faults.md"
    rows = [
        f"| `{name}` | {fault.what} | {', '.join(sorted(classes(outcome, name)))} |"
        for name, fault in FAULTS.items()
    ]
    head = page.read_text("utf-8").split("| Fault |")[0]
    table = "\n".join(("| Fault | What the server does | Outcome |", "|---|---|---|", *rows, ""))
    if os.environ.get("SHENGLU_WRITE_DOCS"):
        page.write_text(head + table, "utf-8")
    assert len(rows) >= 100
    assert page.read_text("utf-8") == head + table


def test_no_thread_is_walked_for_ever(outcome):
    pages = [f for f in outcome["fetches"] if "/endless-thread/" in f["url"]]
    assert len(pages) == 40
    report = json.loads(outcome["done"].stdout)[0]
    assert report["tally"]["stop.cap"] == 1


def test_traps_are_counted_and_the_first_are_shown(outcome):
    report = json.loads(outcome["done"].stdout)[0]
    shown = [q for q in outcome["quarantine"] if q["part"] == "link"]
    assert report["tally"]["traps"] >= 100
    assert 5 <= len(shown) <= 15
    assert all(q["reason"].startswith("trap: ") for q in shown)


def test_what_a_page_asks_of_its_copies_is_noted(outcome):
    asked = [f["page_reason"] for f in outcome["fetches"] if "/noarchive/" in f["url"]]
    assert asked == ["asks for noarchive, nosnippet"]


def test_ten_thousand_comments_are_ten_thousand_rows(outcome):
    url = outcome["urls"]["ten-thousand-comments"]
    rows = {i["comment_id"] for i in outcome["items"] if i["url"].startswith(url) and "floor" in i}
    assert len(rows) == 10_000
