"""What goes into the archive comes out of it: rows, places, captures."""

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.coding import decode_body
from archive.commit import commit
from archive.errors import SchemaError
from archive.log import Log
from archive.partition import Partition, month_of
from archive.root import Root
from archive.schema import TABLES, conform, empty_row
from archive.warc import Exchange
from archive.warc_read import read_capture
from archive.warc_write import WarcWriter

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(
    min_value=datetime(1980, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - as above
    timezones=ZONES,
)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True)


def _values(kind):
    if pa.types.is_timestamp(kind):
        return TIMES
    if pa.types.is_list(kind):
        return st.lists(TEXT, max_size=3)
    if pa.types.is_boolean(kind):
        return st.booleans()
    if pa.types.is_integer(kind):
        edge = 2 ** (kind.bit_width - 1)
        return st.integers(-edge, edge - 1)
    return TEXT


def _rows(name):
    made = TABLES[name]
    columns = {c.name: st.none() | _values(c.type) for c in made.columns}
    columns[made.observed] = TIMES
    return st.fixed_dictionaries({}, optional=columns).flatmap(
        lambda row: TIMES.map(lambda time: {made.observed: time, **row})
    )


def _in_utc(row, name):
    full = empty_row(name) | row
    return {k: v.astimezone(UTC) if isinstance(v, datetime) else v for k, v in full.items()}


def _plain(row, name):
    return str([str(value) for value in _in_utc(row, name).values()])


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(TABLES)))
def test_conformed_rows_are_the_rows(data, name):
    rows = data.draw(st.lists(_rows(name), max_size=4))
    table = conform(name, rows)
    assert table.schema.equals(TABLES[name].schema)
    assert table.to_pylist() == [_in_utc(row, name) for row in rows]


@settings(max_examples=25, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(TABLES)), batch=NAMES)
def test_committed_rows_are_the_rows_each_in_its_month(tmp_path_factory, data, name, batch):
    root = Root.open(tmp_path_factory.mktemp("archive") / "a", create=True)
    rows = data.draw(st.lists(_rows(name), min_size=1, max_size=6))
    commit(root, batch, {name: rows})
    found = []
    for file in Log(root).snapshot().files:
        part = pq.read_table(root.path / file.path, partitioning=None).to_pylist()
        place = Partition.parse(file.path)
        assert {month_of(row[TABLES[name].observed]) for row in part} == {place.month}
        found += part
    assert sorted(_plain(row, name) for row in found) == sorted(_plain(row, name) for row in rows)


@given(st.sampled_from(sorted(TABLES)), TIMES, NAMES)
def test_path_and_place_are_one_to_one(table, time, batch):
    place = Partition.of(table, time, batch)
    assert Partition.parse(place.path) == place
    assert Partition.parse(str(place.path)) == place
    assert place.month == f"{time.astimezone(UTC):%Y-%m}"


@given(st.text(max_size=60))
def test_any_path_is_parsed_or_refused(path):
    try:
        place = Partition.parse(path)
    except SchemaError:
        return
    assert str(place.path) == path


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "?"]))
def test_no_body_makes_the_decoder_raise(body, coding):
    out, _ = decode_body(body, coding, "chunked", limit=10_000)
    assert isinstance(out, bytes)


TOKEN = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,15}", fullmatch=True).filter(
    lambda name: name.lower() not in {b"transfer-encoding", b"content-encoding"}
)
VALUE = st.binary(max_size=30).filter(
    lambda v: (
        v.decode("latin-1").strip() == v.decode("latin-1")
        and len(v.decode("latin-1").splitlines()) <= 1
    )
)
EXCHANGES = st.builds(
    Exchange,
    url=st.from_regex(r"https?://[a-z]{1,8}\.example/[!-\"$-~]{0,20}", fullmatch=True),
    status_line=st.integers(100, 599).map(lambda code: b"HTTP/1.1 %d OK" % code),
    headers=st.lists(st.tuples(TOKEN, VALUE), max_size=5).map(tuple),
    body=st.binary(max_size=500),
    fetched_at=TIMES,
    fetch_id=st.uuids().map(str) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
)


@settings(max_examples=50, deadline=None)
@given(exchanges=st.lists(EXCHANGES, min_size=1, max_size=5))
def test_capture_is_the_exchange(tmp_path_factory, exchanges):
    root = Root.open(tmp_path_factory.mktemp("archive") / "a", create=True)
    with WarcWriter(root, "run1", max_bytes=2000) as writer:
        pointers = [writer.write(exchange) for exchange in exchanges]
    for exchange, pointer in zip(exchanges, pointers, strict=True):
        capture = read_capture(root, pointer)
        assert capture.url == exchange.url
        assert capture.body == exchange.body
        assert capture.status == int(exchange.status_line.split()[1])
        assert capture.fetched_at == exchange.fetched_at
        assert capture.fetch_id == exchange.fetch_id
        assert capture.headers == tuple(
            (name.decode(), value.decode("latin-1")) for name, value in exchange.headers
        )
