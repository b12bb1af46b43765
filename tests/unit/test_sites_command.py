"""`shenglu sites`: the table, one site, and `sites test` on files, URLs and the archive."""

import gzip
import http.server
import json
import threading
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner

from archive.errors import UsageError
from crawlers.commands.sites import command
from crawlers.one_page import from_file, from_web

FIXTURES = Path(__file__).parents[1] / "sites"


def run(*words, code=0):
    done = CliRunner().invoke(command, [*map(str, words)], standalone_mode=False)
    if done.exception:
        raise done.exception
    assert (done.return_value or 0) == code, done.output
    return done.output


def test_the_table_says_how_each_site_was_verified():
    rows = {row["site"]: row for row in json.loads(run("--json"))}
    assert rows["ptt"]["verified"] == "replica"
    assert rows["zhihu"]["robots"]
    assert "checked live" in run()


def test_one_site_shows_its_options():
    assert "--board" in run("ptt")


@pytest.mark.parametrize("words", [("nowhere",), ("test",), ("ptt", "sina"), ("test", "/none")])
def test_wrong_words_are_errors_of_use(words):
    with pytest.raises(UsageError):
        run(*words)


def test_a_fixture_shows_every_field_with_its_origin():
    found = json.loads(run("test", FIXTURES / "ptt/thread-plain", "--json"))
    assert (found["site"], found["page_class"]) == ("ptt", "thread")
    fields = {row["field"]: row for row in found["fields"]}
    assert fields["authors"]["value"] == ["rainyday"]
    assert fields["authors"]["from"] == "css:.article-metaline"
    assert fields["published"]["value"]["at"] == "2026-01-14T14:13:20+00:00"
    assert found["comments"]["count"] == found["comments"]["with"]["author"] == 5
    assert len(found["comments"]["first"]) == 5


def test_what_a_changed_page_lost_is_named(tmp_path):
    page = (FIXTURES / "ptt/thread-plain/input.html").read_text()
    changed = tmp_path / "changed.html.gz"
    changed.write_bytes(gzip.compress(page.replace("article-meta", "renamed-meta").encode()))
    url = "https://www.ptt.cc/bbs/Stock/M.1768400000.A.3F1.html"
    found = json.loads(run("test", changed, "--url", url, "--json"))
    lost = {row["field"] for row in found["missed"] if row["lost"]}
    assert "authors" in lost
    said = run("test", changed, "--url", url)
    assert "! authors" in said
    assert "[css:#main-content]" in said


def test_a_list_shows_its_links_by_kind():
    found = json.loads(run("test", FIXTURES / "ptt/list-newest", "--json"))
    assert found["links"]["thread"]["count"] >= 1
    assert found["links"]["list"]["count"] == 1


def test_a_page_of_nothing_is_exit_code_1(tmp_path):
    nothing = tmp_path / "x.bin"
    nothing.write_bytes(b"%PDF-1.4 \x00\x01")
    assert "not text" in run("test", nothing, code=1)


def test_a_page_can_be_read_as_another_sites(tmp_path):
    page = tmp_path / "p.html"
    page.write_text("<html><body><h1 class='title'>x</h1></body></html>")
    assert json.loads(run("test", page, "--site", "cna", "--json", code=1))["site"] == "cna"
    with pytest.raises(UsageError):
        run("test", page, "--site", "nowhere")


def test_a_url_is_not_fetched_unless_asked(tmp_path):
    with pytest.raises(UsageError):
        run("test", "https://news.example/1", "--archive", tmp_path / "none")


class _Handler(http.server.BaseHTTPRequestHandler):
    asked: ClassVar = []
    robots = (200, b"User-agent: *\nDisallow: /private\n")

    def do_GET(self):
        self.asked.append((self.path, self.headers["User-Agent"]))
        if self.path == "/robots.txt":
            status, body = self.robots
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/private/1")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        else:
            status, body = 200, gzip.compress("<h1>港口</h1>".encode())
        self.send_response(status)
        if status == 200 and self.path != "/robots.txt":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    handler = type("H", (_Handler,), {"asked": []})
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}", handler
    served.shutdown()
    thread.join()
    served.server_close()


def test_a_fetch_reads_robots_first_and_names_itself(server):
    base, handler = server
    capture = from_web(f"{base}/a", "shenglu/test")
    assert capture.body.decode() == "<h1>港口</h1>"
    assert handler.asked == [("/robots.txt", "shenglu/test"), ("/a", "shenglu/test")]


@pytest.mark.parametrize("path", ["/private/1", "/moved"])
def test_what_robots_forbids_is_not_fetched_nor_reached_by_redirect(server, path):
    base, handler = server
    with pytest.raises(UsageError, match="forbids"):
        from_web(f"{base}{path}", "shenglu/test")
    assert ("/private/1", "shenglu/test") not in handler.asked


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (503, False)])
def test_robots_that_cannot_be_read(server, status, allowed):
    base, handler = server
    handler.robots = (status, b"")
    if allowed:
        assert from_web(f"{base}/a", "x").status == 200
        return
    with pytest.raises(UsageError):
        from_web(f"{base}/a", "x")


def test_nobody_there_and_other_schemes_are_errors_of_use():
    for url in ("http://127.0.0.1:9/x", "ftp://a.example/x"):
        with pytest.raises(UsageError):
            from_web(url, "x")


def test_a_folder_of_a_fixture_has_its_url_and_time():
    capture = from_file(FIXTURES / "ptt/thread-plain")
    assert capture.url.endswith(".html")
    assert capture.fetched_at.year >= 2026
