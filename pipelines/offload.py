"""Where the work on a page runs: on the event loop if short, in a worker thread if long.

A thread does not make Python code faster, it only lets the loop breathe; the hop, and the wait for
the interpreter's lock, cost more than the work on a usual page. Measured in
`docs/decisions/0030-throughput.md`.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["LONG", "beside"]

LONG = 128 << 10
"""Bytes of a body from which on the work on it holds the loop up for too long (some 20 ms)."""

Words = ParamSpec("Words")
Result = TypeVar("Result")


async def beside(
    size: int, work: Callable[Words, Result], *args: Words.args, **words: Words.kwargs
) -> Result:
    """What `work` gives; `size` is that of the body it works on."""
    if size < LONG:
        return work(*args, **words)
    return await asyncio.to_thread(work, *args, **words)
