"""The list of faults: name, what the server does, and which outcomes are right."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.replicas.fault_odd import ODD, ODD_ROBOTS
from tests.replicas.fault_pages import BODIES
from tests.replicas.fault_threads import THREADS
from tests.replicas.fault_wire import WIRE

__all__ = ["FAULTS", "ROBOTS", "Fault"]

ROBOTS: Mapping[str, tuple[int, bytes]] = {
    "main": (200, b"User-agent: *\nDisallow: /never/\n"),
    "busy": (200, b""),
    "robots-deny": (200, b"User-agent: *\nDisallow: /\n"),
    "robots-500": (500, b"internal error"),
    "robots-404": (404, b"no such file"),
    "robots-html": (200, "<html><body>欢迎光临</body></html>".encode()),
    "robots-delay": (200, b"User-agent: *\nCrawl-delay: 1\n"),
    "robots-403": (403, b"forbidden"),
    "robots-empty": (200, b""),
    "robots-bom": (200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n"),
    "robots-gbk": (200, "# 抓取规则\nUser-agent: *\nDisallow: /\n".encode("gbk")),
    "robots-wild": (200, b"User-agent: *\nDisallow: /*/thread-\n"),
    "robots-longest": (200, b"User-agent: *\nDisallow: /fault/\nAllow: /fault/robots-longest/\n"),
    "robots-agent": (200, b"User-agent: *\nAllow: /\n\nUser-agent: shenglu\nDisallow: /\n"),
    "robots-huge": (200, b"User-agent: *\nDisallow: /fault/\n" + b"Disallow: /x\n" * 60_000),
    "robots-redirect": (302, b"/robots-moved.txt"),
    "robots-reset": (0, b""),
    **{name: (status, text) for name, (status, text, _) in ODD_ROBOTS.items()},
}
"""robots.txt of each origin: status (0: the connection is reset) and text (302: where it moved)."""

_ROBOTS_EXPECT = {
    "robots-deny": ("denied",),
    "robots-500": ("denied", "error"),
    "robots-bom": ("denied",),
    "robots-gbk": ("denied",),
    "robots-wild": ("denied",),
    "robots-agent": ("denied",),
    "robots-huge": ("denied",),
    "robots-redirect": ("denied",),
    "robots-reset": ("denied",),
    **{name: expect for name, (_, _, expect) in ODD_ROBOTS.items()},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `expect` are the outcomes that are right: page classes of the model, `error`
    (an exchange without a usable answer), `quarantine` (a row there, whatever the class), `denied`
    (never asked), `trap` (links refused) or `ok` (a page with its records)."""

    name: str
    what: str
    expect: tuple[str, ...]
    origin: str = "main"


def _fault(name: str, what: str, *expect: str, origin: str = "main") -> tuple[str, Fault]:
    return name, Fault(name, what, expect, origin)


def _origin(name: str) -> str:
    """Faults that pause a host have one of their own, so that the others need not wait."""
    return (
        "busy"
        if name in {"http-503", "challenge", "http-429-plain"} | {n for n in ODD if "wait-" in n}
        else "main"
    )


def _shown(status: int, text: bytes) -> str:
    words = text[:200].decode("utf-16" if text[:2] == b"\xff\xfe" else "ascii", "ignore")
    lines = ["".join(filter(str.isprintable, line)) for line in words.splitlines()]
    return f"{', '.join(filter(None, lines))[:80]} ({status or 'a reset'})".strip()


FAULTS: Mapping[str, Fault] = dict(
    (
        *((c.name, Fault(c.name, c.what, c.expect, _origin(c.name))) for c in BODIES.values()),
        _fault("unreachable", "nothing listens on the port", "error", origin="closed"),
        _fault("http-500-twice", "500 twice for a URL, then a page", "ok"),
        _fault("retry-after", "429 with Retry-After: 1 once for a URL, then a page", "ok"),
        _fault("retry-after-date", "503 with Retry-After as a date, once, then a page", "ok"),
        _fault("retry-after-day", "429 with Retry-After: 86400, always", "blocked", "error"),
        _fault("huge", "an honest page of 100 MB", "error", "other"),
        _fault("huge-unsaid", "100 MB without Content-Length", "error", "other"),
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
        *(_fault(name, what, *expect, origin=_origin(name)) for name, what, expect in WIRE),
        *(_fault(name, what, *expect) for name, (what, expect, _) in THREADS.items()),
        *(
            _fault(name, what, *expect, origin=_origin(name))
            for name, (what, expect, _) in ODD.items()
        ),
        *(
            _fault(
                name,
                f"robots.txt, {name[7:]}: {_shown(*text)}",
                *_ROBOTS_EXPECT.get(name, ("ok",)),
                origin=name,
            )
            for name, text in ROBOTS.items()
            if name.startswith("robots-")
        ),
    )
)
