"""A template that shows nothing any more is told, and nobody is called deleted for it."""

import json

import pytest

from tests.replicas.ptt import Ptt


def without(monkeypatch, *pairs):
    render = Ptt.answer

    def changed(self, request):
        answer = render(self, request)
        body = answer.body
        for old, new in pairs:
            body = body.replace(old, new)
        return type(answer)(body, answer.status, answer.content_type, answer.headers)

    monkeypatch.setattr(Ptt, "answer", changed)


@pytest.mark.parametrize(
    ("pair", "gates"),
    [
        ((b'class="r-ent"', b'class="row"'), {"coverage", "items"}),
        ((b'class="push"', b'class="reply"'), {"collapsed", "yield", "drift"}),
    ],
    ids=["lists lead nowhere", "threads show no remarks"],
)
def test_nothing_is_called_deleted_when_discovery_collapses(operator, monkeypatch, pair, gates):
    words = ["crawl", "ptt", "--board", "Stock", "--base-url", operator.sites["ptt"]]
    words += ["--delay", "0", "--json"]
    for _ in range(2):
        done = operator.shenglu(*words)
        assert done.returncode == 0, done.stderr
    without(monkeypatch, pair)
    done = operator.shenglu(*words)
    (report,) = json.loads(done.stdout)
    assert done.returncode == 3
    assert {gate.partition(":")[0] for gate in report["gates"]} & gates, report["gates"]
    changed = ("articles.delete", "comments.delete", "comments.missing")
    assert {name: report["tally"].get(name, 0) for name in changed} == dict.fromkeys(changed, 0)
