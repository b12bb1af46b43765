"""A board that shows nothing without scripts: drawn by Chromium, fetched by the crawl alone."""

import json
import shutil

import pytest

from archive.query import connect, rows_as_dicts
from archive.root import Root
from tests.replicas.alone import alone
from tests.replicas.fault_threads import board, thread
from tests.replicas.replica import Answer, Replica, not_found

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
HEAD = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>鱼市</title></head>'
SCRIPT = """
for (const other of ["/never/x.json", "ELSEWHERE/steal.json"])
  fetch(other).then(r => r.text()).then(t => document.title += t).catch(() => 0);
new Image().src = "ELSEWHERE/pixel.gif";
fetch("/data/1.html").then(r => r.text()).then(t => {
  const made = new DOMParser().parseFromString(t, "text/html");
  document.body.replaceChildren(...made.body.childNodes);
});
"""


class Scripted(Replica):
    """A plain list; a thread whose posts a script brings."""

    name, robots = "discuz", "User-agent: *\nDisallow: /never/\n"
    elsewhere = ""

    def route(self, request):
        if request.path == "/forum-2-1.html":
            return Answer(board("", ["/thread-1-1-1.html"]))
        if request.path == "/thread-1-1-1.html":
            page = f'{HEAD}<body><p>载入中</p><script src="/app.js"></script></body></html>'
            return Answer(page.encode(), validators=True)
        if request.path == "/app.js":
            script = SCRIPT.replace("ELSEWHERE", self.elsewhere)
            return Answer(script.encode(), content_type="text/javascript")
        if request.path == "/data/1.html":
            return Answer(thread("/thread-1-1-1.html"))
        return not_found("no such page")


def paths(listener):
    return [str(row["path"]) for row in listener.log]


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine")
@pytest.mark.timeout(180)
def test_a_page_that_needs_scripts(operator):
    pytest.importorskip("playwright", reason="the extra shenglu[browser] is not installed")
    site = Scripted("", 1)
    with alone(site) as listener, alone(Scripted("", 1)) as other:
        site.elsewhere = other.base
        words = ["crawl", "discuz", "--url", f"{listener.base}/forum-2-1.html", "--delay", "0"]
        plain = operator.shenglu(*words, "--archive", f"{operator.archive}-plain", "--json")
        assert json.loads(plain.stdout)[0]["tally"].get("comments.new", 0) == 0
        assert "/app.js" not in paths(listener)

        done = operator.shenglu(*words, "--browser", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)[0]["tally"]["comments.new"] == 5
        assert {"/app.js", "/data/1.html"} <= set(paths(listener))
        assert "/never/x.json" not in paths(listener)  # robots.txt
        assert paths(other) == []  # another host

    with connect(Root.open(operator.archive)) as base:
        rows = rows_as_dicts(base.execute("SELECT * FROM fetches ORDER BY observed_at"))
    threads = [row for row in rows if row["url"].endswith("/thread-1-1-1.html")]
    assert [row["warc_type"] for row in threads] == ["response", "resource"]
    assert [row["page_class"] for row in threads] == [None, "thread"]
    assert all(row["warc_filename"] for row in rows if row["url"].endswith(("app.js", "1.html")))
    assert operator.shenglu("check").returncode == 0
    again = operator.shenglu("reparse", "--dry-run")
    assert again.returncode == 0, again.stderr
    assert "5 comments" not in again.stdout
