"""docs/sites.md says of the sites what the sites say of themselves."""

import importlib.util
from pathlib import Path

from crawlers.registry import site_rows, sites
from crawlers.verified import how_verified

ROOT = Path(__file__).parents[2]


def test_the_table_is_the_present_one():
    spec = importlib.util.spec_from_file_location("sites_table", ROOT / "tools/sites_table.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    text = tool.DOCUMENT.read_text("utf-8")
    assert text == tool.fill(text), "run `make docs`"


def test_what_is_said_to_be_verified_exists():
    assert {row["site"] for row in site_rows()} == set(sites())
    for site in ("ptt", "netease", "discuz"):
        assert how_verified(site) == "replica"
        assert (ROOT / "tests/replicas" / f"{site}.py").exists()
    assert how_verified("discourse") == "fixture"
