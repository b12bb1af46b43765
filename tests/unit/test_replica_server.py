"""The replicas' server: gate, validators, log, bans, compression, keep-alive, start."""

import gzip
import http.client
import json
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.replicas.replica import Request
from tests.replicas.server import KINDS, Options, running
from tests.replicas.truth import SITES, truth

BASE = "http://127.0.0.1:9"
ROOT = Path(__file__).parents[2]
ADULT = {"cookie": "over18=1"}
EACH = pytest.mark.parametrize("site", SITES)
BOTH = pytest.mark.parametrize("epoch", [1, 2])


def page(site, target, epoch=1, headers=ADULT):
    replica = KINDS[site](BASE, epoch)
    request = Request("GET", target, headers)
    answer = replica.answer(request)
    return answer.status, replica.vary(answer.body, request)


def fetch(base, target, method="GET", headers=None, body=None):
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
    try:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_the_age_gate_opens_with_the_cookie_only():
    with running("ptt") as sites:
        base = sites["ptt"]
        status, headers, _ = fetch(base, "/bbs/Gossiping/index.html")
        assert status == 302
        ask = headers["Location"].removeprefix(base)
        assert b'name="yes"' in fetch(base, ask)[2]
        form = urlencode({"from": "/bbs/Gossiping/index.html", "yes": "yes"})
        status, headers, _ = fetch(base, "/ask/over18", "POST", body=form)
        cookie = headers["Set-Cookie"].partition(";")[0]
        assert (status, cookie) == (302, "over18=1")
        assert fetch(base, "/bbs/Gossiping/index.html", headers={"Cookie": cookie})[0] == 200
        assert fetch(base, "/bbs/Stock/index.html")[0] == 200


def test_unchanged_pages_answer_304_and_changed_ones_do_not():
    with running("ptt", "discuz") as sites:
        for name in ("ptt", "discuz"):
            one, two = truth(name, 1), truth(name, 2)
            grown = {c.thread_id for c in two.comments} & {c.thread_id for c in one.comments}
            count = [Counter(c.thread_id for c in t.comments) for t in (one, two)]
            changed = next(k for k in sorted(grown) if count[0][k] < count[1][k])
            url = next(a.url for a in one.articles if a.article_id == changed)
            sites.epoch = 1
            _, headers, _ = fetch(sites[name], url, headers={"Cookie": "over18=1"})
            asked = {"Cookie": "over18=1", "If-None-Match": headers["ETag"]}
            dated = {"Cookie": "over18=1", "If-Modified-Since": headers["Last-Modified"]}
            assert fetch(sites[name], url, headers=asked)[0] == 304
            assert fetch(sites[name], url, headers=dated)[0] == 304
            sites.epoch = 2
            if name == "ptt" or count[0][changed] < 10:
                assert fetch(sites[name], url, headers=asked)[0] == 200
                assert fetch(sites[name], url, headers=dated)[0] == 200


def test_the_epoch_turns_while_it_runs_and_the_log_tells_all():
    with running() as sites:
        for name in SITES:
            assert json.loads(fetch(sites[name], "/__replica__/epoch")[2]) == {"epoch": 1}
        fetch(sites["ptt"], "/__replica__/epoch?n=2", "POST")
        assert sites.epoch == 2
        assert json.loads(fetch(sites["netease"], "/__replica__/truth")[2])["epoch"] == 2
        fetch(sites["discuz"], "/robots.txt", headers={"User-Agent": "probe"})
        log = json.loads(fetch(sites["discuz"], "/__replica__/log")[2])
        assert [(r["path"], r["status"]) for r in log] == [("/robots.txt", 200)]
        assert log[0]["headers"]["user-agent"] == "probe"
        assert log == sites.log("discuz")


def test_a_ban_answers_with_retry_after_and_ends():
    options = Options(ban_after=3, ban_seconds=0.2)
    with running("ptt", options=options) as sites:
        answers = [fetch(sites["ptt"], "/robots.txt") for _ in range(5)]
        assert [a[0] for a in answers] == [200, 200, 200, 429, 429]
        assert answers[3][1]["Retry-After"] == "1"


def test_gzip_is_used_where_the_client_takes_it():
    with running("discuz", options=Options(gzip=True)) as sites:
        url = truth("discuz", 1).articles[0].url
        _, headers, body = fetch(sites["discuz"], url, headers={"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip"
        assert "芯片夜话论坛" in gzip.decompress(body).decode("gbk")
        _, headers, body = fetch(sites["discuz"], url)
        assert "Content-Encoding" not in headers
        assert "芯片夜话论坛" in body.decode("gbk")


def test_one_connection_carries_many_requests():
    with running("ptt") as sites:
        address = urlsplit(sites["ptt"])
        with socket.create_connection((address.hostname, address.port), 5) as wire:
            for _ in range(3):
                wire.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
                assert wire.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_the_command_announces_its_addresses(tmp_path):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "tests.replicas", "--epoch", "2", "--ready-file", str(ready)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said = json.loads(process.stdout.readline())
        assert said == json.loads(ready.read_text())
        assert said["epoch"] == 2
        for name in SITES:
            assert fetch(said[name], "/robots.txt")[0] == 200
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
