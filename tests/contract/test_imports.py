"""The import rules of the plan: one way, no cycles, declared dependencies only."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("crawlers", "pipelines", "archive")


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph(
        *PACKAGES,
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )


def test_contracts_hold():
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_part_of_an_import_cycle(graph):
    inner = [m for m in graph.modules if m.split(".")[0] in PACKAGES]
    waiting = {
        m: {n for n in graph.find_modules_directly_imported_by(m) if n in inner} for m in inner
    }
    while free := {m for m, needs in waiting.items() if not needs}:
        waiting = {m: needs - free for m, needs in waiting.items() if m not in free}
    assert waiting == {}


def test_model_and_errors_are_standard_library_only(graph):
    for module in ("archive.model", "archive.errors"):
        imported = graph.find_modules_directly_imported_by(module)
        assert imported <= sys.stdlib_module_names, module


def test_sites_import_only_what_a_declaration_needs(graph):
    allowed = {"crawlers.site", "crawlers.page", "crawlers.dates", "archive.model"}
    for module in graph.find_children("crawlers.sites"):
        imported = graph.find_modules_directly_imported_by(module)
        assert imported - allowed <= sys.stdlib_module_names, module


def _imported_outside():
    roots = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    roots |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    roots.add(node.module.split(".")[0])
    return roots - sys.stdlib_module_names - set(PACKAGES)


def _declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {re.split(r"[<>=\[ ]", d)[0].lower() for d in project["dependencies"]}


def _optional():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    return {re.split(r"[<>=\[ ]", d)[0].lower() for extra in extras for d in extra}


def test_dependencies_are_those_that_are_imported():
    homes = packages_distributions()
    outside = _imported_outside() - {"compression"}  # of the standard library from 3.14 on
    needed = {homes[root][0].lower().replace(".", "-") for root in outside}
    # Scrapy takes its event loop from a setting; DuckDB loads pytz for times with a zone and
    # numpy for functions; Twisted is a part of Scrapy's own interface.
    assert needed - {"twisted"} | {"uvloop", "pytz", "numpy"} <= _declared() | _optional()
    assert _declared() <= needed | {"uvloop", "pytz", "numpy"}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_pins_and_hashes_every_declared_dependency(lock):
    text = (ROOT / lock).read_text("utf-8")
    entries = re.findall(
        r"^([a-z0-9-]+)==\S+[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE
    )
    heads = re.findall(r"^[A-Za-z]\S*", text, re.MULTILINE)
    assert len(entries) == len(heads)
    assert _declared() <= set(entries)
    assert "index-url" not in text
    assert "://" not in text


def test_nothing_shipped_is_under_the_gpl():
    from importlib.metadata import distribution

    text = (ROOT / "requirements.lock").read_text("utf-8")
    guilty = {}
    for name in re.findall(
        r"^([a-z0-9-]+)==(?![^\n]*(?:win32|PyPy'|pypy' \\))", text, re.MULTILINE
    ):
        meta = distribution(name).metadata
        said = [meta.get("License-Expression") or meta.get("License") or ""]
        said += [c for c in meta.get_all("Classifier", []) if c.startswith("License")]
        if any(
            re.search(r"\bA?GPL|(?<!Lesser )General Public", line.split("\n")[0]) for line in said
        ):
            guilty[name] = said
    assert guilty == {}
