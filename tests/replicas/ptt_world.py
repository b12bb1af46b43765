"""What stands on the PTT replica at each epoch: two boards, their posts and pushes.

Epoch 2: some posts have grown, some are edited or deleted, new ones fill a further index page.
Limits: pushes are dated to the minute, posts to the second, as on the real site.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from tests.replicas.content import TOPICS, Writer, material, moment

__all__ = ["BOARDS", "PER_PAGE", "Post", "Push", "World", "board_pages", "push_ids", "world"]

BOARDS = {"Stock": (66, 6), "Gossiping": (40, 4)}
"""Board -> posts and already deleted entries at epoch 1; Gossiping is behind the age gate."""

PER_PAGE = 20
_START = moment("2025-12-27 08:10")
_COUNTRY = "臺灣"


@dataclass(slots=True)
class Push:
    """One `div.push`: mark, user, text, time to the minute."""

    tag: str
    user: str
    text: str
    at: datetime
    ip: str = ""
    camp: str = ""
    script: str = "tw"


@dataclass(slots=True)
class Post:
    """One file of a board. `gone` is the list's line once it is deleted; `pinned` stays on top."""

    board: str
    aid: str
    at: datetime
    author: str
    nick: str
    title: str
    body: list[str]
    script: str
    topic: str
    ip: str = ""
    quote: "Post | None" = None
    quoted: list[str] = field(default_factory=list)
    sign: str = ""
    meta: bool = True
    mail: str = ""
    legacy: list[str] = field(default_factory=list)
    inserted: tuple[int, str] | None = None
    edits: list[datetime] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    gone: str = ""
    pinned: bool = False
    mark: str = ""

    @property
    def path(self) -> str:
        """Path of its page."""
        return f"/bbs/{self.board}/{self.aid}.html"

    @property
    def score(self) -> int:
        """推 minus 噓."""
        marks = Counter(push.tag for push in self.pushes)
        return marks["推"] - marks["噓"]


@dataclass(slots=True)
class World:
    """All posts in the order of their files, deleted ones included."""

    clock: datetime
    posts: list[Post]
    gone: list[tuple[str, str]] = field(default_factory=list)


class _Builder:
    def __init__(self) -> None:
        self.writer = Writer("ptt")
        self.dice = self.writer.dice

    def post(self, board: str, at: datetime, kind: str = "tw") -> Post:
        dice, writer = self.dice, self.writer
        topic = dice.choice(TOPICS)
        aid = f"M.{int(at.timestamp())}.A.{dice.randint(0, 0xFFF):03X}"
        body = writer.body(kind, topic, dice.randint(3, 5))
        post = Post(
            board=board,
            aid=aid,
            at=at,
            author=dice.choice(material("tw_names")["id"]),
            nick=dice.choice(material("tw_names")["nick"]),
            title=writer.title(kind, topic),
            body=body,
            script=kind,
            topic=topic,
            ip=f"{dice.randint(1, 223)}.{dice.randint(0, 255)}.{dice.randint(0, 255)}.7",
        )
        if dice.random() < 0.3:
            post.sign = dice.choice(material("tw_names")["sign"])
        return post

    def pushes(self, post: Post, count: int, after: datetime, before: datetime) -> None:
        """That many remarks between two times; a long one takes several lines of one user."""
        dice = self.dice
        span = max(2.0, (before - after).total_seconds() / 60 - 1)
        scale = min(span, 2400.0)
        offsets = sorted(min(span, dice.random() ** 2 * scale) for _ in range(count))
        for minutes in offsets:
            at = (after + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
            at = max(at, post.pushes[-1].at if post.pushes else post.at.replace(second=0))
            script = post.script if dice.random() < 0.5 else "tw"
            camp = self.writer.camp(post.topic)
            text = self.writer.remark(script, camp)
            self.push(post, at, text, camp, script)

    def push(self, post: Post, at: datetime, text: str, camp: str, script: str) -> None:
        user = self.dice.choice(material("tw_names")["id"])
        weights = {"praise": (7, 1, 2), "doubt": (2, 5, 3)}.get(camp, (5, 1, 4))
        tag = self.dice.choices(("推", "噓", "→"), weights)[0]
        width = (78 - 17 - len(user)) // 2
        ip = f"{self.dice.randint(36, 223)}.{self.dice.randint(0, 255)}.12.3"
        for start in range(0, len(text), width):
            part = text[start : start + width]
            shown = ip if post.board == "Stock" else ""
            post.pushes.append(Push(tag, user, part, at, shown, camp, script))
            tag = "→"


def _first(builder: _Builder) -> World:
    clock = moment("2026-01-15 20:00")
    posts: list[Post] = []
    for board, (count, dead) in BOARDS.items():
        total = count + dead
        step = (clock - _START - timedelta(hours=6)) / total
        for number in range(total):
            at = _START + step * number + timedelta(seconds=builder.dice.randint(0, 3000))
            at = at.replace(microsecond=0)
            kind = {5: "hk", 17: "hk", 33: "hk", 9: "mixed", 21: "mixed", 38: "mixed"}.get(number)
            post = builder.post(board, at, kind or "tw")
            many = builder.dice.choices((0, 3, 6, 11, 24), (8, 30, 34, 20, 8))[0]
            builder.pushes(post, many + builder.dice.randint(0, 2), at, clock)
            if number % 11 == 4 and number < 11 * dead:
                post.gone = f"(本文已被刪除) [{post.author}]"
            posts.append(post)
    _special(builder, posts, clock)
    return World(clock, posts)


def _special(builder: _Builder, posts: list[Post], clock: datetime) -> None:
    """The shapes that a reader of PTT must know, each at a fixed place."""
    _new_year(builder, posts)
    alive = [post for post in posts if not post.gone]
    stock = [post for post in alive if post.board == "Stock"]
    gossip = [post for post in alive if post.board == "Gossiping"]
    legacy = material("fills")["legacy"]
    stock[2].legacy = list(legacy[:3])
    stock[6].legacy = [legacy[3], *legacy[5:6], "舊碼：\ue0e4\uf6b1 在這裡", legacy[7]]
    gossip[3].legacy = [legacy[4], legacy[6] + "\ue015"]
    stock[4].meta = gossip[6].meta = False
    stock[8].mail = "desk@chips.example"
    for index, other in ((12, 3), (20, 12), (31, 20)):
        reply, quoted = stock[index], stock[other]
        reply.quote, reply.quoted = quoted, quoted.body[:2]
        reply.title = f"Re: {quoted.title.removeprefix('Re: ')}"
    for post in (stock[5], stock[14], gossip[8]):
        post.edits.append(post.at + timedelta(minutes=builder.dice.randint(7, 50)))
    busy = next(p for p in stock[9:] if len(p.pushes) >= 6)
    busy.inserted = (3, "樓上問的測試條件補在這裡：同一份權重、同一個批次大小。")
    busy.edits.append(busy.pushes[2].at + timedelta(minutes=1))
    hot = stock[40]
    builder.pushes(hot, 118, hot.at, clock)
    for push in hot.pushes:
        push.tag = "推" if push.tag == "噓" else push.tag
    for number in range(max(0, 104 - hot.score)):
        builder.push(hot, hot.pushes[-1].at, f"衝第{number + 1}根", "praise", "tw")
        hot.pushes[-1].tag = "推"
    booed = gossip[25]
    builder.pushes(booed, 34, booed.at, clock)
    for push in booed.pushes:
        push.tag = "噓" if push.tag == "推" or push.camp == "talk" else push.tag
    for post in (stock[0], gossip[0]):
        post.pinned, post.mark = True, "M"
        post.title = f"[公告] {post.board} 板規與置底整理 2026.01"
    for push_post in (stock[41], gossip[26]):
        push_post.pushes.clear()


def _new_year(builder: _Builder, posts: list[Post]) -> None:
    for board, hour in (("Stock", "23:41:20"), ("Gossiping", "23:55:02")):
        eve = [p for p in posts if p.board == board and not p.gone and p.at.month == 12][-1]
        day = moment(f"2025-12-31 {hour}")
        eve.at = day
        eve.aid = f"M.{int(day.timestamp())}.A.{eve.aid[-3:]}"
        eve.pushes.clear()
        for part in range(3):
            start = day + timedelta(minutes=part * 14)
            builder.pushes(eve, 6, start, start + timedelta(minutes=13))
    order = sorted(posts, key=lambda p: (list(BOARDS).index(p.board), p.at))
    posts[:] = order


def _second(builder: _Builder, state: World) -> None:
    """The same boards a day and a half later."""
    before = [key for post in state.posts if not post.gone for key in push_ids(post)]
    start, state.clock = state.clock, moment("2026-01-17 09:30")
    alive = [post for post in state.posts if not post.gone]
    stock = [post for post in alive if post.board == "Stock"]
    gossip = [post for post in alive if post.board == "Gossiping"]
    for post in (stock[0], *stock[-6:-1], *gossip[-5:-2], stock[40]):
        builder.pushes(post, builder.dice.randint(3, 9), start, state.clock)
    for post in (stock[30], stock[45], gossip[20]):
        post.body[-1] += "（更正：上面的數字少打一個零。）"
        post.edits.append(start + timedelta(hours=2, minutes=builder.dice.randint(1, 50)))
    stock[50].gone = f"(本文已被刪除) [{stock[50].author}]"
    gossip[30].gone = f"(已被uncleboard刪除) <{gossip[30].author}> 置入性行銷"
    for post in (stock[10], gossip[12]):
        alone = Counter((push.at, push.user) for push in post.pushes)
        post.pushes.remove(next(p for p in post.pushes if alone[p.at, p.user] == 1))
        post.edits.append(start + timedelta(hours=5, minutes=3))
    for board, count in (("Stock", 12), ("Gossiping", 5)):
        for number in range(count):
            at = start + timedelta(minutes=95 * number + builder.dice.randint(3, 60), seconds=11)
            post = builder.post(board, at, "mixed" if number == 3 else "tw")
            builder.pushes(post, builder.dice.randint(0, 9), at, state.clock)
            state.posts.append(post)
    state.posts.sort(key=lambda p: (list(BOARDS).index(p.board), p.at))
    after = {key for post in state.posts if not post.gone for key in push_ids(post)}
    state.gone = [key for key in before if key not in after]


@cache
def world(epoch: int) -> World:
    """The boards at that epoch; 3 is the same as 2."""
    builder = _Builder()
    state = _first(builder)
    if epoch >= 2:
        _second(builder, state)
    return state


def board_pages(state: World, board: str) -> list[list[Post]]:
    """Index pages of a board, oldest first, as index1.html, index2.html, ..."""
    posts = [post for post in state.posts if post.board == board]
    return [posts[start : start + PER_PAGE] for start in range(0, len(posts), PER_PAGE)]


def push_ids(post: Post) -> list[tuple[str, str]]:
    """(thread id, comment id) of each push: minute, user, and which of that user's that minute."""
    seen: Counter[str] = Counter()
    found = []
    for push in post.pushes:
        key = f"{push.at:%m%d%H%M}.{push.user}"
        seen[key] += 1
        found.append((f"{post.board}/{post.aid}", f"{key}.{seen[key]}"))
    return found
