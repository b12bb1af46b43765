"""Take-downs: gone from tables, evidence and state; kept from coming back; provable."""

import gzip
import json

import pytest
from click.testing import CliRunner
from saved_pages import URL, build

from archive import swap
from archive.check import check
from archive.errors import LockedError, UsageError
from archive.forget import forget
from archive.lock import Lock
from archive.log import Log
from archive.query import connect
from archive.release import release
from archive.removal import Suppressed, Target
from archive.root import Root
from crawlers.commands.forget import command

REMOVED = "這句話應該從檔案館裡完全消失"
ROWS = (
    (1, 3, ("好文", REMOVED), {}),
    (1, 4, ("好文", REMOVED, "晚來的"), {}),
    (2, 3, ("別的串裡的推文",), {}),
    (3, 4, ("第三串", "再一句"), {}),
)


@pytest.fixture
def archive(tmp_path):
    return build(tmp_path, ROWS)


def ask(archive, sql):
    with connect(Root.open(archive)) as connection:
        return connection.execute(sql).fetchall()


def run(archive, *words):
    done = CliRunner().invoke(
        command, [*words, "--archive", str(archive), "--json"], standalone_mode=False
    )
    if done.exception:
        raise done.exception
    return json.loads(done.output)


def everywhere(archive, text):
    """Files below the archive (releases apart) that hold a text, unzipped where they are WARC."""
    found = []
    for path in sorted(p for p in archive.rglob("*") if p.is_file() and "releases" not in p.parts):
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        if text.encode() in data:
            found.append(path.name)
    texts = ask(archive, "SELECT text FROM comment_history")
    return found + (["tables"] if any(text in row[0] for row in texts) else [])


def secret_id(archive):
    ((thread, comment, author),) = ask(
        archive,
        "SELECT thread_id, comment_id, author_hash FROM comments WHERE text LIKE '這句話%'",
    )
    return thread, comment, author


def test_a_comment_goes_from_tables_evidence_and_state(archive):
    root = Root.open(archive)
    release(root, "before")
    thread, comment, _ = secret_id(archive)
    assert everywhere(archive, REMOVED)
    done = run(archive, "--comment", f"ptt/{thread}/{comment}", "--reason", "asked for")
    assert done["rows"]["comments"] == 1
    assert done["records"] == 2
    assert done["releases"] == ["before"]
    assert done["left"] == []
    assert everywhere(archive, REMOVED) == []
    assert ask(archive, "SELECT count(*) FROM comments") == [(5,)]
    assert check(root).findings == []
    assert ask(archive, "SELECT source, kind, reason FROM removals") == [
        ("ptt", "comment", "asked for")
    ]
    kept = "SELECT count(*) FILTER (warc_filename IS NULL), count(*) FROM fetches"
    assert ask(archive, kept) == [(2, 4)]
    folder = release(root, "after")
    assert REMOVED.encode() not in b"".join(p.read_bytes() for p in folder.rglob("*.md"))
    with connect(root) as connection:
        parts = str(folder / "data" / "comments" / "*.parquet")
        left = connection.execute("SELECT text FROM read_parquet($1)", [parts]).fetchall()
    assert (REMOVED,) not in left


@pytest.mark.parametrize("kind", ["author", "name", "thread", "url", "site"])
def test_every_kind_of_removal(archive, kind):
    thread, _, author = secret_id(archive)
    words = {
        "author": ("--author", f"ptt/{author}"),
        "name": ("--author", "ptt/user1"),
        "thread": ("--thread", f"ptt/{thread}"),
        "url": ("--url", URL.format(n=1)),
        "site": ("--site", "ptt"),
    }[kind]
    done = run(archive, *words)
    assert done["left"] == []
    assert everywhere(archive, REMOVED) == []
    rest = {"author": 4, "name": 4, "thread": 3, "url": 3, "site": 0}[kind]
    assert ask(archive, "SELECT count(*) FROM comments") == [(rest,)]
    fetches = {"author": 4, "name": 4, "thread": 2, "url": 2, "site": 0}[kind]
    assert ask(archive, "SELECT count(*) FROM fetches") == [(fetches,)]
    assert check(Root.open(archive)).findings == []


def test_it_does_not_come_back_and_what_a_page_shows_again_goes_again(archive, tmp_path):
    thread, comment, _ = secret_id(archive)
    run(archive, "--comment", f"ptt/{thread}/{comment}")
    build(tmp_path, [(1, 6, ("好文", REMOVED, "晚來的", "新的一句"), {})], name="again")
    assert ask(archive, "SELECT count(*) FROM comments WHERE text LIKE '這句話%'") == [(0,)]
    assert ask(archive, "SELECT count(*) FROM comments WHERE text = '新的一句'") == [(1,)]
    findings = check(Root.open(archive)).findings
    assert [f.kind for f in findings] == ["removed_again"]
    assert run(archive, "--again")["records"] == 1
    assert everywhere(archive, REMOVED) == []
    assert check(Root.open(archive)).findings == []
    assert ask(archive, "SELECT count(*) FROM comments") == [(6,)]


def test_evidence_of_other_rows_can_still_be_read(archive):
    thread, comment, _ = secret_id(archive)
    before = ask(archive, "SELECT fetch_id, payload_sha256 FROM fetches ORDER BY 1")[2:]
    run(archive, "--comment", f"ptt/{thread}/{comment}")
    after = ask(archive, "SELECT fetch_id, payload_sha256 FROM fetches ORDER BY 1")[2:]
    assert after == before
    names = {row[0] for row in ask(archive, "SELECT DISTINCT warc_filename FROM fetches")} - {None}
    assert [name for name in names if name.endswith(".r1.warc.gz")]
    assert check(Root.open(archive)).captures == 2


@pytest.mark.parametrize("stage", ["write_tables", "clean_state", "_fill", "append", "purge"])
def test_cut_short_anywhere_it_can_be_repeated(archive, monkeypatch, stage):
    thread, comment, _ = secret_id(archive)
    target = Target("comment", ("ptt", thread, comment))
    root = Root.open(archive)

    def cut(*args, **more):
        raise KeyboardInterrupt

    def cut_forget(self, batch, add, remove=(), operation="append"):
        if operation == "forget":
            raise KeyboardInterrupt
        return append(self, batch, add, remove, operation)

    append, purge = Log.append, swap.purge
    with monkeypatch.context() as patch:
        if stage == "append":
            patch.setattr(Log, "append", cut_forget)
        elif stage == "purge":
            calls = []
            patch.setattr(
                swap,
                "purge",
                lambda log, **m: cut() if calls else calls.append(1) or purge(log, **m),
            )
        else:
            patch.setattr(
                "archive.swap._fill" if stage == "_fill" else f"archive.forget.{stage}", cut
            )
        with pytest.raises(KeyboardInterrupt):
            forget(root, [target], run_id="r1")
    forget(root, [target], run_id="r2")
    assert everywhere(archive, REMOVED) == []
    assert check(root).findings == []
    assert ask(archive, "SELECT count(*) FROM comments") == [(5,)]
    assert ask(archive, "SELECT count(*) FROM removals") == [(1,)]


def test_it_refuses_while_something_runs_and_what_names_nothing(archive):
    root = Root.open(archive)
    held = Lock(root.state / "locks", "ptt", "crawl ptt")
    with pytest.raises(LockedError, match="crawl ptt"):
        forget(root, [Target("site", ("ptt",))], run_id="r1")
    held.release()
    with pytest.raises(UsageError, match="SOURCE/THREAD/COMMENT"):
        Target.parse("comment", "ptt/x")
    with pytest.raises(UsageError, match="say what to remove"):
        run(archive)


def test_removal_keeps_no_content(archive):
    thread, comment, _ = secret_id(archive)
    run(archive, "--comment", f"ptt/{thread}/{comment}")
    shown = str(ask(archive, "SELECT * FROM removals"))
    assert thread not in shown
    assert comment not in shown


def test_suppression_knows_rows_and_engines():
    keep = Suppressed(
        [Target("site", ("discuz",)).key(b"k"), Target("url", ("u",)).key(b"k")], b"k"
    )
    assert keep.holds({"source": "discuz:a.example"})
    assert keep.holds({"source": "ptt", "url": "u"})
    assert not keep.holds({"source": "ptt", "url": "v"})
    assert not Suppressed((), b"k")


def test_caches_that_hold_texts_go_too(archive):
    root = Root.open(archive)
    thread, comment, _ = secret_id(archive)
    index = root.state / "search" / "index"
    index.mkdir(parents=True)
    for path in (index / "a.store", root.state / "frontier.db.old"):
        path.write_bytes(REMOVED.encode())
    assert run(archive, "--comment", f"ptt/{thread}/{comment}")["left"] == []
    assert everywhere(archive, REMOVED) == []
    assert not index.exists()
