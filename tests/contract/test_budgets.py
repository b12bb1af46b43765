"""Size limits that keep each file readable in one sitting."""

import ast
import re
from functools import cache
from pathlib import Path
from statistics import quantiles

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("crawlers", "pipelines", "archive")
SOURCES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))
ALL = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py")])
FORBIDDEN = {"utils", "util", "common", "helpers", "helper", "misc", "shared", "stuff"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def _name(path):
    return str(path.relative_to(ROOT))


@cache
def _tree(path):
    return ast.parse(path.read_text("utf-8"))


def _functions(path):
    return [node for node in ast.walk(_tree(path)) if isinstance(node, FUNCTION)]


def _lines(node):
    return node.end_lineno - node.lineno + 1


def _arguments(node):
    args = node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [a.arg for a in named if a.arg not in ("self", "cls")]


def test_there_is_something_to_measure():
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_file_is_at_most_300_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_site_files_are_under_80_lines():
    long = {
        path.name: lines
        for path in (ROOT / "crawlers/sites").glob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) >= 80
    }
    assert long == {}


def test_functions_are_at_most_50_lines():
    long = {
        f"{_name(path)}:{node.name}": _lines(node)
        for path in SOURCES
        for node in _functions(path)
        if _lines(node) > 50
    }
    assert long == {}


def test_nine_functions_in_ten_are_at_most_25_lines():
    lengths = [_lines(node) for path in SOURCES for node in _functions(path)]
    assert quantiles(lengths, n=10)[-1] <= 25


def test_functions_take_at_most_6_arguments():
    wide = {
        f"{_name(path)}:{node.name}": len(_arguments(node))
        for path in SOURCES
        for node in _functions(path)
        if len(_arguments(node)) > 6 and not _is_command(node)
    }
    assert wide == {}


def _is_command(node):
    # A verb of the command line has one argument per option; click calls it, nobody else.
    decorators = [ast.unparse(d) for d in node.decorator_list]
    return any(".command(" in d or "click.option(" in d for d in decorators)


def test_classes_have_at_most_15_methods():
    big = {
        f"{_name(path)}:{node.name}": methods
        for path in SOURCES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
        and (methods := sum(isinstance(n, FUNCTION) for n in node.body)) > 15
    }
    assert big == {}


def test_no_module_is_a_drawer():
    drawers = {_name(p) for p in SOURCES if {*p.parts, p.stem} & FORBIDDEN}
    assert drawers == set()


def _offered(path):
    for node in _tree(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


@pytest.mark.parametrize("path", [p for p in SOURCES if p.read_text("utf-8")], ids=_name)
def test_module_says_what_it_is_and_what_it_offers(path):
    assert ast.get_docstring(_tree(path)), "no module docstring"
    if path.stem == "__init__" or path.parent.name == "sites" or path.name == "settings.py":
        return  # Scrapy reads these by its own rules
    offered = _offered(path)
    assert offered, "no __all__"
    assert offered <= _defined(_tree(path)), "offered, but not defined"


def _defined(tree):
    names = {n.name for n in tree.body if isinstance(n, FUNCTION | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {ast.unparse(t) for t in node.targets}
        elif isinstance(node, ast.AnnAssign):
            names.add(ast.unparse(node.target))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {a.asname or a.name for a in node.names}
    return names


def test_modules_import_only_what_others_offer():
    modules = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in SOURCES}
    reached = {
        f"{_name(path)}: {node.module}.{alias.name}"
        for path in SOURCES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.module in modules
        for alias in node.names
        if (offered := _offered(modules[node.module])) is not None and alias.name not in offered
    }
    assert reached == set()


def test_test_files_have_unique_names():
    names = [p.name for p in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def test_no_leftovers():
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    found = {
        f"{_name(path)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(mark in line for mark in marks)
    }
    assert found == set()


def test_every_noqa_says_why():
    bare = re.compile(r"#\s*noqa(?::\s*[A-Z0-9, ]+)?\s*$")
    found = {
        f"{_name(path)}:{number}"
        for path in ALL
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    }
    assert found == set()
