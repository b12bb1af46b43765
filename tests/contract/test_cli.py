"""The command line as a contract: verbs, help, speed, exit codes of wrong use."""

import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import click
import pytest

from crawlers.cli import VERBS, shenglu

ROOT = Path(__file__).parents[2]
HELP_SECONDS = 0.3
RUN = "import sys; from crawlers.cli import main; sys.argv[0] = 'shenglu'; main()"
# Prints, last, which of the heavy libraries the verb has loaded.
TELL = (
    "import atexit, sys; heavy = {'scrapy', 'twisted', 'parsel', 'duckdb', 'pyarrow', 'opencc'};"
    "atexit.register(lambda: print('\\nloaded', *sorted(heavy & sys.modules.keys())));"
)


def _shenglu(*words, code=RUN, **options):
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "100"},
        **options,
    )


def _cpu_seconds(*words):
    # CPU time, since the wall clock of a busy machine says nothing about the program.
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, *words], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return used.ru_utime + used.ru_stime


def test_help_takes_less_than_three_tenths_of_a_second():
    assert median(_cpu_seconds("--help") for _ in range(5)) < HELP_SECONDS


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_is_fast_and_loads_nothing_heavy(verb):
    done = _shenglu(verb, "--help", code=TELL + RUN)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded"
    assert "\\b" not in done.stdout, "a raw docstring: click takes the character, not the escape"


def test_help_lists_every_verb_and_loads_nothing_heavy():
    done = _shenglu("--help", code=TELL + RUN)
    assert done.stdout.splitlines()[-1] == "loaded"
    for verb in VERBS:
        assert re.search(rf"^  {verb} +\S", done.stdout, re.MULTILINE), verb


def test_check_loads_no_crawler(tmp_path):
    done = _shenglu("check", "--archive", str(tmp_path / "none"), code=TELL + RUN)
    loaded = done.stdout.splitlines()[-1].split()[1:]
    assert not {"scrapy", "twisted", "parsel"} & set(loaded)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_says_what_it_does(verb):
    command = shenglu.get_command(click.Context(shenglu), verb)
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{verb} {parameter.opts[0]}"


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["crawl"],
        ["crawl", "no-such-site"],
        ["query", "--no-such-option"],
        ["release"],
        ["text", "/nonexistent.jsonl"],
    ],
    ids=" ".join,
)
def test_wrong_use_exits_2_with_a_line_and_no_traceback(words, tmp_path):
    done = _shenglu(*words, stdin=subprocess.DEVNULL)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_version_is_the_packages():
    done = _shenglu("--version")
    assert re.search(r"\d+\.\d+\.\d+", done.stdout), done.stderr


def test_reader_that_leaves_early_is_no_error():
    row = '{"id": "1", "text": "好"}\n'
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, "text"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child.stdout.close()
    _, said = child.communicate(row * 5)
    assert child.returncode == 0, said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        ([], {"SHENGLU_MIN_FREE_MB": "plenty"}, "SHENGLU_MIN_FREE_MB"),
        ([], {"SHENGLU_LOG_LEVEL": "loud"}, "SHENGLU_LOG_LEVEL"),
        (["--base-url", "bbs.example"], {}, "--base-url"),
        (["--base-url", "ftp://bbs.example"], {}, "--base-url"),
        (["--hours", "25:00-06:00"], {}, "--hours"),
    ],
)
def test_what_an_operator_mistypes_is_a_usage_error(tmp_path, words, environment, said):
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.cli", "crawl", "ptt", "--board", "Stock", *words],
        env={**os.environ, **environment, "SHENGLU_ARCHIVE": str(tmp_path / "a")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert said in done.stderr
    assert not (tmp_path / "a").exists()
