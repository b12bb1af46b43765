"""The browsing pages over HTTP and in a browser: right, escaped, closed to other hosts."""

import http.client
import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from archive.commit import commit
from archive.log import Log
from archive.root import Root
from archive.schema import empty_row
from archive.warc import Exchange
from archive.warc_write import WarcWriter
from crawlers.commands import serve as serve_command
from pipelines.text import text_columns

uvicorn = pytest.importorskip("uvicorn")
pytest.importorskip("starlette")

EVIL = "<script>alert(1)</script>\"onload='x'"
WORDS = {"c1": "談談昇騰的生態", "c2": "说的是昇腾", "c3": EVIL, "c4": "已刪"}


def _row(table, at, **values):
    row = empty_row(table) | {"run_id": "r1", "fetch_id": "f1", "observed_at": at} | values
    if table in ("comments", "articles"):
        columns = text_columns(values["text"])._asdict()
        row |= {"version": 1, "change": "new", "state": "visible", "source": "demo"}
        row |= {"thread_id": "t/1"} | columns | values
    return row


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    root = Root.open(tmp_path_factory.mktemp("browse") / "a", create=True)
    body = f"<html><p>{EVIL}談談昇騰</p></html>".encode("big5")
    with WarcWriter(root, "r1") as writer:
        pointer = writer.write(
            Exchange(
                url="https://forum.example/t",
                status_line=b"HTTP/1.1 200 OK",
                headers=[(b"Content-Type", b"text/html"), (b"X-Evil", EVIL.encode())],
                body=body,
                fetched_at=at,
                request_headers=[(b"Host", b"forum.example")],
            )
        )
    fetched = _row("fetches", at, source="demo", url="https://forum.example/t", status=200)
    fetched |= {"charset_used": "big5", "payload_sha256": sha256(body).hexdigest()}
    fetched |= {"warc_filename": pointer.filename, "warc_record_offset": pointer.offset}
    fetched |= {"warc_record_length": pointer.length, "warc_type": "response"}
    comments = [
        _row("comments", at, comment_id=name, text=text, floor=n, depth=0, published_at=at)
        for n, (name, text) in enumerate(WORDS.items(), 1)
    ]
    comments[0]["url"] = "javascript:alert(1)"
    comments[1] |= {"parent_id": "c1", "depth": 1, "url": "https://forum.example/t#2"}
    comments[2] |= {"parent_id": "c2", "depth": 2}
    later = at + timedelta(days=1)
    gone = _row("comments", later, comment_id="c4", text="", version=2, floor=4, fetch_id="f2")
    gone |= {"change": "delete", "state": "deleted", "deletion_kind": "author"}
    ring = [
        _row("comments", at, comment_id=a, text=f"環{a}", parent_id=b, floor=9)
        for a, b in (("x", "y"), ("y", "x"))
    ]
    piece = _row("articles", at, article_id="a1", text="開頭的文章", title=f"標題{EVIL}")
    visit = _row("visits", at, source="demo", thread_id="t/1", declared=9, fetched=4)
    made = {"comments": [*comments, gone, *ring], "articles": [piece], "fetches": [fetched]}
    commit(Log(root), "b1", made | {"visits": [visit | {"stop_reason": "budget"}]})
    return root


@contextmanager
def _served(root):
    from crawlers.browse import application

    config = uvicorn.Config(application(root), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def port(root):
    with _served(root) as port:
        yield port


def _get(port, path, method="GET", host=None, **query):
    asked = f"{path}?{urlencode(query, doseq=True)}" if query else path
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, asked, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    return answer, answer.read().decode("utf-8", "replace")


class _Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.shown = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [v for name, v in attrs if name in ("href", "src", "action")]

    def handle_data(self, data):
        self.shown += data


PAGES = {
    "search": ("/", {"q": "alert"}),
    "thread": ("/thread", {"source": "demo", "id": "t/1"}),
    "page": ("/page", {"id": "demo/t/1/c1"}),
    "reprints": ("/reprints", {"id": EVIL}),
    "refused": ("/page", {"id": EVIL}),
    "words": ("/", {"q": EVIL}),
}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_the_archive_or_the_request_becomes_markup(port, name):
    path, query = PAGES[name]
    answer, text = _get(port, path, **query)
    found = _Tags(text)
    assert not [tag for tag, _ in found.tags if tag in ("script", "img", "iframe", "object")]
    assert not [attrs for _, attrs in found.tags if any(n.startswith("on") for n in attrs)]
    assert EVIL[:20] in found.shown + str(found.tags)
    assert all(re.match(r"/|#main|https://forum\.example/", link) for link in found.links)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_other_host_names_are_refused(port, host):
    answer, text = _get(port, "/", host=host or "x")
    assert answer.status == 400
    assert "昇" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/thread", "/export"])
def test_only_reading_is_possible(port, path, method):
    assert _get(port, path, method)[0].status == 405


@pytest.mark.parametrize("words", ["昇騰", "昇腾", "升腾"])
def test_search_finds_both_scripts_and_marks_the_original(port, words):
    _, text = _get(port, "/", q=words)
    assert "<mark>昇騰</mark>" in text
    assert "<mark>昇腾</mark>" in text
    assert "/thread?source=demo&amp;id=t%2F1#c-c1" in text
    assert "Nothing found" in _get(port, "/", q="沒有的")[1]
    assert "Nothing found" in _get(port, "/", q=words, site="other")[1]


def test_thread_is_a_tree_with_completeness_and_every_comment(port):
    _, text = _get(port, "/thread", source="demo", id="t/1")
    order = re.findall(r'<li id="c-(\w+)" class="(\w+)', text)
    assert order == [
        ("c1", "d0"),
        ("c2", "d1"),
        ("c3", "d2"),
        ("c4", "d0"),
        ("x", "d0"),
        ("y", "d0"),
    ]
    assert "6 comments known, 9 declared by the site; not complete (stopped by budget)" in text


def test_deleted_comment_shows_what_it_said_before(port):
    text = _Tags(_get(port, "/thread", source="demo", id="t/1")[1]).shown
    assert "deleted by author" in text
    assert "2 versions" in text
    assert "已刪" in text


@pytest.mark.parametrize(
    ("form", "shown"),
    [("original", ("說的", "说的")), ("hans", ("谈谈昇腾",)), ("hant", ("說的是昇騰",))],
)
def test_script_is_flipped(port, form, shown):
    _, text = _get(port, "/thread", source="demo", id="t/1", **{"as": form})
    assert any(words in text for words in shown)
    assert "as=hant" in text
    if form != "original":
        assert f"as={form}#" not in text
        assert f"as={form}" in text


def test_archived_page_has_hash_place_time_and_source(port, root):
    answer, text = _get(port, "/page", id="demo/t/1/c1")
    assert answer.status == 200
    shown = _Tags(text).shown
    assert "equal to the one stated when it was fetched" in shown
    assert "2026-01-02 03:04:05" in shown
    assert f"{EVIL}談談昇騰" in shown  # decoded by the charset that was used
    assert re.search(r"warc/2026/.*warc\.gz, bytes \d+ to \d+", shown)
    answer, text = _get(port, "/record", id="demo/t/1/c1")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert text.startswith("WARC/1.1")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/page", {"id": "nothing"}),
        ("/page", {}),
        ("/thread", {"source": "demo", "id": "zz"}),
        ("/record", {"id": "demo/t/1/c4x"}),
        ("/export", {}),
        ("/export", {"format": "exe", "pick": "demo/a1"}),
        ("/nothing", {}),
    ],
)
def test_what_is_not_there_is_told_without_a_trace(port, path, query):
    answer, text = _get(port, path, **query)
    assert answer.status == 404
    assert "Traceback" not in text
    assert "Content-Security-Policy" in answer.headers


def test_picked_pieces_are_exported_safely(port):
    picks = ["demo/t/1/c1", "demo/t/1/c3", "demo/a1", "demo/none"]
    answer, text = _get(port, "/export", format="jsonl", pick=picks)
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["id"] for row in rows] == ["demo/a1", "demo/t/1/c1", "demo/t/1/c3"]
    assert rows[2]["text"] == EVIL
    answer, text = _get(port, "/export", format="csv", pick=picks)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="selection.csv"'
    assert text.startswith("\ufeffkind,id,")


def test_long_thread_has_pages(tmp_path, monkeypatch):
    from crawlers import browse_thread

    monkeypatch.setattr(browse_thread, "SHOWN", 2)
    root = Root.open(tmp_path / "a", create=True)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [_row("comments", at, comment_id=f"c{n}", text="好", floor=n) for n in range(5)]
    commit(Log(root), "b", {"comments": rows})
    with _served(root) as port:
        _, text = _get(port, "/thread", source="demo", id="t/1", page=3)
    assert re.findall(r'<li id="c-(\w+)"', text) == ["c4"]
    assert 'page=2"' in text


def test_command_refuses_to_listen_for_others_unasked(root):
    words = ["--archive", str(root.path), "--host", "0.0.0.0"]  # noqa: S104 - that is refused
    done = CliRunner().invoke(serve_command.command, words, standalone_mode=False)
    assert "not loopback" in str(done.exception)


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.slow
@pytest.mark.skipif(not BROWSER, reason="needs Chromium")
@pytest.mark.parametrize("name", ["search", "thread", "page"])
@pytest.mark.parametrize("width", [400, 1000])
def test_browser_shows_the_page_and_refuses_nothing_of_it(port, tmp_path, name, width):
    path, query = PAGES[name]
    flags = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
        *("--no-first-run", "--hide-scrollbars", "--enable-logging=stderr"),
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={max(width, 500)},700",
    ]
    picture = tmp_path / "page.png"
    flags += [f"--screenshot={picture}", f"http://localhost:{port}{path}?{urlencode(query)}"]
    done = subprocess.run(
        [BROWSER, *flags],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert picture.stat().st_size > 5_000
    assert not re.search("Refused to|Content Security Policy", done.stderr)
