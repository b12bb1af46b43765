"""Records: what normalising one page needs and gives, and the row of an exchange.

The seam between the room that reads pages and the room that writes tables. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from archive.model import Capture, Link, PageData, ThreadPage
from pipelines.urls import canonical
from pipelines.values import storable

__all__ = ["Context", "Reading", "Records", "fetch_row", "origin"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What rows need and a page does not say.

    `parser` is the page object as name@version; `known_tree` maps comment ids of the page's
    thread, read before, to their root and depth.
    """

    source: str
    run_id: str
    author_key: bytes = field(repr=False)
    keep_names: bool = False
    parser: str = ""
    known_tree: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the bytes of a capture became text: charsets, and how many U+FFFD that left."""

    charset_declared: str | None = None
    charset_used: str | None = None
    replacement_characters: int | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """The rows that one page gives, and what the crawl needs from it.

    Article and comment rows have every column of their table but `version` and `change`.
    """

    articles: tuple[Row, ...] = ()
    comments: tuple[Row, ...] = ()
    article_observations: tuple[Row, ...] = ()
    comment_observations: tuple[Row, ...] = ()
    quarantine: tuple[Row, ...] = ()
    thread: ThreadPage | None = None
    links: tuple[Link, ...] = ()


def origin(capture: Capture, context: Context) -> Row:
    """The columns that tie any row to its run and exchange."""
    return {
        "run_id": context.run_id,
        "fetch_id": capture.fetch_id,
        "observed_at": capture.fetched_at,
    }


def fetch_row(
    capture: Capture,
    data: PageData | None,
    context: Context,
    *,
    reading: Reading | None = None,
    robots: str = "off",
    attempt: int = 1,
) -> Row:
    """The `fetches` row of an exchange; `data` is None where no page was read (a failure)."""
    reading = reading or Reading()
    whole = capture.status != HTTPStatus.NOT_MODIFIED
    pointer = capture.pointer
    row = {
        **origin(capture, context),
        "source": context.source,
        "url": capture.url,
        "canonical_url": canonical(capture.url),
        "method": capture.method,
        "status": capture.status,
        "content_type": capture.header("content-type") or None,
        "charset_declared": reading.charset_declared,
        "charset_used": reading.charset_used,
        "replacement_characters": reading.replacement_characters,
        "payload_bytes": len(capture.body),
        # A 304 whose page could not be read again has no payload, not an empty one.
        "payload_sha256": sha256(capture.body).hexdigest() if capture.body or whole else None,
        "page_class": data.page_class if data else None,
        "page_reason": (data.reason or None) if data else None,
        "robots": robots,
        "attempt": attempt,
        "error": capture.error,
        "warc_filename": pointer.filename if pointer else None,
        "warc_record_offset": pointer.offset if pointer else None,
        "warc_record_length": pointer.length if pointer else None,
        "warc_type": pointer.record_type if pointer else None,
    }
    return storable(row)
