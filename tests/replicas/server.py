"""Serves the replicas on loopback: keep-alive, validators, gzip, a request log, bans.

`/__replica__/...` on any of them is for tests: `epoch` (GET, POST ?n=2), `log` (GET, DELETE),
`truth` (GET, JSON). Limits: 127.0.0.1 only; one thread a connection; the log keeps 50,000 lines.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from tests.replicas.discuz import Discuz
from tests.replicas.handler import Epochs, Listener, Options
from tests.replicas.netease import Netease
from tests.replicas.ptt import Ptt
from tests.replicas.replica import Replica
from tests.replicas.truth import Truth, truth

__all__ = ["KINDS", "Options", "Sites", "main", "running"]

KINDS: Mapping[str, type[Replica]] = {"ptt": Ptt, "netease": Netease, "discuz": Discuz}


@dataclass(slots=True)
class Sites:
    """The replicas of one run: base URLs by name, and what the tests may turn."""

    listeners: dict[str, Listener]
    epochs: Epochs
    threads: list[threading.Thread] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        """The base URL of that site."""
        return self.listeners[name].base

    @property
    def bases(self) -> dict[str, str]:
        """Base URLs by site."""
        return {name: listener.base for name, listener in self.listeners.items()}

    @property
    def epoch(self) -> int:
        """The state that all sites are in."""
        return self.epochs.now

    @epoch.setter
    def epoch(self, number: int) -> None:
        self.epochs.now = number

    def truth(self, name: str) -> Truth:
        """The truth of that site as it stands."""
        return truth(name, self.epoch)

    def log(self, name: str) -> list[dict[str, object]]:
        """Requests so far: time, method, path, status, headers."""
        return list(self.listeners[name].log)


class Site:
    """One replica over all epochs, as the handler asks it."""

    def __init__(self, kind: type[Replica], epochs: Epochs) -> None:
        self.kind = kind
        self.epochs = epochs
        self._made: dict[int, Replica] = {}
        self._lock = threading.Lock()

    def at(self, base: str, epoch: int) -> Replica:
        """The site in that state, made on first use."""
        with self._lock:
            if epoch not in self._made:
                self._made[epoch] = self.kind(base, epoch)
            return self._made[epoch]

    def control(self, verb: str, method: str, query: Mapping[str, str]) -> object:
        """The test interface: epoch and truth; None for what it does not know."""
        if verb == "epoch":
            if method == "POST" and query.get("n") in {"1", "2", "3"}:
                self.epochs.now = int(query["n"])
            return {"epoch": self.epochs.now}
        if verb == "truth":
            return asdict(truth(self.kind.name, self.epochs.now))
        return None


def _start(ports: Mapping[str, int], epoch: int, options: Options) -> Sites:
    epochs = Epochs(epoch)
    listeners = {
        name: Listener(port, Site(KINDS[name], epochs), options) for name, port in ports.items()
    }
    sites = Sites(listeners, epochs)
    for listener in listeners.values():
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        sites.threads.append(thread)
    return sites


def _stop(sites: Sites) -> None:
    for listener in sites.listeners.values():
        listener.shutdown()
        listener.server_close()
    for thread in sites.threads:
        thread.join(5)


@contextmanager
def running(
    *names: str,
    epoch: int = 1,
    options: Options | None = None,
    ports: Mapping[str, int] | None = None,
) -> Iterator[Sites]:
    """The replicas (all, or those named) on free ports, inside this process.

    >>> with running("ptt") as sites:                            # doctest: +SKIP
    ...     fetch(sites["ptt"] + "/bbs/Stock/index.html")
    """
    wanted = ports or dict.fromkeys(names or KINDS, 0)
    sites = _start(wanted, epoch, options or Options())
    try:
        yield sites
    finally:
        _stop(sites)


def _announce(sites: Sites, epoch: int, out: TextIO, ready: Path | None) -> None:
    line = json.dumps({**sites.bases, "epoch": epoch})
    if ready:
        partial = ready.with_name(f".{ready.name}.tmp")
        partial.write_text(f"{line}\n", encoding="utf-8")
        partial.replace(ready)
    out.write(f"{line}\n")
    out.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.replicas", description=__doc__)
    for name in KINDS:
        parser.add_argument(f"--{name}", type=int, default=0, metavar="PORT", help="0: a free one")
    parser.add_argument("--epoch", type=int, default=1, choices=(1, 2, 3))
    parser.add_argument("--ready-file", type=Path, help="where to write the base URLs (JSON)")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--ban-after", type=int, default=0, help="429/503 after so many requests")
    parser.add_argument("--ban-seconds", type=float, default=1.0, help="how long a ban lasts")
    parser.add_argument("--gzip", action="store_true", help="compress for clients that accept it")
    return parser


def main() -> int:
    """Serve until SIGINT or SIGTERM; the first line on stdout tells the base URLs as JSON."""
    given = _parser().parse_args()
    options = Options(given.latency, given.ban_after, given.ban_seconds, given.gzip)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    ports = {name: getattr(given, name) for name in KINDS}
    with running(epoch=given.epoch, options=options, ports=ports) as sites:
        _announce(sites, given.epoch, sys.stdout, given.ready_file)
        done.wait()
    return 0
