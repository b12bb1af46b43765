"""Old captures read with today's code, in a process of its own: the parallel half of `reparse`.

A task is one row of `fetches`; a chunk of them becomes Parquet files of rows without version. A
capture that cannot be read costs that capture, with the reason. Nothing here writes to the
archive.
"""

import gc
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from archive.errors import CaptureError, StorageError
from archive.model import Capture, WarcPointer
from archive.root import Root
from archive.schema import conform
from archive.warc_read import capture_of, read_stored
from crawlers.answer import Answer, read_answer
from crawlers.page import Reading
from crawlers.registry import site_for, sites
from crawlers.view import UNKNOWN_TIME, View
from pipelines.normalise import normalise
from pipelines.records import Context, Records

__all__ = ["Chunk", "Done", "Task", "read_chunk"]

_FILE = "urn:x-shenglu-file:"
_YOUNG = 100_000  # new objects before the first look for garbage
_TABLES = ("articles", "comments", "article_observations", "comment_observations")


@dataclass(frozen=True, slots=True)
class Task:
    """One exchange to read again; `held` is its last good answer before, `drawn`: by a browser."""

    fetch_id: str
    run_id: str
    source: str
    url: str
    method: str
    observed_at: datetime
    pointer: WarcPointer
    held: WarcPointer | None = None
    meta: Mapping[str, str | int] = field(default_factory=dict)
    drawn: bool = False

    @property
    def time_known(self) -> bool:
        """Whether the page came with its time: a saved page without one got that of its import."""
        if self.pointer.record_type != "resource" or self.drawn:
            return True
        try:
            began = datetime.strptime(self.run_id[:18] + "000+0000", "%Y%m%dT%H%M%S%f%z")
        except ValueError:
            return True
        return self.observed_at < began


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tasks for one call, and where its files go."""

    archive: Path
    stage: Path
    number: int
    tasks: Sequence[Task]


@dataclass(slots=True)
class Done:
    """What a chunk gave: pages read, rows made, captures that could not be read and why."""

    pages: int = 0
    rows: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def read_chunk(chunk: Chunk) -> Done:
    """Read the captures of a chunk and write the rows as `<stage>/<table>-<number>.parquet`."""
    root = Root.open(chunk.archive)
    key = root.author_key()
    done = Done()
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
    with _rarely_collected():
        for task in chunk.tasks:
            try:
                records = _records(root, task, key)
            except (CaptureError, StorageError) as error:
                done.unreadable.append((task.fetch_id, str(error)))
                continue
            except Exception as error:  # noqa: BLE001 - a fault of ours costs one page, and says so
                reason = f"reading failed: {type(error).__name__}: {error}"
                done.unreadable.append((task.fetch_id, reason))
                continue
            done.pages += 1
            for name, some in rows.items():
                some.extend(getattr(records, name))
        _write(chunk, rows, done)
    return done


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Rows grow, and nothing of a page is a circle: looking for garbage finds none."""
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _write(chunk: Chunk, rows: dict[str, list[dict[str, Any]]], done: Done) -> None:
    for name, some in rows.items():
        if some:
            done.rows += len(some)
            path = chunk.stage / f"{name}-{chunk.number:06d}.parquet"
            # Whole at once: a cluster may run a chunk again while its first worker still writes.
            unfinished = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}.tmp")
            data = conform(name, some)
            pq.write_table(data, unfinished, compression="lz4", use_dictionary=False)
            unfinished.replace(path)


def _records(root: Root, task: Task, key: bytes) -> Records:
    stored = read_stored(root, task.pointer)
    capture, damage = capture_of(stored)
    capture = replace(
        capture,
        url=task.url,
        method=task.method,
        fetched_at=task.observed_at,
        fetch_id=task.fetch_id,
        pointer=task.pointer,
    )
    if task.pointer.record_type == "revisit" and capture.status != 304:
        capture = replace(capture, body=_held(root, task, capture).body)
    view, reading = _read(root, task, capture, damage)
    context = Context(
        source=task.source,
        run_id=task.run_id,
        author_key=key,
        keep_names=True,  # dropped again where the row read before kept none
        parser=reading.parser,
    )
    return normalise(reading.data, replace(capture, body=view.capture.body), context)


def _held(root: Root, task: Task, capture: Capture) -> Capture:
    if task.held is None:
        raise CaptureError(
            f"{task.pointer.filename} at byte {task.pointer.offset} is a revisit of a capture "
            "that is not in the archive"
        )
    held, _ = capture_of(read_stored(root, task.held))
    return replace(held, url=capture.url, fetch_id=capture.fetch_id)


def _read(root: Root, task: Task, capture: Capture, damage: str) -> tuple[View, Reading]:
    saved = task.pointer.record_type == "resource" and not task.drawn
    if saved:
        url = "" if capture.url.startswith(_FILE) else capture.url
        seen = capture.fetched_at if task.time_known else UNKNOWN_TIME
        capture = replace(capture, url=url, fetched_at=seen)
    held = None if task.held is None or saved else lambda: _held(root, task, capture)
    # The source is settled when a page is captured; only what reads it follows today's code.
    site = sites().get(task.source.partition(":")[0]) or (
        site_for(View(capture)) if saved else None
    )
    pages = site.pages if site is not None else ()
    return read_answer(Answer(capture, damage, held, task.meta), pages, generic=saved)
