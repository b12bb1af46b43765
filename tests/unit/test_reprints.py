"""Reprints: found across scripts, edits and cuts; different texts are left apart."""

import random
import re
import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from archive_rows import article
from click.testing import CliRunner

from archive.commit import commit
from archive.root import Root
from crawlers.commands import reprints as reprints_command
from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.identity import minhash
from pipelines.reprints import Piece, clusters
from pipelines.search_key import search_key
from tests.replicas.content import sentences

START = datetime(2026, 1, 1, tzinfo=UTC)
LABELLED = Path(__file__).parent / "material" / "reprints.txt"
_BLOCK = re.compile(r"^\[([\w-]+)\] [^\n]*\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


def _piece(name, text, minutes=0, **more):
    key = search_key(text)
    at = START + timedelta(minutes=minutes)
    return Piece(name, key, minhash(key), at, "minute", **more)


def _pairs(found):
    return {
        frozenset(pair)
        for cluster in found
        for pair in combinations([link.id for link in cluster.links], 2)
    }


def _words():
    slices = {s[i : i + 2] for s in sentences() for i in range(0, len(s) - 1, 2)}
    return sorted(word for word in slices if word.isalpha() and not word.isascii())


def _text(dice, words, size):
    made = ""
    while len(made) < size:
        made += "".join(dice.choices(words, k=dice.randint(3, 9))) + dice.choice("，。")
    return made


def _edited(dice, words, text, share=0.05):
    letters = list(text)
    for at in dice.sample(range(len(letters)), max(1, int(len(letters) * share))):
        letters[at] = dice.choice(["", dice.choice(words)[0], letters[at] + dice.choice(words)[0]])
    return "".join(letters)


def _variants(dice, words, text):
    return {
        "hans": to_hans(text),
        "hant": to_hant(text).text,
        "edited": _edited(dice, words, text),
        "cut": text[: len(text) * 2 // 5],
        "tail": text[len(text) // 2 :],
        "all": _edited(dice, words, to_hans(text))[: len(text) * 3 // 5],
    }


@pytest.mark.parametrize("size", [150, 400, 1200])
def test_recall_on_scripts_edits_and_cuts_is_at_least_99_in_100(size):
    dice = random.Random(size)  # noqa: S311 - reproducible, not secret
    words = _words()
    pieces, wanted = [], {}
    for number in range(60):
        text = _text(dice, words, size)
        pieces.append(_piece(f"{number}", text))
        for name, variant in _variants(dice, words, text).items():
            pieces.append(_piece(f"{number}/{name}", variant, minutes=1))
            wanted[frozenset({f"{number}", f"{number}/{name}"})] = name
    found = _pairs(clusters(pieces))
    missed = [name for pair, name in wanted.items() if pair not in found]
    false = [pair for pair in found if len({name.split("/")[0] for name in pair}) > 1]
    sys.stdout.write(f"\n{size}: recall {1 - len(missed) / len(wanted):.4f}, false {len(false)}\n")
    assert len(missed) <= len(wanted) * 0.01, missed
    assert false == []


def _labelled():
    return [(m[1], m[2].strip()) for m in _BLOCK.finditer(LABELLED.read_text("utf-8"))]


def test_precision_on_texts_labelled_by_hand():
    rows = _labelled()
    assert len(rows) >= 22
    found = _pairs(clusters(_piece(str(n), text, minutes=n) for n, (_, text) in enumerate(rows)))
    labels = [label for label, _ in rows]
    wanted = {
        frozenset({str(a), str(b)})
        for a, b in combinations(range(len(rows)), 2)
        if labels[a] == labels[b] != "-"
    }
    assert found - wanted == set()
    assert wanted - found == set()


def test_chain_names_first_relation_and_the_member_it_is_most_like():
    dice = random.Random(5)  # noqa: S311 - reproducible, not secret
    words = _words()
    first = _text(dice, words, 400)
    second = _edited(dice, words, first)
    pieces = [
        _piece("c", second[:200], minutes=30),
        _piece("b", to_hans(second), minutes=20),
        _piece("a", first, minutes=10),
        _piece("d", first + _text(dice, words, 600), minutes=40),
    ]
    (cluster,) = clusters(pieces)
    assert [(x.id, x.relation, x.of) for x in cluster.links] == [
        ("a", "first", None),
        ("b", "copy", "a"),
        ("c", "excerpt", "b"),
        ("d", "extended", "a"),
    ]
    assert cluster.first_certain


@pytest.mark.parametrize(
    ("first", "second", "certain"),
    [
        ({"precision": "minute"}, {}, True),
        ({"precision": "hour"}, {}, False),
        ({}, {"published_at": None}, False),
        ({"published_at": None}, {}, False),
    ],
)
def test_first_is_certain_only_where_the_times_say_so(first, second, certain):
    text = _text(random.Random(6), _words(), 200)  # noqa: S311 - reproducible, not secret
    key = search_key(text)
    times = {"observed_at": START, "precision": "minute"}
    one = Piece("a", key, **{**times, "published_at": START, **first})
    late = START + timedelta(minutes=5)
    two = Piece("b", key, **{**times, "observed_at": late, "published_at": late, **second})
    (cluster,) = clusters([two, one])
    assert (cluster.first, cluster.first_certain) == ("a", certain)


def test_a_compilation_joins_nothing():
    dice, words = random.Random(8), _words()  # noqa: S311 - reproducible, not secret
    one, two = _text(dice, words, 200), _text(dice, words, 200)
    pieces = [_piece("1", one), _piece("2", two), _piece("3", one + two, minutes=9)]
    assert clusters(pieces) == []


def test_short_and_empty_texts_are_left_alone():
    assert clusters([_piece("a", "頂"), _piece("b", "頂"), _piece("c", ""), _piece("d", "")]) == []


def test_many_copies_of_one_text_are_one_cluster():
    text = _text(random.Random(9), _words(), 300)  # noqa: S311 - reproducible, not secret
    (cluster,) = clusters(_piece(f"{n:03}", text, minutes=n) for n in range(300))
    assert len(cluster.links) == 300
    assert {link.relation for link in cluster.links[1:]} == {"copy"}


def test_command_prints_the_chain(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    text = next(text for label, text in _labelled() if label == "kiln")
    rows = [
        article(n, text=made, search_key=search_key(made), published_at=START + timedelta(hours=n))
        for n, made in enumerate([text, to_hans(text), "另一篇" + text[:60], "不相干" * 30])
    ]
    commit(root, "b1", {"articles": rows})
    call = CliRunner().invoke
    out = call(reprints_command.command, ["--archive", str(root.path), "--csv"]).stdout
    lines = out.splitlines()
    assert lines[0].startswith("cluster,place,relation,evidence,time")
    assert [line.split(",")[:4] for line in lines[1:]] == [
        ["demo/a0", "1", "first", "demo/a0"],
        ["demo/a0", "2", "copy", "demo/a1"],
        ["demo/a0", "3", "excerpt", "demo/a2"],
    ]
    words = ["--archive", str(root.path), "--json", "--id", "demo/a3"]
    assert "no reprint" in call(reprints_command.command, words).stderr
    words = ["--archive", str(root.path), "--json", "--since", "2026-01-02"]
    assert "among 0 articles" in call(reprints_command.command, words).stderr
