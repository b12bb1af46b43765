"""A board of 2,000 pages whose threads grow while they are read: for kills and restarts.

Fifteen list pages of eighty threads; a thread has one or two pages of six posts at first, and gains
a post each time that the server has answered some hundred requests, until `freeze`. List pages are
answered slowly, so that a crawler can be killed while it waits for one. Limits: 127.0.0.1 only;
posts are never edited or removed.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.replicas.alone import alone
from tests.replicas.fault_threads import board, thread
from tests.replicas.handler import Listener
from tests.replicas.replica import Answer, Replica, Request, not_found

__all__ = ["Growing", "growing"]

LISTS, A_LIST, A_PAGE = 15, 80, 6
_STEP = 700  # requests after which each thread has grown by one post
_SLOW = 0.05
_SENTENCE = "赶集的人把竹篓放在桥头，等船来。"


def _text(tid: int, n: int) -> str:
    return f"第{tid}帖第{n}楼：{_SENTENCE}"


def _pager(number: int, further: str) -> str:
    """The pages of a list or thread: which one this is, and the next if there is one."""
    more = f'<a class="nxt" href="{further}">下一页</a>' if further else ""
    return f'<div class="pg"><strong>{number}</strong>{more}</div>' if more or number > 1 else ""


class _Board(Replica):
    """The board as it stands; nothing is cached, because it grows."""

    name = "discuz"
    robots = "User-agent: *\nDisallow: /never/\n"

    def __init__(self) -> None:
        super().__init__("", 1)
        self.served = 0
        self.frozen = False
        self.at_list = threading.Event()
        self.shown: dict[tuple[str, str], str] = {}

    def posts(self, tid: int) -> int:
        """How many posts a thread has now."""
        return 4 + tid % 9 + (self.served + tid * 37 % _STEP) // _STEP

    def answer(self, request: Request) -> Answer:
        """A list, a thread's page, or nothing."""
        if request.path == "/robots.txt":
            return Answer(self.robots.encode(), content_type=self.robots_type)
        kind, _, rest = request.path.lstrip("/").partition("-")
        numbers = [int(part) for part in rest.removesuffix(".html").split("-") if part.isdigit()]
        if kind == "forum" and numbers[1] <= LISTS:
            return self._list(numbers[1])
        if kind == "thread" and numbers[0] <= LISTS * A_LIST:
            self.served += not self.frozen
            return self._thread(*numbers[:2])
        return not_found("no such page")

    def _list(self, number: int) -> Answer:
        self.at_list.set()
        time.sleep(_SLOW)
        first = (number - 1) * A_LIST
        links = [f"/thread-{n}-1-1.html" for n in range(first + 1, first + A_LIST + 1)]
        body = board("", links)
        foot = _pager(number, f"/forum-2-{number + 1}.html" if number < LISTS else "")
        body = body.replace(b"</body>", foot.encode() + b"</body>")
        return Answer(body, validators=True)

    def _thread(self, tid: int, page: int) -> Answer:
        whole = self.posts(tid)
        shown = range((page - 1) * A_PAGE + 1, min(page * A_PAGE, whole) + 1)
        if not shown:
            return not_found("no such page")
        more = page * A_PAGE < whole
        foot = _pager(page, f"/thread-{tid}-{page + 1}-1.html" if more else "")
        rows = [(n, _text(tid, n)) for n in shown]
        self.shown |= {(str(tid), str(tid * 100_000 + n)): text for n, text in rows}
        return Answer(thread(f"/thread-{tid}-{page}-1.html", rows, foot=foot), validators=True)


class Growing:
    """A running board."""

    def __init__(self, listener: Listener, board: _Board) -> None:
        self._listener = listener
        self._board = board
        self.list_url = f"{listener.base}/forum-2-1.html"
        self.at_list = board.at_list

    def fetched(self) -> Counter[str]:
        """Paths of lists and threads, and how often each was asked for."""
        paths = (str(row["path"]) for row in list(self._listener.log))
        return Counter(path for path in paths if path.startswith(("/thread-", "/forum-")))

    def forget(self) -> None:
        """Count requests from now on."""
        self._listener.log.clear()

    def freeze(self) -> None:
        """Threads grow no more."""
        self._board.frozen = True

    def shown(self) -> dict[tuple[str, str], str]:
        """(Thread, post) -> text, of all posts in any answer so far."""
        return dict(self._board.shown)

    def whole(self) -> int:
        """How many posts there are."""
        return sum(self._board.posts(tid) for tid in range(1, LISTS * A_LIST + 1))


@contextmanager
def growing() -> Iterator[Growing]:
    """The board, served."""
    made = _Board()
    with alone(made) as listener:
        yield Growing(listener, made)
