"""A floor under the generic reader, on pages of our own in the shapes that sites have.

`tests/sites/generic/CASE` is a page and its truth. The figures of `baseline.json` are pinned:
a change that lowers one fails here; one that raises it is recorded by running this file.
"""

import collections
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.model import Capture
from crawlers.generic.page import read_generic

ROOT = Path(__file__).parents[1] / "sites" / "generic"
CASES = sorted(found.parent for found in ROOT.glob("*/truth.json"))
FETCHED = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)
TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def read(case):
    truth = json.loads((case / "truth.json").read_text("utf-8"))
    text = next(case.glob("page.*")).read_text("utf-8")
    return truth, read_generic(Capture(truth["url"], text.encode(), FETCHED), text)


def shingles(text):
    tokens = TOKEN.findall(text.lower())
    return collections.Counter(tuple(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3)))


def f1(ours, theirs):
    ours, theirs = shingles(ours), shingles(theirs)
    return 2 * sum((ours & theirs).values()) / (sum(ours.values()) + sum(theirs.values()))


def same_minute(moment, shown):
    wanted = datetime.fromisoformat(shown)
    return (
        moment is not None
        and moment.at is not None
        and abs(moment.at - wanted) < timedelta(minutes=1)
    )


def same_remark(found, truth):
    return (
        found.text == truth["text"]
        and found.author == truth["author"]
        and ("time" not in truth or same_minute(found.published, truth["time"]))
        and ("parent" not in truth or found.parent_id == truth["parent"])
    )


def measure():
    """Figures over all cases: higher is better but for `leaks` and `remarks_invented`."""
    count = collections.Counter()
    bodies = []
    for case in CASES:
        truth, data = read(case)
        count["pages"] += 1
        count["classes"] += data.page_class == truth["page_class"]
        article = data.articles[0] if data.articles else None
        if "body" in truth:
            text = article.text if article else ""
            bodies.append(f1("\n".join(truth["body"]), text))
            count["leaks"] += sum(line in text for line in truth.get("forbidden", ()))
        if article is not None:
            count["titles"] += article.title == truth.get("title")
            count["authors"] += list(article.authors) == truth.get("authors", [])
            count["minutes"] += "published" in truth and same_minute(
                article.published, truth["published"]
            )
        remarks = truth.get("comments", [])
        by_id = {remark.comment_id: remark for remark in data.comments}
        by_text = {(remark.author, remark.text): remark for remark in data.comments}
        for remark in remarks:
            found = by_id.get(remark.get("id")) or by_text.get((remark["author"], remark["text"]))
            count["remarks"] += found is not None and same_remark(found, remark)
        count["remarks_invented"] += max(0, len(data.comments) - len(remarks))
    return {**count, "leaks": count["leaks"], "body_f1": round(sum(bodies) / len(bodies), 4)}


def test_no_figure_falls():
    pinned = json.loads((ROOT / "baseline.json").read_text("utf-8"))
    found = measure()
    worse = {
        name: (found.get(name, 0), value)
        for name, value in pinned.items()
        if (
            found.get(name, 0) > value
            if name in {"leaks", "remarks_invented"}
            else found.get(name, 0) < value
        )
    }
    assert worse == {}


def test_a_worse_reader_would_be_noticed(monkeypatch):
    pinned = json.loads((ROOT / "baseline.json").read_text("utf-8"))
    monkeypatch.setattr("crawlers.generic.body.is_noise", lambda _line: False)
    assert measure()["leaks"] > pinned["leaks"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case):
    truth, data = read(case)
    assert data.problems == ()
    assert data.page_class == truth["page_class"]
    for line in truth.get("body", ()):
        assert line in data.articles[0].text
    for line in truth.get("forbidden", ()):
        assert line not in data.articles[0].text
    if "medium" in truth:
        assert data.articles[0].medium == truth["medium"]
    if "editor" in truth:
        assert data.articles[0].editor == truth["editor"]
    if "links" in truth:
        assert len(data.links) == truth["links"]
    if truth["page_class"] == "list":
        assert len(data.links) >= 30


def test_every_field_says_where_it_came_from():
    for case in CASES:
        _, data = read(case)
        for article in data.articles:
            for name in ("title", "text", "authors", "published"):
                if getattr(article, name):
                    assert article.provenance.get(name), (case.name, name)


def test_the_time_of_the_fetch_is_never_the_time_of_publication():
    text = (
        "<title>没有日期的一页</title><h1>没有日期的一页</h1><p>" + "这是一段没有日期的正文。" * 12
    )
    data = read_generic(Capture("https://nodate.example/a", text.encode(), FETCHED), text)
    assert data.articles[0].published is None


if __name__ == "__main__":
    (ROOT / "baseline.json").write_text(json.dumps(measure(), indent=1) + "\n", "utf-8")
    sys.stdout.write((ROOT / "baseline.json").read_text("utf-8"))
