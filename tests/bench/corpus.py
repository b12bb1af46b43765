"""A corpus in the shape of a real one, made fast: comments, sightings and articles as Arrow tables.

Threads of log-normal size, authors by Zipf's law, one exchange for each hundred comments, two
comments of three with a parent, every column filled that a forum fills. Texts are drawn from
100,000 of `search_corpus`, cut to 20 characters on average (log-normal), run through the real text
pipeline, so their bytes are those of Chinese text and not of a repeated sentence. The same seed
gives the same rows. Nothing in it was written by a person.
"""

import hashlib
import io
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from search_corpus import texts

from archive import files
from archive.commit import parquet_options
from archive.log import LoggedFile
from archive.partition import Partition
from archive.schema import table
from pipelines.text import columns_of

__all__ = ["articles", "comments", "commit_table", "sightings"]

START = datetime(2025, 1, 1, tzinfo=UTC)
_MICROS = int(START.timestamp() * 1_000_000)
_RUN = "20250101T000000000-6303e0"
_MONTH = 28 * 24 * 3600 * 1_000_000
_WHOLE = 10_000_000
"""Comments of a whole month: row n is observed at its share of it."""


@cache
def _pool(count=100_000):
    lengths = np.random.default_rng(5).lognormal(3.0, 0.7, size=count).astype(int) + 1
    cut = [text[:n] for text, n in zip(texts(count), lengths.tolist(), strict=True)]
    made = pa.array(cut)
    derived = columns_of(made).combine_chunks()
    names = ("text_hans", "search_key", "script")
    return [made, *(derived[name].chunk(0) for name in names)]


@cache
def _people(count=60_000):
    return pa.array(
        [hashlib.blake2b(str(n).encode(), digest_size=16).hexdigest() for n in range(count)]
    )


def _digests(count, dice):
    """Random SHA-256 values in hexadecimal."""
    data = dice.bytes(32 * count).hex().encode()
    ends = np.arange(0, 64 * count + 1, 64, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(data)])


def _numbered(prefix, numbers, width=0):
    shown = pc.cast(pa.array(numbers), pa.string())
    return pc.binary_join_element_wise(
        prefix, pc.utf8_lpad(shown, width, "0") if width else shown, ""
    )


def _threads(size, dice):
    """Thread number and floor of each of so many comments in a row."""
    sizes = np.maximum(1, dice.lognormal(3.4, 1.2, size=size // 10 + 10)).astype(np.int64)
    ends = np.cumsum(sizes)
    while ends[-1] < size:
        sizes = np.concatenate([sizes, sizes])
        ends = np.cumsum(sizes)
    rows = np.arange(size)
    thread = np.searchsorted(ends, rows, side="right")
    return thread, rows - (ends[thread] - sizes[thread]) + 1


def _place(start, size, dice):
    thread, floor = _threads(size, dice)
    page = (start + np.arange(size)) // 100
    return (
        {
            "source": pa.array(["forum"] * size),
            "thread_id": _numbered(f"Board/M.{start // 1000}.", thread, 5),
            "comment_id": _numbered("1", start + np.arange(size), 9),
            "run_id": pa.array([_RUN] * size),
            "fetch_id": _numbered(f"{_RUN}-01-", page, 9),
            "observed_at": pa.array(
                _MICROS + page * 100 * _MONTH // _WHOLE, pa.timestamp("us", "UTC")
            ),
        },
        thread,
        floor,
    )


def comments(start, size, seed=7):
    """So many comments, numbered from `start`, in the order in which a crawl meets them."""
    dice = np.random.default_rng((seed, start))
    place, thread, floor = _place(start, size, dice)
    drawn = pa.array(dice.integers(0, 100_000, size=size))
    text, hans, key, script = (column.take(drawn) for column in _pool())
    who = pa.array((dice.zipf(1.3, size=size) - 1) % 60_000)
    back = dice.integers(1, 40, size=size)
    parent = np.where((floor > back) & (dice.random(size) < 0.66), back, 0)
    number = 1_000_000_000 + start + np.arange(size)
    parents = pa.array((number - parent).astype(str), mask=parent == 0)
    said = place["observed_at"].cast(pa.int64()).to_numpy() - 86_400_000_000 + floor * 37_000_000
    when = pa.array(said // 60_000_000 * 60_000_000, pa.timestamp("us", "UTC"))
    made = place | {
        "url": _numbered("https://forum.example/bbs/Board/M.", thread, 5),
        "version": pa.array(np.ones(size, np.int32)),
        "change": pa.array(["new"] * size),
        "content_sha256": _digests(size, dice),
        "parent_id": parents,
        "root_id": pc.coalesce(parents, place["comment_id"]),
        "depth": pa.array((parent > 0).astype(np.int32)),
        "floor": pa.array(floor.astype(np.int32)),
        "quoted_ids": pa.array([[]] * size, pa.list_(pa.field("item", pa.string()))),
        "reaction": pa.array(["推", "→", "噓"]).take(
            pa.array(dice.choice(3, size, p=(0.6, 0.3, 0.1)))
        ),
        "author_hash": _people().take(who),
        "ip_region": pa.array([f"192.0.{n % 256}.*" for n in range(4096)]).take(
            pa.array(who.to_numpy() % 4096)
        ),
        "text": text,
        "text_hans": hans,
        "search_key": key,
        "script": script,
        "published_at": when,
        "published_raw": pc.strftime(when, "%m/%d %H:%M"),
        "published_precision": pa.array(["minute"] * size),
        "published_method": pa.array(["year_inferred"] * size),
        "state": pa.array(["visible"] * size),
        "parser": pa.array(["forum.Thread@1"] * size),
        "normaliser": pa.array(["text1-87a695c89188-opencc1.4.2"] * size),
    }
    return _conform("comments", made, size)


def sightings(start, size, seed=7):
    """So many sightings of those comments a day later, with votes that moved."""
    dice = np.random.default_rng((seed, start, 1))
    place, _thread, _floor = _place(start, size, np.random.default_rng((seed, start)))
    votes = dice.geometric(0.3, size=size) - 1
    made = place | {
        "votes_up": pa.array(votes.astype(np.int64)),
        "votes_down": pa.array((votes // 3).astype(np.int64)),
        "state": pa.array(["visible"] * size),
    }
    return _conform("comment_observations", made, size)


def articles(start, size, seed=7):
    """So many articles of 500 characters on average."""
    dice = np.random.default_rng((seed, start, 2))
    pool = [column.to_pylist() for column in _pool()]
    rows = []
    for number in range(start, start + size):
        picked = dice.integers(0, 100_000, size=max(1, int(dice.lognormal(3.1, 0.5)))).tolist()
        digest = dice.bytes(32).hex()
        bands = dice.bytes(128).hex()
        rows.append(
            {
                "source": "forum",
                "article_id": f"Board/M.{number}",
                "thread_id": f"Board/M.{number}",
                "kind": "post",
                "url": f"https://forum.example/bbs/Board/M.{number}.html",
                "title": pool[0][picked[0]][:20],
                "title_hans": pool[1][picked[0]][:20],
                "version": 1,
                "change": "new",
                "content_sha256": digest,
                "text": "\n".join(pool[0][n] for n in picked),
                "text_hans": "\n".join(pool[1][n] for n in picked),
                "search_key": "\n".join(pool[2][n] for n in picked),
                "script": "hant",
                "section": "Board",
                "minhash": [bands[n : n + 16] for n in range(0, 256, 16)],
                "state": "visible",
                "provenance": '{"text": "css:#main-content", "title": "css:.article-metaline"}',
                "fetch_id": f"{_RUN}-01-{number:09d}",
                "run_id": _RUN,
                "observed_at": START,
            }
        )
    schema = table("articles").schema
    return pa.Table.from_pylist(rows, schema=schema)


def _conform(name, made, size):
    schema = table(name).schema
    columns = [
        made[f.name].cast(f.type) if f.name in made else pa.nulls(size, f.type) for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def commit_table(log, name, data, batch):
    """Commit an Arrow table as one file, in the form of every commit; returns its bytes."""
    made = table(name)
    data = data.sort_by([(key, "ascending") for key in made.sort])
    place = Partition.of(name, START, batch)
    buffer = io.BytesIO()
    pq.write_table(data, buffer, **parquet_options(name, data.schema))
    encoded = buffer.getvalue()
    files.write_atomic(log.root.path / place.path, encoded)
    digest = hashlib.sha256(encoded).hexdigest()
    log.append(batch, [LoggedFile(str(place.path), name, len(data), len(encoded), digest)])
    return len(encoded)
