"""Processes that are started in milliseconds, to be killed: forked from one that has imported all.

`Nursery.start(code)` forks a process that runs some Python; `kill` ends it with SIGKILL wherever
it is. A fresh interpreter would spend a second on imports, and most random moments would fall into
those. The parent that forks has imported DuckDB, Arrow and Scrapy and started no thread of theirs.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Nursery"]

CHECKOUT = Path(__file__).resolve().parent.parent
PRELOAD = (
    *("pyarrow.parquet", "duckdb", "scrapy.crawler", "uvloop", "opencc", "numpy", "lxml.html"),
    *("crawlers.cli", "crawlers.settings", "crawlers.run", "crawlers.reparse", "crawlers.reader"),
    *("archive.compact", "archive.release", "archive.check", "crawlers.registry"),
    *("crawlers.summary", "crawlers.commands.crawl", "pipelines.stages", "scrapy.core.engine"),
)


class Nursery:
    """One child at a time; a context manager."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )
        self.pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.pid:
            self.kill()
        self._parent.communicate()

    def start(self, code: str) -> None:
        """Begin to run that code in a process of its own."""
        self._parent.stdin.write(json.dumps(code).encode() + b"\n")
        self._parent.stdin.flush()
        self.pid = int(self._parent.stdout.readline())

    def running(self) -> bool:
        """Whether the process started last has not ended."""
        return bool(self.pid) and not select.select([self._parent.stdout], [], [], 0)[0]

    def wait(self) -> int:
        """Its exit code; minus the signal where one ended it."""
        code = int(self._parent.stdout.readline())
        self.pid = 0
        return code

    def kill(self) -> bool:
        """Kill it; whether that was what ended it."""
        self._strike()
        return self.wait() == -signal.SIGKILL

    def _strike(self) -> None:
        if self.running():
            with suppress(ProcessLookupError):  # it has ended, and its code is on the way
                os.kill(self.pid, signal.SIGKILL)

    def run(self, code: str, seconds: float | None = None) -> tuple[int, float]:
        """Run code to its end, or kill it after some seconds; exit code and how long it took."""
        self.start(code)
        began = time.monotonic()
        if seconds is not None:
            select.select([self._parent.stdout], [], [], seconds)
            self._strike()
        return self.wait(), time.monotonic() - began


def _child(code: str) -> None:
    os.setsid()
    try:
        exec(code, {"__name__": "__main__"})  # noqa: S102 - the tests' own code
    except SystemExit as done:
        os._exit(done.code if isinstance(done.code, int) else bool(done.code))
    except BaseException:  # noqa: BLE001 - any failure is the child's exit code
        os._exit(70)
    os._exit(0)


def _serve() -> None:
    from importlib import import_module
    from importlib.util import find_spec

    for name in PRELOAD:
        if find_spec(name) is not None:
            import_module(name)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin.buffer:
        pid = os.fork()
        if not pid:
            _child(json.loads(line))
        out.write(f"{pid}\n")
        out.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")


if __name__ == "__main__":
    _serve()
