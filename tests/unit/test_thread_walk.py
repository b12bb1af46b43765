"""Threads of unknown sites: their further pages, declared counts, and who answers whom."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture, PageClass
from crawlers.any_article import AnyArticle
from crawlers.discovery import AnyList, made_id
from crawlers.generic.counts import declared_count
from crawlers.generic.page import read_generic
from crawlers.generic.survey import Line
from crawlers.page import read_page
from crawlers.paging import bare, thread_pages
from crawlers.registry import sites
from crawlers.starts import starts
from crawlers.view import View

NOW = datetime(2026, 1, 20, tzinfo=UTC)
STORY = (
    "渡輪公司說，這艘船在冬天修好了引擎，試航三次都沒有問題，明天早上六點會開出第一班，票價不變。"
)


def remark(number, answers=""):
    return (
        f"<li class='comment {'odd' if number % 2 else 'even'}' id=comment-{number}>"
        f"<article class=comment-body><b class=author>旅客{number}</b>"
        f"<time datetime='2026-01-15T09:{number:02}:00+08:00'>1月15日 09:{number:02}</time>"
        f"<p>第{number}個人說船班改得不錯，請再早一點公布。</p></article>"
        f"{f'<ol class=children>{answers}</ol>' if answers else ''}</li>"
    )


def page(remarks, pager="", count="7 則留言"):
    return (
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>渡輪復航 - 港口週報</title></head>"
        f"<body><h1>渡輪復航</h1><div>2026-01-15 08:30</div><div class=content><p>{STORY}</p>"
        f"<p>{STORY[::-1]}</p></div><div id=comments><h2>{count}</h2><ol>{remarks}</ol>"
        f"{pager}</div></body></html>"
    )


def read(html, url="https://port.example/2026/0115/1.html", **meta):
    return AnyArticle(View(Capture(url, html.encode(), NOW), meta)).data()


NESTED = remark(1) + remark(2, remark(3, remark(4)) + remark(5)) + remark(6)


def test_an_answer_in_the_list_below_a_remark_answers_it():
    found = {c.comment_id: c.parent_id for c in read(page(NESTED)).comments}
    assert found == {"1": None, "2": None, "3": "2", "4": "3", "5": "2", "6": None}


def test_answers_that_follow_their_remark_in_a_box_of_their_own():
    flat = page(
        "".join(
            part.replace("<li", "<div").replace("</li>", "</div>")
            for part in (remark(1), f"<div class=indented>{remark(2)}</div>", remark(3), remark(4))
        )
    ).replace("ol>", "section>")
    found = {c.comment_id: c.parent_id for c in read(flat).comments}
    assert found == {"1": None, "2": "1", "3": None, "4": None}


def test_the_opening_post_is_not_the_parent_of_all():
    opening = remark(1).replace("<li", "<div").replace("</li>", "</div>")
    posts = "".join(map(remark, range(2, 6)))
    html = page("").replace("<ol></ol>", f"{opening}<div><ol>{posts}</ol></div>")
    assert {
        c.parent_id for c in read_generic(Capture("https://a.example/t/1", b"", NOW), html).comments
    } == {None}


def test_the_pages_of_a_thread_are_asked_for_under_its_id():
    pager = "".join(
        f"<a href=?{query}>{words}</a>"
        for query, words in (
            ("page=2", 2),
            ("page=3", 3),
            ("page=2", "下一頁"),
            ("sort=hot", "熱門"),
        )
    )
    first = read(page(NESTED, pager))
    thread = first.articles[0].article_id
    assert first.thread.declared == 7
    assert [link.url.rpartition("?")[2] for link in first.links] == ["page=2", "page=3"]
    assert {link.thread_id for link in first.links} == {thread}
    second = read(page(remark(7), pager), first.links[0].url, **first.links[0].meta)
    assert not second.articles
    assert [(c.thread_id, c.comment_id) for c in second.comments] == [(thread, "7")]
    assert (second.thread.thread_id, second.thread.page) == (thread, 2)


def test_a_later_page_that_was_named_leads_to_the_first():
    found = read(page(remark(8) + remark(9)), "https://port.example/t/5?page=2")
    assert not found.articles
    assert found.links[0].url == "https://port.example/t/5"
    assert found.thread.thread_id == made_id("https://port.example/t/5")


def test_the_last_page_of_a_thread_lacks_no_article():
    capture = Capture("https://port.example/t/5?page=2", page(remark(8) + remark(9)).encode(), NOW)
    view = View(capture, {"first": "https://port.example/t/5", "thread": "t5"})
    found = read_page(view, (AnyArticle,)).data
    assert (len(found.comments), found.links, found.problems) == (2, (), ())


def test_a_page_without_remarks_has_no_pages_of_a_thread():
    pager = "<a href=?page=2>2</a>"
    found = read(page("", pager, count=""))
    assert found.page_class is PageClass.ARTICLE
    assert not found.links


@pytest.mark.parametrize(
    ("here", "link", "words", "same"),
    [
        ("https://a.example/t/7", "https://a.example/t/7?page=2", "2", True),
        ("https://a.example/t/7", "https://a.example/t/7?page=1", "1", False),
        ("https://a.example/t/7", "https://a.example/t/8?page=2", "2", False),
        ("https://a.example/t/7", "https://a.example/t/7/2", "2", True),
        ("https://a.example/t/7", "https://a.example/t/7/2", "附件", False),
        ("https://a.example/log-29", "https://a.example/log-30", "next", False),
        ("https://a.example/t/7", "https://a.example/t/8", "Next", False),
        ("https://a.example/log-29", "https://a.example/log-30", "第三十天", False),
        ("https://a.example/log-29/", "https://a.example/log-29/comment-page-1", "較舊", True),
        (
            "https://a.example/log-29",
            "https://a.example/log-29/comment-page-1",
            "1月6日 09:17",
            False,
        ),
        ("https://a.example/v?t=5&start=20", "https://a.example/v?t=5&start=40", "3", True),
        ("https://a.example/v?t=5&start=20", "https://a.example/v?t=5&start=0", "1", False),
        ("https://a.example/a.html", "https://a.example/a-2.html", "第2页", True),
        ("https://a.example/a-2.html", "https://a.example/a-3.html", "下一页", True),
        ("https://a.example/q/5/", "https://a.example/q/5/?sort=votes&page=2", "2", True),
        ("https://a.example/q/5/", "https://a.example/q/5/?sort=votes&page=2", "最新", False),
        ("https://a.example/p12", "https://a.example/p13", "13", False),
        ("https://a.example/2026/1/15", "https://a.example/2026/1/16", "16", False),
        ("https://a.example/?p=12", "https://a.example/?p=13", "下一篇", False),
    ],
)
def test_which_links_are_pages_of_the_thread(here, link, words, same):
    assert list(thread_pages(here, [(link, words)])) == ([link] if same else [])


def test_a_number_at_the_end_counts_on_from_a_page_that_is_one_for_sure():
    here, links = "https://a.example/t/7/2", [("https://a.example/t/7/3", "3")]
    assert list(thread_pages(here, links, walking=True)) == ["https://a.example/t/7/3"]
    assert not list(thread_pages(here, links))


def test_the_address_of_the_thread_has_no_page():
    assert bare("https://a.example/t/7/page-3") == "https://a.example/t/7"
    assert bare("https://a.example/v?start=20&t=5") == "https://a.example/v?t=5"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("45 comments", 45),
        ("共 1,045 条评论", 1045),
        ("回覆：45", 45),
        ("網友留言 (45)", 45),
        ("31 thoughts on “渡輪”", 31),
        ("2 comments", None),  # fewer than the page shows: they count something else
        (
            "我寫了 45 則留言給公司，他們一則也沒有回，這樣的公司誰敢相信，下次我要坐另一家的船去，"
            * 2,
            None,
        ),
        ("45 次分享", None),
    ],
)
def test_the_declared_number_of_remarks(text, count):
    assert declared_count([Line("渡輪復航", 0, 0, []), Line(text, 0, 0, [])], 2, 2, 10) == count


def test_teasers_with_author_and_time_are_no_remarks():
    teasers = "".join(
        f"<article class=post><h2><a href=/2026/{n}/>船班第{n}篇</a></h2>"
        f"<p>{n}：{STORY[n : n + 30]}</p>"
        f"<footer><time datetime='2026-01-{n:02}T09:00:00+08:00'>1月{n}日</time>"
        f"<span class=author>記者{n}</span></footer></article>"
        for n in range(1, 9)
    )
    html = f"<body><h1>港口週報</h1><main>{teasers}</main></body>"
    capture = Capture("https://port.example/", html.encode(), NOW)
    assert not read_generic(capture, html).comments
    posts = html.replace("/2026/", "/?p=").replace("/>船班", "#p1>船班")
    assert len(read_generic(capture, posts).comments) >= 7


def test_a_canonical_address_with_a_page_of_comments_is_the_thread_s_own():
    link = "<link rel=canonical href=https://port.example/log-2/comment-page-3/>"
    html = page(NESTED).replace("<title>", f"{link}<title>")
    found = read(html, "https://port.example/log-2/").articles[0]
    assert found.url == "https://port.example/log-2/"


def test_a_list_of_a_forum_leads_to_its_threads_once_each():
    links = (
        ("/forum/topic/%E8%88%B9%E7%8F%AD-5/", "渡輪的船班什麼時候恢復"),
        ("/forum/topic/%E8%88%B9%E7%8F%AD-5/?page=2", "渡輪的船班：第二頁"),
        ("/forum/topic/%E8%88%B9%E7%8F%AD-5/?post=19#19", "渡輪的船班：最後一則"),
        ("/topic/7/ferry/", "早餐店為什麼還不開門"),
        ("/viewtopic?t=12", "燈塔點亮一百年的晚上"),
        ("/forum/topics/", "所有的討論主題列表"),
        ("/user/12345/", "使用者旅客一的個人頁"),
    )
    body = "".join(f"<p><a href='{href}'>{words}</a></p>" for href, words in links)
    capture = Capture("https://port.example/forum/", f"<body>{body}</body>".encode(), NOW)
    found = AnyList(View(capture, {"as": "list"})).data().links
    paths = [link.url.removeprefix("https://port.example") for link in found]
    assert paths == ["/forum/topic/%E8%88%B9%E7%8F%AD-5/", "/topic/7/ferry/", "/viewtopic?t=12"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("blog.example", "https://blog.example/wp-json/x"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/wp-json/x"),
        ("https://blog.example/zh", "https://blog.example/zh/wp-json/x"),
    ],
)
def test_a_host_may_be_written_as_an_address(given, url):
    template = (PageClass.LIST, "https://{}/wp-json/x")
    assert [link.url for link in starts({"host": given}, host=template)] == [url]


def test_a_replica_stands_for_the_host_of_an_engine():
    spider = sites()["wordpress"](host="blog.example", base_url="http://127.0.0.1:8080")
    assert {link.url.partition("/wp-json")[0] for link in spider.links} == {"http://127.0.0.1:8080"}


def test_an_api_asked_without_a_page_is_walked_on_by_its_number_of_pages():
    row = '{"objectId": 1, "nick": "旅客", "comment": "船班改得不錯", "time": 1767600000000}'
    answer = f'{{"errno": 0, "data": {{"totalPages": 3, "count": 33, "data": [{row}]}}}}'
    url = "https://talk.example/api/comment?path=/ferry/"
    page_object = next(p for p in sites()["waline"].pages if p.__name__ == "WalineComments")
    found = page_object(View(Capture(url, answer.encode(), NOW))).data()
    assert [link.url for link in found.links] == [f"{url}&page=2"]
    assert found.thread.declared == 33
