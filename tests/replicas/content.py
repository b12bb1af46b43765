"""Texts for the replicas: hand-written sentences, dealt like cards, filled and dressed by a seed.

A deck deals every sentence once before it repeats one, so that two articles share little.
Limits: deterministic for a given seed; the material is in `material/*.txt`, one sentence a line,
`[section]` heads, `{slot}`s filled here. Naive Traditional is made character by character.
"""

import random
import re
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

__all__ = ["TOPICS", "ZONE", "Deck", "Writer", "material", "moment", "naive", "sentences"]

ZONE = timezone(timedelta(hours=8))
TOPICS = ("chip", "chip", "compute", "market", "game", "food", "transport")
_FOLDER = Path(__file__).with_name("material")
_SLOT = re.compile(r"\{(\w+)\}")
_CHIP_TOPICS = {"chip", "compute"}
_HEATED, _CALM = (28, 27, 27, 12, 6), (40, 32, 8, 8, 12)
_END = "。！？…」”』）"


@cache
def material(name: str) -> dict[str, tuple[str, ...]]:
    """The sections of one file, name -> lines in order."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]") and line[1:-1].isascii():
            section = line[1:-1]
        elif section and (line or section == "nick"):
            found.setdefault(section, []).append(line.replace("\\n", "\n"))
    return {name: tuple(rows) for name, rows in found.items()}


def sentences() -> set[str]:
    """Every hand-written sentence or fragment."""
    names = (path.stem for path in _FOLDER.glob("*.txt") if path.stem != "naive")
    return {row for name in names for rows in material(name).values() for row in rows if row}


@cache
def _naive_table() -> dict[int, str]:
    path = _FOLDER / "naive.txt"
    rows = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    return str.maketrans(rows[0], rows[1])  # type: ignore[return-value]


def naive(text: str) -> str:
    """Traditional as a careless converter writes it: 于 后 干 并 只 里 stay as they are."""
    return text.translate(_naive_table())


def moment(text: str) -> datetime:
    """`2026-01-14 10:03[:11]` in +08:00."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class Deck:
    """Deals the cards of one section in shuffled order, all of them before any comes again."""

    def __init__(self, cards: tuple[str, ...], dice: random.Random) -> None:
        self._cards = cards
        self._dice = dice
        self._left: list[str] = []
        self._hands: list[set[str]] = []

    def hand(self, count: int) -> list[str]:
        """That many different cards, which share few with any earlier hand where possible."""
        tries = [self._dice.sample(self._cards, min(count, len(self._cards))) for _ in range(60)]
        hand = min(tries, key=self._likeness)
        self._hands.append(set(hand))
        return hand

    def _likeness(self, hand: list[str]) -> tuple[float, int]:
        """The worst share of cards with one earlier hand, then how often they were dealt."""
        cards = set(hand)
        worst = max(
            (len(cards & old) / min(len(cards), len(old)) for old in self._hands), default=0
        )
        return worst, sum(len(cards & old) for old in self._hands)

    def deal(self) -> str:
        """The next card."""
        if not self._left:
            self._left = list(self._cards)
            self._dice.shuffle(self._left)
        return self._left.pop()


class Writer:
    """Writes for one site; the same seed gives the same texts in the same order."""

    def __init__(self, seed: str) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
        self._decks: dict[tuple[str, str], Deck] = {}

    def deck(self, name: str, section: str) -> Deck:
        """The deck of a section."""
        key = (name, section)
        if key not in self._decks:
            self._decks[key] = Deck(material(name)[section], self.dice)
        return self._decks[key]

    def deal(self, name: str, section: str) -> str:
        """The next line of a section, slots unfilled."""
        return self.deck(name, section).deal()

    def fill(self, text: str, locale: str) -> str:
        """Slots filled with the words of that locale."""
        return _SLOT.sub(lambda slot: self._word(slot[1], locale), text)

    def _word(self, slot: str, locale: str) -> str:
        roll = self.dice.randint
        han = locale == "cn"
        if slot == "chip":
            if locale == "mixed":
                return "昇腾"
            return "昇腾" if han and self.dice.random() < 0.9 else "昇騰"
        if slot in {"house", "rival", "game"}:
            names = {"house": "house_cn" if han else "house_tw", "rival": "rival"}
            names["game"] = "game_cn" if han else "game"
            section = names[slot] if han or slot != "rival" else "rival_tw"
            return self.dice.choice(material("fills")[section])
        fixed = {"model": "盘*古" if han else "盤*古", "forum": "某乎"}
        if slot in fixed:
            return fixed[slot]
        spans = {"n": (2, 9), "nn": (11, 98), "nnn": (110, 980), "month": (2, 12), "dd": (5, 14)}
        low, high = spans[slot]
        return f"{roll(low, high):02d}" if slot == "dd" else str(roll(low, high))

    def title(self, locale: str, topic: str) -> str:
        """A title on a topic."""
        if locale == "hk":
            return self.fill(self.deal("hk", "title"), "hk")
        name = {"tw": "tw_title", "mixed": "tw_title", "forum": "cn_forum_title"}
        text = self.deal(name.get(locale, "cn_title"), topic)
        return self.fill(text, "tw" if locale in {"tw", "mixed"} else "cn")

    def body(self, locale: str, topic: str, count: int) -> list[str]:
        """Paragraphs on a topic; `mixed` puts one Simplified quotation among Traditional ones."""
        if locale == "hk":
            return [self.fill(text, "hk") for text in self.deck("hk", "body").hand(count)]
        name = {"tw": "tw_body", "mixed": "tw_body", "forum": "cn_forum"}.get(locale, "cn_body")
        tongue = "tw" if locale in {"tw", "mixed"} else "cn"
        found = [self.fill(text, tongue) for text in self.deck(name, topic).hand(count)]
        if locale == "mixed":
            found.insert(1, self.fill(self.deal("mixed", "body"), "mixed"))
        return found

    def camp(self, topic: str) -> str:
        """Which camp speaks under an article on that topic."""
        if topic in _CHIP_TOPICS:
            return self.dice.choices(("praise", "doubt", "tech", "talk", "plain"), _HEATED)[0]
        return self.dice.choices((topic, "talk", "doubt", "praise", "plain"), _CALM)[0]

    def remark(self, locale: str, camp: str) -> str:
        """One comment, sometimes dressed, sometimes two thoughts long."""
        if locale in {"hk", "mixed"}:
            text = self.deal(locale, "comment")
            if locale == "hk" and self.dice.random() < 0.45:
                text += f"，{self.deal(locale, 'comment')}"
            return self.fill(text, locale)
        name, suffix = ("tw_push", "_tw") if locale == "tw" else ("cn_comment", "")
        text = self.deal(name, camp)
        if camp != "plain":
            if self.dice.random() < 0.22:
                text = f"{text}。{self.deal(name, camp)}"
            if self.dice.random() < 0.3:
                text = self.deal("dress", f"open{suffix}") + text
            if self.dice.random() < 0.3 and text[-1] not in _END:
                text += self.deal("dress", f"tail{suffix}")
        return self.fill(text, locale)
