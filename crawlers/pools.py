"""Where the chunks of a reparse are read: in processes of this machine, or on a dask cluster.

A pool takes chunks and gives what each came to, in any order; a few chunks wait at a time, so that
memory stays bounded. A chunk's files have names and bytes that depend on the chunk alone, so one
that is read twice, because the worker that had it died, comes to the same.

Limit: the workers of a cluster see the archive under the same path, and run the same code.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any

from archive.errors import StorageError, UsageError
from archive.session import product_version
from crawlers.lean import go_lean
from crawlers.rereading import Chunk, Done, read_chunk
from pipelines.text import normaliser

__all__ = ["Pool", "cluster", "processes"]

_PATIENCE = 10
"""Seconds in which a scheduler must answer."""

Pool = Callable[[Iterator[Chunk]], Iterator[Done]]


def processes(count: int) -> Pool:
    """So many processes of this machine; 1 stays in this one."""
    return lambda chunks: _in_processes(chunks, count)


def _in_processes(chunks: Iterator[Chunk], count: int) -> Iterator[Done]:
    if count == 1:
        yield from map(read_chunk, chunks)
        return
    # Started fresh, not forked: DuckDB's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=go_lean) as pool:
        waiting = {pool.submit(read_chunk, chunk) for chunk in islice(chunks, 3 * count)}
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            waiting |= {pool.submit(read_chunk, chunk) for chunk in islice(chunks, len(ready))}
            for one in ready:
                yield one.result()


def cluster(address: str) -> Pool:
    """The workers of the dask.distributed scheduler at that address.

    Raises:
        UsageError: the extra is not installed, no scheduler or worker answers, or a worker does
            not fit (when the first chunk is read).
    """
    try:
        dask = import_module("distributed")
    except ImportError as error:
        raise UsageError("--dask needs the extra: pip install 'shenglu[cluster]'") from error
    return lambda chunks: _on_cluster(chunks, dask, address)


def _on_cluster(chunks: Iterator[Chunk], dask: Any, address: str) -> Iterator[Done]:
    first = next(chunks, None)
    if first is None:
        return
    try:
        client = dask.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no dask scheduler answers at {address}: {error}") from error
    with client:
        wanted = 3 * _refuse_misfits(client.run(_probe, first.archive), address)
        rest = chain((first,), chunks)
        running = dask.as_completed(_submit(client, islice(rest, wanted)), loop=client.loop)
        try:
            for future in running:
                yield future.result()
                running.update(_submit(client, islice(rest, 1)))
        except dask.KilledWorker as error:
            raise StorageError(
                f"the cluster gave a chunk up: {error}; look at the workers' logs and memory, "
                "then run the same command again (nothing was written)"
            ) from error


def _submit(client: Any, chunks: Iterable[Chunk]) -> list[Any]:
    return [client.submit(read_chunk, chunk, pure=False) for chunk in chunks]


def _probe(archive: Path) -> tuple[str, bool]:
    """What a worker says of itself: its code, and whether it sees the archive."""
    return _code(), (archive / "meta" / "archive.json").is_file()


def _code() -> str:
    return f"shenglu {product_version()}, normaliser {normaliser()}"


def _refuse_misfits(said: dict[str, tuple[str, bool]], address: str) -> int:
    """The number of workers; raises `UsageError` for one that would read otherwise, or nothing."""
    if not said:
        raise UsageError(f"the dask cluster at {address} has no workers; start `dask worker`")
    for worker, (code, sees) in sorted(said.items()):
        if code != _code():
            raise UsageError(f"{worker} runs {code}, here is {_code()}; install the same there")
        if not sees:
            raise UsageError(f"{worker} does not see the archive; mount it under the same path")
    return len(said)
