"""A run that is out of line is told: gate, exit code, manifest, metrics, alert."""

import json

from tests.replicas.discuz import Discuz


def test_a_template_change_is_caught_in_one_run_and_told(operator, receiver, monkeypatch):
    url, got = receiver
    metrics = operator.archive.parent / "shenglu.prom"
    words = ["--alert", url, "--metrics", metrics]
    for _ in range(2):
        done, report = operator.crawl("discuz", *words)
        assert (done.returncode, report["gates"]) == (0, [])
    assert got == []

    render = Discuz.answer

    def changed(self, request):
        answer = render(self, request)
        body = answer.body.replace(b'id="authorposton', b'id="posted-')
        return type(answer)(body, answer.status, answer.content_type, answer.headers)

    monkeypatch.setattr(Discuz, "answer", changed)
    done, report = operator.crawl("discuz", *words)
    assert done.returncode == 3
    assert any("thread pages, comment, published: 100% -> 0%" in g for g in report["gates"]), report
    (message,) = got
    assert message["title"] == "shenglu: discuz ended with 3"
    assert "published: 100% -> 0%" in message["message"]
    text = metrics.read_text("utf-8")
    assert 'shenglu_run_gate_failed{site="discuz",gate="drift"} 1' in text
    assert 'shenglu_run_exit_code{site="discuz"} 3' in text
    manifest = json.loads((operator.archive / f"meta/runs/{report['run_id']}.json").read_text())
    assert manifest["gates"] == report["gates"]
    assert manifest["exit_code"] == 3
    assert manifest["settings"]["ROBOTSTXT_OBEY"] is True
    row = operator.shenglu("query", "SELECT outcome FROM runs ORDER BY run_id DESC", "--json")
    assert "gate drift" in json.loads(row.stdout.splitlines()[0])["outcome"]


def test_a_dead_site_is_told(operator, receiver):
    url, got = receiver
    words = ["crawl", "discuz", "--url", "http://127.0.0.1:9/forum-2-1.html", "--delay", "0"]
    done = operator.shenglu(*words, "-s", "RETRY_TIMES=0", "--alert", url)
    assert done.returncode == 3
    assert "errors: 1 of 1 pages" in got[0]["message"]


def test_an_address_that_nobody_reads_is_a_usage_error(operator):
    done = operator.shenglu(*operator.crawl_words("ptt"), "--alert", "nosuch://x")
    assert done.returncode == 2
    assert "nosuch" in done.stderr
    assert operator.sites.log("ptt") == []


def test_the_history_outlives_the_state_file(operator, monkeypatch):
    operator.crawl("discuz")
    for file in (operator.archive / "state").glob("frontier.db*"):
        file.unlink()
    render = Discuz.answer

    def changed(self, request):
        answer = render(self, request)
        body = answer.body.replace(b'id="authorposton', b'id="posted-')
        return type(answer)(body, answer.status, answer.content_type, answer.headers)

    monkeypatch.setattr(Discuz, "answer", changed)
    _done, report = operator.crawl("discuz")
    assert any(gate.startswith("drift") for gate in report["gates"])
