"""The list of faults: name, what the server does, and which outcomes are right."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.replicas.fault_pages import BODIES

__all__ = ["FAULTS", "ROBOTS", "Fault"]

ROBOTS = {
    "main": (200, "User-agent: *\nDisallow: /never/\n"),
    "robots-deny": (200, "User-agent: *\nDisallow: /\n"),
    "robots-500": (500, "internal error"),
    "robots-404": (404, "no such file"),
    "robots-html": (200, "<html><body>欢迎光临</body></html>"),
    "robots-delay": (200, "User-agent: *\nCrawl-delay: 1\n"),
}
"""robots.txt of each origin: status and text."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `expect` are the outcomes that are right: page classes of the model, `error`
    (an exchange without a usable answer), `quarantine` (a row there, whatever the class), `denied`
    (never asked) or `ok` (after a retry)."""

    name: str
    what: str
    expect: tuple[str, ...]
    origin: str = "main"


def _fault(name: str, what: str, *expect: str, origin: str = "main") -> tuple[str, Fault]:
    return name, Fault(name, what, expect, origin)


FAULTS: Mapping[str, Fault] = dict(
    (
        *((c.name, Fault(c.name, c.what, c.expect)) for c in BODIES.values()),
        _fault("unreachable", "nothing listens on the port", "error", origin="closed"),
        _fault("http-500-twice", "500 twice for a URL, then a page", "ok"),
        _fault("retry-after", "429 with Retry-After: 1 once for a URL, then a page", "ok"),
        _fault("retry-after-date", "503 with Retry-After as a date, once, then a page", "ok"),
        _fault("retry-after-day", "429 with Retry-After: 86400, always", "blocked", "error"),
        _fault("huge", "an honest page of 50 MB", "error", "other"),
        _fault("huge-unsaid", "50 MB without Content-Length", "error", "other"),
        _fault("gzip-cut", "a gzip body that ends half-way", "error", "other"),
        _fault("gzip-bomb", "64 KB that open into 64 MB", "error", "other"),
        _fault("gzip-lie", "Content-Encoding: gzip over plain text", "error", "other"),
        _fault("redirect-loop", "302 to itself, a new query each time", "error", "other"),
        _fault("redirect-pair", "two pages that lead to each other", "error", "other"),
        _fault("redirect-private", "302 to 10.255.255.1", "error", "other"),
        _fault("redirect-metadata", "302 to a cloud metadata address", "error", "other"),
        _fault("redirect-file", "302 to file:///etc/hostname", "error", "other"),
        _fault("redirect-elsewhere", "302 to another site, which answers", "other", "error"),
        _fault("slow-body", "one byte a second for half a minute", "error"),
        _fault("slow-head", "no status line for half a minute", "error"),
        _fault("reset", "half a body, then a reset", "error"),
        _fault("reset-early", "a reset instead of an answer", "error"),
        _fault("short-body", "Content-Length says twice what comes", "error"),
        _fault("not-http", "an answer that is no HTTP", "error"),
        *(
            _fault(name, f"robots.txt: {text.splitlines()[-1]} ({status})", *right, origin=name)
            for (name, (status, text)), right in zip(
                list(ROBOTS.items())[1:],
                (("denied",), ("denied", "error"), ("ok",), ("ok",), ("ok",)),
                strict=True,
            )
        ),
    )
)
