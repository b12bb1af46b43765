"""Keeps commits and the exchange of a month's folder apart, across processes.

Commits hold the gate together, from the first file that they write until their log entry is
made; who exchanges folders (compaction, forgetting, repair) holds it alone, for the moment of
the exchange. So no file that a live writer has renamed into a folder is left behind in the old
one. `flock(2)`: a killed process lets go at once. An archive that cannot be written needs no gate.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from typing import IO

from archive import files
from archive.root import Root

__all__ = ["alone", "idle", "together"]

_NAME = "tables.lock"


@contextlib.contextmanager
def together(root: Root) -> Iterator[None]:
    """Hold the gate with others: files may be added, none may be exchanged meanwhile.

    Readers hold it too while they must not be disturbed. An archive that may not be written has
    no gate: nobody exchanges anything there.
    """
    if not os.access(root.path, os.W_OK):
        yield
        return
    with _held(root, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def alone(root: Root) -> Iterator[None]:
    """Hold the gate alone; waits for the commits and long readers under way."""
    with _held(root, fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def idle(root: Root) -> Iterator[bool]:
    """Hold the gate alone if nobody is at it just now; False, at once, if somebody is.

    A commit whose process was stopped, or whose clock leapt, is at it however old its files look.
    """
    with _opened(root) as gate:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextlib.contextmanager
def _held(root: Root, how: int) -> Iterator[None]:
    with _opened(root) as gate:
        with files.disk("lock", root.state):
            fcntl.flock(gate, how)
        yield


def _opened(root: Root) -> IO[bytes]:
    path = root.state / "locks" / _NAME
    files.make_folder(path.parent)
    with files.disk("lock", path):
        return path.open("ab")
