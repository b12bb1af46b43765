"""WARC files, our own or others' (Common Crawl's news, wget, a library's), through the whole line.

Each page enters where a live crawl's captures do and is written to this archive's WARC as it was
answered, with its request where that is known; a resource stays one. Files are read as a stream,
damaged records are passed over and told. What is left out (errors, redirects, pictures, POST,
other hosts, revisits without a body) is counted by reason, never in silence. A record whose bytes
are held is skipped, so a stopped import goes on when the command is repeated.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from archive.coding import dechunk
from archive.errors import CaptureError, UsageError
from archive.model import Capture, Link, PageClass
from archive.queue import Offer, page_key
from archive.session import Session
from archive.warc import Exchange, SavedPage
from archive.warc_read import capture_of, iter_exchanges
from archive.warc_record import StoredRecord
from archive.warc_scan import Damage
from crawlers.options import parse_when
from crawlers.replay import SCOPE, Arrived, Work, completion, run_import
from crawlers.run import Report
from pipelines.identity import FetchIds
from pipelines.urls import canonical

__all__ = ["Chosen", "import_warc"]

_LOG = logging.getLogger(__name__)
_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_TEXT = ("html", "xml", "json", "javascript", "text/plain")
_CONTENT = frozenset({0, 200})  # 0: a resource record
_LARGEST = 32 << 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which files, and which of their records: hosts (none: all) and capture times."""

    paths: tuple[Path, ...]
    hosts: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(
        cls, paths: Sequence[Path], hosts: Sequence[str], since: str | None, until: str | None
    ) -> "Chosen":
        """From the command line; a folder stands for all WARC files in and below it.

        Raises:
            UsageError: no WARC file is there, or a date cannot be read.
        """
        files: list[Path] = []
        for path in paths:
            below = (p for p in path.rglob("*") if p.name.endswith(_SUFFIXES) and p.is_file())
            files.extend(sorted(below) if path.is_dir() else [path])
        if not files:
            shown = ", ".join(map(str, paths))
            raise UsageError(f"no WARC file (*.warc, *.warc.gz, *.warc.zst) in {shown}")
        return cls(
            tuple(files),
            tuple(host.lower() for host in hosts),
            parse_when(since) if since else None,
            parse_when(until, end=True) if until else None,
        )

    def command(self) -> str:
        """The choice in words, one way, so that an interrupted import is recognised."""
        words = [f"--from-warc {path.resolve()}" for path in self.paths]
        words += [f"--host {host}" for host in self.hosts]
        bounds = (("since", self.since), ("until", self.until))
        return " ".join([*words, *(f"--{n} {t.isoformat()}" for n, t in bounds if t)])

    def refusal(self, record: StoredRecord, request: StoredRecord | None) -> str:
        """Why a record is left out; empty for one to read.

        Raises:
            CaptureError: its date cannot be read.
        """
        url = record.url
        status, kind = record.http_summary()
        tests = (
            ("no http(s) address", not url.startswith(("http://", "https://"))),
            ("another host", bool(self.hosts) and not _hosted(url, self.hosts)),
            ("revisit: its bytes are in another record", record.type == "revisit"),
            ("method other than GET", request is not None and request.first_word() != "GET"),
            (f"status {status}", status not in _CONTENT or (record.is_http and not status)),
            ("no text", not any(word in kind for word in _TEXT)),
            ("outside --since and --until", not self._in_time(record)),
        )
        return next((why for why, fails in tests if fails), "")

    def _in_time(self, record: StoredRecord) -> bool:
        after = self.since is None or record.date >= self.since
        return after and (self.until is None or record.date < self.until)


def _hosted(url: str, hosts: Sequence[str]) -> bool:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def import_warc(
    chosen: Chosen,
    archive: Path,
    *,
    keep_names: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Bring every page of the files into the archive; the run's report.

    `progress` is told bytes done and bytes in all.

    Raises:
        StorageError: a file cannot be opened.
    """

    def bring(session: Session, fetch_id: FetchIds) -> Iterator[list[Work]]:
        whole, before = sum(path.stat().st_size for path in chosen.paths), 0
        for path in chosen.paths:
            size, left_out, found = path.stat().st_size, Counter[str](), False
            for record, request in iter_exchanges(path, None, _Told(path, left_out)):
                found = True
                yield list(_bring((record, request), chosen, session, fetch_id, left_out))
                if progress is not None:
                    progress(before + (record.pointer.offset if record.pointer else 0), whole)
            if not found:
                left_out["file without one"] += 1
                _LOG.warning("%s: no capture in it", path)
            session.count(Counter({f"left_out.{why}": n for why, n in left_out.items()}))
            before += size
        if progress is not None:
            progress(whole, whole)

    return run_import(chosen.command(), archive, bring, keep_names=keep_names)


class _Told:
    """Counts damage and tells of it."""

    def __init__(self, path: Path, left_out: Counter[str]) -> None:
        self._path = path
        self._left_out = left_out

    def __call__(self, damage: Damage) -> None:
        self._left_out["damaged record"] += 1
        _LOG.warning("%s", damage)


def _bring(
    pair: tuple[StoredRecord, StoredRecord | None],
    chosen: Chosen,
    session: Session,
    fetch_id: FetchIds,
    left_out: Counter[str],
) -> Iterator[Work]:
    """A record's place in the queue and its completion; nothing if it is left out or known."""
    record, request = pair
    try:
        reason = chosen.refusal(record, request)
        capture, damage = capture_of(record) if not reason else (None, "")
        if capture is None:
            left_out[reason] += 1
            return
        if len(capture.body) > _LARGEST:
            left_out[f"larger than {_LARGEST >> 20} MiB"] += 1
            return
        name = record.field("WARC-Record-ID") or f"{record.field('WARC-Date')}"
        offer = Offer(Link(capture.url, PageClass.OTHER), SCOPE, f"{canonical(capture.url)}#{name}")
        key = page_key(SCOPE, offer)
        arrived = Arrived(capture.url, capture.url, capture.fetched_at, capture, key, damage)
        if session.ledger.queue.held(key).payload_sha256 == arrived.digest:
            left_out["held already"] += 1
            return
        kept = _kept(record, request, replace(capture, fetch_id=fetch_id()), session)
    except (CaptureError, ValueError) as error:
        left_out["damaged record"] += 1
        _LOG.warning("%s: %s", record.url, error)
        return
    yield offer
    yield completion(replace(arrived, capture=kept), session)


def _kept(
    record: StoredRecord, request: StoredRecord | None, capture: Capture, session: Session
) -> Capture:
    """The capture with its place in this archive's WARC."""
    if not record.is_http:
        kind = record.field("Content-Type") or "text/html"
        page = SavedPage(capture.url, capture.body, capture.fetched_at, kind, capture.fetch_id)
        return replace(capture, pointer=session.warc.write_page(page))
    line, headers, body = record.http_head()
    names = {name.lower(): value for name, value in headers}
    if "chunked" in names.get("transfer-encoding", "").lower():
        body, _ = dechunk(body)
    asked = request.http_head()[1:] if request is not None else ((), b"")
    exchange = Exchange(
        url=capture.url,
        status_line=line.encode("latin-1"),
        headers=_bytes(headers),
        body=body,
        fetched_at=capture.fetched_at.astimezone(UTC),
        request_headers=_bytes(asked[0]),
        fetch_id=capture.fetch_id,
        ip=record.field("WARC-IP-Address") or None,
        truncated=record.field("WARC-Truncated") or None,
        asked=request is not None,
    )
    return replace(capture, pointer=session.warc.write(exchange))


def _bytes(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
