"""The HTTP side of a replica: HTTP/1.1 with keep-alive, one write an answer.

Headers are parsed by hand, because the standard parser costs more than the page. Limits: no
chunked requests, no pipelining, bodies of at most 64 KiB.
"""

import gzip
import json
import math
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Protocol

from tests.replicas.replica import Answer, Replica, Request
from tests.replicas.truth import CLOCKS

__all__ = ["Epochs", "Handler", "Listener", "Options"]

_PREFIX = "/__replica__/"
_KEPT = 50_000
_BODY = 65_536


@dataclass(frozen=True, slots=True)
class Options:
    """How a site behaves: latency and ban in seconds, requests before a ban (0: never)."""

    latency: float = 0.0
    ban_after: int = 0
    ban_seconds: float = 1.0
    gzip: bool = False


@dataclass(slots=True)
class Epochs:
    """Which state is served; shared by the sites, changed while they run."""

    now: int = 1


class Site(Protocol):
    """What a listener serves."""

    epochs: Epochs

    def at(self, base: str, epoch: int) -> Replica:
        """The site in that state."""

    def control(self, verb: str, method: str, query: Mapping[str, str]) -> object:
        """An answer of the test interface, or None."""


class Listener(ThreadingTCPServer):
    """One site on one port of 127.0.0.1."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, site: Site, options: Options) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.site = site
        self.options = options
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.log: deque[dict[str, object]] = deque(maxlen=_KEPT)
        self.count = 0
        self._since_ban = 0
        self._banned_until = 0.0
        self._bans = 0
        self._lock = threading.Lock()

    def number(self) -> tuple[int, Answer | None]:
        """The number of this request, and the refusal that it gets inside a ban."""
        with self._lock:
            self.count += 1
            if not self.options.ban_after:
                return self.count, None
            now = time.monotonic()
            if now >= self._banned_until:
                self._since_ban += 1
                if self._since_ban <= self.options.ban_after:
                    return self.count, None
                self._since_ban, self._bans = 0, self._bans + 1
                self._banned_until = now + self.options.ban_seconds
            wait = str(max(1, math.ceil(self._banned_until - now)))
            status = 429 if self._bans % 2 else 503
            body = (
                b"<html><head><title>Too Many Requests</title></head><body>slow down</body></html>"
            )
            return self.count, Answer(body, status, headers=(("Retry-After", wait),))

    def answer(self, request: Request) -> Answer:
        """The answer, conditional requests included."""
        epoch = self.site.epochs.now
        replica = self.site.at(self.base, epoch)
        answer = replica.answer(request)
        if answer.validators:
            answer = self._validated(request, answer, epoch)
        if answer.varying:
            body = replica.vary(answer.body, request)
            return Answer(body, answer.status, answer.content_type, answer.headers)
        return answer

    def _validated(self, request: Request, answer: Answer, epoch: int) -> Answer:
        """ETag of what does not vary; Last-Modified moves on only where epoch 2 changed it."""
        changed = epoch > 1 and self.site.at(self.base, 1).answer(request).body != answer.body
        at = datetime.fromisoformat(CLOCKS[2 if changed else 1]).astimezone(UTC)
        headers: tuple[tuple[str, str], ...] = (
            ("ETag", answer.etag),
            ("Last-Modified", format_datetime(at, usegmt=True)),
        )
        asked = request.headers.get("if-none-match")
        if asked is not None:
            same = answer.etag in asked
        else:
            same = request.headers.get("if-modified-since") == headers[1][1]
        if same:
            return Answer(b"", 304, headers=headers)
        headers += answer.headers
        return Answer(answer.body, 200, answer.content_type, headers, varying=answer.varying)

    def control(self, request: Request) -> Answer:
        """The test interface."""
        verb = request.path.removeprefix(_PREFIX)
        if verb == "log":
            value: object = list(self.log)
            if request.method == "DELETE":
                self.log.clear()
        else:
            value = self.site.control(verb, request.method, request.query)
        body = json.dumps(value, ensure_ascii=False).encode()
        return Answer(body, 404 if value is None else 200, "application/json; charset=utf-8")

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no event."""


class Handler(StreamRequestHandler):
    """One connection: requests until the client closes it."""

    server: Listener
    disable_nagle_algorithm = True
    timeout = 60

    def handle(self) -> None:
        """Read, answer, log, again."""
        try:
            while (request := self._read()) is not None:
                if not self._serve(request):
                    break
        except (ConnectionError, TimeoutError):
            return

    def _read(self) -> Request | None:
        first = self.rfile.readline(65_537).split()
        if len(first) != 3:
            return None
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(65_537)) not in {b"\r\n", b"\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        size = headers.get("content-length", "0")
        body = self.rfile.read(min(int(size), _BODY)) if size.isdigit() else b""
        return Request(first[0].decode("latin-1"), first[1].decode("latin-1"), headers, body)

    def _serve(self, request: Request) -> bool:
        """Answer one request; whether the connection stays open."""
        server = self.server
        if request.path.startswith(_PREFIX):
            self._write(request, server.control(request))
            return request.headers.get("connection", "").lower() != "close"
        number, answer = server.number()
        if server.options.latency:
            time.sleep(server.options.latency)
        asked = Request(request.method, request.target, request.headers, request.body, number)
        if answer is None:
            answer = server.answer(asked)
        server.log.append(
            {
                "time": time.time(),
                "method": request.method,
                "path": request.target,
                "status": answer.status,
                "headers": request.headers,
            }
        )
        self._write(request, answer)
        return request.headers.get("connection", "").lower() != "close"

    def _write(self, request: Request, answer: Answer) -> None:
        body = answer.body
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", "Server: replica"]
        if answer.status != 304:
            lines.append(f"Content-Type: {answer.content_type}")
            if self.server.options.gzip and "gzip" in request.headers.get("accept-encoding", ""):
                body = _zipped(body)
                lines.append("Content-Encoding: gzip")
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in answer.headers]
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
        self.wfile.write(head if request.method == "HEAD" else head + body)


@lru_cache(maxsize=4096)
def _zipped(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)
