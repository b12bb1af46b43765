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
    *("crawl", "bench", "trials", "lock", "docs", "build", "clean"),
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


def test_python_without_ensurepip_is_told_the_one_line(tmp_path):
    bare = tmp_path / "python3"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac\n')
    bare.chmod(0o755)
    user = tmp_path / "id"
    user.write_text("#!/bin/sh\necho 1000\n")
    user.chmod(0o755)
    done = subprocess.run(
        ["tools/make-venv", str(bare), str(tmp_path / "venv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert done.returncode == 1
    assert "sudo apt-get install -y python3-venv" in done.stderr


def test_python_that_is_too_old_is_refused(tmp_path):
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["tools/make-venv", "python3", str(tmp_path / "venv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
