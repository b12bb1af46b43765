"""What commits do when the system refuses: limits on file size, no permission, exit 4."""

import fcntl
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from archive_rows import comment

from archive.commit import commit
from archive.log import Log
from archive.root import Root

REPO = Path(__file__).parents[2]
NOBODY = 65534

COMMIT = """
import os, sys
import pyarrow.compute  # later nothing more can be imported
sys.path[:0] = [{repo!r}, {tests!r}]
from archive_rows import comment
from archive.commit import commit
from archive.errors import ShengluError
from archive.log import Log
from archive.root import Root
if {user!r} and os.geteuid() == 0:  # root is refused nothing
    os.setgroups([])
    os.setegid({user!r})
    os.seteuid({user!r})
try:
    log = Log(Root.open({root!r}))
    done = commit(log, "b2", {{"comments": [comment(n, text=f"{{n:x}}" * 90) for n in range(900)]}})
except ShengluError as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
print(done.number)
"""


@pytest.fixture
def root(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    commit(Log(root), "b1", {"comments": [comment(n) for n in range(3)]})
    return root


def _commit(root, user=0, **options):
    tests = str(REPO / "tests/unit")
    code = COMMIT.format(repo=str(REPO), tests=tests, root=str(root.path), user=user)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, **options
    )


def _state(root):
    """Every file of tables and log, with its bytes."""
    paths = [p for folder in (root.tables, root.log) for p in folder.rglob("*") if p.is_file()]
    return {str(path): path.read_bytes() for path in paths}


def _goes_on(root):
    done = _commit(root)
    assert done.returncode == 0, done.stderr
    assert Log(root, cached=False).snapshot().rows("comments") == 903


def test_limit_on_file_size_commits_nothing_leaves_nothing_and_is_mended(root):
    before = _state(root)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    done = _commit(root, preexec_fn=limit)
    assert done.returncode == 1
    assert "StorageError" in done.stderr
    assert "ulimit -f" in done.stderr
    assert "Traceback" not in done.stderr
    assert _state(root) == before
    _goes_on(root)


@pytest.mark.parametrize("folder", ["tables/comments/observed_month=2024-01", "log"])
def test_folder_without_permission_commits_nothing_and_is_mended(root, tmp_path, folder):
    forbidden = root.path / folder
    forbidden.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        for path in [root.path, *root.path.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        for parent in [tmp_path, *list(tmp_path.parents)[:3]]:
            parent.chmod(0o755)
    forbidden.chmod(0o555)
    before = _state(root)
    done = _commit(root, NOBODY)
    assert done.returncode == 1, done.stdout
    assert "StorageError" in done.stderr
    assert "permission" in done.stderr
    assert str(forbidden) in done.stderr
    assert "Traceback" not in done.stderr
    after = _state(root)
    assert {path: after[path] for path in before} == before
    assert Log(root, cached=False).snapshot().rows("comments") == 3
    forbidden.chmod(0o755)
    _goes_on(root)


@pytest.mark.parametrize("words", [["compact"], ["forget", "--url", "https://x.example/"]])
def test_verb_that_needs_the_archive_alone_ends_with_4_and_names_the_holder(root, words):
    path = root.state / "locks" / "rewrite.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"pid": 4711, "host": "keeper", "command": "compact", "started": "2024-01-31T23:50"}
    path.write_text(json.dumps(facts))
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, "-m", "crawlers.cli", *words, "--archive", str(root.path)],
            cwd=REPO,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 4, done.stderr
    for word in ("4711", "keeper", "compact", "wait for it or stop it"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr
