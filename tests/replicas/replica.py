"""What the server and the three sites share: a request, an answer, a site with a page cache.

A site is rendered once per epoch and path; what changes with every request (form hashes, view
counts) is put in at the last moment. Limits: no I/O here, and no site knows of another.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Answer", "Replica", "Request", "esc", "not_found", "redirect"]

HTML = "text/html; charset=utf-8"


def esc(text: str) -> str:
    """Text for HTML, attribute or not."""
    return escape(text, quote=True)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a site sees it; header names in lower case; `number` counts requests."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    number: int = 0

    @property
    def path(self) -> str:
        """Path without query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Query parameters, the last of each name."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `validators`: it may be asked for conditionally; `varying`: it holds the
    marks of `Replica.vary`, replaced for each request."""

    body: bytes
    status: int = 200
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    validators: bool = False
    varying: bool = False

    @property
    def etag(self) -> str:
        """A strong validator of the body (of what does not vary in it)."""
        return f'"{sha256(self.body).hexdigest()[:20]}"'


def redirect(location: str, *headers: tuple[str, str]) -> Answer:
    """A 302 to that address."""
    return Answer(b"", 302, headers=(("Location", location), *headers))


def not_found(body: str) -> Answer:
    """A 404 with that page."""
    return Answer(body.encode(), 404)


class Replica:
    """One site at one epoch. Sites give `route`, which is called once per target and cached."""

    name: ClassVar[str] = ""
    robots: ClassVar[str] = ""
    robots_type: ClassVar[str] = "text/plain"

    def __init__(self, base: str, epoch: int) -> None:
        self.base = base
        self.epoch = epoch
        self._cache: dict[str, Answer] = {}

    def route(self, request: Request) -> Answer:
        """Make the answer; must depend on the target only (see `gate`)."""
        raise LookupError(f"{self.name} replica has no page {request.target}")

    def gate(self, request: Request) -> Answer | None:
        """An answer that depends on cookies, method or form; None lets the request pass."""
        del request
        return None

    def vary(self, body: bytes, request: Request) -> bytes:
        """The body with its changing parts filled in."""
        del request
        return body

    def answer(self, request: Request) -> Answer:
        """The answer to a request, from the cache where it was made before."""
        if request.path == "/robots.txt":
            return Answer(self.robots.encode(), content_type=self.robots_type)
        gated = self.gate(request)
        if gated is not None:
            return gated
        if request.target not in self._cache:
            if len(self._cache) > 20_000:
                self._cache.clear()
            self._cache[request.target] = self.route(request)
        return self._cache[request.target]
