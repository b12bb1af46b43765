"""The fault server does what its list says, and stays bounded."""

import http.client
import json
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archive.model import PageClass
from tests.replicas.fault_pages import BODIES, BOMB_BYTES, bomb, cut_gzip
from tests.replicas.faults import FAULTS, HUGE_BYTES, serving

OUTCOMES = {str(kind) for kind in PageClass} | {"error", "quarantine", "denied", "ok", "trap"}


@pytest.fixture(scope="module")
def faults():
    with serving() as running:
        yield running


def fetch(url, timeout=5):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_the_list_is_machine_readable_and_complete(faults):
    listing = json.loads(fetch(faults.origin("main") + "/__faults__")[2])
    assert {row["name"] for row in listing} == set(FAULTS)
    assert len(listing) >= 100
    for row in listing:
        assert set(row["expect"]) <= OUTCOMES
        assert row["expect"]
        assert row["url"].startswith(("http://127.0.0.1:", "http://localhost:"))


@pytest.mark.parametrize("name", list(BODIES))
def test_a_canned_answer_comes_whole_under_any_path(faults, name):
    canned = BODIES[name]
    status, headers, body = fetch(faults.url(name, "bbs/Stock/M.1768000000.A.0AB.html"))
    assert (status, body) == (canned.status, canned.body)
    assert headers.get("Content-Type", "") == canned.content_type


def test_nothing_listens_where_nothing_should(faults):
    with pytest.raises(ConnectionRefusedError):
        fetch(faults.url("unreachable"))


def test_storms_end_after_a_while_for_each_url(faults):
    for name, wanted in (
        ("http-500-twice", [500, 500, 200]),
        ("retry-after", [429, 200, 200]),
        ("retry-after-date", [503, 200, 200]),
        ("retry-after-day", [429, 429, 429]),
    ):
        for tail in ("a.html", "b.html"):
            answers = [fetch(faults.url(name, tail)) for _ in range(3)]
            assert [a[0] for a in answers] == wanted
    assert "Retry-After" in answers[0][1]


def test_huge_pages_have_their_size(faults):
    status, headers, body = fetch(faults.url("huge"), 30)
    assert (status, int(headers["Content-Length"]), len(body)) == (200, HUGE_BYTES, HUGE_BYTES)
    _, headers, body = fetch(faults.url("huge-unsaid"), 30)
    assert "Content-Length" not in headers
    assert len(body) == HUGE_BYTES


def test_gzip_faults_are_what_they_say(faults):
    assert len(bomb()) < 200_000
    opened = zlib.decompress(fetch(faults.url("gzip-bomb"))[2], 31)
    assert BOMB_BYTES <= len(opened) < BOMB_BYTES + 100
    broken = zlib.decompressobj(31)
    broken.decompress(cut_gzip())
    assert not broken.eof
    _, headers, body = fetch(faults.url("gzip-lie"))
    assert headers["Content-Encoding"] == "gzip"
    with pytest.raises(zlib.error):
        zlib.decompress(body, 31)


def test_redirects_never_end_or_lead_where_nobody_should_go(faults):
    url = faults.url("redirect-loop")
    seen = set()
    for _ in range(5):
        status, headers, _ = fetch(url)
        assert status == 302
        seen.add(url)
        url = faults.origin("main") + headers["Location"]
    assert len(seen) == 5
    one = fetch(faults.url("redirect-pair"))[1]["Location"]
    back = fetch(faults.origin("main") + one)[1]["Location"]
    assert faults.url("redirect-pair").endswith(back)
    for name, start in (
        ("redirect-private", "http://10."),
        ("redirect-metadata", "http://169.254."),
        ("redirect-file", "file:"),
        ("redirect-elsewhere", "http://localhost:"),
    ):
        assert fetch(faults.url(name))[1]["Location"].startswith(start)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("reset", (ConnectionResetError, http.client.IncompleteRead)),
        ("reset-early", (ConnectionResetError, http.client.RemoteDisconnected)),
        ("short-body", http.client.IncompleteRead),
        ("not-http", http.client.BadStatusLine),
        ("slow-head", TimeoutError),
        ("slow-body", TimeoutError),
    ],
)
def test_connections_break_as_told(faults, name, error):
    start = time.monotonic()
    with pytest.raises(error):
        fetch(faults.url(name), 0.6)
    assert time.monotonic() - start < 3


def test_robots_faults_have_their_own_origin(faults):
    origins = {faults.origin(FAULTS[name].origin) for name in FAULTS if name.startswith("robots-")}
    assert len(origins) == 24
    assert fetch(faults.origin("robots-deny") + "/robots.txt")[2].endswith(b"Disallow: /\n")
    assert fetch(faults.origin("robots-500") + "/robots.txt")[0] == 500
    assert fetch(faults.url("robots-deny"))[0] == 200
    assert fetch(faults.origin("main") + "/robots.txt")[0] == 200


def test_what_was_asked_is_counted(faults):
    fetch(faults.url("captcha", "counted.html"))
    assert faults.seen["main", "/fault/captcha/counted.html"] == 1


def test_it_stops_while_a_client_waits():
    with serving() as running:
        parts = urlsplit(running.url("slow-head"))
        wire = socket.create_connection((parts.hostname, parts.port), 5)
        wire.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        start = time.monotonic()
    wire.close()
    assert time.monotonic() - start < 5


def test_the_command_announces_the_list():
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.replicas.faults"]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert len(json.loads(process.stdout.readline())) == len(FAULTS)
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
