"""A line to a store that breaks: a proxy before a moto server, told what goes wrong.

A fault is taken by the next request that fits. `busy`: 503 and nothing is done. `reset`: the line
is cut before anything is done. `lost`: the request is carried out, its answer never comes.
`slow`: likewise, and the line stays open until the client gives up. `cut`: half an answer.
"""

import http.client
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

__all__ = ["FAULTS", "faulty"]

FAULTS = ("busy", "reset", "lost", "slow", "cut")
BUSY = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>busy</Message></Error>"
PATIENCE = 0.3


class _Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _relay(self):
        body = self._body()
        fault = self.server.fault(self.command, self.path)
        if fault == "busy":
            self._answer(503, [("Content-Type", "application/xml")], BUSY)
        elif fault == "reset":
            self._hang_up()
        else:
            status, headers, data = self._forward(body)
            if fault == "slow":
                time.sleep(3 * PATIENCE)
            if fault in {"lost", "slow"}:
                self._hang_up()
            else:
                self._answer(status, headers, data, half=fault == "cut")

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _forward(self, body):
        store = http.client.HTTPConnection(self.server.store, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "transfer-encoding"}
        headers["Content-Length"] = str(len(body))
        headers.pop("Expect", None)
        store.request(self.command, self.path, body, headers)
        answer = store.getresponse()
        data = answer.read()
        headers = answer.getheaders()
        store.close()
        return answer.status, headers, data

    def _answer(self, status, headers, data, *, half=False):
        self.send_response_only(status)
        length = str(len(data))
        for name, value in headers:
            if name.lower() == "content-length":
                length = value
            elif name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if half else data)
        if half:
            self._hang_up()

    def _hang_up(self):
        self.close_connection = True
        self.wfile.flush()
        now = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        self.connection.close()

    def finish(self):
        with suppress(OSError, ValueError):  # we have hung up
            super().finish()

    def log_message(self, *_):
        pass


for _method in ("GET", "PUT", "HEAD", "DELETE", "POST"):
    setattr(_Line, f"do_{_method}", _Line._relay)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, store):
        super().__init__(("127.0.0.1", 0), _Line)
        self.store = urlsplit(store).netloc
        self.planned = []
        self.taken = []
        self.dice = None
        self._one = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def plan(self, fault, method, part, times=1):
        self.planned += [(fault, method, part)] * times

    def fault(self, method, path):
        with self._one:
            for one in self.planned:
                if one[1] == method and one[2] in path:
                    self.planned.remove(one)
                    self.taken.append(one[0])
                    return one[0]
            if self.dice is not None and self.dice.random() < 0.25:
                self.taken.append(self.dice.choice(FAULTS))
                return self.taken[-1]
        return None

    def handle_error(self, *_):
        pass


@contextmanager
def faulty(store):
    """Such a proxy before the store of that URL."""
    proxy = _Proxy(store)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
