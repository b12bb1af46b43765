"""What keeps a crawl small: no pandas, short tables, packed pairs, pages that free themselves."""

import gc
import subprocess
import sys
import weakref

import numpy as np

from crawlers.finding import Finder
from crawlers.flow import html
from pipelines.classes import fold, passes
from pipelines.mapping import CharacterMap, table
from pipelines.pairs import Pairs

CHILD = """
import os, sys
from crawlers.lean import go_lean
go_lean()
import pyarrow as pa
assert pa.array(["甲", None], pa.string()).to_pylist() == ["甲", None]
assert pa.default_memory_pool().backend_name == "system"
try:
    import pandas
except ModuleNotFoundError as error:
    assert error.name == "pandas"
else:
    sys.exit("pandas was imported")
"""


def test_a_lean_process_makes_arrays_without_pandas():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_characters_beyond_the_tables_stay():
    far = "\U000e0041\U0010ffff\U00100000"
    assert fold(f"A後{far}") == f"a后{far}"
    classes, plain, key, _ = passes(f"後{far}后")
    assert classes[1:4] == "..."
    assert (plain, key) == (f"后{far}后", f"后{far}后")
    assert CharacterMap({"a": "b"})("") == ""
    assert table({}).dtype == np.uint32


def test_pairs_are_found_and_others_are_not():
    pairs = Pairs({"甲乙": 3, "乙甲": 0, "\U00020000甲": 65_535})
    assert [pairs.get(p) for p in ("甲乙", "乙甲", "\U00020000甲")] == [3, 0, 65_535]
    assert [pairs.get(p) for p in ("", "甲", "甲乙丙", "丙丁", "\0\0", "\U0010ffff甲")] == [0] * 6
    assert len(pairs) == 3


def test_a_page_is_freed_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        finder = Finder(html("<div id=a class='b c'><p class=d>甲</p></div>"))
        assert [e.tag for e in finder.elements(".b .d")] == ["p"]
        parts = finder.parts(finder.css(".b"))
        assert [len(list(part.elements(".d"))) for part in parts.values()] == [1]
        gone = weakref.ref(finder)
        del finder, parts
        assert gone() is None
    finally:
        gc.enable()
