"""What stands on the NetEase replica at each epoch: articles in three scripts and their ties.

`跟贴` chains are kept as parents; the page shows each comment with the whole chain above it.
Epoch 2: ties are added, voted on and deleted, articles are added and one is corrected.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from tests.replicas.content import TOPICS, Writer, material, moment, naive
from tests.replicas.truth import lines

__all__ = ["PER_LIST", "SECTIONS", "Piece", "Tie", "World", "list_paths", "visible", "world"]

SECTIONS = {"tech": "科技", "money": "财经", "dy": "网易号"}
PER_LIST = 7
_SECTION = {"chip": "tech", "compute": "tech", "game": "tech"}
_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_STATEMENT = "特别声明：上文及其中的图片、视频由网易号作者自行上传，平台只负责保存。"
_NOTICE = (
    "Notice: This piece, pictures and videos included, was uploaded by an author at NetEase "
    "Hao; the platform only provides information storage services."
)


@dataclass(slots=True)
class Tie:
    """One comment. `parent` is the floor below it in the chain."""

    cid: int
    text: str
    at: datetime
    name: str | None
    uid: int
    ip: str
    place: str
    up: int
    down: int
    camp: str
    script: str
    parent: "Tie | None" = None
    deleted: bool = False

    @property
    def chain(self) -> list["Tie"]:
        """From the first floor to this one."""
        found: list[Tie] = []
        tie: Tie | None = self
        while tie is not None:
            found.append(tie)
            tie = tie.parent
        return found[::-1]


@dataclass(slots=True)
class Piece:
    """One article; `paragraphs` hold `None` where an image stands."""

    docid: str
    section: str
    script: str
    title: str
    paragraphs: list[str | None]
    at: datetime
    medium: str
    writer: str | None = None
    editor: str | None = None
    reprint: str | None = None
    images: list[str] = field(default_factory=list)
    literal: bool = False
    hans: str | None = None
    related: list["Piece"] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Path of its page: channel articles carry the hour, those of 网易号 do not."""
        if self.section == "dy":
            return f"/dy/article/{self.docid}.html"
        return f"/{self.at:%y/%m%d/%H}/{self.docid}.html"

    @property
    def shown(self) -> list[Tie]:
        """Ties that have an entry of their own, oldest first."""
        return [tie for tie in self.ties if not tie.deleted]

    @property
    def tail(self) -> list[str]:
        """Lines below the last paragraph: no part of the text."""
        turn = naive if self.script == "naive" else str
        rows = [turn(f"作者：{self.writer}")] if self.writer and self.section == "dy" else []
        if self.reprint:
            rows.append(turn(f"（转载自{self.reprint}，内容仅代表作者个人观点，不代表本号立场）"))
        return rows

    @property
    def statement(self) -> list[str]:
        """The platform's disclaimer in two languages, below pieces of 网易号."""
        turn = naive if self.script == "naive" else str
        return [turn(_STATEMENT), _NOTICE] if self.section == "dy" else []


@dataclass(slots=True)
class World:
    """All pieces, oldest first."""

    clock: datetime
    pieces: list[Piece]
    gone: list[tuple[str, str]] = field(default_factory=list)


class _Builder:
    def __init__(self) -> None:
        self.writer = Writer("netease")
        self.dice = self.writer.dice
        self.next_id = 33_810_000_000

    def piece(self, at: datetime, script: str, section: str, topic: str) -> Piece:
        dice = self.dice
        tongue = "mixed" if script == "mixed" else "cn"
        body = self.writer.body(tongue, topic, min(8, dice.randint(5, 8)))
        title = self.writer.title("mixed" if script == "mixed" else "cn", topic)
        title = title.rpartition("] ")[2]
        turn = naive if script == "naive" else str
        mark = "0511" if section == "dy" else ("0009" if section == "tech" else "0025")
        docid = "K" + "".join(dice.choices(_LETTERS, k=7)) + mark
        piece = Piece(
            docid=docid + "".join(dice.choices(_LETTERS, k=4)),
            section=section,
            script=script,
            title=turn(title),
            paragraphs=[turn(text) for text in body],
            at=at,
            medium=dice.choice(material("cn_names")["media"]),
            hans=lines(body) if script == "naive" else None,
        )
        people = material("cn_names")
        if dice.random() < 0.7:
            piece.writer = dice.choice(people["writer"])
        if section != "dy":
            piece.editor = dice.choice(people["editor"])
        if dice.random() < 0.35:
            piece.reprint = dice.choice(people["media"])
        for number in range(dice.randint(1, 4)):
            piece.images.append(
                f"http://dingyue.ws.126.net/2026/{at:%m%d}/{docid[1:8].lower()}{number}.jpg"
            )
            piece.paragraphs.insert(dice.randint(1, len(piece.paragraphs)), None)
        return piece

    def tie(self, piece: Piece, at: datetime, parent: Tie | None, camp: str, script: str) -> Tie:
        dice = self.dice
        self.next_id += dice.randint(1, 900)
        anonymous = dice.random() < 0.18
        text = self.writer.remark(script if script != "naive" else "cn", camp)
        tie = Tie(
            cid=self.next_id,
            text=naive(text) if script == "naive" else text,
            at=at,
            name=None if anonymous else dice.choice(material("cn_names")["name"]),
            uid=0 if anonymous else dice.randint(10_000, 99_999_999),
            ip=f"{dice.randint(1, 223)}.{dice.randint(0, 255)}.*.*",
            place=dice.choice(material("cn_names")["place"]),
            up=int(dice.random() ** 6 * 900),
            down=int(dice.random() ** 8 * 90),
            camp=camp,
            script=script,
            parent=parent,
        )
        piece.ties.append(tie)
        return tie

    def ties(self, piece: Piece, count: int, after: datetime, before: datetime) -> None:
        dice = self.dice
        topic = "chip" if piece.section == "tech" else dice.choice(TOPICS[3:])
        span = (before - after).total_seconds() - 60
        for second in sorted(dice.random() ** 2 * span for _ in range(count)):
            at = (after + timedelta(seconds=30 + second)).replace(microsecond=0)
            parent = None
            if piece.shown and dice.random() < 0.42:
                parent = dice.choice(piece.shown[-6:])
            script = dice.choices(("cn", "naive", "mixed", "hk"), (80, 8, 6, 6))[0]
            self.tie(piece, at, parent, self.writer.camp(topic), script)


def _first() -> tuple[_Builder, World]:
    builder = _Builder()
    dice, clock = builder.dice, moment("2026-01-15 20:00")
    pieces: list[Piece] = []
    plan = ["naive"] * 12 + ["cn"] * 10 + ["mixed"] * 2
    dice.shuffle(plan)
    for number, script in enumerate(plan):
        topic = "chip" if script == "naive" and number % 2 else TOPICS[number % len(TOPICS)]
        section = "dy" if script != "cn" or number % 4 == 0 else _SECTION.get(topic, "money")
        at = moment("2026-01-09 07:20:31") + timedelta(
            hours=6 * number, minutes=dice.randint(0, 300)
        )
        piece = builder.piece(at, script, section, topic)
        piece.related = dice.sample(pieces, 2) if number > 3 and dice.random() < 0.6 else []
        builder.ties(piece, dice.choice((0, 5, 9, 14, 20, 26)), at, clock)
        pieces.append(piece)
    for piece in [p for p in pieces if p.section == "dy"][1:3]:
        piece.literal = True
    _towers(builder, pieces, clock)
    return builder, World(clock, pieces)


def _towers(builder: _Builder, pieces: list[Piece], clock: datetime) -> None:
    """A thread of three pages, one whose chain is long enough to be folded, deleted floors."""
    pieces[4].ties.clear()
    builder.ties(pieces[4], 84, pieces[4].at, clock)
    tall = pieces[7]
    tall.ties.clear()
    floor = None
    for number in range(108):
        at = tall.at + timedelta(minutes=5 * number, seconds=number % 60)
        floor = builder.tie(tall, at, floor, builder.writer.camp("chip"), "cn")
    for piece in pieces:
        piece.ties.sort(key=lambda tie: (tie.at, tie.cid))
    for piece in (pieces[4], pieces[10], tall):
        answered = [t.parent for t in piece.ties if t.parent and len(t.parent.chain) > 1]
        for tie in answered[1:3]:
            tie.deleted = True


def _second(builder: _Builder, state: World) -> None:
    """The same articles a day and a half later."""
    dice = builder.dice
    before = {(p.docid, str(t.cid)) for p in state.pieces for t in visible(p)}
    start, state.clock = state.clock, moment("2026-01-17 09:30")
    for piece in (*state.pieces[-7:], state.pieces[4], state.pieces[7]):
        builder.ties(piece, dice.randint(3, 12), start, state.clock)
    for piece in state.pieces:
        for tie in piece.ties:
            tie.up += int(dice.random() ** 9 * 60)
    for piece in (state.pieces[5], state.pieces[9], state.pieces[12], state.pieces[4]):
        for tie in piece.shown[:2]:
            tie.deleted = True
    corrected = next(p for p in state.pieces if p.script == "cn")
    corrected.paragraphs.append("（更正：文中第二段的月份有误，已改。）")
    for number, script in enumerate(("naive", "cn", "naive", "cn")):
        at = start + timedelta(hours=3 * number + 2, minutes=17, seconds=5)
        topic = TOPICS[number]
        section = "dy" if script == "naive" else _SECTION.get(topic, "money")
        piece = builder.piece(at, script, section, topic)
        builder.ties(piece, dice.randint(2, 12), at, state.clock)
        state.pieces.append(piece)
    after = {(p.docid, str(t.cid)) for p in state.pieces for t in visible(p)}
    state.gone = sorted(before - after)


def visible(piece: Piece) -> list[Tie]:
    """Ties that some chain still shows: the entries, and deleted floors below them."""
    seen = {id(tie): tie for entry in piece.shown for tie in entry.chain}
    return sorted(seen.values(), key=lambda tie: (tie.at, tie.cid))


@cache
def world(epoch: int) -> World:
    """The site at that epoch; 3 is the same as 2."""
    builder, state = _first()
    if epoch >= 2:
        _second(builder, state)
    return state


def list_paths(state: World) -> list[str]:
    """Paths of the section lists: 滚动 pages in HTML, newest first."""
    found = []
    for section in SECTIONS:
        count = sum(piece.section == section for piece in state.pieces)
        pages = max(1, -(-count // PER_LIST))
        found.append(f"/special/{section}_list/")
        found += [f"/special/{section}_list_{n:02d}/" for n in range(2, pages + 1)]
    return found
