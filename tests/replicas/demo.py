"""`make demo`: the main job, end to end, against the three replicas.

Every step is the real command, printed before it runs. Everything lies below var/demo; a second
demo finds nothing new and says so; one that was killed goes on where it stopped.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.replicas.compare import counts, differences
from tests.replicas.truth import truth

CHECKOUT = Path(__file__).resolve().parent.parent.parent
HOME = CHECKOUT / "var" / "demo"
ARCHIVE = HOME / "archive"
SITES = ("ptt", "netease", "discuz")
SOURCES = {"discuz": "discuz:127.0.0.1"}
RELEASE = "demo"


def main() -> int:
    """Serve, crawl, compare, search, release; 0 when the archive equals the truth."""
    began = time.monotonic()
    HOME.mkdir(parents=True, exist_ok=True)
    before = counts(ARCHIVE) if (ARCHIVE / "meta").exists() else {}
    with _replicas() as bases:
        for site in SITES:
            _shenglu(*_crawl(site, bases[site]))
    _compare(before)
    _shenglu("search", "昇腾", "--limit", "6")
    if not (ARCHIVE / "releases" / RELEASE).exists():
        _shenglu("release", RELEASE)
    _shenglu("release", "--verify", RELEASE)
    _shenglu("check")
    _farewell(time.monotonic() - began)
    return 0


def _ports() -> dict[str, int]:
    """The same ports at each demo: a page's URL is its identity."""
    file = HOME / "ports.json"
    if not file.exists():
        held = [socket.create_server(("127.0.0.1", 0)) for _ in SITES]
        ports = {site: one.getsockname()[1] for site, one in zip(SITES, held, strict=True)}
        for one in held:
            one.close()
        file.write_text(json.dumps(ports), encoding="utf-8")
    found: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
    return found


@contextmanager
def _replicas() -> Iterator[Mapping[str, str]]:
    """The replica sites in a process of their own."""
    ports = [word for site, port in _ports().items() for word in (f"--{site}", str(port))]
    command = [sys.executable, "-m", "tests.replicas", *ports]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            if not line:
                sys.exit("the replicas did not start: is another demo running?")
            yield json.loads(line)
        finally:
            server.terminate()


def _crawl(site: str, base: str) -> list[str]:
    boards = [base + path for path in truth("discuz", 1).list_urls if "page=" not in path]
    words = {
        "ptt": ["--board", "Stock,Gossiping"],
        "netease": ["--section", "tech_list,money_list,dy_list"],
        "discuz": ["--url", ",".join(boards)],
    }[site]
    return ["crawl", site, *words, "--base-url", base, "--delay", "0"]


def _shenglu(*words: str) -> None:
    print(f"\n$ shenglu {' '.join(words)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.cli", *words],
        cwd=CHECKOUT,
        env={**os.environ, "SHENGLU_ARCHIVE": str(ARCHIVE)},
        check=False,
    )
    if done.returncode:
        sys.exit(f"shenglu {words[0]} ended with exit code {done.returncode}")


def _compare(before: Mapping[str, int]) -> None:
    """Hold every row against the truth, and say what a repeated demo added."""
    wrong = differences(ARCHIVE, dict.fromkeys(SITES, 1), SOURCES)
    rows = {site: truth(site, 1) for site in SITES}
    articles = sum(len(one.articles) for one in rows.values())
    comments = sum(len(one.comments) for one in rows.values())
    print(f"\nThe replicas hold {articles} articles and threads and {comments} comments.")
    if wrong:
        print("The archive differs from the truth:", *wrong, sep="\n  ")
        sys.exit(1)
    print("The archive equals their truth: every title, text, parent, floor, vote and time.")
    now = counts(ARCHIVE)
    if before and now == before:
        print("This demo ran before: no row was added.")
    elif before:
        held, holds = before["comment_history"], now["comment_history"]
        print(f"An earlier demo was cut short at {held} comments; this one went on to {holds}.")


def _farewell(seconds: float) -> None:
    place = ARCHIVE.relative_to(CHECKOUT)
    print(f"\nDone in {seconds:.0f} s.")
    print(f"  archive  {place}/tables           Parquet, readable by any tool")
    print(f"  release  {place}/releases/{RELEASE}    frozen, with checksums and a data dictionary")
    print(f"  WARC     {place}/warc             the evidence behind each row")
    print("Ask it:  .venv/bin/shenglu query --archive", place, '"FROM threads LIMIT 5"')


if __name__ == "__main__":
    sys.exit(main())
