"""`doctor --rebuild`: nothing acknowledged is lost, and never under a run that goes on."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.errors import LockedError
from archive.ledger import Ledger
from archive.lock import Lock
from archive.log import Log
from archive.root import Root
from archive.session import STATE_FILE
from crawlers.doctor import rebuild

CHECKOUT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
RUN = {"run_id": "r1", "source": "ptt", "command": "crawl ptt", "version": "0", "summary": "{}"}
RUN |= {"started_at": NOW, "observed_at": NOW, "outcome": "finished"}


@pytest.fixture
def root(tmp_path):
    """An archive whose state file holds an acknowledged row that no file holds yet."""
    root = Root.open(tmp_path / "a", create=True)
    ledger = Ledger(root.state / STATE_FILE)
    with ledger.transaction():
        ledger.outbox.put({"runs": [RUN]})
    ledger.close()
    return root


def test_rows_that_wait_are_committed_first(root):
    rebuild(root.path)
    assert Log(root).snapshot().rows("runs") == 1
    rebuild(root.path)
    assert Log(root).snapshot().rows("runs") == 1


def test_a_damaged_file_is_told_and_kept_aside(root, caplog):
    state = root.state / STATE_FILE
    state.write_bytes(b"no database" * 99)
    for rest in root.state.glob("*-wal"):
        rest.unlink()
    rebuild(root.path)
    assert "--from-warc" in caplog.text
    assert state.with_name(f"{STATE_FILE}.old").read_bytes().startswith(b"no database")
    Ledger(state).close()


def test_it_is_refused_beside_a_run(root):
    before = (root.state / STATE_FILE).read_bytes()
    lock = Lock(root.state / "locks", "ptt", "crawl ptt")
    with pytest.raises(LockedError, match="crawl ptt"):
        rebuild(root.path)
    assert (root.state / STATE_FILE).read_bytes() == before
    lock.release()
    rebuild(root.path)


KILLED = """
import os, signal, sys
from archive import rebuild
from archive.query import connect
if sys.argv[2] == "after the first items":
    rebuild._rows = lambda *_: iter([[]]) if not calls.append(1) and len(calls) < 2 else die()
    calls = []
else:
    rebuild.files.sync_folder = lambda _: die()
def die():
    os.kill(os.getpid(), signal.SIGKILL)
from crawlers.doctor import rebuild as again
from pathlib import Path
again(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", ["after the first items", "before the end"])
@pytest.mark.parametrize("there", [True, False])
def test_killed_on_the_way_it_leaves_no_half_of_what_is_known(root, moment, there):
    """Half of it would make the next run take the other half for new."""
    state = root.state / STATE_FILE
    rebuild(root.path)
    before = state.read_bytes()
    if not there:
        state.unlink()
    words = [sys.executable, "-c", KILLED, str(root.path), moment]
    assert subprocess.run(words, cwd=CHECKOUT, check=False).returncode == -signal.SIGKILL
    if moment == "before the end":
        assert state.exists()
    elif there:
        assert state.read_bytes() == before
    else:
        assert not state.exists(), "the next run makes it"
    rebuild(root.path)
    assert state.exists()
