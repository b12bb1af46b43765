"""`doctor --rebuild`: nothing acknowledged is lost, and never under a run that goes on."""

from datetime import UTC, datetime

import pytest

from archive.errors import LockedError
from archive.ledger import Ledger
from archive.lock import Lock
from archive.log import Log
from archive.root import Root
from archive.session import STATE_FILE
from crawlers.doctor import rebuild

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
