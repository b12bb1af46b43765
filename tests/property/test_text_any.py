"""What the text room promises of any text and any bytes.

Without deadlines: the first text of a process waits for the tables, and speed is measured in
`tests/bench`.
"""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.characters import clean
from pipelines.charset import decode
from pipelines.hans import to_hans
from pipelines.hant import to_hant
from pipelines.markup import split_body
from pipelines.script import script
from pipelines.search_key import locate, search_key
from pipelines.tables import path
from pipelines.text import all_columns

TABLES = json.loads(path("characters.json").read_text(encoding="utf-8"))
HAN = sorted(set(TABLES["frequency"][:6000]) - set(TABLES["classes"]["J"]))
AMBIGUOUS = "于於后後干幹乾里裡只隻面麵发發髮系係繫制製著着了瞭复復準准钟鐘鍾余餘，。「」@/#` \n"
CHINESE = st.text(st.one_of(st.sampled_from(HAN), st.sampled_from(AMBIGUOUS)), max_size=40)
ANY = st.text(st.characters(), max_size=60)
ANYTHING = st.one_of(ANY, CHINESE, st.builds(lambda a, b: a + b * 40, ANY, CHINESE))
SCRIPTS = {"hans", "hant", "hant_naive", "mixed", "shared", "ja", "none"}


@settings(deadline=None)
@given(ANYTHING)
def test_columns_of_any_text_are_as_long_as_the_text(text):
    columns = all_columns(text)
    assert columns.script in SCRIPTS
    assert len(columns.text_hans) == len(columns.text_hant) == len(columns.search_key) == len(text)
    assert 0 <= columns.hant_doubt <= len(text)


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=30))
def test_lone_surrogates_do_no_harm(text):
    assert len(to_hans(text)) == len(search_key(text)) == len(to_hant(text).text) == len(text)
    script(text)
    split_body(text)


@settings(deadline=None)
@given(ANYTHING)
def test_every_step_is_idempotent(text):
    assert clean(clean(text)) == clean(text)
    assert search_key(search_key(text)) == search_key(text)


@settings(max_examples=400, deadline=None)
@given(CHINESE)
@example("仑@个")
def test_conversions_of_chinese_are_idempotent_and_meet(text):
    hans, hant = to_hans(text), to_hant(text).text
    assert to_hans(hans) == hans
    assert to_hans(hant) == hans
    assert search_key(hans) == search_key(hant) == search_key(text)


@settings(deadline=None)
@given(ANYTHING, st.integers(), st.integers())
def test_a_hit_lies_inside_the_text(text, start, end):
    first, last = locate(text, start, end)
    assert first >= 0
    assert last <= len(text)


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_decode(body, content_type):
    found = decode(body, content_type)
    assert found.replacements == found.text.count("\ufffd")


@settings(deadline=None)
@given(CHINESE.filter(lambda text: len(text) >= 8), st.sampled_from(["gb18030", "utf-8"]))
def test_what_was_encoded_and_declared_is_read_back(text, codec):
    assert decode(text.encode(codec), f"text/html; charset={codec}").text == text


@settings(deadline=None)
@given(st.lists(st.one_of(CHINESE, st.just("![](http://a.example/1.png)"), st.just("作者：甲"))))
def test_splitting_a_body_loses_no_line(lines):
    source = "\n".join(lines)
    body = split_body(source)
    parts = "".join((body.text, body.footer, *(f"![]({url})" for url in body.images)))
    for char in set(source) - set("\n"):
        assert parts.count(char) == source.count(char)
