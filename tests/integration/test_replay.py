"""The WARC of a crawl, read and replayed by programs that others wrote."""

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from warcio.checker import Checker

from archive.query import connect, evidence, warc_resolver
from archive.root import Root
from archive.warc_read import read_capture

FETCHED = """
SELECT fetch_id, url, strftime(observed_at, '%Y%m%d%H%M%S') AS at, warc_type FROM fetches
WHERE warc_type IN ('response', 'revisit') AND status IN (200, 304) ORDER BY observed_at
"""


@pytest.fixture
def crawled(operator):
    """A board crawled twice: responses, requests, and revisits of what had not changed."""
    for epoch in (1, 2):
        operator.sites.epoch = epoch
        done, _ = operator.crawl("ptt", "--limit", "40")
        assert done.returncode == 0
    return Root.open(operator.archive)


def test_warcio_and_cdxj_indexer_read_every_record(crawled, monkeypatch):
    from cdxj_indexer.main import CDXJIndexer

    monkeypatch.delenv("PYTHONHOME", raising=False)
    files = sorted(crawled.warc.rglob("*.warc.gz"))
    with connect(crawled) as connection:
        sql = "SELECT warc_filename, warc_record_offset, warc_record_length FROM fetches"
        pointers = connection.execute(f"{sql} WHERE warc_filename IS NOT NULL").fetchall()
        kinds = connection.execute("SELECT DISTINCT warc_type FROM fetches").fetchall()
    assert {("response",), ("revisit",)} <= set(kinds)
    wrong = type("C", (), {"inputs": [str(f) for f in files], "verbose": False})
    assert Checker(wrong).process_all() == 0
    theirs = set()
    for file in files:
        out = io.StringIO()
        CDXJIndexer(inputs=[str(file)], output=out, sort=True).process_all()
        for line in out.getvalue().splitlines():
            facts = json.loads(line.split(" ", 2)[2])
            name = file.relative_to(crawled.warc).as_posix()
            theirs.add((name, int(facts["offset"]), int(facts["length"])))
    assert theirs >= set(pointers)


@pytest.fixture
def pywb(request):
    """pywb in an environment of its own: it pins libraries, and is under the GPL."""
    home = Path(request.config.cache.mkdir("pywb"))
    if not (home / "bin" / "wayback").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        said = subprocess.run(
            [home / "bin" / "pip", "install", "-q", "pywb>=2.8"],
            capture_output=True,
            text=True,
            check=False,
        )
        if said.returncode:
            pytest.skip(f"pywb cannot be installed here: {said.stderr[-300:]}")
    return home / "bin"


def ask(url, patience):
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, b""
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.mark.trials
def test_pywb_replays_what_was_fetched(crawled, pywb, tmp_path):
    def run(*words):
        subprocess.run([pywb / words[0], *words[1:]], cwd=tmp_path, check=True, capture_output=True)

    run("wb-manager", "init", "crawl")
    run("wb-manager", "add", "crawl", *map(str, crawled.warc.rglob("*.warc.gz")))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [pywb / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=tmp_path,
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}/crawl"
    try:
        ask(f"http://127.0.0.1:{port}/", 60)
        with connect(crawled) as connection:
            rows = connection.execute(FETCHED).fetchall()
            replayed = {"response": 0, "revisit": 0}
            for fetch_id, url, at, kind in rows[:30] + rows[-30:]:
                found = evidence(crawled, fetch_id, connection)[0]
                held = read_capture(crawled, found.pointer, warc_resolver(connection))
                said = ask(f"{base}/{at}id_/{url}", 0)
                # "Not modified" is replayed as what the server said then, without a body.
                assert said == (held.status, held.body if held.status == 200 else b""), url
                replayed[kind] += 1
        assert min(replayed.values()) > 10, replayed
    finally:
        server.terminate()
        server.wait(20)
