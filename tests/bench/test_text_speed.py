"""The text columns against OpenCC's t2s, interleaved in one run on invented sentences."""

import random
import time
from concurrent.futures import ProcessPoolExecutor, wait
from statistics import median

import opencc
import pyarrow as pa
import pytest

from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.search_key import search_key
from pipelines.text import TextColumns, all_columns, columns_of, text_columns

PROSE = """
市政府昨天公布了新的交通方案，计划在三年内修建两条地铁线路，方便居民上下班。
有网友认为，这个方案虽然看起来很好，但是没有考虑到老城区的实际情况。
据记者了解，施工单位已经完成了第一阶段的勘测，预计明年春天正式开工。
我觉得楼上说得有道理，不过也要看具体的执行情况，不能一概而论。
这家公司去年的收入增长了百分之十二，利润却下降了不少，原因是原料价格上涨。
昨晚的比赛非常精彩，主队在最后时刻追平了比分，全场观众都站起来欢呼。
他在接受采访时表示，今后会把更多时间留给家人，也希望年轻人能够坚持自己的理想。
手机的电池用了两年就不行了，拿去维修要花不少钱，还不如换一部新的。
专家提醒大家，最近天气变化很快，出门要注意保暖，老人和孩子更要小心。
图书馆的开放时间从早上八点到晚上九点，周末照常开放，欢迎市民前来阅读。
研究人员发现，这种材料在高温下仍然能够保持稳定，有望用于新一代的设备。
说实话，我当时完全没有想到结果会是这样，现在回头看，很多细节其实早就有了迹象。
""".strip().splitlines()
ROUNDS = 9


def sentences():
    """Ordinary rows of one to three sentences, Simplified and Traditional by turns."""
    draw = random.Random(7)  # noqa: S311 - a fixed order, no secret
    rows = []
    for number in range(1500):
        row = "".join(draw.sample(PROSE, draw.randint(1, 3)))
        rows.append(to_hant(row).text if number % 2 else row)
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
    [(to_hans, 0.6), (search_key, 1.0), (text_columns, 0.3), (to_hant, 0.2), (all_columns, 0.25)],
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
    """Processor time of all columns of the rows."""
    start = time.process_time()
    for row in rows:
        all_columns(row)
    return time.process_time() - start


@pytest.mark.bench
def test_two_processes_share_the_work(rows, record_property):
    """Of processor time, since a neighbour on the second core would spoil the wall clock's."""
    rows = rows * 20
    costs, spans = [], []
    with ProcessPoolExecutor(1) as left, ProcessPoolExecutor(1) as right:
        pair = (left, right)
        wait([pool.submit(work, rows[:1500]) for pool in pair])
        for _ in range(5):
            start = time.perf_counter()
            alone = left.submit(work, rows).result()
            between = time.perf_counter()
            parts = [pool.submit(work, rows[part::2]) for part, pool in enumerate(pair)]
            costs.append(max(part.result() for part in parts) / alone)
            spans.append((time.perf_counter() - between) / (between - start))
    record_property("cost", round(median(costs), 3))
    record_property("wall", round(median(spans), 3))
    assert median(costs) < 0.65, (
        f"each of two processes takes {median(costs):.2f} of the time of one"
    )
