"""Images, footers and bylines leave the body and are not lost."""

import re

import pytest
from pattern_heads import begins

from pipelines import markup
from pipelines.markup import split_body

BODY = "第一段說的是昨天的比賽。\n![](https://a.example/1.jpg)\n第二段有盤*古和某乎。"


def test_images_leave_the_body_and_their_urls_stay():
    body = split_body(BODY + "\n![]()")
    assert body.text == "第一段說的是昨天的比賽。\n第二段有盤*古和某乎。"
    assert body.images == ("https://a.example/1.jpg",)


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("作者:林小明", "authors", ("林小明",)),
        ("作者：林小明、陳大文", "authors", ("林小明", "陳大文")),
        ("文／王小美", "authors", ("王小美",)),
        ("責任編輯：李四", "editor", "李四"),
        ("（责任编辑：李四）", "editor", "李四"),
        ("來源：某某日報", "medium", "某某日報"),
        ("本文來源于某某網", "medium", "某某網"),
        ("转载自某某周刊", "reprint_source", "某某周刊"),
    ],
)
def test_a_byline_becomes_its_field(line, field, value):
    body = split_body(f"{BODY}\n{line}")
    assert getattr(body, field) == value
    assert body.footer == line
    assert "第二段" in body.text
    assert line not in body.text


@pytest.mark.parametrize(
    "line",
    [
        "特別聲明:以上內容為用戶上傳并發布,本平臺僅提供信息存儲服務。",
        "Notice: The content above is uploaded by a user.",
        "返回搜狐，查看更多",
        "免责声明：本文仅代表作者个人观点",
        "版权归原作者所有，未经授权不得转载",
    ],
)
def test_a_notice_goes_to_the_footer(line):
    body = split_body(f"{BODY}\n{line}")
    assert body.footer == line
    assert body.text.endswith("某乎。")


def test_a_source_inside_a_notice_is_the_reprint_source():
    body = split_body(f"{BODY}\n聲明:本文來源于網絡,僅代表作者個人觀點")
    assert body.reprint_source == "網絡"


def test_a_sentence_that_only_begins_like_a_byline_stays():
    text = "作者：" + "這句話很長" * 20
    assert split_body(f"{BODY}\n{text}").text.endswith(text)


def test_text_without_markup_is_returned_as_it_is():
    assert split_body("只有一段。\n兩行。").text == "只有一段。\n兩行。"


def test_nothing_is_lost():
    source = f"{BODY}\n作者:甲\n責任編輯：乙\n特別聲明：丙"
    body = split_body(source)
    kept = set(body.text.split("\n")) | set(body.footer.split("\n"))
    kept |= {f"![]({url})" for url in body.images}
    assert kept == set(source.split("\n"))


def test_no_line_of_a_footer_begins_with_a_character_that_spares_it():
    for shape in (markup._NOTICE, *(pattern for _, pattern in markup._KINDS)):
        found, empty = begins(re._parser.parse(shape.pattern))
        assert not empty
        opening = {c for c in found if markup._OPEN_RUN.match(c).end()}
        assert {c.lower() for c in found - opening} <= {c.lower() for c in markup._HEADS}
