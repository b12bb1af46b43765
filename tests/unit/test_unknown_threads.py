"""Threads of unknown engines, in the shapes that engines we do not know have shown."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from archive.model import Capture, PageClass
from crawlers.any_article import AnyArticle
from crawlers.dates import read_time
from crawlers.page import read_page
from crawlers.view import View

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://port.example/boards/1/topics/7"
STORY = (
    "渡輪公司說，這艘船在冬天修好了引擎，試航三次都沒有問題，明天早上六點會開出第一班，票價不變。"
)


def read(body, url=URL, head="<title>渡輪復航</title>", now=NOW, **meta):
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return AnyArticle(View(Capture(url, html.encode(), now), meta)).data()


def told(found):
    return {c.comment_id: (c.author, c.text, c.parent_id) for c in found.comments}


def ticket(number):
    """A reply whose head links to itself by the thread's title, as trackers write it."""
    link = f"/boards/1/topics/7?r={number}#message-{number}"
    return (
        f"<div class='message reply' id=message-{number}>"
        f"<h4><a href='{link}'>RE: 渡輪公司的船班什麼時候才會恢復正常</a> - "
        f"Added by <a href=/users/{number}>旅客{number}</a> "
        f"<a title='2026-01-15 09:{number:02}' href=/activity>10 months</a> ago</h4>"
        f"<div class=wiki><p>第{number}個人說改得不錯。</p></div></div>"
    )


def topic(replies):
    return (
        "<h2>渡輪復航</h2><div class=message><p><span class=author>"
        "Added by <a href=/users/9>旅客九</a> "
        "<a title='2026-01-15 08:30' href=/activity>10 months</a> ago</span></p>"
        f"<div class=wiki><p>船什麼時候開？</p></div></div><div id=replies>{replies}</div>"
        "<div id=footer>Powered by <a href=https://x.example/>Engine</a> and others</div>"
    )


def test_a_short_opening_and_heads_full_of_links_lose_no_reply():
    found = read(topic("".join(map(ticket, range(10, 30)))))
    assert found.page_class is PageClass.ARTICLE
    assert sorted(told(found)) == [str(number) for number in range(10, 30)]
    article = found.articles[0]
    assert (article.title, article.text) == ("渡輪復航", "船什麼時候開？")
    assert article.authors == ("旅客九",)
    assert article.published.at == datetime(2026, 1, 15, 0, 30, tzinfo=UTC)


def test_an_opening_alone_is_the_article_and_no_remark():
    found = read(topic(""))
    assert (found.articles[0].text, found.comments) == ("船什麼時候開？", ())


def test_a_pager_below_remarks_leads_to_more_of_them():
    pager = "<a href='?page=2'>2</a> <a href='?page=2'>Next »</a>"
    story = f"<h1>渡輪復航</h1><p>{STORY}</p><p>{STORY}</p>"
    found = read(f"{story}<div id=replies>{ticket(10)}{ticket(11)}</div>{pager}")
    assert sorted(told(found)) == ["10", "11"]
    assert [link.meta["thread"] for link in found.links] == [found.articles[0].article_id]


@pytest.mark.parametrize(
    "link",
    [
        "<a rel=next href=/boards/1/topics/7/2><i>chevron_right</i></a>",
        "<a title='Go to next page' href=/boards/1/topics/7/2>&gt;</a>",
    ],
)
def test_a_sign_leads_to_the_next_page_of_a_thread(link):
    found = read(topic(ticket(10) + ticket(11)) + link)
    assert [one.url for one in found.links] == [f"{URL}/2"]


def flat(number, style=""):
    return (
        f"<div id=post{number} class=post{style}>"
        f"<h3>By <a href=/u/p{number}>旅客{number}</a> on 2026-01-15 09:{number:02}</h3>"
        f"<div class=body><p>第{number}個人說船班改得不錯。</p></div></div>"
    )


@pytest.mark.parametrize("sign", ["style='margin-left:{}ex'", "data-depth={}", "class='level-{}'"])
def test_who_answers_whom_by_indents(sign):
    levels = (0, 2, 4, 4, 2, 4, 6)
    posts = "".join(
        flat(number).replace("<div id", f"<div {sign.format(level)}><div id") + "</div>"
        for number, level in enumerate(levels, 10)
    )
    parents = {ident: parent for ident, (_, _, parent) in told(read(posts)).items()}
    expected = {"12": "11", "13": "11", "15": "14", "16": "15"}
    assert {ident: parent for ident, parent in parents.items() if parent} == expected


def test_one_indent_for_all_is_the_layout():
    posts = "".join(flat(number, " style='margin-left:2ex'") for number in range(10, 15))
    assert {parent for _, _, parent in told(read(posts)).values()} == {None}


def member(number, ident):
    return (
        f"<div class=card {ident}><time datetime=2026-01-15T09:{number:02}:00+08:00>1月15日</time>"
        f"<div class=side><a class=username href=/members/{number}/>旅客{number}</a><div class=row>"
        f"<div class=label>Joined:</div><div class=value><time datetime=2025-03-0{number % 9 + 1}"
        f"T01:00:00+00:00>2025</time></div></div></div>"
        f"<div class=content>第{number}個人說船班改得不錯，請再早一點公布。</div></div>"
    )


def test_ids_do_not_depend_on_how_many_posts_there_are():
    uuid = "0f77fe41-d7de-4dbe-b5e7-98e920bb42{}"
    seen = []
    for count in (1, 2, 5, 12):
        posts = [member(10, "")]
        posts += [member(n, f"id=post-{uuid.format(n)}") for n in range(11, 11 + count)]
        found = told(read("".join(posts)))
        assert all("Joined" not in text for _, text, _ in found.values())
        seen.append({text: ident for ident, (_, text, _) in found.items()})
    for fewer, more in itertools.pairwise(seen):
        assert fewer.items() <= more.items()
    assert uuid.format(11) in seen[0].values()


def beside(number, ago):
    return (
        f"<div class=comment><h4>旅客{number % 2} <small>{ago}</small></h4>"
        f"<p>{'頂！頂！頂！頂！' if number in {13, 15} else f'第{number}個人說改得不錯。'}</p>"
        "<form style='display:none'><label>Name (this is a long label of a form)</label>"
        "<textarea></textarea><p>Your address is not published to anybody here</p></form></div>"
    )


def test_names_beside_relative_times_and_ids_that_stay():
    pages = []
    for days in (0, 1):
        shown = [f"{3 + days} days, {n} hours ago" for n in range(1, 6)]
        posts = "".join(beside(n, ago) for n, ago in enumerate(shown, 11))
        body = f"<h1>渡輪復航</h1><p>{STORY}</p><p>{STORY}</p><div id=comments>{posts}</div>"
        pages.append(told(read(body, now=NOW + timedelta(days=days))))
    assert pages[0] == pages[1]
    assert len(pages[0]) == 5
    assert {author for author, _, _ in pages[0].values()} == {"旅客0", "旅客1"}
    assert not any("label" in text or "address" in text for _, text, _ in pages[0].values())


def test_a_site_s_name_before_the_headline():
    head = "<title>Port Talk: 渡輪復航的日子</title>"
    body = "<header><h1>Port Talk</h1></header>" + topic(ticket(10)).replace(
        "<h2>渡輪復航</h2>", "<div class=top><h1>渡輪復航的日子</h1></div>"
    )
    assert read(body, head=head).articles[0].title == "渡輪復航的日子"
    other = "<title>渡輪復航的日子: Port Talk</title>"
    assert read(body, head=other).articles[0].title == "渡輪復航的日子"


@pytest.mark.parametrize(
    ("shown", "ago"),
    [
        ("2 周，1 天前", timedelta(days=15)),
        ("1 天，3 小时前", timedelta(hours=27)),
        ("3 小時，5 分鐘前", timedelta(hours=3, minutes=5)),
        ("3天2小時前", timedelta(hours=74)),
        ("3 小时前", timedelta(hours=3)),
    ],
)
def test_relative_times_of_two_units(shown, ago):
    assert read_time(shown, now=NOW).at == NOW - ago


def test_a_short_year_with_its_time():
    found = read_time("Jan 05 '26 at 9:03", now=NOW)
    assert found.at == datetime(2026, 1, 5, 1, 3, tzinfo=UTC)


def test_the_article_s_own_byline_is_no_remark():
    post = (
        "<article><header><h1 class=entry-title>渡輪復航</h1></header><div class=entry-content>"
        "<footer class=post-info><abbr class=published title=2026-01-15T08:30:00+08:00>"
        "Published: 2026-01-15 08:30</abbr>"
        "<address class='vcard author'>By <a class=url href=/author/a.html>旅客九</a></address>"
        "<p>In <a href=/c/a.html>船班</a>.</p><p>tags: <a href=/tag/a.html>渡輪</a></p></footer>"
        f"<p>{STORY}</p><p>{STORY}</p></div></article>"
    )
    found = read(post, url="https://port.example/note-1.html")
    assert (found.articles[0].authors, found.comments) == (("旅客九",), ())


def test_the_card_of_an_author_is_not_what_the_author_says():
    posts = "".join(
        f"<div class=pw-card id=post-{n}><time datetime=2026-01-15T09:{n}:00+08:00>1月</time>"
        "<div class=user><div class=user__name><a href=/members/3/>旅客三</a></div>"
        "<div class=user__details><div>Member of the harbour forum</div><div>Posts:</div>"
        f"<div>47</div></div></div><div class=user__main><div>第{n}個人說不錯。</div></div></div>"
        for n in range(11, 14)
    )
    assert [text for _, text, _ in told(read(posts)).values()] == [
        f"第{n}個人說不錯。" for n in range(11, 14)
    ]


def test_an_only_answer_is_found():
    assert told(read(topic(ticket(10)))) == {"10": ("旅客10", "第10個人說改得不錯。", None)}
    flat_one = (
        f"<h1>渡輪復航</h1><p>{STORY}</p><p>{STORY}</p><h4>1 条评论</h4>"
        "<div id=c4 class=comment><h6 class=comment-header>"
        "<span>2026年1月15日 09:03 - 旅客四</span> <a href=#c4>¶</a></h6>"
        "<div class=content>請再早一點公布船班。</div></div>"
    )
    assert told(read(flat_one)) == {"4": ("旅客四", "請再早一點公布船班。", None)}


def answer(number, below=""):
    return (
        f"<div class=post id=post-{number}>"
        f"<div class=post-body><p>第{number}個答案：先修引擎，再試航。</p></div>"
        f"<div class=by><a class=author href=/u/{number}>旅客{number}</a> "
        f"<abbr title='2026-01-15 09:{number}:00+08:00'>1月</abbr></div>{below}</div>"
    )


def below(number, text, tag="div"):
    return (
        f"<{tag} class=comment id=c{number}><div class=comment-body><p>{text}</p></div>"
        f"<a class=comment-author href=/u/{number}>旅客{number}</a> <span class=age>("
        f"<abbr title='2026-01-15 10:{number}:00+08:00'>1月</abbr>)</span></{tag}>"
    )


def test_remarks_below_an_answer_have_it_as_their_parent():
    one, two, three = below(41, "這一點我不同意。"), below(42, "請看文件。"), below(43, "看了。")
    lists = [f"<div class=comments>{one}</div>", f"<div class=comments>{two}{three}</div>"]
    posts = "".join((answer(11), answer(12, lists[0]), answer(13, lists[1]), answer(14)))
    found = told(read(f"<h1>渡輪怎麼修</h1>{posts}", url="https://port.example/question/5/"))
    assert {ident: parent for ident, (_, _, parent) in found.items()} == {
        **dict.fromkeys(("11", "12", "13", "14")),
        "41": "12",
        "42": "13",
        "43": "13",
    }
    assert found["41"][:2] == ("旅客41", "這一點我不同意。")
    assert found["12"][1] == "第12個答案：先修引擎，再試航。"


def test_the_text_of_an_only_answer_is_not_the_remark_below_it():
    remark = (
        f"<div class=comments>{below(41, '這一點我不同意，請看文件第三頁和第四頁。' * 2)}</div>"
    )
    html = f"<h1>渡輪怎麼修</h1>{answer(11)}{answer(12, remark)}"
    found = told(read(html, url="https://port.example/question/5/"))
    assert found["12"][1] == "第12個答案：先修引擎，再試航。"
    assert found["41"][2] == "12"


def test_a_quotation_is_no_remark_below():
    quoted = f"<div class=comments>{below(41, '這一點我不同意。', tag='blockquote')}</div>"
    posts = "".join((answer(11), answer(12, quoted), answer(13), answer(14)))
    found = told(read(f"<h1>渡輪怎麼修</h1>{posts}", url="https://port.example/question/5/"))
    assert sorted(found) == ["11", "12", "13", "14"]


def test_the_form_for_readers_without_scripts_is_a_page_of_the_thread():
    offer = "<noscript><a href='?noscript'>a version without scripts</a></noscript>"
    story = (
        f"<h1>渡輪復航</h1><div>2026-01-15 08:30</div><p>{STORY}</p><p>{STORY}</p><p>{STORY}</p>"
    )
    found = read(story + offer)
    (link,) = found.links
    assert link.url == f"{URL}?noscript="
    further = read(topic(ticket(10)) + offer, url=link.url, **link.meta)
    assert {one.thread_id for one in further.comments} == {found.articles[0].article_id}
    assert not further.links
    nothing = View(Capture(link.url, story.encode(), NOW), link.meta)
    assert not read_page(nothing, (AnyArticle,)).data.problems
    assert not read(story + offer.replace("?noscript", "/help")).links
