"""A loopback server of broken and hostile answers, one fault a path.

`/fault/NAME/anything/you/like.html` answers with that fault, so that the rest of the path can
look like a page of any site. `GET /__faults__` is the machine-readable list; faults of
robots.txt and of the connection have an origin of their own. Limits: 127.0.0.1 only; the
largest answer is 100 MB on the wire, the bomb 64 MB when opened; a slow body takes 30 s.
"""

import argparse
import json
import signal
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import ThreadingTCPServer

from tests.replicas.fault_list import FAULTS, ROBOTS, Fault
from tests.replicas.fault_odd import ODD, odd
from tests.replicas.fault_pages import BODIES, OK, Canned, bomb, cut_gzip, huge
from tests.replicas.fault_threads import THREADS, ok
from tests.replicas.fault_wire import WirePlays
from tests.replicas.handler import Handler
from tests.replicas.replica import Request

__all__ = ["FAULTS", "Fault", "Faults", "main", "serving"]

SLOW_SECONDS = 30.0
HUGE_BYTES = 100_000_000


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, owner: "Faults", origin: str) -> None:
        super().__init__(("127.0.0.1", 0), _FaultHandler)
        self.owner = owner
        self.origin = origin

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up is what many faults are for."""


class Faults:
    """The running fault server: URLs by name, and how often each target was asked."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        self.stopping = threading.Event()
        self.closed = socket.socket()
        self.closed.bind(("127.0.0.1", 0))  # never listens, and keeps the port from others
        self.servers = {origin: _Server(self, origin) for origin in ROBOTS}

    def origin(self, name: str) -> str:
        """The base URL of an origin."""
        server = self.closed.getsockname() if name == "closed" else None
        # A host of its own: a crawler slows down per host, and the other faults need not wait.
        host = "localhost" if name == "robots-delay" else "127.0.0.1"
        return f"http://{host}:{(server or self.servers[name].server_address)[1]}"

    def url(self, name: str, tail: str = "page.html") -> str:
        """Where that fault is; `tail` makes the URL look like a page of some site."""
        return f"{self.origin(FAULTS[name].origin)}/fault/{name}/{tail.lstrip('/')}"

    def listing(self) -> list[dict[str, object]]:
        """Every fault: name, URL, what it does, which outcomes are right."""
        return [
            {"name": f.name, "url": self.url(f.name), "what": f.what, "expect": list(f.expect)}
            for f in FAULTS.values()
        ]


class _FaultHandler(WirePlays, Handler):
    server: _Server  # type: ignore[assignment]
    timeout = 60

    def _serve(self, request: Request) -> bool:
        owner, parts = self.server.owner, request.path.split("/")
        owner.seen[self.server.origin, request.target] += 1
        if request.path == "/robots.txt":
            self._robots(*ROBOTS[self.server.origin])
        elif request.path == "/robots-moved.txt":
            self._robots(200, b"User-agent: *\nDisallow: /\n")
        elif request.path == "/":
            self.send(200, OK)
        elif request.path == "/__faults__":
            self.send(200, json.dumps(owner.listing()).encode(), "application/json")
        elif len(parts) > 2 and parts[1] == "fault" and parts[2] in BODIES:
            canned: Canned = BODIES[parts[2]]
            self.send(canned.status, canned.body, canned.content_type, *canned.headers)
        elif len(parts) > 2 and parts[1] == "fault":
            self._play(parts[2], owner.seen[self.server.origin, request.target], request)
        else:
            self.send(404, b"<html><head><title>404 Not Found</title></head></html>")
        return False

    def _robots(self, status: int, text: bytes) -> None:
        if not status:
            self.reset()
        elif status == 302:
            self.send(status, b"", "text/plain", ("Location", text.decode()))
        else:
            self.send(status, text, "text/plain")

    def _play(self, name: str, count: int, request: Request) -> None:
        play = getattr(self, "play_" + name.replace("-", "_"), None)
        if play is not None:
            play(count, request)
        elif name in ODD:
            with suppress(ConnectionError):
                self.wfile.write(odd(name, request.path, count))
        elif name in THREADS:
            self.send(200, THREADS[name][2](request.path, count))
        elif not self.wire(name, count, request):
            self.send(200, ok(request.path, OK))

    def send(
        self,
        status: int,
        body: bytes,
        content_type: str = "text/html; charset=utf-8",
        *headers: tuple[str, str],
        length: int | None = None,
    ) -> None:
        """One whole answer; `length` -1 leaves Content-Length out."""
        rows = [f"HTTP/1.1 {status} Fault", "Connection: close"]
        rows += [f"Content-Type: {content_type}"] if content_type else []
        size = len(body) if length is None else length
        rows += [f"Content-Length: {size}"] if size >= 0 else []
        rows += [f"{name}: {value}" for name, value in headers]
        self.wfile.write("\r\n".join((*rows, "", "")).encode("latin-1"))
        with suppress(ConnectionError):
            self.wfile.write(body)

    def go(self, location: str) -> None:
        """A 302."""
        self.send(302, b"", "text/html", ("Location", location))

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        option = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        self.connection.close()

    def play_http_500_twice(self, count: int, request: Request) -> None:
        self.send(200, ok(request.path, OK)) if count > 2 else self.send(500, b"internal error")

    def play_retry_after(self, count: int, request: Request) -> None:
        wait = ("Retry-After", "1")
        self.send(200, ok(request.path, OK)) if count > 1 else self.send(
            429, b"slow down", "text/plain", wait
        )

    def play_retry_after_date(self, count: int, request: Request) -> None:
        at = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 2))
        wait = ("Retry-After", at)
        self.send(200, ok(request.path, OK)) if count > 1 else self.send(
            503, b"closed", "text/plain", wait
        )

    def play_retry_after_day(self, _: int, __: Request) -> None:
        self.send(429, b"<html><title>429</title>slow down</html>", "", ("Retry-After", "86400"))

    def play_huge(self, _: int, __: Request) -> None:
        self.stream(HUGE_BYTES, HUGE_BYTES)

    def play_huge_unsaid(self, _: int, __: Request) -> None:
        self.stream(HUGE_BYTES, -1)

    def stream(self, size: int, length: int) -> None:
        """A long page in pieces."""
        self.send(200, b"", length=length)
        with suppress(ConnectionError):
            for piece in huge(size):
                self.wfile.write(piece)

    def play_gzip_cut(self, _: int, __: Request) -> None:
        self.send(200, cut_gzip(), "text/html", ("Content-Encoding", "gzip"))

    def play_gzip_bomb(self, _: int, __: Request) -> None:
        self.send(200, bomb(), "text/html", ("Content-Encoding", "gzip"))

    def play_gzip_lie(self, _: int, __: Request) -> None:
        self.send(200, OK, "text/html; charset=utf-8", ("Content-Encoding", "gzip"))

    def play_redirect_loop(self, count: int, request: Request) -> None:
        self.go(f"{request.path}?turn={int(request.query.get('turn', '0')) + count}")

    def play_redirect_pair(self, _: int, request: Request) -> None:
        self.go(request.path[:-1] if request.path.endswith("+") else request.path + "+")

    def play_redirect_private(self, _: int, __: Request) -> None:
        self.go("http://10.255.255.1/secret.html")

    def play_redirect_metadata(self, _: int, __: Request) -> None:
        self.go("http://169.254.169.254/latest/meta-data/")

    def play_redirect_file(self, _: int, __: Request) -> None:
        self.go("file:///etc/hostname")

    def play_redirect_elsewhere(self, _: int, __: Request) -> None:
        port = self.server.owner.servers["robots-404"].server_address[1]
        self.go(f"http://localhost:{port}/fault/foreign-page/index.html")

    def play_slow_body(self, _: int, __: Request) -> None:
        self.send(200, b"<html><head><title>", length=200)
        with suppress(ConnectionError):
            for _second in range(int(SLOW_SECONDS)):
                if self.server.owner.stopping.wait(1):
                    return
                self.wfile.write(b"x")

    def play_slow_head(self, _: int, __: Request) -> None:
        self.server.owner.stopping.wait(SLOW_SECONDS)

    def play_reset(self, _: int, __: Request) -> None:
        self.send(200, OK[: len(OK) // 2], length=len(OK))
        self.reset()

    def play_reset_early(self, _: int, __: Request) -> None:
        self.reset()

    def play_short_body(self, _: int, __: Request) -> None:
        self.send(200, OK, length=2 * len(OK))

    def play_not_http(self, _: int, __: Request) -> None:
        self.wfile.write(b"220 mail.example ESMTP ready\r\n")


@contextmanager
def serving() -> Iterator[Faults]:
    """The fault server, inside this process, on free ports.

    >>> with serving() as faults:                               # doctest: +SKIP
    ...     crawl(faults.url("captcha", "bbs/Stock/M.1768000000.A.0AB.html"))
    """
    faults = Faults()
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        for server in faults.servers.values()
    ]
    for thread in threads:
        thread.start()
    try:
        yield faults
    finally:
        faults.stopping.set()
        for server in faults.servers.values():
            server.shutdown()
            server.server_close()
        faults.closed.close()


def main() -> int:
    """Serve until SIGINT or SIGTERM; the first line on stdout is the list as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.replicas.faults", description=__doc__)
    parser.add_argument("--ready-file", type=Path, help="where to write the list (JSON)")
    given = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with serving() as faults:
        line = json.dumps(faults.listing(), ensure_ascii=False)
        if given.ready_file:
            given.ready_file.write_text(f"{line}\n", encoding="utf-8")
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
