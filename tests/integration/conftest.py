"""Runs the real command against the replicas; each run is a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.replicas.compare import counts, differences
from tests.replicas.server import running

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SOURCES = {"discuz": "discuz:127.0.0.1"}
SITES = ("ptt", "netease", "discuz")


@dataclass
class Operator:
    """Somebody at a shell: an archive, the replicas, and the command."""

    archive: Path
    sites: object

    def command(self, *words):
        return [sys.executable, "-m", "crawlers.cli", *map(str, words)]

    def environment(self):
        return {**os.environ, "SHENGLU_ARCHIVE": str(self.archive), "PYTHONPATH": str(CHECKOUT)}

    def shenglu(self, *words, timeout=120):
        return subprocess.run(
            self.command(*words),
            capture_output=True,
            text=True,
            env=self.environment(),
            timeout=timeout,
            check=False,
        )

    def crawl_words(self, site, *more):
        words = {
            "ptt": ["--board", "Stock,Gossiping"],
            "netease": ["--section", "tech_list,money_list,dy_list"],
            "discuz": ["--url", self.boards()],
        }[site]
        base = ["--base-url", self.sites[site], "--delay", "0"]
        return ["crawl", site, *words, *base, *more]

    def boards(self):
        paths = [p for p in self.sites.truth("discuz").list_urls if "page=" not in p]
        return ",".join(self.sites["discuz"] + path for path in paths)

    def crawl(self, site, *more):
        done = self.shenglu(*self.crawl_words(site, *more), "--json")
        assert "Traceback" not in done.stderr, done.stderr
        reports = json.loads(done.stdout) if done.stdout.strip().startswith("[") else []
        return done, (reports[0] if reports else {})

    def crawl_and_kill(self, site, requests, number=signal.SIGKILL):
        """Start a crawl and signal it after that many requests; whether it was still running."""
        wanted = len(self.sites.log(site)) + requests
        with subprocess.Popen(
            self.command(*self.crawl_words(site)),
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while len(self.sites.log(site)) < wanted and process.poll() is None:
                time.sleep(0.01)
            alive = process.poll() is None
            process.send_signal(number)
            process.wait(30)
        return alive

    def wrong(self, *names):
        """What the archive has wrong against the replicas as they stand."""
        epoch = min(self.sites.epoch, 2)
        return differences(self.archive, dict.fromkeys(names or SITES, epoch), SOURCES)

    def counts(self):
        return counts(self.archive)


@pytest.fixture
def operator(tmp_path):
    with running() as sites:
        yield Operator(tmp_path / "archive", sites)


@pytest.fixture(scope="session")
def visited_twice(tmp_path_factory, checkout):
    """The demo archive after two visits, a release of each, and a page that says 昨天."""
    home = tmp_path_factory.mktemp("visited")
    page = checkout / "tests/sites/guancha/article-with-remarks"
    row = json.loads((page / "meta.json").read_text())
    row |= {"id": "1", "path": "page.html"}
    said = (page / "input.html").read_text("utf-8").replace("5小时前", "昨天 20:15")
    (home / "page.html").write_text(said, "utf-8")
    (home / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    with running() as sites:
        operator = Operator(home / "archive", sites)
        for epoch in (1, 2):
            sites.epoch = epoch
            for site in SITES:
                done, _ = operator.crawl(site)
                assert done.returncode == 0, done.stderr
            if epoch == 1:
                done = operator.shenglu("backfill", "--from-files", home / "manifest.jsonl")
                assert done.returncode == 0, done.stderr
            assert operator.shenglu("release", f"epoch{epoch}").returncode == 0
        yield operator


@pytest.fixture
def receiver():
    """A web hook on loopback; the messages that it got."""
    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_address[1]}/hook", got
    server.shutdown()
    server.server_close()
