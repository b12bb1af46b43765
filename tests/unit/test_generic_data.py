"""Metadata, JSON, threads and feeds, each by itself."""

from datetime import UTC, datetime

import pytest

from archive.model import PageClass
from crawlers.generic.feed import is_feed, read_feed
from crawlers.generic.metadata import mend_json, read_metadata
from crawlers.generic.payload import mine_json, mine_links, mine_opening
from crawlers.generic.threads import mine_thread
from crawlers.parse import parse_html

NOW = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, // why\n "b": "http://x"}',
        '{"a": 1, "b": "http://x",}',
        '<!-- {"a": 1, "b": "http://x"} -->',
        '{"a": 1, /* x */ "b": "http://x"};',
    ],
)
def test_broken_json_is_mended(text):
    assert mend_json(text) == {"a": 1, "b": "http://x"}


def test_raw_newlines_in_json_are_borne():
    assert mend_json('{"a": "x\ny"}') == {"a": "x\ny"}
    assert mend_json("{broken") is None


def _linked(data):
    return parse_html(f'<script type="application/ld+json">{data}</script>')


def test_json_ld_of_other_things_is_left_out():
    meta = read_metadata(
        _linked('[{"@type": "BreadcrumbList"}, {"@type": "NewsArticle", "headline": "x"}]')
    )
    assert [item["headline"] for item in meta.data] == ["x"]
    assert meta.is_story()


def test_a_post_is_no_story():
    assert not read_metadata(
        _linked('{"@type": "DiscussionForumPosting", "headline": "x"}')
    ).is_story()


def test_remarks_nested_in_json():
    payload = {
        "data": {
            "list": [
                {
                    "cid": 1,
                    "text": "甲说",
                    "user": {"name": "甲"},
                    "time": 1714988107,
                    "replies": [
                        {
                            "cid": 2,
                            "text": "乙说",
                            "user": {"name": "乙"},
                            "time": 1714988108,
                            "parent_id": 1,
                        }
                    ],
                }
            ]
        }
    }
    found = mine_json(payload, "", NOW)
    assert [(c.comment_id, c.author, c.text, c.parent_id) for c in found] == [
        ("1", "甲", "甲说", None),
        ("2", "乙", "乙说", "1"),
    ]


def test_markup_in_json_becomes_text():
    payload = [
        {
            "id": 1,
            "content": "一<br>二<blockquote>别人的话</blockquote>",
            "author": "甲",
            "date": "2024-05-01 10:00",
        }
    ]
    assert mine_json(payload, "", NOW)[0].text == "一\n二"


def test_json_without_remarks():
    assert (
        mine_json(
            {"code": 0, "data": {"list": [{"title": "x", "url": "https://a.example/1"}]}}, "", NOW
        )
        == ()
    )
    assert [link.url for link in mine_links([{"title": "x", "url": "https://a.example/1"}])] == [
        "https://a.example/1"
    ]


def test_the_first_floor_is_the_opening_post():
    payload = {
        "title": "求推荐",
        "items": [
            {
                "id": 1,
                "msg_num": 1,
                "msg": "求推荐收音机",
                "user": {"nickname": "甲"},
                "reply_time": 1714988107,
            },
            {
                "id": 2,
                "msg_num": 2,
                "msg": "看二手的",
                "user": {"nickname": "乙"},
                "reply_time": 1714988108,
            },
        ],
    }
    opening = mine_opening(payload, "", NOW)
    assert (opening.title, opening.text, opening.authors) == ("求推荐", "求推荐收音机", ("甲",))
    assert [c.floor for c in mine_json(payload, "", NOW)] == [2]


def test_ids_are_stable_where_the_page_has_none():
    page = "".join(
        f'<div class="comment"><b class="author">{n}</b> <i>2024-05-01 10:0{i}</i>'
        f'<p class="text">{t}</p></div>'
        for i, (n, t) in enumerate([("甲", "说得好。"), ("乙", "不敢苟同。"), ("丙", "路过。")])
    )
    first = mine_thread(parse_html(page), "", NOW)
    again = mine_thread(parse_html("<h1>新的一行</h1>" + page), "", NOW)
    assert [c.comment_id for c in first] == [c.comment_id for c in again]
    assert len({c.comment_id for c in first}) == 3


def test_a_list_of_stories_is_no_thread():
    page = "".join(
        f'<li class="item"><a href="/{i}">第{i}条新闻的标题写在这里，够长</a>'
        f"<span>2024-05-01 10:0{i}</span></li>"
        for i in range(9)
    )
    assert mine_thread(parse_html(f"<ul>{page}</ul>"), "", NOW) == ()


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<item><title>甲</title><link>https://a.example/1</link>
<pubDate>Mon, 13 May 2024 01:16:04 GMT</pubDate>
<content:encoded><![CDATA[<p>全文第一段。</p><p>全文第二段。</p>]]></content:encoded></item>
<item><title>乙</title><link>https://a.example/2</link><description>只有摘要</description></item></channel></rss>"""


def test_rss():
    articles, links = read_feed(RSS, NOW)
    assert [(a.title, a.text) for a in articles] == [("甲", "全文第一段。\n全文第二段。")]
    assert articles[0].published.at == datetime(2024, 5, 13, 1, 16, 4, tzinfo=UTC)
    assert [link.url for link in links] == ["https://a.example/1", "https://a.example/2"]


def test_sitemaps():
    index = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>'
    assert is_feed(index)
    assert read_feed(index, NOW)[1][0].kind is PageClass.FEED
    pages = (
        "<urlset><url><loc>https://a.example/1</loc><lastmod>2024-05-01</lastmod></url></urlset>"
    )
    assert read_feed(pages, NOW)[1][0].kind is PageClass.ARTICLE


@pytest.mark.parametrize("text", ["<html><body>rss</body></html>", "<p>feed</p>", "", "{}"])
def test_what_is_no_feed(text):
    assert not is_feed(text)


def test_a_broken_feed_gives_what_can_be_read():
    articles, links = read_feed(RSS[:-60], NOW)
    assert len(articles) == 1
    assert links


def test_answers_in_a_list_of_a_remark_have_it_as_their_parent():
    answer = {"cid": "7", "user": {"uname": "南枝"}, "msg": "同意。", "ctime": 1719700000}
    remark = {"cid": "5", "user": {"uname": "石榴"}, "msg": "不错。", "ctime": 1719600000}
    payload = {"data": {"list": [{**remark, "likeNum": 8, "subList": [answer]}]}}
    found = {c.comment_id: c for c in mine_json(payload, "https://a.example/", NOW)}
    assert found["7"].parent_id == "5"
    assert (found["5"].author, found["5"].votes_up, found["5"].parent_id) == ("石榴", 8, None)


def test_an_article_in_a_state_is_no_remark():
    story = {
        "id": 1,
        "name": "标题",
        "author": "石榴",
        "content": "正文。",
        "pubTime": "2024-05-01",
    }
    assert mine_json({"props": {"detail": {"story": story}}}, "https://a.example/", NOW) == ()


def test_an_answer_may_carry_the_chain_above_it():
    first = {"comment_id": "31", "uname": "石榴", "comment_contents": "不错。", "uptimes": "17"}
    second = {"comment_id": "32", "uname": "南枝", "comment_contents": "同意。", "parent": [first]}
    found = mine_json({"comments": [first, second]}, "https://a.example/", NOW)
    assert [(c.comment_id, c.parent_id) for c in found] == [("31", None), ("32", "31")]


def test_answers_may_lie_in_the_nodes_of_a_graph():
    def node(ident, name, text, *answers):
        fields = {"id": ident, "content": text, "createdAt": "2023-04-05T06:07:08Z"}
        inner = {"author": {"displayName": name}, "replies": {"nodes": list(answers)}}
        return {**fields, **inner}

    payload = {"edges": [{"node": node("Q1", "石榴", "不错。", node("Q2", "南枝", "同意。"))}]}
    found = mine_json({"data": {"comments": payload}}, "https://a.example/", NOW)
    assert [(c.comment_id, c.parent_id) for c in found] == [("Q1", None), ("Q2", "Q1")]
