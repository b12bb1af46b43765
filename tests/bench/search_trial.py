"""Search beside DuckDB's LIKE and SQLite's trigram FTS5: `search_trial.py ARCHIVE WORK [ROUNDS]`.

ARCHIVE is one of `tests.bench.search_corpus`. All three get the folded texts and the folded query,
and are asked for the newest 20. Truth is a substring test of every text by Python. Recall is of
all hits, over the words (no limit); a false hit makes the trial fail.
"""

import json
import sqlite3
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from archive.query import connect
from archive.root import Root
from archive.search import Search, search
from archive.search_index import build
from archive.search_read import Reader
from pipelines.search_key import search_key
from pipelines.search_words import fold, query

__all__ = ["QUERIES", "Engine", "engines", "measure", "sets_of", "truth"]

QUERIES = (
    *("昇騰", "GPGPU", "昇騰 GPGPU", "华为", "驅動 工具鏈", "客戶跑不動", "GPU 123", "遷移"),
    *("騰", "菊花廠", "CANN", "算力 訓練", "支持", "生態 驅動", "沒有這句話的人", "跑"),
)
"""One character to seven, of few and of very many texts, one word and two."""

_LIMIT = 20


@dataclass(frozen=True)
class Engine:
    """A way to search: the newest 20 of a query, and the ids of all its hits."""

    newest: object
    every: object


def _words(text):
    return [search_key(word) for word in text.split()]


def engines(root, work):
    """Builds what is not built yet; returns the engines by name, and seconds spent building."""
    took = {}
    start = time.perf_counter()
    build(root, fold(), lambda *_: None)
    took["shenglu"] = time.perf_counter() - start
    duck = connect(root, memory_limit="6GB")
    start = time.perf_counter()
    fts = _fts(duck, work / "fts.db")
    took["fts5"] = time.perf_counter() - start
    return {"shenglu": _ours(root), "duckdb": _like(duck), "fts5": fts}, took


def _ours(root):
    def newest(text):
        return [hit.row["evidence"] for hit in search(root, Search(query(text)), fold()).hits]

    def every(text):
        reader = Reader.open(root, fold())
        wanted = Search(query(text), limit=None)
        words = _words(text)
        rows = reader.candidates(wanted)
        return {r["evidence"] for r in rows if all(w in search_key(r["text"]) for w in words)}

    return Engine(newest, every)


def _like(duck):
    def ask(text, tail):
        words = _words(text)
        tests = " AND ".join("contains(search_key, ?)" for _ in words)
        named = "source || '/' || thread_id || '/' || comment_id"
        sql = f"SELECT {named} FROM comment_history WHERE {tests}"  # noqa: S608 - our words
        return [row[0] for row in duck.execute(sql + tail, words).fetchall()]

    return Engine(
        lambda text: ask(text, f" ORDER BY published_at DESC LIMIT {_LIMIT}"),
        lambda text: set(ask(text, "")),
    )


def _fts(duck, path):
    there = path.exists()
    base = sqlite3.connect(path)
    if not there:
        base.execute("PRAGMA journal_mode = OFF")
        base.execute("PRAGMA synchronous = OFF")
        base.execute("CREATE TABLE piece (id INTEGER PRIMARY KEY, evidence TEXT, at INTEGER)")
        base.execute("CREATE VIRTUAL TABLE words USING fts5(key, tokenize = 'trigram')")
        rows = duck.cursor().execute(
            "SELECT source || '/' || thread_id || '/' || comment_id, epoch_us(published_at), "
            "search_key FROM comments ORDER BY published_at"
        )
        number = 0
        while page := rows.fetchmany(50_000):
            numbered = list(enumerate(page, number))
            base.executemany(
                "INSERT INTO piece VALUES (?, ?, ?)", [(n, r[0], r[1]) for n, r in numbered]
            )
            base.executemany(
                "INSERT INTO words(rowid, key) VALUES (?, ?)", [(n, r[2]) for n, r in numbered]
            )
            number += len(page)
        base.commit()

    def ask(text, tail):
        # Words of under three characters are no trigrams; FTS5 gives nothing for them.
        match = " AND ".join('"' + word.replace('"', '""') + '"' for word in _words(text))
        sql = f"SELECT evidence FROM words JOIN piece ON id = words.rowid WHERE words MATCH ?{tail}"  # noqa: S608 - our words
        return [row[0] for row in base.execute(sql, [match]).fetchall()]

    return Engine(
        lambda text: ask(text, f" ORDER BY words.rowid DESC LIMIT {_LIMIT}"),
        lambda text: set(ask(text, "")),
    )


def truth(root):
    """The ids of all pieces that hold every word of a query, from a walk in Python."""
    asked = {text: _words(text) for text in QUERIES}
    found = {text: set() for text in QUERIES}
    with connect(root) as connection:
        rows = connection.execute(
            "SELECT source || '/' || thread_id || '/' || comment_id, text FROM comments"
        )
        while page := rows.fetchmany(50_000):
            for name, text in page:
                key = search_key(text)
                for asking, words in asked.items():
                    if all(word in key for word in words):
                        found[asking].add(name)
    return found


def sets_of(made, true):
    """Recall of each engine over all hits of all queries, and how many it has too many."""
    told = {}
    for name, engine in made.items():
        right = wrong = 0
        for text, wanted in true.items():
            got = engine.every(text)
            right += len(got & wanted)
            wrong += len(got - wanted)
        told[name] = (right / sum(map(len, true.values())), wrong)
    return told


def measure(made, rounds):
    """Milliseconds of each question of each engine, interleaved, after one round to warm up."""
    times = {name: [] for name in made}
    for number in range(rounds + 1):
        for text in QUERIES:
            for name, engine in made.items():
                start = time.perf_counter()
                engine.newest(text)
                if number:
                    times[name].append((1000 * (time.perf_counter() - start), text))
    return times


def _summary(times):
    plain = sorted(took for took, _ in times)
    slowest = max(times)
    return {
        "p50": round(statistics.median(plain), 1),
        "p95": round(plain[int(len(plain) * 0.95)], 1),
        "slowest": [round(slowest[0], 1), slowest[1]],
    }


def main(archive, work, rounds="5"):
    """The whole trial, printed as JSON."""
    root = Root.open(archive)
    made, took = engines(root, Path(work))
    times = measure(made, int(rounds))
    told = {"build_s": {name: round(value, 1) for name, value in took.items()}}
    told |= {"ms": {name: _summary(one) for name, one in times.items()}}
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    told = sets_of(made, truth(root))
    sys.stdout.write(json.dumps({"recall, false": told}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
