"""A generated archive of comments for the search trials: `search_corpus.py N DIR`.

Words of two characters, drawn by Zipf's law from 4,000 characters, and in three comments of ten a
remark of the replicas (昇騰, GPGPU, masked names) beside them. The same N gives the same texts.
"""

import hashlib
import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from archive import files
from archive.commit import parquet_options
from archive.log import Log, LoggedFile
from archive.partition import Partition
from archive.root import Root
from archive.schema import table
from pipelines.search_key import search_key
from tests.replicas.content import Writer

__all__ = ["make_archive", "texts"]

_BATCH = 100_000
_START = datetime(2025, 1, 1, tzinfo=UTC)
_CHARACTERS, _WORDS, _REMARKS = 4000, 60_000, 20_000


def texts(count, seed=1):
    """That many comments, one after the other."""
    dice = np.random.default_rng(seed)
    han = [chr(code) for code in range(0x4E00, 0x9FA5)]
    dice.shuffle(han)
    pairs = dice.choice(_CHARACTERS, size=(_WORDS, 2), p=_zipf(_CHARACTERS, 0.9))
    words = [han[a] + han[b] for a, b in pairs]
    writer = Writer("bench")
    camps = ("praise", "doubt", "tech", "talk")
    remarks = [writer.remark(("tw", "cn")[i % 2], camps[i % 4]) for i in range(_REMARKS)]
    shares = _zipf(_WORDS, 0.95)
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        lengths = dice.integers(3, 25, size=size).tolist()
        drawn = iter(dice.choice(_WORDS, size=sum(lengths), p=shares).tolist())
        mixed = zip(dice.random(size) < 0.3, dice.integers(0, _REMARKS, size=size), strict=True)
        for number, (length, (beside, remark)) in enumerate(zip(lengths, mixed, strict=True)):
            text = "".join(words[next(drawn)] for _ in range(length))
            if beside:
                text = remarks[remark] + ("，" if number % 3 else "\n") + text
            elif number % 7 == 0:
                text = f"{text[:6]}，GPU {start + number}{text[6:]}"
            yield text


def _zipf(count, power):
    shares = 1 / np.arange(1, count + 1) ** power
    return shares / shares.sum()


def make_archive(path, count, seed=1):
    """An archive of so many comments in 100 a thread, committed 100,000 at a time."""
    root = Root.open(path, create=True)
    log = Log(root)
    made = texts(count, seed)
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        place = Partition.of("comments", _START, f"bench-{start:09d}")
        data = _table([next(made) for _ in range(size)], start)
        buffer = io.BytesIO()
        pq.write_table(data, buffer, **parquet_options("comments", data.schema))
        encoded = buffer.getvalue()
        files.write_atomic(root.path / place.path, encoded)
        digest = hashlib.sha256(encoded).hexdigest()
        log.append(
            place.batch, [LoggedFile(str(place.path), "comments", size, len(encoded), digest)]
        )
    return root


def _table(rows, start):
    numbers = range(start, start + len(rows))
    # A time that does not follow the order of arrival, as in a real crawl.
    times = [_START + timedelta(seconds=(number * 7919) % 30_000_000) for number in numbers]
    values = {
        "source": [f"site{(n // 100) % 7}" for n in numbers],
        "thread_id": [f"t{n // 100}" for n in numbers],
        "comment_id": [f"c{n}" for n in numbers],
        "url": [f"https://forum.example/t{n // 100}#c{n}" for n in numbers],
        "version": [1] * len(rows),
        "change": ["new"] * len(rows),
        "author_hash": [f"{(n * 31) % 50_000:016x}" for n in numbers],
        "text": rows,
        "search_key": [search_key(text) for text in rows],
        "script": ["mixed"] * len(rows),
        "published_at": times,
        "observed_at": [_START] * len(rows),
        "fetch_id": [f"bench-{n // 100}" for n in numbers],
    }
    schema = table("comments").schema
    columns = [
        pa.array(values[f.name], f.type) if f.name in values else pa.nulls(len(rows), f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


if __name__ == "__main__":
    make_archive(Path(sys.argv[2]), int(sys.argv[1]))
