"""What an operator's day brings: several boards of a site, wrong files, archives that are gone."""

import json
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


def test_two_boards_in_turn_ask_for_their_own_pages_and_settle(operator):
    """A line in the crontab each; one of the boards hides what the other shows."""

    def crawl(board):
        words = ["crawl", "ptt", "--board", board, "--base-url", operator.sites["ptt"]]
        done = operator.shenglu(*words, "--delay", "0", "--json")
        return done.returncode, json.loads(done.stdout)[0]

    first = {board: crawl(board)[1]["tally"]["pages"] for board in ("Stock", "Gossiping")}
    for board in ("Stock", "Gossiping"):
        code, report = crawl(board)
        assert (code, report["gates"]) == (0, [])
        assert report["tally"]["pages"] == first[board]


def test_a_file_that_is_no_warc_is_told(operator, tmp_path):
    for name, data in {"empty.warc.gz": b"", "words.warc": b"no record\n" * 9}.items():
        file = tmp_path / name
        file.write_bytes(data)
        done = operator.shenglu("backfill", "--from-warc", file, "--json")
        assert done.returncode == 3, done.stderr
        assert "damaged" in json.loads(done.stdout)["gates"][0]
        assert name in done.stderr


def test_a_crawl_that_cannot_start_is_told_too(operator, receiver):
    url, got = receiver
    operator.archive.mkdir(parents=True)
    (operator.archive / "tables").write_text("what a wrong mount left", "utf-8")
    metrics = operator.archive.parent / "shenglu.prom"
    words = [*operator.crawl_words("ptt"), "--alert", url, "--metrics", metrics]
    done = operator.shenglu(*words)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert got[0]["title"] == "shenglu: ptt ended with 2"
    assert 'shenglu_run_exit_code{site="ptt"} 2' in metrics.read_text("utf-8")


def test_a_name_that_is_misspelled_is_no_site_without_gaps(operator):
    operator.crawl("ptt", "--limit", "1")
    done = operator.shenglu("gaps", "ppt")
    assert done.returncode == 2
    assert "'ppt'" in done.stderr


def test_a_removal_leaves_no_revisit_of_a_page_that_is_gone(operator):
    """Words that stand in several threads take the pages of all of them out of the evidence."""
    for _ in range(2):
        operator.crawl("ptt")
    sql = """SELECT any_value(thread_id || '/' || comment_id) AS id FROM comments
    WHERE length(text) >= 8 GROUP BY text HAVING count(DISTINCT thread_id) > 2 ORDER BY 1 LIMIT 1"""
    found = json.loads(operator.shenglu("query", sql, "--json").stdout)["id"]
    done = operator.shenglu("forget", "--comment", f"ptt/{found}")
    assert "quotes it" in done.stdout
    checked = operator.shenglu("check")
    assert (checked.returncode, "sound" in checked.stdout) == (0, True), checked.stdout[-500:]
    again = operator.shenglu("reparse", "--dry-run")
    assert "0 could not be read" in again.stdout


VERBS = (
    ("query", "SELECT count(*) FROM articles"),
    ("reparse", "--dry-run"),
    ("report", "report.html"),
    ("forget", "--site", "ptt"),
    ("doctor", "--rebuild"),
    ("compact",),
)


@pytest.mark.parametrize("harm", ["missing", "cut"])
def test_a_damaged_table_ends_every_verb_with_a_line_that_says_what_to_do(operator, harm):
    operator.crawl("ptt", "--limit", "2")
    (file,) = operator.archive.glob("tables/comments/*/*.parquet")
    whole = file.read_bytes()
    file.unlink()
    if harm == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    # The closed day, which `compact` would take, is not over: it has nothing to do, and says so.
    for words in VERBS if harm == "missing" else VERBS[:1]:
        done = operator.shenglu(*words)
        assert "Traceback" not in done.stderr, words
        if words != ("compact",):
            assert (done.returncode, "shenglu check" in done.stderr) == (1, True), words
    done = operator.shenglu("check", "--repair")
    assert (done.returncode, "sound" in done.stdout) == (0, True), done.stdout


def test_a_site_whose_certificate_is_its_own_is_told_so(operator, tmp_path):
    names = [str(tmp_path / name) for name in ("key.pem", "cert.pem")]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    subprocess.run([*make, "-keyout", names[0], "-out", names[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(names[1], names[0])
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://localhost:{server.server_address[1]}/a/1.html"
    done = operator.shenglu("crawl", "web", "--url", url, "--delay", "0", "-s", "RETRY_TIMES=0")
    server.shutdown()
    server.server_close()
    assert done.returncode == 3
    asked = operator.shenglu("query", "SELECT error FROM fetches", "--json")
    (row,) = map(json.loads, asked.stdout.splitlines())
    assert "robots.txt cannot be reached" in row["error"]
    assert "certificate verify failed" in row["error"].lower()
