"""An unknown site crawled by its feed, its sitemap and its list, against a small server of ours."""

import gzip
import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LINES = (
    "渡輪公司說，這艘船在冬天修好了引擎，試航三次都沒有問題，明天早上六點會開出第一班，票價不變。",
    "碼頭邊的早餐店老闆也鬆了一口氣，他說少了乘客的三個月，每天只能賣出二十份蛋餅，很難維持。",
    "船長在船上工作了三十年，他記得最大的一次風浪是在十二年前的秋天，那天所有的船都留在港裡。",
    "明天的第一班船已經賣出一百二十張票，公司說如果風浪太大會延後一小時，請旅客留意廣播。",
)


def article(title, lines, foot="", head=""):
    text = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title} - 港口週報</title>{head}"
        f"</head><body><nav><a href=/>首頁</a></nav><h1>{title}</h1><div>2026-01-15 08:30</div>"
        f"<div class=content>{text}</div>{foot}</body></html>"
    ).encode()


def feed(base, *paths):
    items = "".join(
        f"<item><title>{p}</title><link>{base}{p}?utm_source=rss</link>"
        "<pubDate>Thu, 15 Jan 2026 08:30:00 +0800</pubDate></item>"
        for p in paths
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()


def sitemap(base, *paths, tag="url"):
    entries = "".join(f"<{tag}><loc>{base}{path}</loc></{tag}>" for path in paths)
    root = "urlset" if tag == "url" else "sitemapindex"
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><{root} xmlns="{space}">{entries}</{root}>'.encode()


def site(base):
    pages = {
        "/robots.txt": b"User-agent: *\nDisallow: /secret\n",
        "/rss.xml": feed(base, "/2026/0115/1001.html", "/2026/0115/1002.html", "/secret/1.html"),
        "/sitemap.xml": sitemap(base, "/sitemap-1.xml.gz", tag="sitemap"),
        "/sitemap-1.xml.gz": gzip.compress(sitemap(base, "/2026/0115/1003.html")),
        "/local": (
            "<meta charset=utf-8><a href=/2026/0115/1001.html#c>渡輪明早六點恢復航行</a>"
            "<a href=/2026/0115/1004.html>燈塔點亮一百年的晚上</a><a href=/about>關於港口週報</a>"
        ).encode(),
        "/2026/0115/1001.html": article("渡輪復航", LINES),
        # An article of two pages, and one with a form on one page.
        "/2026/0115/1002.html": article(
            "船長的三十年", LINES[:2], "<a href=/2026/0115/1002_2.html>下一頁</a>"
        ),
        "/2026/0115/1002_2.html": article(
            "船長的三十年", LINES[2:], "<a href=/2026/0115/1002.html>上一頁</a>"
        ),
        "/2026/0115/1003.html": article(
            "早餐店", LINES[:2], "<a href=/2026/0115/1003_all.html>阅读全文</a>"
        ),
        "/2026/0115/1003_all.html": article("早餐店", LINES),
        "/2026/0115/1004.html": article(
            "燈塔", LINES, head=f'<link rel=canonical href="{base}/lighthouse/4.html">'
        ),
    }
    pages["/secret/1.html"] = article("不可讀", LINES)
    return pages


@pytest.fixture
def served():
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0]
            asked.append(path)
            body = self.server.pages.get(path)
            kind = "text/html" if path.endswith(("html", "local")) else "application/octet-stream"
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    server.pages = site(base)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield base, asked
    server.shutdown()
    thread.join()
    server.server_close()


def shenglu(archive, *words):
    return subprocess.run(
        [sys.executable, "-m", "crawlers.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "SHENGLU_ARCHIVE": str(archive), "PYTHONPATH": str(CHECKOUT)},
    )


def crawl(archive, *words):
    done = shenglu(archive, "crawl", "web", *words, "--delay", "0", "--json")
    assert "Traceback" not in done.stderr, done.stderr
    return done


def articles(archive):
    files = str(archive / "tables/articles/**/*.parquet")
    sql = "SELECT title, text, url, source FROM read_parquet(?) ORDER BY url"
    return duckdb.execute(sql, [files]).fetchall()


def test_an_unknown_site_by_its_feed_with_an_article_in_pages(served, tmp_path):
    base, asked = served
    done = crawl(tmp_path, "--feed", f"{base}/rss.xml", "--limit", "20")
    rows = {title: (text, url, source) for title, text, url, source in articles(tmp_path)}
    assert set(rows) == {"渡輪復航", "船長的三十年"}, done.stderr
    for title, number in (("渡輪復航", 1001), ("船長的三十年", 1002)):
        text, url, source = rows[title]
        assert text.split("\n") == list(LINES)
        assert url == f"{base}/2026/0115/{number}.html"
        assert source == "web:127.0.0.1"
    assert "/secret/1.html" not in asked

    # A second run finds nothing new, and no part of an article becomes a version of it.
    crawl(tmp_path, "--feed", f"{base}/rss.xml", "--limit", "20")
    assert len(articles(tmp_path)) == 2

    shown = shenglu(tmp_path, "sites", "test", f"{base}/2026/0115/1001.html", "--json")
    found = json.loads(shown.stdout)
    assert found["bytes"] > 500
    assert {row["field"]: row["value"] for row in found["fields"]}["title"] == "渡輪復航"


def test_an_unknown_site_by_its_gzipped_sitemap_and_its_list(served, tmp_path):
    base, asked = served
    words = ("--sitemap", f"{base}/sitemap.xml", "--list", f"{base}/local")
    done = crawl(tmp_path, *words, "--limit", "20")
    rows = {title: (text, url) for title, text, url, _ in articles(tmp_path)}
    assert set(rows) == {"渡輪復航", "早餐店", "燈塔"}, done.stderr
    assert rows["早餐店"] == ("\n".join(LINES), f"{base}/2026/0115/1003.html")
    assert rows["燈塔"][1] == f"{base}/lighthouse/4.html"
    assert "/about" not in asked
