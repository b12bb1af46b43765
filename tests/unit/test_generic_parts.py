"""Bylines, times of publication and noise, each by itself."""

import json
from datetime import UTC, datetime

import pytest

from crawlers.generic.article import extract_article
from crawlers.generic.byline import clean_names
from crawlers.generic.noise import cut_tail, ends_article, is_control, is_fields, is_noise

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
    "line",
    [
        "顶一下(3)",
        "收藏 挑错 推荐 打印",
        "【发表评论】【加入收藏】【打印此文】",
        "2019-11-05 08:31 来源：江岸晚报 编辑：小草 作者：陶然 人气：1862 次",
        "喜欢就点个“在看”吧",
        "如果觉得有帮助，欢迎点赞、收藏、关注三连～",
        "想看更多新闻，请订阅我们的频道。",
        "订阅会员可阅读全文",
        "除非注明，文章均为江岸原创，转载请以链接形式注明出处。",
        "本文地址：http://jiangan.example/1.html",
        "该文观点仅代表作者本人，本平台仅提供信息存储空间服务。",
        "江岸日報社 版權所有 地址：江岸縣碼頭路1號",
        "人人做記者︰爆料方法 WhatsApp 0000",
        "责任编辑：陶然",
        "编辑 陶然 校对 李在田",
        "主编丨陶然 编辑丨李在田",
        "翻译：陶然",
        "广告",
        "【我要纠错】",
        "封面图片来源：江岸图库",
        "發布時間：2024-05-13 09:16 更新時間：2024-05-13 10:02",
        "本内容为作者独立观点，不代表本站立场。",
        "此内容著作权归江岸所有。未经书面授权，不得转载。",
        "京ICP备00000000号",
        "关于我们 | 联系我们 | 广告服务",
        "（编辑：陶然）",
        "原标题：渡口的早晨",
        "来源：江岸日报",
        "【责任编辑:陶然】",
        "点击进入专题：",
        "分享到微信",
        "举报",
        "版权所有，未经授权不得转载",
        "特别声明：以上内容仅代表作者本人",
        "请繼續往下閱讀...",
        "上一篇：渡口",
        "用微信扫码二维码",
        "相关资讯请关注:渡口专区",
        "Share this article",
        "Advertisement",
        "posted @ 2023-11-05 22:18 慢船 阅读(88) 评论(0)",
    ],
)
def test_noise(line):
    assert is_noise(line) or is_fields(line)


@pytest.mark.parametrize(
    "line",
    [
        "喜欢在夜里走路的人都在看他，他也不抬头。",
        "有网友爆料：钟楼修了两年还没有修好。",
        "看更多的书，走更远的路，这是他的老话。",
        "第一页上写着他的名字，第二页是空的。",
        "会员可以免费看，注册后还要等一天，这是老规矩。",
        "他喜欢在夜里走路，觉得街灯也在看他。",
        "责任编辑在会上说，稿件必须三审三校，一个字也不能错。",
        "他分享到一半就停了下来，台下的人都看着他。",
        "更多的人选择在清晨坐第一班船。",
        "来源于山泉的水要走十二公里才到镇上。",
        "Reading is what she did every evening after the shop had closed.",
        "编辑部的灯亮到半夜。",
        "他说这不代表他的立场，只是那天晚上在渡口听来的一句玩笑话，听的人也没有当真。",
        "记者 周安在渡口等了一夜，第二天早上才见到第一班船。",
        "这部小说的版权归属争了十年，去年冬天才有了结果。",
    ],
)
def test_prose_is_no_noise(line):
    assert not is_noise(line)
    assert not ends_article(line)


@pytest.mark.parametrize(
    "line",
    [
        "相关阅读",
        "【其他新聞】",
        "已有 3 条评论",
        "评论列表:",
        "延伸閱讀：",
        "推荐阅读",
        "熱門新聞",
        "網友評論",
        "猜你喜欢",
        "Related articles",
        "Most popular",
        "为你推荐",
    ],
)
def test_headings_of_other_stories(line):
    assert ends_article(line)


def test_a_glued_credit_is_cut_off():
    assert cut_tail("老周说，他会一直开下去。返回搜狐，查看更多") == "老周说，他会一直开下去。"
    assert cut_tail("老周说，他会一直开下去。（责任编辑：陶然）") == "老周说，他会一直开下去。"
    assert cut_tail("他按下查看更多的按钮，又按了返回。") == "他按下查看更多的按钮，又按了返回。"


@pytest.mark.parametrize(
    "text",
    ["回复 赞 12", "举报", "查看回复 3", "回复 踩0 赞23 收藏", "#12", "12楼", "Reply", "1995 有用"],
)
def test_buttons(text):
    assert is_control(text)


@pytest.mark.parametrize("text", ["半夏", "同意楼上，插电的省心。", "支持环保的人", "赞比亚来信"])
def test_no_buttons(text):
    assert not is_control(text)


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
