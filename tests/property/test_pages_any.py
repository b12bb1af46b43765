"""No page raises: mutated fixtures, random bytes, bombs; each ends in a class."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Capture, PageClass
from crawlers.page import UNKNOWN_TIME, View, read_page
from crawlers.registry import site_for, sites

ROOT = Path(__file__).parents[1] / "sites"
CASES = sorted(found for name in sites() for found in (ROOT / name).glob("*/meta.json"))
BOMBS = {
    "nested": b"<div>" * 200_000,
    "nested in the body": b'<div id="main-content">' + b"<b>" * 50_000 + b"x",
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&b;</p>',
    "nulls": b"\0" * 5_000 + "<h1>標題</h1>".encode(),
    "one long line": b"a" * 2_000_000,
    "brackets": b"[" * 100_000,
    "braces": b'getData({"a":' * 20_000,
    "open tags": b"<" * 100_000,
    "many attributes": b"<p " + b"a=1 " * 100_000 + b">x</p>",
}


def read(body, url="", kind="text/html", pages=None):
    view = View(Capture(url, body, UNKNOWN_TIME, headers=(("Content-Type", kind),)))
    if pages is None:
        site = site_for(view) if view.facts() is not None else None
        pages = site.pages if site else ()
    return read_page(view, pages, generic=False)


def mutated(body, seed):
    """A page with pieces cut out, doubled or overwritten."""
    chance = random.Random(seed)  # noqa: S311 - repeatable noise, no secret
    data = bytearray(body)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data)) if data else 0
        size = chance.choice((1, 3, 40, 400))
        kind = chance.randrange(4)
        if kind == 0:
            del data[at : at + size]
        elif kind == 1:
            data[at:at] = data[at : at + size]
        elif kind == 2:
            data[at : at + size] = chance.randbytes(min(size, 16))
        else:
            data[at:at] = chance.choice((b"<", b"</div>", b'"', b"\0", b"&#x110000;", b"{", b"--"))
    return bytes(data)


@pytest.mark.parametrize("case", CASES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_mutated_pages_never_raise(case):
    meta = json.loads(case.read_text())
    body = next(case.parent.glob("input.*")).read_bytes()
    pages = sites()[case.parts[-3]].pages
    for seed in range(12):
        found = read(mutated(body, seed), meta["url"] or "", meta["content_type"], pages)
        assert isinstance(found.data.page_class, PageClass)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from(sorted(sites())))
def test_random_bytes_never_raise(body, name):
    assert isinstance(read(body, pages=sites()[name].pages).data.page_class, PageClass)


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("name", ["ptt", "discuz", "netease"])
def test_bombs_never_raise(bomb, name):
    assert isinstance(read(BOMBS[bomb], pages=sites()[name].pages).data.page_class, PageClass)
