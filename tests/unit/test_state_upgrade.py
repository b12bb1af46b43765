"""The state file: what its rows hold comes back whole, and an older file is brought up to date."""

import sqlite3
from datetime import UTC, datetime

import msgspec
import pytest

from archive.ledger import Ledger
from archive.model import Link, PageClass, WarcPointer
from archive.packing import (
    DDL,
    Names,
    Validators,
    pack_link,
    pack_validators,
    unpack_link,
    unpack_validators,
)
from archive.queue import Offer, Run, page_key

NOW = datetime(2026, 11, 22, 8, 0, 0, 123_456, tzinfo=UTC)
LINK = Link(
    *("https://a.example/t?id=1", PageClass.THREAD, "1", "7 replies", NOW, 3, "POST", "page=2"),
    headers=(("X-A", "b"),),
    meta={"board": "鱼", "n": 2},
)
HELD = Validators(
    'W/"5f1e"',
    "Mon, 05 Jan 2026 08:00:00 GMT",
    "ab" * 32,
    NOW,
    WarcPointer("2026/01/05/a.warc.gz", 123_456_789_012, 4_321, "revisit"),
)
OLD = """
CREATE TABLE pages(
  key BLOB PRIMARY KEY, scope TEXT NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL,
  ord INTEGER NOT NULL, run TEXT NOT NULL, source TEXT NOT NULL, link BLOB NOT NULL,
  listed TEXT, hint TEXT, attempts INTEGER NOT NULL DEFAULT 0, due REAL,
  validators BLOB, owner TEXT) WITHOUT ROWID;
CREATE INDEX pages_ready ON pages(scope, priority DESC, ord) WHERE state = 0;
CREATE INDEX pages_open ON pages(scope, state) WHERE state <> 2;
"""


@pytest.mark.parametrize("link", [LINK, Link("https://a.example/", PageClass.LIST)])
def test_a_link_comes_back(link):
    assert unpack_link(pack_link(link)) == link


@pytest.mark.parametrize(
    "held",
    [
        HELD,
        Validators(),
        Validators(last_modified="yesterday", payload_sha256="AB"),
        Validators(last_modified="Monday, 05-Jan-26 08:00:00 GMT"),
        Validators(last_modified="Mon, 05 Jan 0026 99:00:00 GMT", payload_sha256="no digest"),
        Validators(etag="é", pointer=WarcPointer("b.warc.gz", 0, 1)),
    ],
)
def test_validators_come_back(held):
    db = sqlite3.connect(":memory:")
    db.executescript(DDL)
    packed = pack_validators(held, Names(db))
    assert unpack_validators(packed, Names(db)) == held


def test_a_number_of_a_transaction_undone_is_not_trusted(tmp_path):
    ledger = Ledger(tmp_path / "state.db")

    def undone():
        with ledger.transaction():
            ledger.names.number("lost")
            raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        undone()
    with ledger.transaction():
        number = ledger.names.number("kept")
        assert ledger.names.number("lost") != number
        assert ledger.names.name(number) == "kept"
    ledger.close()


def test_an_older_state_file_keeps_its_queue_and_what_it_knew(tmp_path):
    path = tmp_path / "state.db"
    old = sqlite3.connect(path)
    old.executescript(OLD)
    pack = msgspec.msgpack.encode
    offer = Offer(LINK, "ptt", LINK.url)
    row = (page_key("ptt", offer), "ptt", 0, 20, 1_795_000_000_000_000_000, "run-1", "ptt")
    more = (pack(LINK), "run-1", "7 replies", 1, NOW.timestamp(), pack(HELD), None)
    old.execute("INSERT INTO pages VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", (*row, *more))
    old.commit()
    old.close()
    for _ in range(2):  # the second time there is nothing to do
        ledger = Ledger(path)
        (lease,) = ledger.apply(Run("run-2", "ptt"), [], lease=9)
        assert (lease.source, lease.link, lease.attempt) == ("ptt", LINK, 2)
        assert lease.validators == HELD
        with ledger.transaction():
            ledger.queue.give_back([lease.key])
        ledger.close()
