"""Saved pages through the whole line: rows with evidence, or quarantine with a reason."""

import gzip
import json

import pytest

ARTICLE = """<!DOCTYPE html><html lang="zh-Hans"><head><meta charset="utf-8">
<title>河岸夜市重新开张 - 江城晚报</title>
<meta property="article:published_time" content="2026-03-02T09:30:00+08:00"></head><body>
<h1>河岸夜市重新开张</h1><div class="info">2026-03-02 09:30 来源：江城晚报 记者 苏晴</div>
<div class="content"><p>停业两年的河岸夜市昨晚重新开张，六十多个摊位沿着旧码头排开，
人潮从傍晚一直站到深夜。</p>
<p>摊主老周说，昇腾广场那边的租金太高，他把面摊搬了回来，头一晚就卖完了三百碗。</p>
<p>市政部门表示，夜市将试运行三个月，之后再决定是否延长营业时间，并计划在河对岸另设停车场。</p></div>
</body></html>"""


@pytest.fixture
def manifest(tmp_path):
    """An article (gzipped), a page of a forum with no address, a missing and a broken file."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "night.html.gz").write_bytes(gzip.compress(ARTICLE.encode()))
    (pages / "noaddress.html").write_text(ARTICLE.replace("夜市", "早市"), encoding="utf-8")
    (pages / "broken.html.gz").write_bytes(gzip.compress(ARTICLE.encode())[:200])
    (pages / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    (pages / "empty.html").write_bytes(b"")
    rows = [
        {"id": "night", "url": "https://news.example.org/2026/night.html", "path": "night.html.gz"},
        {"id": "noaddress", "url": None, "path": "noaddress.html"},
        {"id": "broken", "url": "https://news.example.org/broken.html", "path": "broken.html.gz"},
        {"id": "missing", "url": "https://news.example.org/missing.html", "path": "nowhere.html"},
        {"id": "picture", "url": "https://news.example.org/p.html", "path": "picture.html"},
        {"id": "empty", "url": "https://news.example.org/e.html", "path": "empty.html"},
    ]
    file = pages / "manifest.jsonl"
    typed = [row | {"content_type": "text/html", "fetched_at": None} for row in rows]
    file.write_text("\n".join(json.dumps(row) for row in typed), encoding="utf-8")
    return file


def rows_of(operator, sql):
    done = operator.shenglu("query", sql, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def clerk(tmp_path):
    """An operator who has files and no site."""
    from tests.integration.conftest import Operator

    return Operator(tmp_path / "archive", None)


def test_every_file_becomes_a_row_or_a_reason(clerk, manifest):
    done = clerk.shenglu("backfill", "--from-files", manifest, "--json")
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, "half of the files are broken: a gate fails"
    articles = rows_of(clerk, "SELECT title, medium, published_at, url, article_id FROM articles")
    assert {row["title"] for row in articles} == {"河岸夜市重新开张", "河岸早市重新开张"}
    reasons = rows_of(clerk, "SELECT url, reason FROM quarantine")
    named = {row["url"].rsplit("/", 1)[-1] for row in reasons}
    assert named >= {"broken.html", "missing.html", "p.html", "e.html"}
    assert all(row["reason"] for row in reasons)
    evidence = rows_of(clerk, "SELECT warc_type, count(*) n FROM fetches GROUP BY ALL")
    assert {row["warc_type"]: row["n"] for row in evidence} == {"resource": 4, None: 2}
    assert clerk.shenglu("check").returncode == 0


def test_a_row_leads_to_the_bytes_of_the_file(clerk, manifest):
    clerk.shenglu("backfill", "--from-files", manifest)
    (row,) = rows_of(clerk, "SELECT source, article_id FROM articles WHERE url LIKE '%night%'")
    record = clerk.shenglu("query", "--evidence", f"{row['source']}/{row['article_id']}")
    assert "WARC-Type: resource" in record.stdout
    assert "昇腾广场" in record.stdout


def test_a_second_import_adds_nothing(clerk, manifest):
    clerk.shenglu("backfill", "--from-files", manifest)
    before = clerk.counts()
    done = clerk.shenglu("backfill", "--from-files", manifest)
    assert "no row was added" in done.stdout
    assert clerk.counts() == before


def test_a_manifest_that_is_none_is_a_usage_error(clerk, tmp_path):
    file = tmp_path / "list.jsonl"
    file.write_text('{"id": "a", "path": "x"}\n{"no": 1}\n', encoding="utf-8")
    done = clerk.shenglu("backfill", "--from-files", file)
    assert done.returncode == 2
    assert "line 2" in done.stderr


@pytest.mark.shared
def test_the_saved_real_pages_all_pass_through_the_line(clerk, shared):
    manifest = shared / "pages" / "manifest.jsonl"
    pages = len([line for line in manifest.read_text("utf-8").splitlines() if line.strip()])
    done = clerk.shenglu("backfill", "--from-files", manifest, "--json")
    assert done.returncode == 0, done.stderr
    (kept,) = rows_of(
        clerk,
        "SELECT count(*) n FROM fetches WHERE warc_filename IS NOT NULL AND page_class IS NOT NULL",
    )
    assert kept["n"] == pages
    (silent,) = rows_of(
        clerk,
        "SELECT count(*) n FROM fetches WHERE page_class NOT IN ('list', 'feed') AND fetch_id"
        " NOT IN (SELECT fetch_id FROM article_history UNION SELECT fetch_id FROM comment_history"
        " UNION SELECT fetch_id FROM quarantine)",
    )
    assert silent["n"] == 0
    assert clerk.shenglu("check").returncode == 0
