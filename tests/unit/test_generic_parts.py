"""Bylines, times of publication and noise, each by itself."""

import json
from datetime import UTC, datetime

import pytest

from crawlers.generic.article import extract_article
from crawlers.generic.byline import clean_names

NOW = datetime(2024, 7, 1, tzinfo=UTC)
BODY = "".join(
    f"<p>{text}</p>"
    for text in (
        "这一段说明事情的起因，写了足够多的字数。",
        "这一段说明事情的经过，也写了足够多的字数。",
    )
)


def article(byline="", first="", last="", head="", url="https://a.example/1"):
    body = BODY.replace("<p>", f"<p>{first}", 1) + (f"<p>{last}</p>" if last else "")
    page = (
        f"<html><head><title>一个标题</title>{head}</head><body><h1>一个标题</h1>"
        f"<div>{byline}</div><div class='content'>{body}</div></body></html>"
    )
    return extract_article(None, page, url, NOW)


@pytest.mark.parametrize(
    ("where", "text", "authors"),
    [
        ("first", "〔記者林小明／台北報導〕", ("林小明",)),
        ("first", "【記者林信成馬公報導】", ("林信成",)),
        (
            "byline",
            "<p itemprop='author'><a href='/k'><i itemprop='name'>可路</i></a></p>",
            ("可路",),
        ),
        ("last", "记者：刘楠 实习生：马悦", ("刘楠", "马悦")),
        ("byline", "作者：（记者 许静 通讯员 王东海）", ("许静", "王东海")),
        ("byline", "作者：林小昭 ▪ 彭海斌", ("林小昭", "彭海斌")),
        ("byline", "報道：周安 摄影：林明", ("周安",)),
        ("byline", "記者︰何曉帆", ("何曉帆",)),
        ("byline", "📅 2024-05-01 · ✏️ 林渊", ("林渊",)),
        ("byline", "特約撰稿人 寧遠 發自佛山", ("寧遠",)),
        ("byline", "特約撰稿人：寧遠 發自佛山", ("寧遠",)),
        ("byline", "2024-05-01 来源：晨报 记者：段然 通讯员：柳青 钱多", ("段然", "柳青", "钱多")),
        ("byline", "时间：2024-05-01 作者：资环学院 赵立人 摄影：孙青", ("赵立人",)),
        ("byline", "<div class='user'><i class='name'>半糖</i><i>3 天前</i></div>", ("半糖",)),
        ("byline", "发布于 2024-05-01 <a rel='category tag' href='/x'>运维</a>", ()),
        ("last", "采写：晨报记者 周安 发自佛山", ("周安",)),
        ("last", "记者：周安 责编：林明 网编：陶然", ("周安",)),
        ("last", "文/海港之家 周安", ("周安",)),
        ("first", "［記者林小明、陳大文／綜合報導］", ("林小明", "陳大文")),
        ("first", "（中央社記者王小明台北21日電）", ("王小明",)),
        ("first", "（中央社記者王明首爾2日綜合電）", ("王明",)),
        ("first", "（中央社東京9日綜合外電報導）", ()),
        ("first", "新华社北京5月19日电（刘一、杨二）", ("刘一", "杨二")),
        ("first", "中新网北京3月2日电 (记者 张三)", ("张三",)),
        ("first", "本报讯（记者 李四 通讯员 王五）", ("李四", "王五")),
        ("byline", "作者：李在田 2024-05-01 10:00", ("李在田",)),
        ("byline", "文／王小二", ("王小二",)),
        ("byline", "2024-05-01 10:00 晨报 記者何曉帆／即時報導", ("何曉帆",)),
        ("byline", "<span class='author'>李在田</span>", ("李在田",)),
        ("byline", "<a rel='author' href='/u/1'>kite_flyer</a>", ("kite_flyer",)),
        ("byline", "来源：某某日报 责任编辑：陶然", ()),
        ("byline", "By Owen Tarrow", ("Owen Tarrow",)),
        ("byline", "晨报记者 李在田 实习生 王五", ("李在田", "王五")),
        ("byline", "每日记者|李在田 每日编辑|王五", ("李在田",)),
        ("byline", "本报记者 周安 李 晓", ("周安", "李晓")),
        ("byline", "林小明 陳大文 / 台北報導", ("林小明", "陳大文")),
        ("byline", "<span>文</span><a>何曉帆</a> <span>攝影</span><a>林明</a>", ("何曉帆",)),
        (
            "byline",
            "<a href='/author/77'>何曉帆</a>、<a href='/author/8'>林明</a>",
            ("何曉帆", "林明"),
        ),
        ("byline", "<a href='/user/register'>立即注册</a>", ()),
        ("byline", "<ul aria-labelledby='article-byline'><li>何曉帆</li></ul>", ("何曉帆",)),
        ("byline", "慢船 (3182) 发表于 2024年05月01日 10时00分", ("慢船",)),
        ("byline", "发表于 2024-05-01 分类于 <a href='/categories/x'>随笔</a>", ()),
        ("first", "生活中心／何曉帆報導", ("何曉帆",)),
        ("first", "【晨报2024年05月01日讯】（晨报记者李在田综合报导）", ("李在田",)),
        ("first", "本文来自公众号：渡口（ID：dk），作者：李在田，编辑：王五。", ("李在田",)),
        ("last", "（总台记者 奚一 张二）", ("奚一", "张二")),
        ("last", "（本报记者 周安）", ("周安",)),
        ("head", "<meta name='author' content='10237'>", ()),
        ("head", "<meta name='author' content='name, email@example.com'>", ()),
        (
            "head",
            "<meta name='author' content='江岸网'><meta property='og:site_name' content='江岸网'>",
            (),
        ),
        ("head", "<meta name='author' content='佚名'>", ()),
        ("head", "<meta name='author' content='李在田'>", ("李在田",)),
    ],
)
def test_authors(where, text, authors):
    assert article(**{where: text}).authors == authors


def test_an_editor_is_no_author():
    found = article(head="<meta name='author' content='陶然'>", last="（责任编辑：陶然）")
    assert (found.authors, found.editor) == ((), "陶然")


def test_a_reprint_names_its_source():
    assert article(byline="转载自：山海报 2024-05-01 10:00").reprint_source == "山海报"


@pytest.mark.parametrize(
    "name", ["新华社", "某某日报", "记者", "10237", "admin", "a@b.example", "http://x", "综合"]
)
def test_what_is_no_name(name):
    assert clean_names(name) == ()


@pytest.mark.parametrize(
    ("head", "byline", "expected"),
    [
        (
            "<meta property='article:published_time' content='2024-05-01T10:00:31+08:00'>",
            "2024-05-01 10:00",
            "02:00:31",
        ),
        (
            "<meta property='article:published_time' content='2024-05-01T15:28:31+08:00'>",
            "2024-05-01 10:00",
            "02:00:00",
        ),
        (
            "<meta property='article:published_time' content='2024-05-01T10:00:00Z'>",
            "2024-05-01 10:00",
            "02:00:00",
        ),
        (
            "<meta property='article:published_time' content='2024-05-01T02:00:00Z'>",
            "2024-05-01",
            "02:00:00",
        ),
        ("", "更新：2024-05-02 08:00 建檔：2024-05-01 10:00", "02:00:00"),
        (
            "<meta property='article:published_time' content='2024-05-01T02:00:00Z'>",
            "更新 2024-05-02 08:00",
            "02:00:00",
        ),
        ("", "<b>2024</b><i>05</i>/<i>01</i><b>10:00:07</b>", "02:00:07"),
        ("", "2024-05-01 HKT 10:00", "02:00:00"),
        ('<script>var ct = "1714528800";</script>', "前天", "02:00:00"),
    ],
)
def test_published(head, byline, expected):
    moment = article(head=head, byline=byline).published
    assert moment.at.isoformat() == f"2024-05-01T{expected}+00:00"


def test_a_date_in_the_address_is_the_last_resort():
    moment = article(url="https://a.example/2024/05/01/1.html").published
    assert (moment.at.date().isoformat(), moment.method) == ("2024-04-30", "url")


def test_a_story_for_two_widths_of_screen_is_told_once():
    page = (
        "<title>一个标题</title><h1>一个标题</h1><div class='pc'>{0}</div>"
        "<div class='mobile' style='display:none'>{0}</div>"
    )
    told = [f"第{number}天，渡口的船照常开了十二班，候船的人比昨天多。" for number in range(20)]
    html = page.format("".join(f"<p>{line}</p>" for line in told))
    assert extract_article(None, html, "https://a.example/1", NOW).text.splitlines() == told


def test_a_state_of_tokens_gives_paragraphs_and_names():
    tokens = [
        [{"type": "text", "content": "渡口的船"}, {"type": "link", "content": "明早"}],
        [{"type": "text", "content": "候船室开到夜里十一点，热水不收钱。"}],
    ]
    state = {
        "article": {
            "title": "一个标题",
            "authors": [{"publishName": "李在田"}],
            "blocks": [{"blockType": "text", "htmlTokens": tokens}],
        }
    }
    page = f"<title>一个标题</title><script type='application/json'>{json.dumps(state)}</script>"
    found = extract_article(None, page, "https://a.example/1", NOW)
    assert found.text == "渡口的船明早\n候船室开到夜里十一点，热水不收钱。"
    assert (found.authors, found.provenance["authors"]) == (("李在田",), "state")


def test_a_link_to_one_story_does_not_end_the_text():
    other = "<div><span>相關文章：</span><a href='/2'>另一篇文章的標題</a></div>"
    page = f"<h1>一个标题</h1><div class='content'>{BODY}{other}{BODY.replace('事', '旧事')}</div>"
    text = extract_article(None, page, "https://a.example/1", NOW).text
    assert "旧事情的经过" in text
    assert "另一篇" not in text


def test_a_remark_does_not_date_the_article():
    remarks = "<div><p>石榴 2024-05-02 09:00</p><p>我也去过。</p></div>"
    found = article("2024年5月1日", last="") and extract_article(
        None,
        f"<h1>一个标题</h1><div>2024年5月1日</div><div class='content'>{BODY}</div>{remarks}",
        "https://a.example/1",
        NOW,
    )
    assert found.published.raw == "2024年5月1日"


def test_a_date_without_a_year_takes_it_from_the_metadata():
    head = "<meta itemprop='dateUpdate' content='2023-05-10 22:47:31'>"
    found = article("05-10 22:47", head=head)
    assert found.published.at == datetime(2023, 5, 10, 14, 47, 31, tzinfo=UTC)


def test_a_date_without_a_year_takes_it_from_a_script():
    head = "<script>var detail={'publishTime':'2023-12-26 18:40:12'};</script>".replace("'", '"')
    assert article("12-26 18:40", head=head).published.at.year == 2023
    assert article("12-26 18:41", head=head).published.raw == "12-26 18:41"


def test_a_site_that_signs_beside_its_writer_is_no_author():
    line = "<a href='/reporter/1'>新渡newdu</a> | <a href='/reporter/2'>林朝億</a> 綜合報導"
    page = (
        f"<title>一个标题 - 新渡 newdu</title><h1>一个标题</h1><div>{line}</div><div>{BODY}</div>"
    )
    assert extract_article(None, page, "https://a.example/1", NOW).authors == ("林朝億",)


def test_the_part_of_a_title_behind_the_name_of_the_paper():
    page = (
        "<title>江岸晚报数字报-编号的青砖</title><h3>A05版：城事</h3>"
        f"<p class='newstit'>编号的青砖</p><div>{BODY}</div>"
    )
    assert extract_article(None, page, "https://a.example/1", NOW).title == "编号的青砖"


def test_verse_before_prose_is_text():
    verse = ("窗上的字", "划到第三笔", "就化了", "像放进一条河")
    page = "".join(f"<p>{line}</p>" for line in verse) + BODY
    found = extract_article(
        None, f"<h1>冰花</h1><p>作者：林晚</p><div>{page}</div>", "https://a.example/1", NOW
    )
    assert found.text.startswith("\n".join(verse))


def test_a_clock_below_its_date_belongs_to_it():
    below = "<div>2023年12月4日（星期一）<br>香港時間17時45分</div>"
    page = f"<h1>一个标题</h1><div class='content'>{BODY}</div>{below}"
    found = extract_article(None, page, "https://a.example/1", NOW)
    assert found.published.at == datetime(2023, 12, 4, 9, 45, tzinfo=UTC)
