"""Lists of unknown sites: which links are stories or threads, and where the list goes on."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture, PageClass
from crawlers.discovery import AnyList
from crawlers.view import View

NOW = datetime(2026, 1, 20, tzinfo=UTC)
HOME = "https://port.example"


def listed(body, url=f"{HOME}/news", head="", **meta):
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return AnyList(View(Capture(url, html.encode(), NOW), {"as": "list", **meta})).data().links


def stories(body, **more):
    links = listed(body, **more)
    return [link.url.removeprefix(HOME) for link in links if link.kind is PageClass.ARTICLE]


def onward(body, **more):
    found = [link.url for link in listed(body, **more) if link.kind is PageClass.LIST]
    return found[0].removeprefix(HOME) if found else None


def rows(*pairs, row="<tr><td class='title n{}'><a href='{}'>{}</a></td></tr>"):
    return "".join(row.format(n, href, words) for n, (href, words) in enumerate(pairs))


def test_threads_named_by_hashes():
    body = rows(
        ("/forumpost/64560f05c4", "渡輪的船班什麼時候恢復"),
        ("/forumpost/abcdef01c9", "早餐店為什麼還不開門"),
        ("/post/0f77fe41-d7de-4dbe-b5e7-98e920bb42e1", "燈塔點亮一百年的晚上"),
        ("/login/form", "登入之後才可以發表文章"),
    )
    assert len(stories(body)) == 3


def test_a_short_title_among_known_threads_is_one_too():
    body = rows(
        ("/thread/deadbeef", "求助"),
        ("/thread/64560f05c4", "渡輪的船班什麼時候恢復"),
        ("/thread/abcdef01c9", "早餐店為什麼還不開門"),
        ("/thread/port", "簽到"),
        ("/thread/64560f05c4#last", "3"),
    )
    assert "/thread/port" in stories(body)
    assert len(stories(body)) == 4


def test_addresses_that_say_nothing_below_headings():
    cards = "".join(
        f"<h2 class=t><a href=/blog/{slug}>渡輪{n}號</a></h2><a href=/blog/{slug}>繼續讀</a>"
        for n, slug in enumerate(("ferry", "breakfast", "lighthouse"))
    )
    frame = "<aside><h2 class=t><a href=/blog/us>關於本站的一切</a></h2></aside>"
    assert stories(cards + frame) == ["/blog/ferry", "/blog/breakfast", "/blog/lighthouse"]


def test_cards_of_one_kind_with_headlines_and_a_menu_without():
    cards = "".join(
        f"<li class=card><a href=/p/{slug}>渡輪公司宣布第{n}艘新船明天開航</a></li>"
        for n, slug in enumerate("abcd")
    )
    menu = "".join(f"<li class=menu-item><a href=/s/{slug}>財經新聞</a></li>" for slug in "abcde")
    assert stories(cards + menu) == ["/p/a", "/p/b", "/p/c", "/p/d"]


@pytest.mark.parametrize(
    "path",
    [
        "/archives/2026/05/",
        "/archives/2026/05/index.html",
        "/2026/5",
        "/2026/05/14/",
        "/archive/2026",
        "/blog/archive/2026/1/",
    ],
)
def test_the_stories_of_a_month_are_no_story(path):
    assert stories(rows((path, "二〇二六年五月的文章"))) == []


def test_the_last_page_of_a_listed_thread_is_no_thread_of_its_own():
    body = rows(
        ("/t/du-lun-chuan-ban-hui-fu/20/", "渡輪的船班什麼時候恢復"),
        ("/t/du-lun-chuan-ban-hui-fu/20/last/", "旅客三小時前最後回覆"),
        ("/t/du-lun-chuan-ban-hui-fu/20/3/", "第三頁的全部回覆"),
    )
    assert len(stories(body)) == 1


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("<a href=/news?before=9>Older posts</a>", "/news?before=9"),
        ("<a href=/news?before=9>« 較舊的文章</a>", "/news?before=9"),
        ("<a href=/news/2 title='下一頁'>chevron_right</a>", "/news/2"),
        ("<li class=next><a href=/news/2>→</a></li>", "/news/2"),
        ("<div class='next is-invisible'><a href=/news/6>下一页</a></div>", None),
        ("<a href=?page=1>1</a><a href=?page=2>2</a><a href=?page=9>9</a>", "/news?page=2"),
        ("<a href=/news/2>2</a><a href=/news/3>3</a>", "/news/2"),
        ("<a href=?start=40>3</a><a href=?start=20>2</a>", "/news?start=20"),
        ("<a href=/sport?page=2>2</a>", None),
        ("<li class=next><a href=/story.php?no=>→</a></li>", None),
        ("<a href=/news/index2.html>⟩</a><a href=/news/index5.html>⟫</a>", "/news/index2.html"),
        ("<a href=/news/list_3.shtml>3</a><a href=/news/list_2.shtml>2</a>", "/news/list_2.shtml"),
        ("<a href=/news/2.html>第二篇</a>", None),
    ],
)
def test_where_a_list_goes_on(link, url):
    assert onward(link) == url


def test_a_list_goes_on_from_its_later_pages():
    numbers = "".join(f"<a href=/news/{n}>{n}</a>" for n in (1, 2, 3, 4))
    assert onward(numbers, url=f"{HOME}/news/2", page=1) == "/news/3"
    older = "".join(f"<a href=?page={n}>{n}</a>" for n in (1, 2, 3))
    assert onward(older, url=f"{HOME}/news?page=3") is None
    head = "<link rel=next href=/news?page=4>"
    assert onward("", url=f"{HOME}/news?page=3", head=head) == "/news?page=4"


def test_an_index_that_names_no_thread_leads_to_its_boards():
    index = rows(
        ("/forum/forum/ferry-1/", "船班"),
        ("/forum/forum/food-2/", "早餐"),
        ("/forum/member/5/", "旅客五"),
        ("/login/", "登入"),
    )
    home = {"url": f"{HOME}/forum/"}
    links = [link for link in listed(index, **home) if link.kind is PageClass.LIST]
    assert [link.url.removeprefix(f"{HOME}/forum/forum") for link in links] == [
        "/ferry-1/",
        "/food-2/",
    ]
    assert not listed(index, **home, **links[0].meta)
    threads = index + rows(("/forum/topic/12/", "渡輪的船班什麼時候恢復"))
    assert [link.kind for link in listed(threads, **home)] == [PageClass.ARTICLE]


def test_people_and_orders_of_the_list_itself_are_no_stories():
    names = "".join(
        f"<li class=who><a href=/people/{n}/>一個名字很長很長的旅客{n}號</a></li>" for n in "abcdef"
    )
    orders = rows(
        ("/news?order=created", "按照發表的時間排列"), ("/news?order=hot", "按照熱度排列")
    )
    assert stories(names + orders) == []
