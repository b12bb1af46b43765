"""What stands on the Discuz! replica at each epoch: two boards of threads with floors.

Board 2 is Simplified, board 40 holds Hong Kong and mixed Traditional. Epoch 2: threads have
grown over a page's end, floors are edited, removed and blocked, threads are new or deleted.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from tests.replicas.content import TOPICS, Writer, material, moment

__all__ = ["BOARDS", "PER_LIST", "PER_PAGE", "Floor", "Thread", "World", "page_of", "world"]

BOARDS = {2: "芯片与硬件", 40: "港澳台交流"}
PER_PAGE = 10
PER_LIST = 10


@dataclass(slots=True)
class Floor:
    """One post. `number` 1 is the opening post; a removed floor leaves a gap.

    `state`: visible, locked (author banned), or hidden in part (`reply` to see the rest).
    """

    pid: int
    number: int
    author: str
    uid: int
    at: datetime
    text: list[str]
    script: str
    camp: str = ""
    parent: "Floor | None" = None
    edited: datetime | None = None
    images: list[str] = field(default_factory=list)
    jammer: bool = False
    rated: bool = False
    hides: bool = False
    state: str = "visible"
    rare: str = ""


@dataclass(slots=True)
class Thread:
    """One thread. `access`: open, closed (no more replies), members (login wall) or gone."""

    tid: int
    fid: int
    title: str
    kind: str
    floors: list[Floor]
    sticky: bool = False
    access: str = "open"
    views: int = 100

    @property
    def path(self) -> str:
        """Path of its first page, without what changes from session to session."""
        return f"/forum.php?mod=viewthread&tid={self.tid}"

    @property
    def pages(self) -> int:
        """Pages that its floors fill."""
        return max(1, -(-len(self.floors) // PER_PAGE))

    @property
    def last(self) -> Floor:
        """The newest floor."""
        return self.floors[-1]


@dataclass(slots=True)
class World:
    """All threads by id."""

    clock: datetime
    threads: list[Thread]
    gone: list[tuple[str, str]] = field(default_factory=list)

    def board(self, fid: int) -> list[Thread]:
        """A board's threads as its list orders them: sticky ones, then by last reply."""
        here = [t for t in self.threads if t.fid == fid and t.access != "gone"]
        return sorted(here, key=lambda t: (t.sticky, t.last.at, t.tid), reverse=True)


class _Builder:
    def __init__(self) -> None:
        self.writer = Writer("discuz")
        self.dice = self.writer.dice
        self.next_pid = 500_100
        self.next_tid = 30_010

    def floor(self, number: int, at: datetime, text: list[str], script: str) -> Floor:
        self.next_pid += self.dice.randint(1, 9)
        name = self.dice.choice(material("cn_names")["name"])
        return Floor(
            pid=self.next_pid,
            number=number,
            author=name,
            uid=1000 + material("cn_names")["name"].index(name) * 37,
            at=at.replace(microsecond=0),
            text=text,
            script=script,
            jammer=self.dice.random() < 0.3,
            rated=self.dice.random() < 0.04,
        )

    def thread(self, fid: int, at: datetime, kind: str, size: int) -> Thread:
        dice, writer = self.dice, self.writer
        topic = "chip" if size > 21 else dice.choice(TOPICS)
        locale = {"cn": "forum"}.get(kind, kind)
        body = writer.body(locale, topic, dice.randint(2, 3))
        if kind == "cn":
            body += writer.body("cn", topic, dice.randint(1, 2))
        self.next_tid += dice.randint(1, 40)
        first = self.floor(1, at, body, kind)
        first.camp = topic
        for number in range(dice.choice((0, 0, 1, 2))):
            first.images.append(f"data/attachment/forum/202601/{at:%d}/{first.pid}{number}.jpg")
        title = writer.title(locale, topic)
        return Thread(self.next_tid, fid, title.rpartition("] ")[2], kind, [first])

    def replies(self, thread: Thread, count: int, before: datetime, after: datetime) -> None:
        dice = self.dice
        span = (before - after).total_seconds() - 120
        for second in sorted(dice.random() ** 2 * span for _ in range(count)):
            number = max(f.number for f in thread.floors) + 1
            camp = self.writer.camp(thread.floors[0].camp)
            script = thread.kind if dice.random() < 0.8 else "cn"
            text = [self.writer.remark(script, camp)]
            if dice.random() < 0.15:
                text.append(self.writer.remark(script, camp))
            floor = self.floor(number, after + timedelta(seconds=60 + second), text, script)
            floor.camp = camp
            if dice.random() < 0.22:
                choices = [f for f in thread.floors[1:] if f.state == "visible"]
                floor.parent = dice.choice(choices[-8:]) if choices else None
            thread.floors.append(floor)


def _first() -> tuple[_Builder, World]:
    builder = _Builder()
    dice, clock = builder.dice, moment("2026-01-15 20:00")
    sizes = (48, 36, 31, 24, 20, 19, 10, 9, 8, 27, 14, 0, 12, 5, 33, 6, 3, 22)
    plan = [(2, "cn", size) for size in sizes]
    plan += [(40, "hk", size) for size in (29, 13, 7, 18)] + [(40, "mixed", 16), (40, "mixed", 4)]
    threads = []
    for number, (fid, kind, size) in enumerate(plan):
        at = moment("2025-12-20 09:12:40") + timedelta(
            hours=25 * number, minutes=dice.randint(0, 900)
        )
        thread = builder.thread(fid, at, kind, size)
        thread.views = dice.randint(60, 9000)
        builder.replies(thread, size, clock, thread.floors[0].at)
        threads.append(thread)
    _special(builder, threads)
    return builder, World(clock, threads)


def _special(builder: _Builder, threads: list[Thread]) -> None:
    threads[13].sticky = threads[18].sticky = True
    threads[13].access = "closed"
    threads[15].access = "members"
    threads[7].floors[0].hides = True
    threads[0].floors[5].state = "locked"
    threads[9].floors[11].state = "locked"
    threads[2].floors[3].edited = threads[2].floors[3].at + timedelta(minutes=12)
    threads[4].floors[0].edited = threads[4].floors[0].at + timedelta(minutes=31)
    threads[18].floors[2].rare = "㗎"
    threads[1].floors[8].rare = "😂"
    removed = threads[3].floors[6]
    for floor in threads[3].floors:
        floor.parent = None if floor.parent is removed else floor.parent
    threads[3].floors.remove(removed)
    for thread in threads:
        for floor in thread.floors:
            if floor.state == "locked":
                floor.text, floor.parent = [], None
            if floor.parent and floor.parent.state == "locked":
                floor.parent = None


def _second(builder: _Builder, state: World) -> None:
    """The same boards a day and a half later."""
    before = _seen(state)
    start, state.clock = state.clock, moment("2026-01-17 09:30")
    threads = state.threads
    for index, count in ((5, 4), (8, 6), (11, 3), (17, 9), (0, 4), (18, 5), (14, 2)):
        builder.replies(threads[index], count, state.clock, start)
    for thread, number in ((threads[1], 4), (threads[6], 2), (threads[20], 3)):
        floor = thread.floors[number]
        floor.text.append(builder.writer.remark(floor.script, floor.camp))
        floor.edited = start + timedelta(hours=3, minutes=number)
    for thread in (threads[2], threads[14]):
        answered = {id(floor.parent) for floor in thread.floors}
        thread.floors.remove(next(f for f in thread.floors[5:] if id(f) not in answered))
    blocked = threads[10].floors[7]
    blocked.state, blocked.text, blocked.parent = "locked", [], None
    for floor in threads[10].floors:
        floor.parent = None if floor.parent is blocked else floor.parent
    threads[16].access = "gone"
    for number, kind in enumerate(("cn", "hk", "cn")):
        at = start + timedelta(hours=2 + 3 * number, minutes=9, seconds=4)
        thread = builder.thread(40 if kind == "hk" else 2, at, kind, number)
        builder.replies(thread, (12, 4, 0)[number], state.clock, at)
        threads.append(thread)
    for thread in threads:
        thread.views += builder.dice.randint(5, 400)
    state.gone = sorted(before - _seen(state))


def _seen(state: World) -> set[tuple[str, str]]:
    return {
        (str(thread.tid), str(floor.pid))
        for thread in state.threads
        if thread.access not in {"gone", "members"}
        for floor in thread.floors[1:]
    }


@cache
def world(epoch: int) -> World:
    """The boards at that epoch; 3 is the same as 2."""
    builder, state = _first()
    if epoch >= 2:
        _second(builder, state)
    return state


def page_of(thread: Thread, pid: int) -> int:
    """The page that holds a post; 1 where it is not there any more."""
    order = [floor.pid for floor in thread.floors]
    return order.index(pid) // PER_PAGE + 1 if pid in order else 1
