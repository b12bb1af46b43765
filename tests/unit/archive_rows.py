"""Rows and exchanges for the tests of the archive. All names and texts are invented."""

import gzip
import hashlib
from datetime import UTC, datetime, timedelta

from archive.schema import empty_row
from archive.warc import Exchange

START = datetime(2024, 1, 31, 23, 50, tzinfo=UTC)
PAGE = "<html><meta charset=utf-8><p>今天的討論很熱鬧，大家都在說話。</p></html>".encode()


def comment(number, *, thread="t1", version=1, text=None, minutes=0, **more):
    text = text if text is not None else f"第{number}樓：這裡說得有道理"
    return empty_row("comments") | {
        "source": "demo",
        "thread_id": thread,
        "comment_id": f"c{number}",
        "version": version,
        "change": "new" if version == 1 else "edit",
        "content_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "floor": number,
        "depth": 0,
        "quoted_ids": [],
        "text": text,
        "text_hans": text,
        "search_key": text,
        "script": "hant",
        "published_at": START + timedelta(minutes=number),
        "state": "visible",
        "parser": "demo@1",
        "normaliser": "1.test",
        "run_id": "run1",
        "fetch_id": f"fetch-{thread}",
        "observed_at": START + timedelta(minutes=minutes),
        **more,
    }


def article(number=1, *, thread="t1", version=1, **more):
    return empty_row("articles") | {
        "source": "demo",
        "article_id": f"a{number}",
        "thread_id": thread,
        "kind": "post",
        "url": f"https://forum.example/{thread}",
        "title": f"第{number}個題目",
        "title_hans": f"第{number}个题目",
        "version": version,
        "change": "new",
        "text": "開頭的文章",
        "text_hans": "开头的文章",
        "search_key": "开头的文章",
        "script": "hant",
        "authors": [],
        "images": [],
        "state": "visible",
        "published_at": START,
        "parser": "demo@1",
        "normaliser": "1.test",
        "run_id": "run1",
        "fetch_id": f"fetch-{thread}",
        "observed_at": START,
        **more,
    }


def visit(*, thread="t1", declared=3, stop="end", minutes=0):
    return empty_row("visits") | {
        "source": "demo",
        "thread_id": thread,
        "declared": declared,
        "fetched": 3,
        "pages": 1,
        "stop_reason": stop,
        "started_at": START,
        "run_id": "run1",
        "fetch_id": f"fetch-{thread}",
        "observed_at": START + timedelta(minutes=minutes),
    }


def exchange(url="https://forum.example/t1", body=PAGE, *, coded=True, **more):
    headers = [(b"Content-Type", b"text/html; charset=utf-8"), (b"X-Odd", "值".encode("gbk"))]
    if coded:
        headers.append((b"Content-Encoding", b"gzip"))
        body = gzip.compress(body, mtime=0)
    values = {
        "url": url,
        "status_line": b"HTTP/1.1 200 OK",
        "headers": headers,
        "body": body,
        "fetched_at": START,
        "request_headers": [(b"Host", b"forum.example"), (b"User-Agent", b"test")],
    }
    return Exchange(**(values | more))


def fetch(pointer, *, thread="t1", payload=PAGE, **more):
    return empty_row("fetches") | {
        "run_id": "run1",
        "fetch_id": f"fetch-{thread}",
        "observed_at": START,
        "source": "demo",
        "url": f"https://forum.example/{thread}",
        "method": "GET",
        "status": 200,
        "charset_used": "utf-8",
        "payload_bytes": len(payload),
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "page_class": "thread",
        "attempt": 1,
        "warc_filename": pointer.filename,
        "warc_record_offset": pointer.offset,
        "warc_record_length": pointer.length,
        "warc_type": pointer.record_type,
        **more,
    }
