"""A page to look at: a file, a fixture folder, the archive's latest capture, or one polite fetch.

Nothing is fetched unless it is asked for; then robots.txt of every host on the way is read and
obeyed (RFC 9309: 4xx allows, 5xx or silence forbids), and the user agent names us.
"""

import gzip
import json
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from archive.coding import decode_body
from archive.errors import UsageError
from archive.model import Capture
from crawlers.view import UNKNOWN_TIME

__all__ = ["from_archive", "from_file", "from_web"]

_MOST = 20_000_000  # bytes of a body
_HOPS = 5
_SECONDS = 30
_TYPES = {".json": "application/json", ".js": "application/javascript", ".xml": "application/xml"}


def from_file(path: Path, url: str = "") -> Capture:
    """A saved page (plain or gzipped), or a folder of `tests/sites` with its `meta.json`.

    Raises:
        UsageError: it cannot be read.
    """
    meta: dict[str, Any] = {}
    try:
        if path.is_dir():
            meta = json.loads((path / "meta.json").read_text("utf-8"))
            path = next(path.glob("input.*"))
        body = path.read_bytes()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    except (OSError, ValueError, EOFError, StopIteration) as error:
        raise UsageError(f"cannot read {path}: {error or 'no input.* in it'}") from error
    suffix = Path(path.name.removesuffix(".gz")).suffix
    kind = meta.get("content_type") or _TYPES.get(suffix, "")
    at = datetime.fromisoformat(meta["fetched_at"]) if meta.get("fetched_at") else UNKNOWN_TIME
    headers = (("Content-Type", kind),) if kind else ()
    return Capture(url or meta.get("url") or "", body, at, meta.get("status", 200), headers)


def from_archive(archive: Path, url: str) -> Capture:
    """The latest capture of a URL in an archive.

    Raises:
        UsageError: there is none; the message says how to get one.
    """
    from archive.query import connect, warc_resolver  # noqa: PLC0415 - DuckDB, only for this
    from archive.root import Root  # noqa: PLC0415 - as above
    from archive.warc_read import read_capture  # noqa: PLC0415 - as above
    from pipelines.urls import canonical  # noqa: PLC0415 - as above

    with connect(Root.open(archive)) as connection:
        row = connection.execute(
            "SELECT url, max(observed_at) FROM fetches WHERE warc_filename IS NOT NULL AND "
            "(url = $1 OR canonical_url = $2) GROUP BY url ORDER BY 2 DESC LIMIT 1",
            [url, canonical(url)],
        ).fetchone()
        resolve = warc_resolver(connection)
        pointer = resolve(row[0], row[1]) if row else None
        if pointer is None:
            raise UsageError(f"no capture of {url} in {archive}; --fetch asks the site for it")
        return read_capture(Root.open(archive), pointer, resolve)


class _Stay(HTTPRedirectHandler):
    """A redirect is answered by us: its host may have another robots.txt."""

    def redirect_request(self, *_args: Any, **_words: Any) -> None:
        """Never follow."""


_OPENER = build_opener(_Stay)


def _get(url: str, agent: str) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    request = Request(url, headers={"User-Agent": agent, "Accept-Encoding": "gzip"})  # noqa: S310 - http(s) was checked
    answer: Any  # HTTPResponse or HTTPError: both have status, headers and read
    try:
        answer = _OPENER.open(request, timeout=_SECONDS)
    except HTTPError as error:  # an answer too, only not a 200
        answer = error
    with answer:
        headers = tuple(answer.headers.items())
        return answer.status, headers, answer.read(_MOST)


def _allowed(url: str, agent: str) -> bool:
    from protego import Protego  # noqa: PLC0415 - Scrapy's reader of robots.txt

    status, headers, body = _get(urljoin(url, "/robots.txt"), agent)
    if status >= 500:
        return False
    if status >= 400:
        return True
    coding = next((value for name, value in headers if name.lower() == "content-encoding"), "")
    text = decode_body(body, coding)[0].decode("utf-8", "replace")
    return bool(Protego.parse(text).can_fetch(url, agent))


def from_web(url: str, agent: str) -> Capture:
    """The page as the site answers now, redirects followed, robots.txt obeyed on every host.

    Raises:
        UsageError: robots.txt forbids it, or there is no answer.
    """
    for _ in range(_HOPS):
        if urlsplit(url).scheme not in {"http", "https"}:
            raise UsageError(f"only http and https are fetched, not {url}")
        try:
            if not _allowed(url, agent):
                raise UsageError(f"robots.txt of {urlsplit(url).netloc} forbids {url}")
            status, headers, body = _get(url, agent)
        except (URLError, HTTPException, OSError) as error:
            raise UsageError(f"no answer from {url}: {error}") from error
        named = {name.lower(): value for name, value in headers}
        if 300 <= status < 400 and "location" in named:
            url = urljoin(url, named["location"])
            continue
        body, _ = decode_body(body, named.get("content-encoding", ""))
        return Capture(url, body, datetime.now(UTC), status, headers)
    raise UsageError(f"more than {_HOPS} redirects, the last one to {url}")
