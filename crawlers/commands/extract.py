"""`shenglu extract`: saved pages in, what stands on them out; no crawl, no archive.

In: JSONL rows `{"id", "url", "path", "content_type", "fetched_at"}`; `path` is a plain or gzipped
file, `url` and `fetched_at` may be null (relative times then stay unread). Out, in order, one row
each: `{"id", "page_class", "reason", "error", "parser", "articles", "comments", "links",
"problems"}` in the field names of `archive.model`, `source` being the medium. `error` is set only
where a file cannot be read or decoded; a page that nobody knows is read generically.
"""

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from archive.model import Article, Capture, Comment, Moment

__all__ = ["command", "extract_row"]

_POOL_FROM = 200  # rows; below that, starting processes costs more than it saves
_CHUNK = 16


@click.command("extract", short_help="Read saved pages: articles, comments, links.")
@click.argument("manifest", type=click.File("rb"))
@click.option("--generic", is_flag=True, help="No site rules: only the generic reader.")
def command(manifest: IO[bytes], *, generic: bool) -> None:
    """Read the pages that MANIFEST lists and write a JSON row for each, in order."""
    lines = [(line, generic) for line in manifest if line.strip()]
    for row in _answers(lines):
        text = json.dumps(row, ensure_ascii=False)
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _answers(lines: list[tuple[bytes, bool]]) -> Iterator[dict[str, Any]]:
    if len(lines) <= _POOL_FROM:
        yield from map(extract_row, lines)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor() as pool:
        yield from pool.map(extract_row, lines, chunksize=_CHUNK)


def extract_row(job: tuple[bytes, bool]) -> dict[str, Any]:
    """The answer to one line of the manifest; never raises for what the line or file holds."""
    line, generic = job
    try:
        row = json.loads(line)
        answer: dict[str, Any] = {"id": row.get("id"), "page_class": None, "error": None}
    except (ValueError, AttributeError) as error:
        return _nothing({"id": None}, f"not a JSON object: {error}")
    try:
        capture = _capture(row)
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError) as error:
        return _nothing(answer, f"cannot read {row.get('path')!r}: {error}")
    return answer | _read(capture, generic=generic)


def _nothing(answer: dict[str, Any], error: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"articles": [], "comments": [], "links": 0, "problems": []}
    return answer | {"page_class": "other", "error": error} | empty


def _capture(row: dict[str, Any]) -> "Capture":
    from datetime import UTC, datetime
    from pathlib import Path

    from archive.model import Capture
    from crawlers.view import UNKNOWN_TIME

    body = Path(row["path"]).read_bytes()
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    fetched = UNKNOWN_TIME
    if shown := row.get("fetched_at"):
        fetched = datetime.fromisoformat(shown)
        fetched = fetched if fetched.tzinfo else fetched.replace(tzinfo=UTC)
    kind = row.get("content_type") or ""
    headers = (("Content-Type", kind),) if kind else ()
    return Capture(row.get("url") or "", body, fetched, headers=headers)


def _read(capture: "Capture", *, generic: bool) -> dict[str, Any]:
    from crawlers.page import read_page
    from crawlers.registry import site_for
    from crawlers.view import View

    view = View(capture)
    site = None if generic or not capture.body or view.facts() is None else site_for(view)
    reading = read_page(view, site.pages if site else ())
    data = reading.data
    undecodable = bool(capture.body) and data.reason == "undecodable"
    return {
        "page_class": str(data.page_class),
        "reason": data.reason,
        "error": data.problems[0].excerpt if undecodable else None,
        "parser": reading.parser,
        "articles": [_article(article) for article in data.articles],
        "comments": [_comment(comment) for comment in data.comments],
        "links": len(data.links),
        "problems": [
            {"reason": p.reason, "where": p.where, "excerpt": p.excerpt} for p in data.problems
        ],
    }


def _at(moment: "Moment | None") -> str | None:
    return moment.at.isoformat() if moment and moment.at else None


def _fields(item: "Article | Comment", names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names}


def _article(article: "Article") -> dict[str, Any]:
    same = (
        *("article_id", "kind", "url", "title", "text", "authors", "author_id", "editor"),
        *("section", "images", "reprint_source", "ip_region", "thread_id", "votes_up"),
        *("votes_down", "reply_count", "state", "provenance"),
    )
    times = {
        "published_at": _at(article.published),
        "published_raw": article.published.raw if article.published else None,
        "modified_at": _at(article.modified),
    }
    return _fields(article, same) | {"source": article.medium} | times


def _comment(comment: "Comment") -> dict[str, Any]:
    same = (
        *("comment_id", "thread_id", "author", "author_id", "text", "floor", "parent_id"),
        *("quoted_ids", "ip_region", "reaction", "votes_up", "votes_down", "reply_count"),
        *("state", "url"),
    )
    times = {
        "published_at": _at(comment.published),
        "published_raw": comment.published.raw if comment.published else None,
    }
    return _fields(comment, same) | times


if __name__ == "__main__":
    command()
