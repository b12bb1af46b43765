"""The most memory that a crawl takes: 2,000 threads with 10,000 remarks, start to end.

`thread_page` gives invented threads in the shape that `crawlers/sites/ptt.py` reads. The child's
own peak counts, as the system reports it; a second, larger run tells growth from a plateau.
"""

import sys

import pytest

from tests.bench.pages_served import served, thread_page
from tests.bench.test_throughput import run

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
REMARKS = 5
MOST = 300  # MB
_LINE = (
    '<div class="r-ent"><div class="nrec"></div>'
    '<div class="title"><a href="/bbs/T/{0}">題</a></div></div>'
)
_LIST = '<html><body><a>批踢踢實業坊</a><div class="r-list-container">{}</div></body></html>'


def _write(folder, pages):
    home = folder / "bbs/T"
    home.mkdir(parents=True)
    names = [f"M.1767{n:06d}.A.ABC.html" for n in range(pages)]
    for n, name in enumerate(names):
        (home / name).write_bytes(thread_page(n, REMARKS))
    lines = "".join(_LINE.format(name) for name in names)
    (home / "index.html").write_text(_LIST.format(lines), "utf-8")


def _peak(folder, pages):
    folder.mkdir()
    folder.chmod(0o755)
    _write(folder / "site", pages)
    with served(folder / "site", folder) as base:
        words = ["-m", "crawlers.cli", "crawl", "ptt", "--base-url", base, "--board", "T"]
        words += ["--delay", "0", "--archive", folder / "archive"]
        return run([*words, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16"])[2]


def test_memory_of_a_crawl(tmp_path):
    tmp_path.chmod(0o755)
    small, large = _peak(tmp_path / "small", 2000), _peak(tmp_path / "large", 6000)
    sys.stdout.write(f"\npeak memory: {small:.0f} MB for 2,000 pages, {large:.0f} for 6,000\n")
    assert small <= MOST
    assert large <= small * 1.15
