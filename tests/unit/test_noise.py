"""Lines that are no text: what is not tried on a line must not be able to match it."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pattern_heads import begins

from crawlers.generic import noise
from crawlers.generic.noise import cut_tail, is_noise, prose


def test_no_shape_begins_with_a_character_that_spares_it():
    for shape in (noise._CREDIT, noise._INVITE, noise._NOTICE):
        found, empty = begins(re._parser.parse(shape.pattern))
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


_PIECES = st.sampled_from(
    (
        *(
            "渡轮",
            "照常开船",
            "。",
            "，",
            "林海",
            "王明",
            "责任编辑",
            "记者",
            "：",
            " ",
            "/",
            "(",
            "120",
            ")",
        ),
        *(
            "阅读",
            "评论",
            "公众号",
            "微博",
            "未经授权",
            "不得转载",
            "风险自担",
            "本文",
            "仅供参考",
            "查看更多",
        ),
        *(
            "展开全文",
            "[责编：王明]",
            "编",
            "客户端",
            "关注",
            "海港日报",
            "ICP",
            "分享到",
            "photo",
            "3月5日",
        ),
    )
)
_LINES = st.lists(st.lists(_PIECES, min_size=1, max_size=7).map("".join).filter(str.strip))


@given(_LINES)
def test_what_is_looked_for_once_changes_no_line(lines):
    cut = map(cut_tail, lines)
    assert prose(lines) == [line for line in cut if line and not is_noise(line)]


def test_a_line_that_is_a_tail_from_its_first_letter_is_gone():
    assert cut_tail("责任编辑：一二三四五六七八九十") == ""
    assert prose(["甲乙丙丁。", "责任编辑：一二三四五六七八九十"]) == ["甲乙丙丁。"]
