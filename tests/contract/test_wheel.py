"""What a stranger installs: the built wheel, run away from the checkout."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(hatchling, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel in it; dependencies come from the one that runs the tests."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    python = home / "venv/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, cwd=home)
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    # Behind the wheel on the path, and its own .pth files are not read: no way to the checkout.
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    Path(site, "sitecustomize.py").write_text(REFUSE.format(names=_undeclared()))
    return home


# An environment that has more than requirements.lock hides what is missing there.
REFUSE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in {names}:
            raise ModuleNotFoundError(f"{{name}} is not in requirements.lock", name=name)

sys.meta_path.insert(0, Refuse())
"""


def _undeclared():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {"shenglu", *re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)}
    return {
        module
        for module, homes in packages_distributions().items()
        if not locked & {re.sub(r"[-_.]+", "-", home).lower() for home in homes}
    }


def _run(home, *words, **options):
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "SHENGLU_ARCHIVE"}} | {
        "COLUMNS": "100"
    }
    command = [home / "venv/bin" / words[0], *words[1:]]
    return subprocess.run(
        command, cwd=home, env=env, capture_output=True, text=True, check=False, **options
    )


def test_wheel_holds_the_three_packages_their_tables_and_the_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if ".dist-info/" not in n} == {
        "archive",
        "crawlers",
        "pipelines",
    }
    kept = {str(p.relative_to(ROOT)) for p in (ROOT / "pipelines/tables").iterdir() if p.is_file()}
    assert kept <= set(names)
    pages = {str(p.relative_to(ROOT)) for p in (ROOT / "crawlers/templates").iterdir()}
    assert pages
    assert pages <= set(names)
    assert any(n.endswith("licenses/LICENSE") for n in names)
    assert any(n.endswith("licenses/NOTICE") for n in names)


def test_code_comes_from_the_wheel(installed):
    code = "import crawlers, pipelines, archive; print(crawlers.__file__, archive.__file__)"
    found = _run(installed, "python", "-c", code).stdout.split()
    assert len(found) == 2
    assert all(f.startswith(str(installed)) for f in found)


def test_command_runs(installed):
    done = _run(installed, "shenglu", "--help")
    assert done.returncode == 0, done.stderr
    assert "crawl" in done.stdout


def test_text_filter_runs(installed):
    done = _run(installed, "shenglu", "text", input='{"id": "1", "text": "說得對"}\n')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text_hans"] == "说得对"


def test_saved_page_goes_through_the_line_with_declared_dependencies_only(installed):
    paragraph = "發布會上介紹了昇騰處理器的新架構,並說明了後續的計劃。" * 3
    body = "".join(f"<p>{paragraph}{i}</p>" for i in range(5))
    page = f"<html><head><title>昇騰發布</title></head><body><h1>昇騰發布</h1>{body}</body></html>"
    (installed / "page.html").write_text(page, "utf-8")
    row = {
        "id": "1",
        "url": "https://news.example/2026/05/01/1.html",
        "path": "page.html",
        "content_type": "text/html; charset=utf-8",
        "fetched_at": "2026-05-02T00:00:00+00:00",
    }
    (installed / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    for words, told in (
        (("backfill", "--from-files", "manifest.jsonl"), ""),
        (("query", "SELECT title, observed_at FROM articles", "--json"), "昇騰發布"),
        (("search", "昇腾"), "昇騰發布"),
        (("check",), ""),
        (("release", "one"), "one"),
        (("release", "--verify", "one"), ""),
        (("release", "diff", "one", "one"), "articles: 1 rows, then 1"),
        (("export", "--table", "articles", "articles.csv"), "articles.csv"),
        (("report", "--json", "report.json"), "report.json"),
        (("doctor",), ""),
    ):
        done = _run(installed, "shenglu", *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert told in done.stdout


def test_sites_are_found(installed):
    done = _run(installed, "shenglu", "sites")
    assert done.returncode == 0, done.stderr
    assert "ptt" in done.stdout
