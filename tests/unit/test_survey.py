"""The topic file, what counts as one voice, and the sample."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from archive.errors import UsageError
from pipelines.survey import Unit, distinct, draw, read_topic

START = datetime(2026, 1, 1, tzinfo=UTC)
CAMPS = '[[camp]]\ncode = "a"\nlabel = "甲"\n[[camp]]\ncode = "b"\n'
TOPIC = f'title = "題"\nquery = "詞"\n{CAMPS}'


def _unit(name, text, minutes=0, **more):
    at = START + timedelta(minutes=minutes)
    return Unit(name, "comment", "demo", text, None, at, **more)


def test_topic_has_defaults_and_reads_dates():
    topic = read_topic("since = 2026-01-01\nsample = 5\nsites = ['ptt']\n" + TOPIC)
    assert (topic.since, topic.sample, topic.sites) == ("2026-01-01", 5, ("ptt",))
    assert [(camp.code, camp.label) for camp in topic.camps] == [("a", "甲"), ("b", "b")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "topic:"),
        (f'query = "x"\n{CAMPS}', "title is missing"),
        (f'title = "x"\n{CAMPS}', "query is missing"),
        ('title = "x"\nquery = "x"', "at least two"),
        (f"sampel = 3\n{TOPIC}", "unknown key 'sampel'"),
        (f'sample = "3"\n{TOPIC}', "sample is no int"),
        (f"sample = 0\n{TOPIC}", "above 0"),
        (f'scope = "all"\n{TOPIC}', "scope is one of"),
        (f'ambiguous = "maybe"\n{TOPIC}', "keep or drop"),
        (f'{TOPIC}[[camp]]\ncode = "A"', "two camps"),
        (f'{TOPIC}[[camp]]\nlabel = "A"', "needs a code"),
        (f'{TOPIC}[[camp]]\ncode = "c"\nrules = "x"', "unknown key 'rules'"),
    ],
)
def test_topic_that_is_wrong_says_where(text, message):
    with pytest.raises(UsageError, match=message):
        read_topic(text)


def test_copies_of_one_text_count_once_at_the_earliest():
    long = (
        "這一句話寫得很長，長到可以和別的話分得清清楚楚，也長到不會碰巧有人"
        "寫得一模一樣，因此一再出現就是轉貼，轉貼的人並不是另一個聲音。"
    )
    hans = (
        "这一句话写得很长，长到可以和别的话分得清清楚楚，也长到不会碰巧有人"
        "写得一模一样，因此一再出现就是转贴，转贴的人并不是另一个声音吧"
    )
    units = [
        _unit("late", "說得太好了,我完全同意！", 5),
        _unit("early", "说得太好了，我完全同意", 1),
        _unit("other", "說得太好了，我完全不同意", 2),
        _unit("long", long, 3),
        _unit("hans", hans, 4),
        _unit("answer", f"> {long}\n" + "我不這麼看，理由有三個，下面一個一個說給你聽：" * 9, 6),
    ]
    found = {unit.evidence: unit.copies for unit in distinct(units)}
    assert found == {"early": ("late",), "other": (), "long": ("hans",), "answer": ()}


def test_short_sayings_of_different_people_are_different_voices():
    units = [
        _unit("1", "頂", author="x"),
        _unit("2", "顶！", author="y"),
        _unit("3", "頂", 1, author="x"),
        _unit("4", "。。。"),
        _unit("5", "。。。"),
    ]
    assert {u.evidence: u.copies for u in distinct(units)} == {
        "1": ("3",),
        "2": (),
        "4": (),
        "5": (),
    }


def test_sample_depends_on_seed_and_ids_only():
    units = [_unit(f"u{n}", f"話{n}") for n in range(300)]
    first = [unit.evidence for unit in draw(units, 50, 7)]
    shuffled = random.Random(1).sample(units, len(units))  # noqa: S311 - reproducible, not secret
    assert [unit.evidence for unit in draw(shuffled, 50, 7)] == first
    assert [unit.evidence for unit in draw(units, 80, 7)][:50] == first
    assert [unit.evidence for unit in draw(units, 50, 8)] != first
    assert len(draw(units, 900, 7)) == 300


def test_sample_is_not_biased_by_position():
    units = [_unit(f"u{n:04}", "話") for n in range(1000)]
    drawn = [sum(u.evidence < "u0500" for u in draw(units, 200, seed)) for seed in range(60)]
    assert 95 < sum(drawn) / len(drawn) < 105
