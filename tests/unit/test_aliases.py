"""Who is meant: names in either script, nicknames, masks, homophones, and what only looks so."""

import pytest

from archive.errors import UsageError
from pipelines.aliases import entities, load, shipped, shipped_table
from pipelines.search_key import search_key

CERTAIN = [
    ("昇騰晶片終於量產", "ascend", "昇騰", "name"),
    ("这批昇腾卡跑不动", "ascend", "昇腾", "name"),
    ("升腾芯片的驱动要重装", "ascend", "升腾", "homophone"),
    ("買了八張 Ascend 910B", "ascend", "Ascend", "translation"),
    ("ＡＳＣＥＮＤ的算力", "ascend", "ＡＳＣＥＮＤ", "translation"),
    ("華為開了發布會", "huawei", "華為", "name"),
    ("HUAWEI的手机", "huawei", "HUAWEI", "name"),
    ("菊花廠的人都知道", "huawei", "菊花廠", "nickname"),
    ("菊厂又加班", "huawei", "菊厂", "nickname"),
    ("华子的芯片遥遥领先", "huawei", "华子", "nickname"),
    ("华·为的事不好说", "huawei", "华·为", "masked"),
    ("华*为的事不好说", "huawei", "华*为", "masked"),
    ("华 * 为", "huawei", "华 * 为", "masked"),
    ("用 华 为 的手机", "huawei", "华 为", "masked"),
    ("盤*古 7B 練了十八天", "pangu", "盤*古", "masked"),
    ("盘×古抄没抄", "pangu", "盘×古", "masked"),
    ("盘＊古抄没抄", "pangu", "盘＊古", "masked"),
    ("盘古大模型开源了", "pangu", "盘古大模型", "name"),
    ("某乎上有人爆料", "zhihu", "某乎", "nickname"),
    ("知乎热榜第一", "zhihu", "知乎", "name"),
    ("英偉達的H20恢復銷售", "nvidia", "英偉達", "name"),
    ("輝達財報公布", "nvidia", "輝達", "name"),
    ("nvidia又涨了", "nvidia", "nvidia", "name"),
    ("老黃今晚睡不著，GPU要降價", "nvidia", "老黃", "nickname"),
    ("昇思框架的文檔", "mindspore", "昇思", "name"),
]
AMBIGUOUS = [
    ("一片歡樂升騰", "ascend"),
    ("來一根華子", "huawei"),
    ("老黃昨天來過", "nvidia"),
    ("寒武紀很長", "cambricon"),
    ("阿里很高興", "alibaba"),
]
NOBODY = [
    "熱氣升騰的火鍋",
    "热气升腾",
    "中華子弟多才俊",
    "中华子孙",
    "清华子弟学校",
    "把悲伤升华为艺术",
    "中华 为了未来",
    "精華為先",
    "盤古開天闢地",
    "像老黄牛一样干活",
    "ascending and descending",
    "棉花厂的工人",
    "提升思维能力",
    "上海思源路",
    "三百度的近视",
    "阿里山的茶",
    "今天天气很好",
    "",
]


@pytest.mark.parametrize(("text", "entity", "written", "kind"), CERTAIN)
def test_entity_is_meant_without_doubt(text, entity, written, kind):
    found = [m for m in shipped().find(text) if m.entity == entity]
    assert [(text[m.start : m.end], m.kind, m.ambiguous) for m in found] == [(written, kind, False)]


@pytest.mark.parametrize(("text", "entity"), AMBIGUOUS)
def test_form_with_other_meanings_is_ambiguous(text, entity):
    assert [(m.entity, m.ambiguous) for m in shipped().find(text)] == [(entity, True)]


@pytest.mark.parametrize("text", NOBODY)
def test_word_that_only_looks_like_a_name_is_no_mention(text):
    assert shipped().find(text) == []


def test_a_certain_name_settles_its_doubtful_forms():
    found = shipped().find("华为就是华为，华子也好")
    assert [m.ambiguous for m in found] == [False, False, False]


def test_space_inside_other_words_is_ambiguous():
    assert [m.ambiguous for m in shipped().find("以华 为首的几家")] == [True]


@pytest.mark.parametrize("word", ["昇騰", "昇腾", "升腾", "Ascend", "ascend", "ＡＳＣＥＮＤ"])
def test_every_form_names_its_entity(word):
    assert [entity.id for entity in shipped().named(word)] == ["ascend"]


def test_every_form_of_the_table_is_found_by_itself_or_is_ambiguous():
    for entity in shipped().entities:
        for form in entity.forms:
            text = form.written[0] if form.written else form.text
            found = {m.entity for m in shipped().find(f"说，{text}，啊")}
            assert entity.id in found, text


def test_needles_stand_in_every_text_that_the_matcher_finds():
    by_text = {(f.text, f.entity): f for e in shipped().entities for f in e.forms}
    for text, *_ in CERTAIN:
        key = search_key(text)
        for mention in shipped().find(text):
            assert all(n in key for n in by_text[mention.form, mention.entity].needles)


def test_entities_of_rows_are_certain_ids_once():
    rows = ["昇騰和昇腾和华为", None, "來一根華子", ""]
    assert entities(rows) == [["ascend", "huawei"], [], [], []]


def test_a_users_table_adds_forms_and_entities():
    mine = """
    [[entity]]
    id = "huawei"
    names = ["大花廠"]
    [[entity]]
    id = "foundry"
    names = ["某代工廠"]
    """
    found = load(shipped_table(), mine).find("大花厂找某代工厂，华为不说")
    assert [m.entity for m in found] == ["huawei", "foundry", "huawei"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[[entity]", "alias table:"),
        ("entity = 3", r"\[\[entity\]\]"),
        ('[[entity]]\nlabel = "x"', "needs an id"),
        ('[[entity]]\nid = "x"', "neither names nor forms"),
        ('[[entity]]\nid = "x"\nnames = "y"', "names of x lists strings"),
        ('[[entity]]\nid = "x"\nname = ["y"]', "unknown key 'name'"),
        ('[[entity]]\nid = "x"\n[[entity.form]]\nkind = "code"', "needs a text"),
        ('[[entity]]\nid = "x"\n[[entity.form]]\ntext = "y"\nkind = "odd"', "kind is one of"),
        ('[[entity]]\nid = "x"\n[[entity.form]]\ntext = "y"\nneed = []', "unknown key 'need'"),
    ],
)
def test_a_table_that_is_wrong_says_where(table, message):
    with pytest.raises(UsageError, match=message):
        load(table)
