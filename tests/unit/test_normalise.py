import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from archive.model import (
    Article,
    Capture,
    Comment,
    DeletionKind,
    Kind,
    Link,
    Moment,
    PageClass,
    PageData,
    Precision,
    Problem,
    State,
    ThreadPage,
    WarcPointer,
)
from archive.schema import TABLES, conform
from pipelines.normalise import Context, Reading, fetch_row, normalise
from pipelines.privacy import author_hash
from pipelines.text import normaliser

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = bytes(range(32))
CAPTURE = Capture(
    "https://a.example/x?utm_source=q&id=3",
    "頁".encode(),
    NOW,
    headers=(("content-type", "text/html; charset=big5"),),
    fetch_id="R-000000001",
    pointer=WarcPointer("2026/05/01/R.warc.gz", 120, 77),
)
CONTEXT = Context("ptt", "R", KEY, parser="PttThread@1")
SHOWN = Moment(
    datetime(2026, 5, 1, 8, tzinfo=timezone(timedelta(hours=8))),
    "2026-05-01 08:00",
    Precision.MINUTE,
    "zone_assumed",
)
PARAGRAPH = "發布會上介紹了昇騰處理器的新架構,並說明了後續的計劃。"


def _records(*items, context=CONTEXT, **page):
    data = PageData(
        PageClass.THREAD,
        articles=tuple(i for i in items if isinstance(i, Article)),
        comments=tuple(i for i in items if isinstance(i, Comment)),
        **page,
    )
    return normalise(data, CAPTURE, context)


def _columns(table, *without):
    return {c.name for c in TABLES[table].columns} - set(without)


def test_every_row_has_every_column_and_fits_the_schema():
    records = _records(
        Article("a", "標題", PARAGRAPH, thread_id="t", published=SHOWN),
        Comment("t", "1", "好", published=SHOWN, floor=1, quoted_ids=("0",)),
        problems=(Problem("no time", "comment 2", "x"),),
    )
    tables = {
        "articles": (records.articles, ("version", "change")),
        "comments": (records.comments, ("version", "change")),
        "article_observations": (records.article_observations, ()),
        "comment_observations": (records.comment_observations, ()),
        "quarantine": (records.quarantine, ()),
    }
    for name, (rows, without) in tables.items():
        assert len(rows) == 1, name
        assert rows[0].keys() == _columns(name, *without), name
        assert conform(name, rows).num_rows == 1


def test_fetch_row_has_every_column_and_fits_the_schema():
    data = PageData(PageClass.THREAD, "title and pushes")
    row = fetch_row(
        CAPTURE, data, CONTEXT, reading=Reading("big5", "big5-uao", 2), robots="allow", attempt=3
    )
    assert row.keys() == _columns("fetches")
    assert conform("fetches", [row]).num_rows == 1
    assert row["canonical_url"] == "https://a.example/x?id=3"
    assert (row["warc_filename"], row["warc_record_offset"]) == ("2026/05/01/R.warc.gz", 120)
    assert (row["charset_used"], row["replacement_characters"]) == ("big5-uao", 2)
    assert (row["page_class"], row["attempt"], row["robots"]) == ("thread", 3, "allow")
    assert row["payload_bytes"] == 3


def test_fetch_row_of_a_failure():
    capture = Capture("https://a.example/", b"", NOW, status=0, error="no route to host")
    row = fetch_row(capture, None, CONTEXT)
    assert row.keys() == _columns("fetches")
    assert (row["status"], row["error"], row["page_class"]) == (0, "no route to host", None)
    assert row["warc_filename"] is None


def test_replay_of_the_same_capture_gives_the_same_rows():
    items = (Article("a", "標題", PARAGRAPH), Comment("t", "1", "好"))
    assert _records(*items) == _records(*items)


def test_derived_text_is_one_to_one():
    records = _records(Article("a", "昇騰發布", PARAGRAPH), Comment("t", "1", "說得對"))
    article, comment = records.articles[0], records.comments[0]
    assert len(article["title_hans"]) == len(article["title"])
    for row in (article, comment):
        assert len(row["text_hans"]) == len(row["text"]) == len(row["search_key"])
        assert row["normaliser"] == normaliser()
    assert comment["text"] == "說得對"
    assert comment["text_hans"] == "说得对"


def test_votes_do_not_change_the_content_hash_and_words_do():
    base = Comment("t", "1", "好", votes_up=1)
    rows = [
        _records(c).comments[0]["content_sha256"]
        for c in (base, replace(base, votes_up=9), replace(base, text="不好"))
    ]
    assert rows[0] == rows[1] != rows[2]


def test_two_sightings_in_different_runs_hash_alike():
    other = replace(CONTEXT, run_id="S", author_key=KEY[::-1], parser="PttThread@2")
    one, two = (_records(Comment("t", "1", "好"), context=c).comments[0] for c in (CONTEXT, other))
    assert one["content_sha256"] == two["content_sha256"]
    assert one["run_id"] != two["run_id"]


def test_names_are_left_out_unless_the_operator_keeps_them():
    comment = Comment("t", "1", "好", author="mei", author_id="u1", ip_region="203.0.113.77")
    row = _records(comment).comments[0]
    assert row["author_hash"] == author_hash(KEY, "ptt", "mei", "u1")
    assert (row["author_name"], row["ip_region"]) == (None, "203.0.113.*")
    assert "mei" not in json.dumps(row, default=str)
    kept = _records(comment, context=replace(CONTEXT, keep_names=True)).comments[0]
    assert (kept["author_name"], kept["ip_region"]) == ("mei", "203.0.113.*")
    assert kept["author_hash"] == row["author_hash"]


def test_no_row_carries_a_name_in_an_id_and_answers_still_point_home():
    page = (
        Comment("t", "0501.mei.1", "好", author="mei", floor=-1),
        Comment("t", "0501.lin.1", "是", author="lin", parent_id="0501.mei.1"),
    )
    for keep in (False, True):
        records = _records(*page, context=replace(CONTEXT, keep_names=keep))
        first, second = records.comments
        assert first["comment_id"] == f"0501.{first['author_hash'][:12]}.1"
        assert (second["parent_id"], second["depth"]) == (first["comment_id"], 1)
        assert records.comment_observations[0]["comment_id"] == first["comment_id"]
        assert "mei" not in json.dumps(records.quarantine, default=str)


def test_folded_twin_without_an_author_gets_the_same_id():
    page = (Comment("t", "0501.mei.1", "好", author="mei"), Comment("t", "0501.mei.1"))
    rows = _records(*page).comments
    assert len(rows) == 1
    assert "mei" not in rows[0]["comment_id"]


def test_opening_post_hides_its_author_and_news_names_its_writers():
    post = _records(Article("a", "標題", "文", kind=Kind.POST, authors=("mei",))).articles[0]
    news = _records(Article("a", "標題", "文", authors=("王小明",))).articles[0]
    assert (post["authors"], post["author_name"]) == ([], None)
    assert post["author_hash"] == author_hash(KEY, "ptt", "mei")
    assert news["authors"] == ["王小明"]


def test_same_person_hashes_alike_as_opener_and_as_commenter():
    records = _records(
        Article("a", "標題", "文", kind=Kind.POST, authors=("mei",)),
        Comment("t", "1", author="mei"),
    )
    assert records.articles[0]["author_hash"] == records.comments[0]["author_hash"]


def test_article_without_an_id_is_known_by_its_canonical_url():
    own = _records(Article("", "標題", url="https://a.example/1?utm_source=q")).articles[0]
    page = _records(Article("", "標題")).articles[0]
    assert own["article_id"] == "https://a.example/1"
    assert page["article_id"] == "https://a.example/x?id=3"
    assert json.loads(page["provenance"])["article_id"] == "url"


def test_footer_leaves_the_body_and_fills_only_empty_fields():
    text = f"{PARAGRAPH}\n{PARAGRAPH}\n責任編輯：李大華"
    row = _records(Article("a", "標題", text, editor="張三")).articles[0]
    assert row["editor"] == "張三"
    filled = _records(Article("a", "標題", text)).articles[0]
    assert filled["editor"] == "李大華"
    assert json.loads(filled["provenance"])["editor"] == "markup:footer"
    for each in (row, filled):
        assert each["text"] == f"{PARAGRAPH}\n{PARAGRAPH}"
        assert "李大華" in each["footer"]


def test_post_keeps_its_own_words():
    text = f"{PARAGRAPH}\n責任編輯：李大華"
    row = _records(Article("a", "標題", text, kind=Kind.POST)).articles[0]
    assert row["text"] == text
    assert (row["editor"], row["footer"]) == (None, None)


def test_deleted_article_keeps_its_title_and_no_text():
    row = _records(Article("a", "標題", "此文已被刪除", state=State.DELETED)).articles[0]
    assert (row["title"], row["text"], row["text_hans"]) == ("標題", "", "")
    assert (row["state"], row["deletion_kind"]) == ("deleted", "unknown")


def test_deletion_kind_is_null_when_nothing_was_deleted():
    comment = Comment("t", "1", "好", deletion_kind=DeletionKind.AUTHOR)
    assert _records(comment).comments[0]["deletion_kind"] is None


def test_absurd_values_cost_the_field_and_not_the_page():
    future = replace(SHOWN, at=NOW + timedelta(days=3))
    records = _records(
        Article("a", "標題", "文", published=future, modified=future),
        Comment("t", "1", "好", published=future, floor=2**40, votes_up=-5),
    )
    article, comment = records.articles[0], records.comments[0]
    assert (article["published_at"], article["modified_at"]) == (None, None)
    assert (comment["published_at"], comment["floor"]) == (None, None)
    assert comment["published_raw"] == "2026-05-01 08:00"
    assert records.comment_observations[0]["votes_up"] is None
    assert sorted(row["part"] for row in records.quarantine) == [
        "article a field:modified",
        "article a field:published",
        "comment 1 field:floor",
        "comment 1 field:published",
        "comment 1 field:votes_up",
    ]


def test_tree_uses_what_is_known_of_the_pages_thread_only():
    context = replace(CONTEXT, known_tree={"9": ("7", 1)})
    rows = _records(
        Comment("t", "1", parent_id="9"),
        Comment("u", "1", parent_id="9"),
        context=context,
        thread=ThreadPage("t"),
    ).comments
    assert [(r["root_id"], r["depth"]) for r in rows] == [("7", 2), ("9", None)]


def test_comment_that_answers_itself_is_reported_and_kept():
    records = _records(Comment("t", "1", "好", parent_id="1"))
    assert (records.comments[0]["parent_id"], records.comments[0]["depth"]) == (None, 0)
    assert records.quarantine[0]["part"] == "comment 1"


def test_excerpt_is_bounded():
    row = _records(problems=(Problem("broken", "json", "長" * 900),)).quarantine[0]
    assert len(row["excerpt"]) == 200
    assert row["url"] == CAPTURE.url


def test_broken_surrogates_are_stored_as_replacement_characters():
    records = _records(Comment("t", "1\ud83d", "好\ud83d", author="\udc00", url="u\ud83d"))
    assert conform("comments", records.comments).num_rows == 1
    assert records.comments[0]["text"] == "好\ufffd"


def test_thread_and_links_pass_through():
    thread, links = ThreadPage("t", 3), (Link("https://a.example/2", PageClass.THREAD),)
    records = _records(thread=thread, links=links)
    assert (records.thread, records.links) == (thread, links)


def test_near_copies_are_marked_across_scripts():
    long = "".join(f"第{i}段說明了處理器的設計與後續計劃。" for i in range(12))
    hans = "".join(f"第{i}段说明了处理器的设计与后续计划。" for i in range(12))
    one, two = (_records(Article("a", "標題", t)).articles[0]["minhash"] for t in (long, hans))
    assert len(one) == 16
    assert one == two


@pytest.mark.parametrize("text", ["", " \n ", "👍", "\u200b"])
def test_comment_without_letters_is_still_a_row(text):
    row = _records(Comment("t", "1", text)).comments[0]
    assert row["script"] == "none"


def test_a_comment_without_a_permalink_gets_its_articles():
    post = Article("A", title="題", text="文", url="https://a.example/t", thread_id="T")
    comments = (Comment("T", "1", "甲"), Comment("T", "2", "乙", url="https://a.example/t#2"))
    data = PageData(PageClass.THREAD, articles=(post,), comments=comments)
    rows = normalise(data, CAPTURE, CONTEXT).comments
    assert [row["url"] for row in rows] == ["https://a.example/t", "https://a.example/t#2"]
