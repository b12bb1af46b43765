"""The text columns against OpenCC's t2s, interleaved in one run on invented sentences."""

import json
import random
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

import opencc
import pyarrow as pa
import pytest

from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.search_key import search_key
from pipelines.text import TextColumns, all_columns, columns_of, text_columns

GOLD = Path(__file__).parent.parent / "unit" / "gold" / "to_hant.jsonl"
ROUNDS = 9


def sentences():
    """Simplified and Traditional rows, half and half, each of two to four gold sentences."""
    cases = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    draw = random.Random(7)  # noqa: S311 - a fixed order, no secret
    rows = []
    for number in range(1500):
        some = draw.sample(cases, draw.randint(2, 4))
        rows.append("，".join(c["hant"][0] if number % 2 else c["input"] for c in some) + "。")
    return rows


def ratio(subject, yardstick):
    """Median over interleaved rounds of the yardstick's time to the subject's."""
    subject()
    yardstick()
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        yardstick()
        between = time.process_time()
        subject()
        found.append((between - start) / (time.process_time() - between))
    return median(found)


@pytest.fixture(scope="module")
def rows():
    return sentences()


@pytest.fixture(scope="module")
def t2s(rows):
    convert = opencc.OpenCC("t2s").convert
    return lambda: [convert(row) for row in rows]


@pytest.mark.bench
@pytest.mark.parametrize(
    ("step", "floor"),
    [(to_hans, 0.6), (search_key, 1.0), (text_columns, 0.18), (to_hant, 0.1), (all_columns, 0.09)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_step_keeps_its_share_of_the_speed_of_opencc(rows, t2s, step, floor, record_property):
    found = ratio(lambda: [step(row) for row in rows], t2s)
    record_property("ratio", round(found, 3))
    assert found >= floor, f"{step.__name__}: {found:.2f}x OpenCC t2s, floor {floor}"


@pytest.mark.bench
def test_a_column_at_once_is_faster_than_a_call_a_row(rows):
    column = pa.array(rows)

    def by_row():
        made = [text_columns(row) for row in column.to_pylist()]
        names = TextColumns._fields
        return pa.table({n: [values[i] for values in made] for i, n in enumerate(names)})

    found = ratio(lambda: columns_of(column), by_row)
    assert found >= 1.3, f"batch {found:.2f}x a call a row"


def work(rows):
    for row in rows:
        all_columns(row)
    return len(rows)


@pytest.mark.bench
def test_two_processes_share_the_work(rows):
    halves = [rows[::2] * 4, rows[1::2] * 4]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(work, [rows[:10], rows[:10]]))
        start = time.perf_counter()
        assert sum(pool.map(work, halves)) == len(rows) * 4
        together = time.perf_counter() - start
        start = time.perf_counter()
        sum(pool.submit(work, half).result() for half in halves)
        apart = time.perf_counter() - start
    assert together < 1.25 * apart
