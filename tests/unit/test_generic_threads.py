"""Threads of unknown sites, each shape by itself: who wrote what, and how it was voted on."""

from datetime import UTC, datetime

import pytest

from crawlers.generic.threads import mine_thread
from crawlers.parse import parse_html

NOW = datetime(2024, 7, 1, tzinfo=UTC)


def _votes(buttons):
    items = "".join(
        f"<li class='comment' id='c{i}'><b class='name'>{name}</b>"
        f"<i class='time'>2024-05-0{i} 10:00</i>"
        f"<p class='text'>我家也有一台，用了{i}0年。</p><div>{buttons}</div></li>"
        for i, name in enumerate(("石榴", "南枝"), 1)
    )
    page = parse_html(f"<ul class='comments'>{items}</ul>")
    return [(c.votes_up, c.votes_down) for c in mine_thread(page, "https://a.example/", NOW)]


@pytest.mark.parametrize(
    ("buttons", "votes"),
    [
        ("<a>顶<em>(12)</em></a><a>踩<em>(3)</em></a>", (12, 3)),
        ("<span>亮了(87)</span> 回复", (87, None)),
        ("<span class='like-count'>1.1万</span>", (11_000, None)),
        ("<span class='dislike'>4</span><span class='up'>5</span>", (5, 4)),
        ("<button aria-label='赞同 104'><i></i></button>", (104, None)),
        ("<button aria-label='喜歡留言'>12</button><button>回覆</button>", (12, None)),
        ("回复 支持(2) 反对(0) 举报", (2, 0)),
        ("<a title='赞'><span><em>ñ</em><em>21</em></span></a>", (21, None)),
        ("回复 举报", (None, None)),
        ("浏览 120 楼层 3", (None, None)),
    ],
)
def test_votes(buttons, votes):
    assert _votes(buttons) == [votes, votes]


def test_a_name_that_links_to_a_member_heads_no_story():
    post = (
        "<article class='message'><h4 class='message-name'>"
        "<a href='/members/{0}/' class='username'>{1}</a></h4>"
        "<time datetime='2024-05-0{0}T10:00:00+0800'>5月</time>"
        "<div class='message-body js-selectToQuote'>{2}</div></article>"
    )
    page = post.format(1, "石榴", "掉电三成。") + post.format(2, "南枝", "我的还好。")
    found = mine_thread(parse_html(f"<div>{page}</div>"), "https://a.example/threads/1/", NOW)
    assert [(c.author, c.text) for c in found] == [("石榴", "掉电三成。"), ("南枝", "我的还好。")]


def test_words_between_name_and_time_are_no_text():
    page = "".join(
        f"<p><b>{name}</b> 于 2009-03-0{day} 10:20:01 留言：<br>{text}</p><hr>"
        for day, name, text in ((1, "石榴", "五号线通了吗？"), (5, "南枝", "昨天通的，人很多。"))
    )
    found = mine_thread(parse_html(f"<h2>留言板</h2>{page}"), "https://a.example/board", NOW)
    assert [(c.author, c.text) for c in found] == [
        ("石榴", "五号线通了吗？"),
        ("南枝", "昨天通的，人很多。"),
    ]


def test_what_a_board_tells_of_the_writer_is_no_text():
    post = (
        "<tr><td><b>{1}</b><br>會員 Lv{0}</td>"
        "<td><font>[{0}樓] 2006/10/0{0} PM 03:20:11 發表</font>"
        "<br>{2}<br><font>發短訊 | 引用 | 檢舉</font></td></tr>"
    )
    rows = "".join(
        post.format(floor, name, text)
        for floor, name, text in (
            (1, "石榴", "搭過嗎？"),
            (2, "南枝", "人很多。"),
            (3, "木木", "站著搭。"),
        )
    )
    page = parse_html(f"<table>{rows}</table>")
    found = mine_thread(page, "https://a.example/show.php?t=5", NOW)
    assert [(c.floor, c.author, c.text) for c in found] == [
        (1, "石榴", "搭過嗎？"),
        (2, "南枝", "人很多。"),
        (3, "木木", "站著搭。"),
    ]


def test_an_old_board_sets_the_name_in_bold_above_the_profile():
    rows = "".join(
        f"<tbody><tr><td><b>{name}</b><br>金牌会员<br>UID 1{i}<br>注册 2003-8-{i}</td>"
        f"<td>发表于 2004-3-{i} 20:15 <a href='profile.php?uid={i}'>资料</a> #{i}<br><br>"
        f"<span>{text}</span></td></tr><tr><td><a href='#'>引用</a></td></tr></tbody>"
        for i, name, text in (
            (1, "石榴", "要拆了吗？"),
            (2, "南枝", "还没有定。"),
            (3, "木木", "听说不拆。"),
        )
    )
    page = parse_html(f"<table>{rows}</table>")
    found = mine_thread(page, "http://a.example/viewthread.php?tid=1", NOW)
    assert [(c.author, c.text) for c in found] == [
        ("石榴", "要拆了吗？"),
        ("南枝", "还没有定。"),
        ("木木", "听说不拆。"),
    ]


def test_a_name_in_digits_does_not_run_into_the_time():
    rows = "".join(
        f"<li class='cmt' cmtid='7{i}'><p class='nm'><a href='/u/{i}'>{name}</a>"
        f"<span class='tm'>2021-05-06 0{i}:30</span></p><p class='cmt-txt'>{text}</p></li>"
        for i, name, text in (
            (1, "石榴", "要拆了吗？"),
            (2, "wx_839", "还没有定。"),
            (3, "K.T.", "不拆。"),
        )
    )
    found = mine_thread(parse_html(f"<ul>{rows}</ul>"), "https://a.example/1", NOW)
    assert [(c.comment_id, c.author, c.published.at.hour) for c in found] == [
        ("71", "石榴", 17),
        ("72", "wx_839", 18),
        ("73", "K.T.", 19),
    ]


def test_answers_dated_as_answers_are_remarks():
    rows = "".join(
        f"<dl><dt><a href='/lawyer/{i}'>{name}</a> 律师</dt><dd class='txt'>{text}</dd>"
        f"<dd class='tm'>回答时间：2016-03-04 0{i}:30</dd></dl>"
        for i, name, text in (
            (1, "石榴", "看金额。"),
            (2, "南枝", "还了可以从轻。"),
            (3, "木木", "要自首。"),
        )
    )
    found = mine_thread(parse_html(f"<h2>回答(3)</h2>{rows}"), "https://a.example/q/1.html", NOW)
    assert [(c.author, c.text) for c in found] == [
        ("石榴", "看金额。"),
        ("南枝", "还了可以从轻。"),
        ("木木", "要自首。"),
    ]


def test_a_remark_behind_its_author_s_name_and_a_colon():
    card = (
        "<div class='card' comment_id='{0}'><div class='says'><a href='/u/{0}'>{1}</a>：{2}</div>"
        "<div class='do'><a href='#'>举报</a> <em>ñ</em><em>{0}</em></div>"
        "<div class='from'>2019-7-3 09:0{0}</div></div>"
    )
    page = card.format(1, "石榴", "这雨下了三天。") + card.format(2, "南枝", "明天会晴。")
    found = mine_thread(parse_html(f"<div>{page}</div>"), "https://a.example/1", NOW)
    assert [(c.author, c.text) for c in found] == [
        ("石榴", "这雨下了三天。"),
        ("南枝", "明天会晴。"),
    ]


def test_what_goes_on_elsewhere_on_the_site_is_no_thread():
    item = (
        "<li class='activity-item'><p><a href='/members/{0}/'>{1}</a> posted an update"
        " <span data-livestamp='2024-05-1{0}T13:15:31+0000'>{0} days ago</span></p>"
        "<p>看看我新写的一篇。</p></li>"
    )
    stream = "".join(
        item.format(day, name) for day, name in ((1, "石榴"), (2, "南枝"), (3, "半夏"))
    )
    post = (
        "<div class='reply' id='post-7'><a class='author' href='/members/9/'>慢船</a>"
        "<span>March 6, 2017 at 2:39 pm</span>"
        "<div class='reply-content'>怎样用这个论坛，先看这里。</div></div>"
    )
    page = f"<main><div>{post}</div></main><div><ul class='activity-list'>{stream}</ul></div>"
    found = mine_thread(parse_html(page), "https://a.example/topic/7", NOW)
    assert [(c.author, c.text) for c in found] == [("慢船", "怎样用这个论坛，先看这里。")]
