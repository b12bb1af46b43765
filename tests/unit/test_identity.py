import random
import re
import time
from datetime import UTC, datetime, timedelta, timezone
from statistics import median

import numpy as np
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from archive.model import DeletionKind, State
from pipelines.identity import (
    MINHASH_BANDS,
    FetchIds,
    article_sha256,
    comment_sha256,
    content_sha256,
    minhash,
    new_run_id,
)
from pipelines.shingles import least_by_bin, letters_of, shingle_hashes


def _chinese(length: int, seed: int) -> str:
    rng = random.Random(seed)  # noqa: S311 - invented text, no secret
    return "".join(chr(rng.randrange(0x4E00, 0x4E00 + 3000)) for _ in range(length))


def test_hash_is_pinned_because_it_is_part_of_the_format():
    expected = "9c8fa844fa4cf9340823c709f1d9e3884cf6ef3a47e6d5672f51f9d17817f840"
    assert article_sha256("昇騰", "第一段\n第二段", State.VISIBLE, None) == expected


def test_title_and_text_cannot_trade_places():
    one = article_sha256("甲乙", "丙", State.VISIBLE, None)
    assert one != article_sha256("甲", "乙丙", State.VISIBLE, None)


def test_none_is_not_the_empty_string():
    assert content_sha256(("a", None)) != content_sha256(("a", ""))


def test_composed_and_decomposed_are_the_same_content():
    assert comment_sha256("cafe\u0301", State.VISIBLE, None) == comment_sha256(
        "caf\u00e9", State.VISIBLE, None
    )


def test_locking_and_folding_are_no_change_of_content():
    hashes = {comment_sha256("同一句", s, None) for s in State if s is not State.DELETED}
    assert len(hashes) == 1


def test_deletion_and_who_deleted_are_a_change_of_content():
    hashes = {comment_sha256("", State.DELETED, k) for k in (None, *DeletionKind)}
    hashes.add(comment_sha256("", State.VISIBLE, None))
    assert len(hashes) == len(DeletionKind) + 2


def test_lone_surrogate_hashes():
    assert content_sha256(("\ud83d",)) != content_sha256(("",))


def test_run_ids_sort_by_start_whatever_the_zone():
    base = datetime(2026, 1, 31, 23, 59, 59, 999_000, UTC)
    zone = timezone(timedelta(hours=8))
    times = [base + timedelta(milliseconds=7 * i) for i in range(50)]
    ids = [new_run_id(t.astimezone(zone) if i % 2 else t) for i, t in enumerate(times)]
    assert ids == sorted(ids)
    assert re.fullmatch(r"20260131T235959999-[0-9a-f]{6}", ids[0])


def test_runs_of_the_same_instant_differ():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({new_run_id(now) for _ in range(100)}) > 95


def test_fetch_ids_sort_and_name_their_run():
    ids = FetchIds("R")
    made = [ids() for _ in range(1200)]
    assert made == sorted(set(made))
    assert made[0] == "R-000000001"


def test_minhash_of_a_short_text_is_empty():
    assert minhash(_chinese(49, 1)) == ()
    assert len(minhash(_chinese(50, 1))) == MINHASH_BANDS


def test_minhash_counts_letters_not_punctuation():
    assert minhash("，。 \n" * 100 + "字") == ()


def test_minhash_is_pinned_because_it_is_part_of_the_format():
    assert minhash(_chinese(300, 7))[0] == "3a9a0223843ab402"


def test_shingle_hashes_are_those_of_the_library():
    text = _chinese(3000, 5) + "\ud800ab\U0001f600" + _chinese(3007, 6)
    data = text.encode("utf-32-le", "surrogatepass")
    wanted = [xxhash.xxh3_64_intdigest(data[i : i + 16]) for i in range(0, len(data) - 15, 4)]
    codes = np.frombuffer(data, "<u4")
    assert shingle_hashes(codes).tolist() == wanted
    least, filled = least_by_bin(codes, 1024)
    assert least.tolist() == [
        min((h for h in wanted if h % 1024 == place), default=2**64 - 1) for place in range(1024)
    ]
    assert filled.tolist() == [any(h % 1024 == place for h in wanted) for place in range(1024)]


@given(st.text(max_size=40))
def test_letters_are_what_a_regex_finds(text):
    found = letters_of(text).tobytes().decode("utf-32-le", "surrogatepass")
    assert found == re.sub(r"[\W_]+", "", text)


def test_letters_behind_the_tables():
    assert len(letters_of("a\U000e0041b\U000f0000_\U00030000")) == 3


def test_minhash_ignores_spacing_and_punctuation():
    text = _chinese(400, 2)
    assert minhash(text) == minhash("，".join(text[i : i + 9] for i in range(0, 400, 9)) + "。\n")


def test_minhash_of_one_repeated_letter_ends():
    assert len(minhash("哈" * 80)) == MINHASH_BANDS


def test_near_copies_share_a_band_and_strangers_do_not():
    caught = false_alarms = 0
    for seed in range(100):
        text = _chinese(600, seed)
        cut = 20 * (seed % 5)
        copy = text[cut : cut + 300] + "某某網轉載" + text[cut + 300 : 590]
        caught += bool(set(minhash(text)) & set(minhash(copy)))
        false_alarms += bool(set(minhash(text)) & set(minhash(_chinese(600, seed + 1000))))
    assert caught >= 95
    assert false_alarms == 0


def test_minhash_takes_less_than_a_millisecond_for_2000_letters():
    text = _chinese(2000, 3)
    times = []
    for _ in range(60):
        start = time.process_time()
        minhash(text)
        times.append(time.process_time() - start)
    assert median(times) < 0.002, "twice the measured ceiling, for slow machines"
