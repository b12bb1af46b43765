"""One contract for every site: its declaration, its size, and its fixtures.

A fixture is a folder `tests/sites/SITE/CASE` with `input.*` (bytes as served), `meta.json` (url,
content_type, fetched_at; status and link meta where they matter) and `expected.json`. Write the
expectation of a new case with `python tests/contract/test_sites.py SITE/CASE`, then read it.
"""

import json
import re
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from archive.model import Capture, PageClass, State
from crawlers.page import UNKNOWN_TIME, CommentApi, Page, Reading, View, read_page, remark
from crawlers.registry import site_for, sites
from crawlers.rules import declared, each, hrefs_of, read_rule
from pipelines.urls import canonical

ROOT = Path(__file__).parents[1] / "sites"
CASES = sorted(
    str(found.parent.relative_to(ROOT))
    for name in sites()
    for found in (ROOT / name).glob("*/meta.json")
)
CORE = {"ptt": 10, "netease": 10, "discuz": 10}


def plain(value: Any) -> Any:
    """A record as JSON: what is empty or a default says nothing and is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        named.pop("provenance", None)
        if named.get("state") == "visible":
            named.pop("state")
        return {k: v for k, v in named.items() if v not in (None, "", [], {}, ())}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def load(case: str) -> View:
    folder = ROOT / case
    meta = json.loads((folder / "meta.json").read_text())
    body = next(folder.glob("input.*")).read_bytes()
    fetched = meta.get("fetched_at")
    capture = Capture(
        meta.get("url") or "",
        body,
        datetime.fromisoformat(fetched) if fetched else UNKNOWN_TIME,
        meta.get("status", 200),
        (("Content-Type", meta["content_type"]),) if meta.get("content_type") else (),
    )
    return View(capture, meta.get("meta"))


def read(case: str) -> Reading:
    site = sites()[case.partition("/")[0]]
    return read_page(load(case), site.pages, generic=False)


def answer(case: str) -> dict[str, Any]:
    reading = read(case)
    return {"parser": reading.parser, **plain(reading.data)}


@pytest.mark.parametrize("case", CASES)
def test_a_page_object_gives_exactly_what_its_fixture_shows(case):
    expected = json.loads((ROOT / case / "expected.json").read_text())
    assert answer(case) == expected


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_known_without_its_url_or_by_its_host(case):
    view = load(case)
    site = sites()[case.partition("/")[0]]
    if not site.hosts and not any(page.marks for page in site.pages):
        assert site_for(view) is not site  # read without rules: only who asks for it gets it
    elif view.url and view.capture.status == 200 and view.capture.body:
        found = site_for(view)
        assert found is not None
        assert found.name == case.partition("/")[0]


@pytest.mark.parametrize("case", [c for c in CASES if not sites()[c.partition("/")[0]].hosts])
def test_an_engine_is_known_on_a_page_of_unknown_address(case):
    view, site = load(case), sites()[case.partition("/")[0]]
    nameless = View(replace(view.capture, url=""), view.meta)
    if any(page.marks and nameless.has(*page.marks) for page in site.pages):
        assert site_for(nameless) is site


@pytest.mark.parametrize("case", CASES)
def test_records_are_sound(case):
    data = read(case).data
    ids = [comment.comment_id for comment in data.comments]
    assert all(ids)
    assert len(ids) == len(set(ids))
    for article in data.articles:
        assert article.article_id
        assert article.provenance or article.state is not State.VISIBLE
    for moment in (*(a.published for a in data.articles), *(c.published for c in data.comments)):
        assert moment is None or moment.at is None or moment.at.tzinfo is not None
    for link in data.links:
        if link.kind is not PageClass.API and load(case).url:
            assert link.url == canonical(link.url)
            assert link.url.startswith(("http://", "https://"))


@pytest.mark.parametrize("name", sites())
def test_a_site_is_a_short_declaration(name):
    site = sites()[name]
    source = Path(sys.modules[site.__module__].__file__)
    lines = source.read_text().splitlines()
    assert source.stem == name
    assert len(lines) < 80
    assert site.pages
    assert site.__doc__
    for page in site.pages:
        assert page.parser() == f"{name}.{page.__name__}@{page.version}"
        known_by_kind = page.matches.__func__ is not Page.matches.__func__
        assert page.url_pattern or page.marks or known_by_kind


@pytest.mark.parametrize("site", sites())
def test_every_rule_of_a_site_can_be_read(site):
    html = b"<html><head><title>t</title></head><body><p id=a>x</p></body></html>"
    view = View(Capture(f"https://{site}.example/a/1", html, UNKNOWN_TIME))
    node = view.selector.css("p")[0]
    for page in sites()[site].pages:
        for rules in declared(page.rules).values():
            for rule in rules:
                if not rule.startswith("json:"):
                    assert isinstance(read_rule(rule, view)[0], str)
        if fields_of := getattr(page, "fields", ""):
            item = {} if issubclass(page, CommentApi) else node
            assert remark(page(view), "1", item, fields_of).thread_id == "1"
        for name in ("drop", "entries", "remarks", "question"):
            assert not getattr(page, name, "") or view.selector.css(getattr(page, name)) is not None
        assert not getattr(page, "hints", "") or isinstance(list(each(node, page.hints)), list)
        for css in getattr(page, "body", ()):
            assert css.startswith(("state:", "json:")) or view.selector.css(css) is not None
        for name in ("posts", "further"):
            assert isinstance(list(hrefs_of(view, getattr(page, name, ""))), list)
        for name in ("url_pattern", "noise", "target", "walks"):
            re.compile(getattr(page, name, ""))


@pytest.mark.parametrize("name", sites())
def test_a_site_has_fixtures(name):
    cases = [case for case in CASES if case.startswith(f"{name}/")]
    assert len(cases) >= CORE.get(name, 1)


@pytest.mark.parametrize("name", sites())
def test_what_cannot_be_crawled_says_so_and_offers_no_seeds(name):
    site = sites()[name]
    assert site.crawlable or (site.robots_note and not site.options)


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        text = json.dumps(answer(wanted), ensure_ascii=False, indent=1)
        (ROOT / wanted / "expected.json").write_text(text + "\n")
