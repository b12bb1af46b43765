"""Lines that are no text: what is not tried on a line must not be able to match it."""

import re

from crawlers.generic import noise
from crawlers.generic.noise import is_noise


def _begins(items):
    """The characters that a match of parsed items can begin with; raises for any character."""
    found = set()
    for operation, value in items:
        name, chars, empty = str(operation), set(), False
        if name == "LITERAL":
            chars = {chr(value)}
        elif name == "IN":
            ranges = [v for kind, v in value if str(kind) == "RANGE"]
            assert "CATEGORY_NOT" not in str(value)
            chars = {chr(v) for kind, v in value if str(kind) == "LITERAL"}
            chars |= {chr(c) for first, last in ranges for c in range(first, last + 1)}
        elif name in {"MAX_REPEAT", "MIN_REPEAT"}:
            chars, empty = _begins(value[2])
            empty = empty or value[0] == 0
        elif name == "SUBPATTERN":
            chars, empty = _begins(value[-1])
        elif name == "BRANCH":
            parts = [_begins(branch) for branch in value[1]]
            chars, empty = set().union(*(p[0] for p in parts)), any(p[1] for p in parts)
        else:
            assert name == "AT", name
            empty = True
        found |= chars
        if not empty:
            return found, False
    return found, True


def test_no_shape_begins_with_a_character_that_spares_it():
    for shape in (noise._CREDIT, noise._INVITE, noise._NOTICE):
        found, empty = _begins(re._parser.parse(shape.pattern))
        assert not empty
        assert {c for c in found if "\u3400" <= c <= "\u9fff"} <= noise._HEADS


def test_noise_and_prose():
    for line in (
        "责任编辑：林海",
        "【原标题：渡轮照常",
        "海港日报微信号",
        "渡轮照常开船 阅读(120)",
        "編輯：林海 王明",
        "▲ 相关阅读请关注渡轮",
    ):
        assert is_noise(line), line
    for line in (
        "港口的风从早上吹到晚上",
        "编辑部昨天说，渡轮照常开船，不必改签。",
        "陆續有旅客到場",
    ):
        assert not is_noise(line), line
