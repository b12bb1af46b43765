"""The browsing pages in a real Chromium: with the keyboard alone, on a phone, in dark mode."""

import re
from urllib.parse import urlencode

import pytest

from tests.integration import chromium
from tests.integration.test_browse import PAGES, port, root  # noqa: F401 - fixtures

pytest.importorskip("uvicorn")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not chromium.PROGRAM, reason="needs Chromium (Debian: chromium)"),
]

COLOURS = "(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))"
FOCUS = (
    "(e => [e.tagName, e.name || '', e.textContent.trim(), "
    "getComputedStyle(e).outlineStyle])(document.activeElement)"
)


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with chromium.page(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


def _address(port, name):  # noqa: F811 - a value, not the fixture
    path, query = PAGES[name]
    return f"http://localhost:{port}{path}?{urlencode(query)}"


@pytest.mark.parametrize("name", ["search", "thread", "page"])
def test_phone_shows_the_whole_width(tab, port, name):  # noqa: F811 - fixture
    tab.send(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=844,
        deviceScaleFactor=2,
        mobile=True,
    )
    tab.open(_address(port, name))
    assert tab.ask("document.documentElement.scrollWidth") <= 390
    assert tab.ask("parseFloat(getComputedStyle(document.body).fontSize)") >= 14
    tab.send("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize("name", ["search", "thread", "page"])
def test_colours_follow_the_reader(tab, port, name):  # noqa: F811 - fixture
    for scheme, dark in (("light", False), ("dark", True)):
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        tab.send("Emulation.setEmulatedMedia", features=wanted)
        tab.open(_address(port, name))
        behind, letters = (sum(map(int, re.findall(r"\d+", c)[:3])) for c in tab.ask(COLOURS))
        assert (behind < letters) == dark
        assert abs(behind - letters) > 400, "too little contrast"
    tab.send("Emulation.setEmulatedMedia", features=[])


def _tab_to(tab, wanted):
    for _ in range(60):
        tab.press("Tab")
        found = tab.ask(FOCUS)
        assert found[0] == "BODY" or found[3] != "none", f"no ring around {found}"
        if wanted(*found[:3]):
            return
    pytest.fail("the keyboard does not get there")


def test_keyboard_searches_and_opens_a_thread(tab, port):  # noqa: F811 - fixture
    tab.open(f"http://localhost:{port}/")
    tab.ask("document.activeElement.blur()")
    _tab_to(tab, lambda tag, name, _: tag == "INPUT" and name == "q")
    tab.write("昇騰")
    tab.press("Enter")
    tab.wait("location.search.includes('q=') && document.querySelectorAll('mark').length >= 2")
    _tab_to(tab, lambda tag, _, text: tag == "A" and "昇" in text)
    tab.press("Enter")
    tab.wait("location.pathname == '/thread' && document.readyState == 'complete'")
    assert tab.ask("document.querySelector('#c-c1') !== null")
