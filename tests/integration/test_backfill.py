"""Backfill on one machine: planned, paused, taken up again, measured against the replicas."""

import gzip
import io
import json
import signal
import subprocess
import time

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.integration.conftest import Operator
from tests.unit.saved_pages import URL, page


def words_of(operator, *more):
    return [*more, "--base-url", operator.sites["ptt"], "--delay", "0", "--json"]


def backfill(operator, *words):
    done = operator.shenglu("backfill", "ptt", *words_of(operator, *words))
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else done


def indexes(operator, board="Stock"):
    pages = [p for p in operator.sites.truth("ptt").list_urls if f"/{board}/index" in p]
    numbers = [int("".join(filter(str.isdigit, p.rsplit("/", 1)[1])) or 0) for p in pages]
    return max(numbers)


def rows_of(operator, sql):
    done = operator.shenglu("query", sql, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_plan_is_near_what_the_run_then_asks_for(operator):
    operator.crawl("ptt", "--limit", "10")
    last = indexes(operator)
    index = ["--board", "Stock", "--index", f"1..{last}"]
    before = len(operator.sites.log("ptt"))
    plan = backfill(operator, "plan", *index)
    assert len(operator.sites.log("ptt")) == before, "a plan asks the site for nothing"
    assert (plan["lists"], plan["assumed"], plan["at_least"]) == (last, [], False)
    (report,) = backfill(operator, *index)
    assert report["finished"]
    asked = len(operator.sites.log("ptt")) - before
    assert asked > last, "known lists are walked, or nothing would be found"
    assert 0.5 * asked <= plan["requests"] <= 2 * asked
    again = backfill(operator, "status")
    assert (again["state"], again["waiting"], again["failed"]) == ("finished", 0, 0)


def test_paused_it_tells_how_long_it_will_take_and_goes_on(operator):
    index = ["--board", "Stock", "--index", f"1..{indexes(operator)}"]
    (report,) = backfill(operator, *index, "--max-requests", "12")
    assert not report["finished"]
    standing = backfill(operator, "status")
    assert standing["state"].startswith("paused")
    assert standing["waiting"] > 0
    assert standing["eta_seconds"] == pytest.approx(
        standing["waiting"] * standing["seconds_a_page"]
    )
    (report,) = backfill(operator, *index)
    assert (report["finished"], report["resumed"]) == (True, True)
    paths = [r["path"] for r in operator.sites.log("ptt") if "/M." in str(r["path"])]
    assert len(paths) == len(set(paths)), "no page was asked for twice"


def test_a_file_of_urls_and_a_range_fetch_what_they_name(operator, tmp_path):
    posts = [f"https://www.ptt.cc{a.url}" for a in operator.sites.truth("ptt").articles[:4]]
    posts = [url.replace("https://www.ptt.cchttp", "http") for url in posts]
    file = tmp_path / "urls.txt"
    file.write_text("\n".join(posts), "utf-8")
    plan = backfill(operator, "plan", "--urls", file)
    assert plan["pieces"] == 4
    backfill(operator, "--urls", file)
    assert rows_of(operator, "SELECT count(*) n FROM articles")[0]["n"] == 4
    assert backfill(operator, "plan", "--urls", file)["known"] == 4
    lists = f"{operator.sites['ptt']}/bbs/Stock/index{{1..2}}.html"
    assert backfill(operator, "plan", "--range", lists)["lists"] == 2
    (report,) = backfill(operator, "--range", lists, "--limit", "3")
    assert report["tally"]["pages.thread"] == 3


def record(writer, url, body, headers, *, status="200 OK", method="GET"):
    http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
    main = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        http_headers=http,
        warc_headers_dict={"WARC-Date": "2026-01-09T08:00:00Z"},
    )
    if method is None:
        return writer.write_record(main)
    asked = writer.create_warc_record(
        url,
        "request",
        http_headers=StatusAndHeaders(
            f"{method} / HTTP/1.1", [("User-Agent", "other")], is_http_request=True
        ),
    )
    return writer.write_request_response_pair(asked, main)


@pytest.fixture
def foreign(tmp_path):
    """A WARC as another crawler writes it, with what a reader must pass over."""
    path = tmp_path / "crawls" / "other-00001.warc.gz"
    path.parent.mkdir()
    html = [("Content-Type", "text/html; charset=utf-8")]
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        writer.write_record(writer.create_warcinfo_record("other.warc.gz", {"software": "other"}))
        record(writer, URL.format(n=1), page(("好文", "推")).encode(), html)
        packed = gzip.compress(page(("壓縮",), title="壓縮的").encode())
        record(
            writer,
            URL.format(n=2),
            packed,
            [*html, ("Content-Encoding", "gzip")],
            method=None,
        )
        chunk = page(("分塊",), title="分塊的").encode()
        chunked = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n0\r\n\r\n"
        record(writer, URL.format(n=3), chunked, [*html, ("Transfer-Encoding", "chunked")])
        record(writer, URL.format(n=4), packed[:90], [*html, ("Content-Encoding", "gzip")])
        record(writer, URL.format(n=5), b"", html, status="404 Not Found")
        record(writer, "https://a.example/p.png", b"\x89PNG", [("Content-Type", "image/png")])
        record(writer, URL.format(n=6), b"x", html, method="POST")
        record(writer, "https://other.example/x", page(()).encode(), html)
    with path.open("ab") as out:  # a crawler that died
        out.write(gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n")[:30])
    return path


def test_a_warc_of_another_crawler_takes_the_same_way(tmp_path, foreign):
    clerk = Operator(tmp_path / "archive", None)
    words = ["backfill", "--from-warc", foreign.parent, "--host", "ptt.cc", "--json"]
    words += ["--host", "a.example"]
    done = clerk.shenglu(*words)
    assert "Traceback" not in done.stderr, done.stderr
    tally = json.loads(done.stdout)["tally"]
    left = {k.removeprefix("left_out."): n for k, n in tally.items() if k.startswith("left_out.")}
    assert left == {
        "status 404": 1,
        "no text": 1,
        "method other than GET": 1,
        "another host": 1,
        "damaged record": 1,
    }
    articles = rows_of(clerk, "SELECT source, title, observed_at FROM articles ORDER BY url")
    assert [a["title"] for a in articles] == ["[閒聊] 題", "[閒聊] 壓縮的", "[閒聊] 分塊的"]
    assert {a["source"] for a in articles} == {"ptt"}
    assert all(a["observed_at"].startswith("2026-01-09") for a in articles)
    (broken,) = rows_of(clerk, "SELECT url, reason FROM quarantine")
    assert "breaks off" in broken["reason"]
    types = rows_of(clerk, "SELECT warc_type, count(*) n FROM fetches GROUP BY ALL")
    assert types == [{"warc_type": "response", "n": 4}]
    assert clerk.shenglu("check").returncode == 0
    shown = clerk.shenglu("query", "--evidence", broken["url"].rsplit("/", 1)[1])
    assert "Traceback" not in shown.stderr

    before = clerk.counts()
    done = clerk.shenglu(*words)
    assert json.loads(done.stdout)["tally"]["left_out.held already"] == 4
    after = clerk.counts()
    assert after.keys() == before.keys()
    assert {k for k in after if after[k] != before[k]} <= {"runs"}


def test_an_archive_of_our_own_comes_over_by_its_warc(operator):
    operator.crawl("ptt")
    comments = "SELECT count(*) n FROM comments"
    whole = rows_of(operator, comments)
    clerk = Operator(operator.archive.parent / "second", None)
    done = clerk.shenglu("backfill", "--from-warc", operator.archive / "warc", "--json")
    assert "Traceback" not in done.stderr, done.stderr
    assert rows_of(clerk, comments) == whole


def test_a_folder_without_warc_files_is_a_usage_error(tmp_path):
    clerk = Operator(tmp_path / "archive", None)
    done = clerk.shenglu("backfill", "--from-warc", tmp_path)
    assert done.returncode == 2
    assert "no WARC file" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_import_that_is_stopped_says_so_and_goes_on(tmp_path, number):
    path = tmp_path / "long.warc.gz"
    html = [("Content-Type", "text/html; charset=utf-8")]
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for n in range(900):
            record(writer, URL.format(n=n), page((f"第{n}則", "推")).encode(), html, method=None)
    clerk = Operator(tmp_path / "archive", None)
    words = ["backfill", "--from-warc", path, "--json"]
    with subprocess.Popen(
        clerk.command(*words), env=clerk.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        while not list(clerk.archive.glob("warc/*/*/*/*.warc.gz")):
            time.sleep(0.01)
        process.send_signal(number)
        report = json.loads(process.communicate(timeout=30)[0])
    assert (process.returncode, report["finished"]) == (1, False)
    done = clerk.shenglu(*words)
    assert (done.returncode, json.loads(done.stdout)["resumed"]) == (0, True)
    assert rows_of(clerk, "SELECT count(*) n, count(DISTINCT url) u FROM fetches") == [
        {"n": 900, "u": 900}
    ]
