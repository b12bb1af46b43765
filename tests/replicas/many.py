"""A board of as many threads as a test wants: for politeness, memory and speed.

One list page names all threads; each thread is one page. Limits: 127.0.0.1 only; pages differ in
their number alone, and are filled up to a size with plain sentences.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.replicas.alone import alone
from tests.replicas.fault_threads import board, thread
from tests.replicas.handler import Listener, Options
from tests.replicas.replica import Answer, Replica, Request, not_found

__all__ = ["Board", "Many", "many"]

_FILL = "河边的鱼市清早五点开秤，买鱼的人互相不说话，伸手指、点头、成交。"


class Board(Replica):
    """The board; `pages` threads of about `size` bytes each."""

    name = "discuz"
    robots = "User-agent: *\nDisallow: /never/\n"
    pages = 100
    size = 0

    def route(self, request: Request) -> Answer:
        """The list, or a thread."""
        if request.path == "/forum-2-1.html":
            extra = ["/never/thread-1-1-1.html"] if "never" in request.query else []
            links = [f"/thread-{n}-1-1.html" for n in range(1, self.pages + 1)]
            return Answer(board(request.path, [*extra, *links]), validators=True)
        if request.path.startswith("/thread-"):
            return Answer(self._thread(request.path), validators=True)
        return not_found("no such page")

    def _thread(self, path: str) -> bytes:
        bare = thread(path)
        posts = 6
        each = max(0, self.size - len(bare)) // (posts * len(_FILL.encode()))
        texts = [(n, f"{_FILL * (each + 1)}第{n}段，{path}。") for n in range(1, posts + 1)]
        return thread(path, texts) if self.size else bare


class Many:
    """A running board."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.list_url = f"{listener.base}/forum-2-1.html"

    @property
    def log(self) -> list[dict[str, object]]:
        """Requests so far."""
        return list(self.listener.log)


@contextmanager
def many(
    pages: int, size: int = 0, *, options: Options | None = None, robots: str = ""
) -> Iterator[Many]:
    """A board of `pages` threads of about `size` bytes (0: as small as they come)."""
    facts = {"pages": pages, "size": size, **({"robots": robots} if robots else {})}
    with alone(type("Made", (Board,), facts)("", 1), options) as listener:
        yield Many(listener)
