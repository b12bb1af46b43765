"""Saved pages through the whole line: WARC, reading, normalising, state file, Parquet.

Enters where a live crawl's captures do, so a page from a file becomes the same rows. A file that
cannot be read, or a page that gives nothing, becomes a quarantine row with its reason. A page
whose bytes the archive already holds is skipped, so an interrupted import goes on when repeated.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from archive.errors import UsageError
from archive.ledger import Completion
from archive.model import Capture, Link, PageClass, PageData, Problem, StopReason
from archive.queue import Lease, Offer, Validators, page_key
from archive.session import Plan, Session
from archive.warc import SavedPage
from crawlers.answer import Answer, read_answer
from crawlers.gates import failures
from crawlers.page import Reading
from crawlers.registry import site_for
from crawlers.run import Report
from crawlers.site import text_facts
from crawlers.view import UNKNOWN_TIME, View
from pipelines.identity import FetchIds, new_run_id
from pipelines.stages import Attempt, PageItem, completion_of
from pipelines.urls import canonical

__all__ = [
    "SCOPE",
    "Arrived",
    "Saved",
    "Work",
    "completion",
    "import_files",
    "read_manifest",
    "run_import",
]

Work = Completion | Offer

SCOPE = "import"
_GROUP = 32
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Saved:
    """A row of a manifest: a page in a file."""

    id: str
    path: Path
    url: str = ""
    content_type: str = "text/html"
    fetched_at: datetime | None = None

    @property
    def address(self) -> str:
        """The page's URL, or a name for the file where no URL is known."""
        return self.url or f"urn:x-shenglu-file:{quote(self.id, safe='')}"

    def read(self) -> bytes:
        """The page's bytes, unzipped; raises `OSError` or `EOFError` for a broken file."""
        data = self.path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(self.path) as unzipped:
                data = unzipped.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise OSError(f"larger than {_LARGEST >> 20} MiB")
        return data


@dataclass(frozen=True, slots=True)
class Arrived:
    """A page on its way in: `url` as known (or empty), `when` fetched (or None), its queue key.

    `damage` says what was wrong with the codings of an HTTP answer.
    """

    url: str
    address: str
    when: datetime | None
    capture: Capture
    key: bytes
    damage: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the body: the same bytes need not be read twice."""
        return sha256(self.capture.body).hexdigest()


def read_manifest(path: Path) -> list[Saved]:
    """The rows of a manifest: JSON lines of `id, url, path, content_type, fetched_at`.

    A relative `path` (or `file`) counts from the manifest's folder.

    Raises:
        UsageError: the manifest cannot be read; the message names the line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the manifest {path}: {error}") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            rows.append(_saved(path, number, line))
    return rows


def _saved(manifest: Path, number: int, line: str) -> Saved:
    try:
        row: dict[str, Any] = json.loads(line)
        when = row.get("fetched_at")
        fetched = datetime.fromisoformat(when) if when else None
        return Saved(
            id=str(row["id"]),
            path=manifest.parent / (row.get("path") or row["file"]),
            url=row.get("url") or "",
            content_type=row.get("content_type") or "",
            fetched_at=fetched if fetched is None or fetched.tzinfo else fetched.astimezone(UTC),
        )
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise UsageError(f"{manifest}, line {number}: not a manifest row ({what})") from None


def import_files(
    manifest: Path,
    archive: Path,
    *,
    keep_names: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Bring every page of a manifest into the archive; the run's report."""
    pages = read_manifest(manifest)

    def bring(session: Session, fetch_id: FetchIds) -> Iterator[list[Work]]:
        for done, page in enumerate(pages, 1):
            yield list(_bring(page, session, fetch_id))
            if progress is not None:
                progress(done, len(pages))

    return run_import(f"--from-files {manifest.resolve()}", archive, bring, keep_names=keep_names)


def run_import(
    what: str,
    archive: Path,
    bring: Callable[[Session, FetchIds], Iterator[list[Work]]],
    *,
    keep_names: bool = False,
) -> Report:
    """A run over pages that lie in files; `bring` gives what each of them hands over."""
    plan = Plan(
        archive=archive,
        site=SCOPE,
        scope=SCOPE,
        command=f"backfill {what}",
        run_id=new_run_id(datetime.now(UTC)),
        keep_names=keep_names,
    )
    began = datetime.now(UTC)
    session = Session.begin(plan)
    run = session.run
    finished = False
    try:
        work: list[Work] = []
        for page in bring(session, FetchIds(f"{run.run_id}-{run.part:02d}")):
            work.extend(page)
            if len(work) >= _GROUP:
                session.apply(work)
                session.drain(only_if_due=True)
                work = []
        session.apply(work)
        finished = True
    except KeyboardInterrupt:
        pass  # as a crawl: what is in hand is recorded, and the same command goes on
    finally:
        tally = session.tally()
        session.end("finished" if finished else "stopped", finished=finished)
    seconds = (datetime.now(UTC) - began).total_seconds()
    # One page of a thread is no walk: what its site declares is no measure of an import.
    gates = tuple(failures({k: n for k, n in tally.items() if k != "declared"}))
    return Report(SCOPE, run.run_id, finished, run.resumed, seconds, tally, gates)


def _bring(page: Saved, session: Session, fetch_id: FetchIds) -> Iterator[Work]:
    """The page's place in the queue and its completion; nothing if its bytes are known."""
    kind = PageClass.OTHER
    # Two files may show one address at different times: each is a page of its own here.
    offer = Offer(Link(page.address, kind), SCOPE, f"{canonical(page.address)}#{page.id}")
    key = page_key(SCOPE, offer)
    now = datetime.now(UTC)
    try:
        body = page.read()
    except (OSError, EOFError, zlib.error) as error:
        reason = f"cannot read the file: {error}"
        capture = Capture(page.address, b"", now, 0, fetch_id=fetch_id(), error=reason)
        yield offer
        arrived = Arrived(page.url, page.address, page.fetched_at, capture, key)
        yield completion(arrived, session, _nothing(reason))
        return
    digest = sha256(body).hexdigest()
    if session.ledger.queue.held(key).payload_sha256 == digest:
        return
    one = fetch_id()
    when = page.fetched_at or now
    saved = SavedPage(page.address, body, when, page.content_type or "text/html", one)
    capture = Capture(
        url=page.address,
        body=body,
        fetched_at=when,
        headers=(("Content-Type", page.content_type),) if page.content_type else (),
        fetch_id=one,
        pointer=session.warc.write_page(saved),
    )
    yield offer
    yield completion(Arrived(page.url, page.address, page.fetched_at, capture, key), session)


def _identified(data: PageData, address: str) -> PageData:
    """Ids for what an unknown site shows without any: made from the page's address.

    Comments of such a page belong to its article; the same page saved twice gives the same ids.
    """
    own = blake2b(address.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    thread = next((a.thread_id or a.article_id for a in data.articles if a.article_id), own)
    articles = tuple(
        replace(a, article_id=a.article_id or own, thread_id=a.thread_id or _of(data, thread))
        for a in data.articles
    )
    comments = tuple(replace(c, thread_id=c.thread_id or thread) for c in data.comments)
    page = data.thread and replace(data.thread, thread_id=data.thread.thread_id or thread)
    return replace(data, articles=articles, comments=comments, thread=page)


def _of(data: PageData, thread: str) -> str | None:
    """The thread of a page's only article, if the page shows comments."""
    return thread if data.comments and len(data.articles) == 1 else None


def _nothing(reason: str) -> Reading:
    return Reading(PageData(PageClass.OTHER, reason, problems=(Problem(reason),)), "none")


def completion(arrived: Arrived, session: Session, reading: Reading | None = None) -> Completion:
    """Read and normalise one page that came from a file; `reading`: it is read already."""
    capture, url = arrived.capture, arrived.url
    view = View(replace(capture, url=url, fetched_at=arrived.when or UNKNOWN_TIME))
    source = urlsplit(url).hostname or SCOPE
    if reading is None:
        site = site_for(view)
        if site is not None:
            source = site.source(view.address)
        answer = Answer(view.capture, arrived.damage)
        view, reading = read_answer(answer, site.pages if site else (), generic=True)
    data = _identified(reading.data, canonical(arrived.address))
    if data.thread is not None and data.thread.stop is None:
        # One saved page is no walk through its thread: nothing on other pages is missing.
        data = replace(data, thread=replace(data.thread, stop=StopReason.BUDGET))
    if not (data.articles or data.comments or data.links or data.problems):
        reason = data.reason or f"nothing to keep on a page of class {data.page_class}"
        data = replace(data, problems=(Problem(reason),))
    lease = Lease(arrived.key, source, Link(arrived.address, PageClass.OTHER), 1, Validators())
    digest = arrived.digest
    validators = Validators("", "", digest, capture.fetched_at, capture.pointer)
    item = PageItem(
        lease=lease,
        source=source,
        capture=capture,
        data=replace(data, links=()),
        parser=reading.parser,
        decoded=text_facts(view),
        attempts=(Attempt(capture, digest=digest),),
        validators=None if capture.error else validators,
    )
    return completion_of(item, [], session)
