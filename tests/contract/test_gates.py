"""The gates exist and are run: `make` targets, and `.ci/run` that calls them.

Lint, types and imports themselves run in `.ci/run`, not here: mypy alone would take as long as
half of the suite.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = [
    *("help", "venv", "demo", "test", "lint", "types", "imports"),
    *("crawl", "bench", "trials", "lock", "docs", "pictures", "build", "clean"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_target_is_there(target):
    command = ["make", "--dry-run", target, "SITE=ptt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_lists_the_targets():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(re.findall(r"^  make (\w+) ", done.stdout, re.MULTILINE)) == sorted(TARGETS)


def test_crawl_without_a_site_says_what_is_missing(tmp_path):
    # A stamp newer than the lock: this test is not about installing.
    (tmp_path / ".from-lock").touch()
    command = ["make", "crawl", f"VENV={tmp_path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "SITE=ptt" in done.stdout


def test_ci_runs_every_gate():
    script = ROOT / ".ci/run"
    text = script.read_text("utf-8")
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text
    for gate in ("lint", "types", "imports", "test"):
        assert re.search(rf"^make .*\b{gate}\b", text, re.MULTILINE), gate


def _program(folder, name, script):
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def _make_venv(folder):
    return subprocess.run(
        ["tools/make-venv", "python3", str(folder / "venv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
    )


@pytest.fixture
def bare_debian(tmp_path):
    """A Python that is new enough and cannot make environments, and an apt-get that tells."""
    _program(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac')
    _program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/apt.log')
    return tmp_path


def test_python_without_ensurepip_tells_a_user_the_one_line(bare_debian):
    _program(bare_debian, "id", "echo 1000")
    done = _make_venv(bare_debian)
    assert done.returncode == 1
    assert "sudo apt-get install -y python3-venv" in done.stderr
    assert not (bare_debian / "apt.log").exists()


def test_python_without_ensurepip_is_mended_for_root(bare_debian):
    _program(bare_debian, "id", "echo 0")
    _make_venv(bare_debian)
    assert "install -y -qq python3-venv" in (bare_debian / "apt.log").read_text()


def test_python_that_is_too_old_is_refused(tmp_path):
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        _program(tmp_path, name, "exit 1")
    done = _make_venv(tmp_path)
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
