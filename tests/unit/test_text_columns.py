"""Converters, columns and the batch form, case by case."""

import json

import pyarrow as pa
import pytest

from archive.errors import UsageError
from pipelines.characters import clean
from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.script import counts, script
from pipelines.search_key import locate, search_key
from pipelines.spans import Protection, read_protection
from pipelines.text import all_columns, columns_of, normaliser, text_columns

TEXTS = [
    "這裡的麵條很乾淨，後來才知道。",
    "这里的面条很干净，后来才知道。",
    "由于時間關系，以后再說",
    "図書館利用案内",
    "ひらがなのある文です。中文在这里。",
    "@后知后觉 看 https://a.example/后台 `后` #后tag",
    "",
    "abc 123",
    "昇騰與昇腾",
    "𠮷野家的𫇭",
]


def test_clean_strips_what_is_invisible_and_keeps_what_is_not():
    assert clean("发\u200b现\u202e问\u2060题\ufeff") == "发现问题"
    assert clean("a\r\nb\rc\u2028d\u0085e") == "a\nb\nc\nd\ne"
    assert clean("a\u00a0b\u2003c\u3000d") == "a b c\u3000d"
    assert clean("e\u0301") == "é"
    assert clean("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"
    assert clean("中\u200d文") == "中文"
    assert clean("\ue78d\ue81e\uf8ff") == "\ufe10\u9fb4\uf8ff"


@pytest.mark.parametrize("text", TEXTS)
def test_clean_is_idempotent(text):
    assert clean(clean(text)) == clean(text)


def test_brand_keeps_its_registered_character_in_both_scripts():
    assert to_hans("昇騰與昇腾") == "昇腾与昇腾"
    assert to_hant("昇腾芯片发布了").text.startswith("昇騰")


def test_handles_addresses_and_code_stay():
    text = "@後知後覺 說 https://a.example/後台 寄 後@a.example `後()` 後"
    assert to_hans(text) == "@後知後覺 说 https://a.example/後台 寄 后@a.example `後()` 后"


def test_japanese_is_never_converted():
    for text in ("気象庁の発表によると", "図書館利用案内", "東京都知事選挙結果"):
        assert to_hans(text) == text
        assert to_hant(text).text == text
    quoted = "他在新聞裡看到這樣一句話：「発売は明日です。」於是後天才來買，可是已經賣完了。"
    assert to_hans(quoted) == (
        "他在新闻里看到这样一句话：「発売は明日です。」于是后天才来买，可是已经卖完了。"
    )


def test_doubt_counts_uncertain_choices():
    assert to_hant("他在这里").doubt == 0
    assert to_hant("這裡的東西").doubt == 0
    assert to_hant("他家里长").doubt == 1


def test_genuine_traditional_is_returned_as_it_is():
    text = "皇后走在後面，於是里長乾脆只買了一隻雞。"
    assert to_hant(text) == (text, 0)


def test_user_names_are_protected_in_both_directions(tmp_path):
    file = tmp_path / "names.tsv"
    file.write_text("# mine\n于后里\n瀋騰\t沈腾\t演员\n", encoding="utf-8")
    protection = read_protection(file)
    assert protection.names == (("于后里", "于后里"), ("瀋騰", "沈腾"))
    assert to_hant("我叫于后里，后来", protection).text == "我叫于后里，後來"
    assert to_hans("瀋騰來了", protection) == "沈腾来了"
    assert to_hans("後來 于后里", Protection()) == "后来 于后里"


def test_a_bad_protection_file_says_what_is_wrong(tmp_path):
    file = tmp_path / "names.tsv"
    with pytest.raises(UsageError, match=r"names\.tsv"):
        read_protection(file)
    file.write_text("長\t长度\n", encoding="utf-8")
    with pytest.raises(UsageError, match="differ in length"):
        read_protection(file)


def test_search_key_is_one_for_scripts_widths_and_quotes():
    assert search_key("「後來」ＡＢＣ，１２") == search_key("“后来”abc,12")
    assert search_key("義大利") == search_key("意大利")
    assert search_key("計畫") == search_key("计划")


def test_locate_gives_the_span_of_the_hit():
    text = "他在「後來」才說"
    start = search_key(text).index(search_key("后来"))
    assert text[slice(*locate(text, start, start + 2))] == "後來"
    assert locate("葛\ufe00城", 0, 1) == (0, 2)
    assert locate("ab", -3, 9) == (0, 2)


def test_counts_tell_why():
    found = counts("這个図后ひ")
    assert (found.han, found.hans, found.hant, found.naive, found.kana, found.japanese) == (
        *(4, 1, 1, 1, 1, 1),
    )


def test_batch_is_the_same_as_row_by_row():
    rows = [*TEXTS, None, "于" * 600, "後" * 600]
    table = columns_of(pa.array(rows, pa.string()))
    assert table.column_names == ["script", "text_hans", "search_key"]
    expected = [None if row is None else text_columns(row) for row in rows]
    for made, wanted in zip(table.to_pylist(), expected, strict=True):
        assert tuple(made.values()) == (wanted or (None, None, None))


def test_batch_finds_no_word_across_two_rows():
    rows = ["在义大", "利是好", "义大利"]
    keys = columns_of(pa.array(rows)).column("search_key").to_pylist()
    assert keys == ["在义大", "利是好", "意大利"]


def test_batch_takes_chunked_and_empty_columns():
    assert columns_of(pa.array([], pa.string())).num_rows == 0
    assert columns_of(pa.chunked_array([["后"], ["後"]])).num_rows == 2


@pytest.mark.parametrize("text", TEXTS)
def test_all_columns_agree_with_the_single_steps(text):
    columns = all_columns(text)
    assert columns.script == script(text)
    assert columns.text_hans == to_hans(text)
    assert columns.text_hant == to_hant(text).text
    assert columns.search_key == search_key(text)


def test_normaliser_names_version_tables_and_opencc():
    version, digest, engine = normaliser().split("-")
    assert version.startswith("text")
    assert len(digest) == 12
    assert engine.startswith("opencc")
    assert json.dumps(normaliser())
