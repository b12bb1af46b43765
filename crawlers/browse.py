"""The browsing pages: a read-only ASGI application over one archive, for one person on loopback.

Nothing is fetched from elsewhere and no script runs: the policy of each answer forbids it, and
every text of the archive is escaped by Jinja2. The host header is checked, so that a page in the
reader's browser cannot reach the archive by a name of its own (DNS rebinding). Only GET and HEAD.
"""

import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from archive.errors import ShengluError, UsageError
from archive.root import Root
from crawlers import browse_data as data
from crawlers.browse_forms import FORMS
from crawlers.browse_reader import Reader
from crawlers.browse_search import Asked, search
from crawlers.browse_thread import thread
from crawlers.chain_of import chain_of

__all__ = ["application"]

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_EXPORTS: Final = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Answer = Callable[[Request], Awaitable[Response]]


def application(root: Root, hosts: Sequence[str] = ("127.0.0.1", "localhost")) -> Starlette:
    """The application over that archive, for requests that name one of `hosts`."""
    pages = _Pages(root)
    routes = [
        Route("/", pages.search),
        Route("/thread", pages.thread),
        Route("/page", pages.page),
        Route("/record", pages.record),
        Route("/reprints", pages.reprints),
        Route("/export", pages.export),
        Route("/style.css", pages.style),
    ]
    guards = [
        Middleware(BaseHTTPMiddleware, dispatch=_guarded),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
    ]
    return Starlette(
        routes=routes, middleware=guards, exception_handlers={ShengluError: pages.refused}
    )


async def _guarded(request: Request, answer: Answer) -> Response:
    """Every answer with the same policy, errors included."""
    response = await answer(request)
    response.headers.update(_HEADERS)
    return response


class _Pages:
    """The pages; each shows the newest snapshot. Run by Starlette in worker threads."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._reader = Reader(root)
        self._templates = Environment(
            loader=PackageLoader("crawlers", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["outward"] = _outward

    def search(self, request: Request) -> Response:
        asked = request.query_params
        wanted = Asked(
            words=asked.get("q", "").strip(),
            site=asked.get("site", ""),
            since=asked.get("since", ""),
            until=asked.get("until", ""),
            aliases=asked.get("names") == "1",
            page=_number(asked.get("page")),
        )
        found = search(self._root, wanted, _form(request))
        return self._html(
            request,
            "search",
            found=found,
            asked=wanted,
            sources=data.sources(self._reader),
            leaf=_leaves(request),
        )

    def thread(self, request: Request) -> Response:
        asked = request.query_params
        page, source = _number(asked.get("page")), asked.get("source", "")
        wanted = asked.get("id", "")
        shown = thread(self._reader, source, wanted, _form(request), page)
        return self._html(request, "thread", **shown, page=page, source=source, wanted=wanted)

    def page(self, request: Request) -> Response:
        wanted = request.query_params.get("id", "")
        return self._html(
            request, "page", found=data.archived_page(self._reader, wanted), wanted=wanted
        )

    def reprints(self, request: Request) -> Response:
        wanted = request.query_params.get("id", "")
        rows, note = chain_of(self._reader, wanted) if wanted else ([], None)
        return self._html(request, "reprints", rows=rows, note=note, wanted=wanted)

    def record(self, request: Request) -> Response:
        record = data.raw_record(self._reader, request.query_params.get("id", ""))
        # Never shown by the browser: it is a page of somebody else.
        return _download(record, "record.warc", "application/octet-stream")

    def export(self, request: Request) -> Response:
        asked = request.query_params
        form, ids = asked.get("format", "csv"), asked.getlist("pick")
        if form not in _EXPORTS:
            raise UsageError(f"no format {form!r}; formats are {', '.join(_EXPORTS)}")
        if not ids:
            raise UsageError("nothing was picked; tick what to export")
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / f"selection.{form}"
            data.export_picked(self._reader, ids, form, out)
            return _download(out.read_bytes(), out.name, _EXPORTS[form])

    def style(self, _request: Request) -> Response:
        return Response(self._templates.get_template("browse.css").render(), media_type="text/css")

    def refused(self, request: Request, error: Exception) -> Response:
        wrong = isinstance(error, UsageError)
        return self._html(request, "refused", status=404 if wrong else 500, told=str(error))

    def _html(self, request: Request, name: str, *, status: int = 200, **shown: Any) -> Response:
        text = self._templates.get_template(f"{name}.html.j2").render(
            **shown, form=_form(request), forms=_flips(request), link=_link(_form(request))
        )
        return HTMLResponse(text, status)


def _number(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 9 else 1


def _leaves(request: Request) -> Callable[[int], str]:
    """Addresses of the other pages of the same search."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]

    def leaf(number: int) -> str:
        return f"{request.url.path}?{urlencode([*kept, ('page', number)])}"

    return leaf


def _form(request: Request) -> str:
    form = request.query_params.get("as", "original")
    return form if form in FORMS else "original"


def _flips(request: Request) -> list[tuple[str, str, str]]:
    """The other forms of the same page: (form, label, address)."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "as"]
    return [
        (form, label, f"{request.url.path}?{urlencode([*kept, ('as', form)])}")
        for form, label in FORMS.items()
    ]


def _link(form: str) -> Callable[..., str]:
    """Addresses of our own pages, in the form that is being read."""

    def link(path: str, **named: Any) -> str:
        kept: Mapping[str, Any] = named if form == "original" else {**named, "as": form}
        return f"{path}?{urlencode(kept)}" if kept else path

    return link


def _outward(url: str | None) -> str:
    return url if url and urlsplit(url).scheme in ("http", "https") else ""


def _download(content: bytes, name: str, kind: str) -> Response:
    attached = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=attached)
