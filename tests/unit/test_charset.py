"""Which charset bytes are really in."""

import pytest

from pipelines.charset import declared_charsets, decode

HANS = "这是一个关于编码的测试，我们的网页有很多汉字。"
HANT = "這是一個關於編碼的測試，我們的網頁有很多漢字。"
HONG_KONG = "佢哋嘅嘢喺邊度，冇人知道咁樣係點解。"


def page(text, meta=""):
    tag = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{tag}<title>{text}</title></head><body><p>{text * 5}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        (HANS, "utf-8", "utf-8"),
        (HANT, "utf-8", "utf-8"),
        (HANS, "gbk", "gb18030"),
        (HANS, "gb18030", "gb18030"),
        (HANT, "big5", "big5-hkscs"),
        (HONG_KONG, "big5hkscs", "big5-hkscs"),
    ],
)
@pytest.mark.parametrize("meta", ["", "gb2312", "big5", "utf-8", "iso-8859-1"])
def test_the_bytes_win_over_what_the_page_says(text, codec, charset, meta):
    source = page(text, meta)
    found = decode(source.encode(codec), "text/html; charset=iso-8859-1")
    assert (found.text, found.charset, found.replacements) == (source, charset, 0)


def test_a_bom_is_a_proof():
    for codec, charset in (("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le")):
        found = decode(HANS.encode(codec), "text/html; charset=big5")
        assert (found.text, found.charset, found.method) == (HANS, charset, "bom")


def test_utf16_without_a_bom_shows_by_its_zero_bytes():
    source = "<html><body>ascii only, mostly, 中文</body></html>"
    assert decode(source.encode("utf-16-be")).text == source


def test_ptt_uses_a_block_of_its_own():
    cells = {"简": b"\x8a\xe9", "说": b"\x87\x53", "个": b"\x83\xaa", "没": b"\x95\xca"}
    body = "我".encode("big5") + b"".join(cells.values())
    found = decode(body + HANT.encode("big5"), "text/html; charset=big5")
    assert found.text == "我简说个没" + HANT
    assert found.charset == "big5-uao"


def test_a_truncated_tail_is_counted_not_hidden():
    found = decode(HANS.encode()[:-1])
    assert found.charset == "utf-8"
    assert (found.text[-1], found.replacements) == ("\ufffd", 1)


def test_much_ascii_before_the_first_han_character_does_not_hide_it():
    source = "<script>" + "var a = 1;" * 8000 + "</script>" + HANS
    assert decode(source.encode("gbk")).text == source


def test_a_lone_euro_sign_of_code_page_936():
    body = HANS.encode("gbk") + b"\x80100"
    assert decode(body).text == HANS + "€100"


def test_private_use_leftovers_become_standard_characters():
    assert decode(HANS.encode("gbk") + b"\xa6\xd9", "text/html; charset=gbk").text[-1] == "\ufe10"


def test_declarations_are_normalised_and_unknown_ones_left_out():
    body = b'<?xml version="1.0" encoding="GB2312"?><meta charset=x-unknown>'
    assert declared_charsets(body, "text/html; charset=BIG5") == ["big5-hkscs", "gb18030"]
    assert declared_charsets(b"", "text/html; charset=rot13") == []


def test_nothing_and_ascii():
    assert decode(b"").text == ""
    found = decode(b"abc", "text/html; charset=gbk")
    assert (found.text, found.declared, found.method) == ("abc", "gb18030", "ascii")
