"""Any damage to log, manifests and WARC tails: no traceback, and never wrong data unnoticed."""

import contextlib
import json
import shutil
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import swap
from archive.check import check
from archive.commit import commit
from archive.compact import compact
from archive.errors import CaptureError, ShengluError
from archive.log import Log, decode_entry
from archive.query import connect, run
from archive.root import Root
from archive.schema import empty_row
from archive.warc import Exchange
from archive.warc_read import iter_captures, read_capture
from archive.warc_write import WarcWriter

AT = datetime(2024, 1, 31, 8, 0, tzinfo=UTC)
DAMAGE = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
        st.tuples(st.just("flip"), st.floats(0, 1), st.binary(min_size=1, max_size=1)),
        st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=9)),
        st.tuples(st.just("zero"), st.floats(0, 1), st.just(b"\0" * 64)),
        st.tuples(st.just("digit"), st.floats(0, 1), st.sampled_from([b"0", b"9", b'"', b"-"])),
        st.tuples(st.just("all"), st.just(0.0), st.binary(max_size=40)),
    ),
    min_size=1,
    max_size=3,
)
SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _damaged(data, damage):
    for kind, where, extra in damage:
        at = int(where * len(data))
        match kind:
            case "cut":
                data = data[:at]
            case "flip" if data:
                at = min(at, len(data) - 1)
                data = data[:at] + bytes([data[at] ^ (extra[0] or 1)]) + data[at + 1 :]
            case "insert":
                data = data[:at] + extra + data[at:]
            case "zero":
                data = data[:at] + extra + data[at + 64 :]
            case "digit":
                data = data[:at] + extra + data[at + 1 :]
            case "all":
                data = extra
    return data


def _comment(number, thread="t1"):
    ids = {"source": "demo", "thread_id": thread, "comment_id": f"c{number}", "observed_at": AT}
    return empty_row("comments") | ids | {"version": 1, "text": f"第{number}樓", "fetch_id": "f"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Two commits, a compaction of them, and one commit more."""
    home = tmp_path_factory.mktemp("damage")
    root = Root.open(home / "sound", create=True)
    for number in (1, 2):
        commit(Log(root), f"b{number}", {"comments": [_comment(number)]})
    compact(root)
    commit(Log(root), "b3", {"comments": [_comment(3)]})
    assert check(root).ok
    return root


@pytest.fixture
def copy(sound):
    target = sound.path.with_name("copy")

    def made():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(sound.path, target)
        return Root(target)

    return made


def _ids(root):
    with connect(root) as connection:
        return sorted(run(connection, "SELECT comment_id FROM comment_history").fetchall())


@SLOW
@given(number=st.integers(1, 4), damage=DAMAGE)
def test_damaged_log_entry_is_refused_found_or_says_the_same(copy, number, damage):
    root = copy()
    path = root.log / f"{number:020d}.json"
    before = path.read_bytes()
    path.write_bytes(_damaged(before, damage))
    report = check(root)  # never raises
    try:
        found = _ids(root)
    except ShengluError:
        assert not report.ok
        return
    if found != [("c1",), ("c2",), ("c3",)]:
        assert not report.ok
    if report.ok:
        ours, theirs = (decode_entry(path, data) for data in (before, path.read_bytes()))
        assert (ours.add, ours.remove) == (theirs.add, theirs.remove) or number < 3


@settings(SLOW, max_examples=12)
@given(damage=DAMAGE, known=st.booleans())
def test_damaged_plan_of_a_replacement_changes_nothing(copy, damage, known):
    root = copy()
    folder = root.path / "retired" / "compact-x"
    folder.mkdir(parents=True)
    live = Log(root).snapshot().files
    plan = swap._Plan("b3" if known else "compact-x", "compact", (), tuple(f.path for f in live))
    data = _damaged(msgspec.json.encode(plan), damage)
    (folder / "plan.json").write_bytes(data)
    whole = _whole(data, plan)
    check(root)
    for act in (swap.recover, swap.pending, lambda log: swap.purge(log, -1)):
        with contextlib.suppress(ShengluError):
            act(Log(root))
    if not whole:
        for file in live:
            assert swap.located(root, file.path).exists()
        assert _ids(root) == [("c1",), ("c2",), ("c3",)]


def _whole(data, plan):
    """Whether the damage left a plan that may be carried out as it says."""
    try:
        read = msgspec.json.decode(data, type=swap._Plan)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return bool(set(read.remove) & set(plan.remove)) or bool(read.delete)


@SLOW
@given(damage=DAMAGE, name=st.sampled_from(["archive.json", "author_key"]))
def test_damaged_manifest_is_refused_or_says_the_same(copy, damage, name):
    root = copy()
    path = root.meta / name
    key, known = root.author_key(), json.loads(root._descriptor.read_bytes())["archive_id"]
    path.write_bytes(_damaged(path.read_bytes(), damage))
    try:
        opened = Root.open(root.path)
        read = opened.author_key()
        check(opened)
    except ShengluError:
        return
    assert len(read) == len(key)
    assert opened.archive_id == known or len(opened.archive_id) == len(known)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    root = Root.open(tmp_path_factory.mktemp("tails") / "a", create=True)
    with WarcWriter(root, "run1") as writer:
        pointers = [
            writer.write(
                Exchange(
                    url=f"https://forum.example/{number}",
                    status_line=b"HTTP/1.1 200 OK",
                    headers=((b"Content-Type", b"text/html"),),
                    body=f"第{number}頁".encode() * 40,
                    fetched_at=AT,
                    fetch_id=f"f{number}",
                )
            )
            for number in range(4)
        ]
    path = next(root.warc.rglob("*.warc.gz"))
    return root, path, path.read_bytes(), pointers


@SLOW
@given(damage=DAMAGE)
def test_damaged_warc_gives_true_captures_or_none(evidence, damage):
    root, path, data, pointers = evidence
    truth = {f"https://forum.example/{n}": f"第{n}頁".encode() * 40 for n in range(4)}
    bad = _damaged(data, damage)
    try:
        path.write_bytes(bad)
        told = []
        found = list(iter_captures(path, root, told.append))
        for pointer in pointers:
            with contextlib.suppress(CaptureError):
                found.append(read_capture(root, pointer))
    finally:
        path.write_bytes(data)
    for capture in found:
        assert truth[capture.url] == capture.body
    assert (
        told or bad == data or len({c.url for c in found}) == 4 or not bad or _at_a_seam(data, bad)
    )


def _at_a_seam(data, bad):
    """Cut between two records: nothing in the file can tell that more was there."""
    return data.startswith(bad)
