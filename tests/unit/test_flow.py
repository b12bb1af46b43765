"""Text as a reader sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.flow import html, opening_text, squash, text_of, text_of_html
from crawlers.people import masked, names


def text(body, drop="", **kind):
    return text_of(html(f"<div id=t>{body}</div>").css("#t")[0], drop, **kind)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<p>一</p><p>二</p>", "一\n二"),
        ("一<br>二<br/><br/>三", "一\n二\n三"),
        ("<p>一 <b>二</b>\n 三</p>", "一 二 三"),
        ("<table><tr><td>甲</td></tr><tr><td>乙</td></tr></table>", "甲\n乙"),
        ("<p>一</p><script>var a</script><style>p{}</style><!-- x -->二", "一\n二"),
        ("昇\u200b騰\ufeff", "昇騰"),
        ('笑<img alt="[笑哭]">了<img alt="一張圖">', "笑[笑哭]了"),
        ('<a class="__cf_email__" data-cfemail="543514367a37">[email&#160;protected]</a>', "a@b.c"),
        ("", ""),
        ("plain", "plain"),
    ],
)
def test_paragraphs_are_lines(body, shown):
    assert text(body) == shown


def test_parts_are_left_out_with_all_that_is_in_them_but_not_what_follows():
    assert (
        text("<p>一<span class=ad>買<b>買</b></span>尾</p><p class=ad>x</p>二", ".ad") == "一尾\n二"
    )


def test_preformatted_text_keeps_its_lines():
    assert text("一\n\n  二<span>三\n</span>四", pre=True) == "一\n\n  二三\n四"


def test_the_tail_of_a_node_is_not_its_text():
    assert text_of(html("<p id=t>一</p>尾").css("#t")[0]) == "一"


def test_the_opening_stops_early():
    body = "<body>" + "<p>十個字的一段話在這裡</p>" * 1000 + "</body>"
    assert 40 <= len(opening_text(html(body).css("body")[0], 40)) < 80


@pytest.mark.parametrize(
    ("fragment", "shown"),
    [("一<br />\n二", "一\n二"), ("a &lt; b", "a < b"), ("一\r\n\r\n二", "一\n二"), ("", "")],
)
def test_fragments(fragment, shown):
    assert text_of_html(fragment) == shown


@given(st.text(max_size=200))
def test_any_text_parses(raw):
    page = html(raw)
    assert isinstance(text_of(page), str)
    assert "\n" not in squash(raw)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("作者：张三、李四", ("张三", "李四")),
        ("記者王小明／台北報導", ("王小明",)),
        ("澎湃新闻记者 张某", ("张某",)),
        ("文/图 王五", ("王五",)),
        ("John le Carré", ("John le Carré",)),
        ("admin", ()),
        ("记者 甲乙 通讯员 丙丁", ("甲乙", "丙丁")),
        ("", ()),
    ],
)
def test_names_are_split_where_the_page_separates_them(raw, found):
    assert names(raw) == found


@pytest.mark.parametrize(
    ("shown", "kept"),
    [("203.0.113.7", "203.0.113.*"), ("臺灣", "臺灣"), ("1.2.*.*", "1.2.*.*"), ("", None)],
)
def test_addresses_lose_their_last_number(shown, kept):
    assert masked(shown) == kept
