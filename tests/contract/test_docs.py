"""The documents are true: commands parse, links resolve, files exist, help is the real one."""

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest

from crawlers.cli import VERBS, shenglu
from crawlers.registry import sites

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
# A path in backticks that begins in one of our folders, or is a file at the top.
PATH = re.compile(
    r"`((?:crawlers|pipelines|archive|tests|docs|tools|\.ci)/[\w./-]*|[\w.-]+\.(?:md|toml|lock))`"
)
OTHER_PROGRAMS = {"git", "cd", "cat", "head", "jq", "duckdb", "python", "cp", "rsync", "sha256sum"}


def _name(path):
    return str(path.relative_to(ROOT))


def _prose(path):
    return FENCE.sub("", path.read_text("utf-8"))


def _commands(path):
    for language, body in FENCE.findall(path.read_text("utf-8")):
        if language == "console":
            text = body.replace("\\\n", " ")
            yield from (line[2:] for line in text.splitlines() if line.startswith("$ "))


def _cases():
    return [
        pytest.param(line, id=f"{_name(path)}: {line}")
        for path in DOCUMENTS
        for line in _commands(path)
    ]


def _words(line):
    """The words of each program in a pipeline, environment settings left out."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    part = []
    for word in lexer:
        if word in {"|", ">", ">>", "<"}:
            yield part
            part = ["cat"] if word != "|" else []
        elif part or not re.match(r"[A-Z_]+=", word):
            part.append(word)
    yield part


def _targets():
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def _parse_verb(words):
    verb, *rest = words
    if verb in {"--help", "--version"}:
        return
    assert verb in VERBS, f"no verb {verb}"
    command = shenglu.get_command(click.Context(shenglu), verb)
    context = click.Context(command, info_name=verb, **command.context_settings)
    given, left, _ = command.make_parser(context).parse_args(list(rest))
    loose = [*left, *(w for v in given.values() if isinstance(v, tuple) for w in v)]
    known = {name.replace("_", "-") for site in sites().values() for name in site.options}
    for word in loose:
        if isinstance(word, str) and word.startswith("--"):
            assert word[2:].split("=")[0] in known, f"{verb} and the sites do not know {word}"


@pytest.mark.parametrize("line", _cases())
def test_command_in_a_console_block_parses(line):
    for words in _words(line):
        program, *rest = words
        if program == "shenglu":
            _parse_verb(rest)
        elif program == "make":
            assert {w for w in rest if "=" not in w} <= _targets()
        elif program == "scrapy":
            assert rest[0] == "crawl"
            assert rest[1] in sites()
        else:
            assert program in OTHER_PROGRAMS or (ROOT / program).exists(), program


def _anchors(path):
    heads = re.findall(r"^#+ +(.+)$", FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_links_resolve(path):
    for target in LINK.findall(_prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in _anchors(there), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_files_that_are_named_exist(path):
    for named in PATH.findall(_prose(path)):
        if "NAME" in named or "NNNN" in named:
            continue
        places = (ROOT / named, path.parent / named)
        assert any(place.exists() for place in places), named


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_document_is_readable(path):
    text = path.read_text("utf-8")
    assert text.startswith("# "), "no title"
    assert text.endswith("\n")
    assert not re.search(r"(/root|/work|/tmp)/", text), "a path of one machine"


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 120


def test_every_verb_has_a_section():
    heads = re.findall(
        r"^## (?:`shenglu )?(\w+)", (ROOT / "docs/cli.md").read_text("utf-8"), re.MULTILINE
    )
    assert set(VERBS) <= set(heads)


def test_help_texts_are_the_real_ones():
    spec = importlib.util.spec_from_file_location("cli_reference", ROOT / "tools/cli_reference.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    text = reference.DOCUMENT.read_text("utf-8")
    assert reference.fill(text) == text, "run `make docs`"
    shown = {found.strip() for found in re.findall(r"```text shenglu ([a-z]+)", text)}
    assert shown == set(VERBS)


def test_exit_codes_of_the_errors_are_documented():
    from archive import errors

    text = (ROOT / "docs/operations.md").read_text("utf-8")
    codes = {getattr(errors, name).exit_code for name in errors.__all__}
    for code in codes | {0, 3}:
        assert f"| {code} | " in text


def test_every_gate_is_documented():
    import inspect

    from crawlers import gates

    text = (ROOT / "docs/operations.md").read_text("utf-8")
    for name in re.findall(r'(?:Gate|_share)\(\s*"(\w+)"', inspect.getsource(gates)):
        assert f"| {name} | " in text, name


def test_sql_in_the_documents_runs(tmp_path):
    from archive.query import connect, run
    from archive.root import Root

    connection = connect(Root.open(tmp_path / "archive", create=True))
    found = [
        body
        for path in DOCUMENTS
        for language, body in FENCE.findall(path.read_text("utf-8"))
        if language == "sql"
    ]
    assert found
    for sql in found:
        run(connection, sql).fetchall()


def test_every_decision_is_numbered_once():
    names = [p.name for p in (ROOT / "docs/decisions").glob("*.md")]
    numbers = [re.match(r"(\d{4})-[a-z0-9-]+\.md$", name)[1] for name in names]
    assert len(numbers) == len(set(numbers))
