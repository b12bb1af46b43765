"""Page classes: each is known by its structure; articles that mention the words are not taken."""

from datetime import UTC, datetime

import pytest

from archive.model import Capture, PageClass
from crawlers.classify import classify
from crawlers.view import View

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
PROSE = "芯片行業的分析師認為，供應鏈的變化要看下一季的訂單，市場並不急著下結論。" * 30


def judged(
    body, *, status=200, kind="text/html; charset=utf-8", url="https://x.example/a/1", **meta
):
    raw = body if isinstance(body, bytes) else body.encode()
    capture = Capture(url, raw, NOW, status, (("Content-Type", kind),))
    return classify(View(capture, meta))


def page(title, body):
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


CLASSES = {
    "empty body": (b"", PageClass.EMPTY, {}),
    "white space": ("  \n\t ", PageClass.EMPTY, {}),
    "no visible text": ("<html><body><script>var a=1</script></body></html>", PageClass.EMPTY, {}),
    "404": (page("Not Found", "gone"), PageClass.SOFT404, {"status": 404}),
    "410": (b"", PageClass.SOFT404, {"status": 410}),
    "401": (page("Unauthorized", "no"), PageClass.LOGIN, {"status": 401}),
    "402": (page("付費", "no"), PageClass.PAYWALL, {"status": 402}),
    "403": (page("Forbidden", "no"), PageClass.BLOCKED, {"status": 403}),
    "429": (page("慢一點", "no"), PageClass.BLOCKED, {"status": 429}),
    "500": (page("Oops", "no"), PageClass.OTHER, {"status": 500}),
    "challenge behind 503": (page("Just a moment...", "wait"), PageClass.BLOCKED, {"status": 503}),
    "challenge": (
        page("请稍候…", '<script src="/cdn-cgi/challenge-platform/h/b.js"></script>请稍候'),
        PageClass.BLOCKED,
        {},
    ),
    "denied": (page("提示", "<p>访问过于频繁，请稍后再试</p>"), PageClass.BLOCKED, {}),
    "captcha": (
        page("安全验证", "<form><p>请完成验证后继续</p><input name=code></form>"),
        PageClass.CAPTCHA,
        {},
    ),
    "captcha by parts": (
        page("访问", '<div class="g-recaptcha"></div><p>證明你不是機器人：驗證碼</p>'),
        PageClass.CAPTCHA,
        {},
    ),
    "over18": (
        page(
            "批踢踢實業坊",
            "<p>本看板內容需滿十八歲方可瀏覽</p><form><button name=yes>我同意</button></form>",
        ),
        PageClass.LOGIN,
        {},
    ),
    "login form": (
        page("會員登入", "<form>請先登入<input type=password name=p></form>"),
        PageClass.LOGIN,
        {},
    ),
    "login sentence": (page("提示信息", "<p>您尚未登录，请先登录</p>"), PageClass.LOGIN, {}),
    "consent": (page("我們使用 Cookie", "<p>請選擇</p><button>好</button>"), PageClass.LOGIN, {}),
    "soft 404": (
        page("提示", "<h1>抱歉，该帖子已被删除</h1><a href=/>首页</a>"),
        PageClass.SOFT404,
        {},
    ),
    "soft 404 by title": (page("文章不存在 - 某站", "<a href=/>回首頁</a>"), PageClass.SOFT404, {}),
    "redirected home": (
        page("某站首頁", f"<p>{PROSE}</p>"),
        PageClass.SOFT404,
        {"url": "https://x.example/", "requested_url": "https://x.example/a/1"},
    ),
    "paywall part": (
        page("標題", f"<p>{PROSE}</p><div class='paywall-box'>訂閱後即可繼續閱讀</div>"),
        PageClass.PAYWALL,
        {},
    ),
    "paywall line": (page("标题", "<p>前两段。</p><p>此为付费文章</p>"), PageClass.PAYWALL, {}),
    "pdf": (b"%PDF-1.7 ...", PageClass.OTHER, {}),
    "png by magic": (b"\x89PNG\r\n\x1a\n", PageClass.OTHER, {}),
    "zip": (b"PK\x03\x04....", PageClass.OTHER, {"kind": "application/zip"}),
    "binary by type": (b"\x00\x01\x02\x03", PageClass.OTHER, {"kind": "image/webp"}),
}


@pytest.mark.parametrize("case", CLASSES)
def test_each_class_is_known_and_says_why(case):
    body, wanted, facts = CLASSES[case]
    verdict = judged(body, **facts)
    assert verdict.page_class is wanted
    assert 0 < len(verdict.reason) <= 120


ARTICLES = {
    "about captchas": page(
        "驗證碼為什麼越來越難？", f"<h1>驗證碼為什麼越來越難？</h1><p>{PROSE}</p>"
    ),
    "about 404": page("404 頁面的設計史", f"<p>{PROSE}</p><p>頁面不存在時該說什麼</p>"),
    "about paywalls": page(
        "付費牆", f"<p>{PROSE}</p><p>有讀者說，訂閱後才能看全文的做法{PROSE}</p>"
    ),
    "with a login box": page(
        "新聞", f"<form>登入<input type=password></form><article><p>{PROSE}</p></article>"
    ),
    "with a captcha in its comment form": page("新聞", f"<p>{PROSE}</p><form>验证码<input></form>"),
    "adult board footer": page(
        "看板", f"<p>{PROSE}</p><form><input></form><div>未滿十八歲者不得瀏覽</div>"
    ),
    "short note": page("停電通知", "<h1>停電通知</h1><p>今晚十點到十一點，三樓機房停電檢修。</p>"),
    "short post that quotes an error": page(
        "求助", "<h1>打不開網站</h1><p>連上去就跳出來，請問大家會嗎？</p><p>重開機也沒用。</p>"
    ),
    "photo page": page("", "<img src=a.jpg>"),
}


@pytest.mark.parametrize("case", ARTICLES)
def test_articles_that_mention_such_words_pass(case):
    assert judged(ARTICLES[case]).page_class is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"message": "文章不存在"}', "application/json"),
        ('getData({"code": "42212", "msg": "请先登录"});', "text/html"),
        ('<?xml version="1.0"?><rss><channel><title>404</title></channel></rss>', "text/xml"),
    ],
)
def test_data_is_left_to_its_reader(body, kind):
    assert judged(body, kind=kind).page_class is None


def test_a_redirect_between_deep_pages_is_no_missing_page():
    verdict = judged(
        page("標題", f"<p>{PROSE}</p>"),
        url="https://x.example/b/2",
        requested_url="https://x.example/a/1",
    )
    assert verdict.page_class is None


@pytest.mark.parametrize(
    ("asked", "came", "missing"),
    [
        ("https://x.example/index.php?tid=5", "https://x.example/", True),
        ("https://x.example/a/1", "https://www.x.example/index.shtml?utm_source=gone", True),
        ("https://x.example/zh/a/1.html", "https://x.example/zh/", True),
        ("https://x.example/a/1", "https://x.example/zh/", False),
        ("https://x.example/zh", "https://x.example/zh/", False),
        ("https://x.example/old/7", "https://x.example/?p=7", False),
        ("https://x.example/forum.php", "https://x.example/", False),
        ("https://x.example/index.html", "https://x.example/", False),
        ("https://m.x.example/a/1", "https://www.x.example/a/1", False),
        ("http://x.example/a/1", "https://x.example/a/1", False),
    ],
)
def test_the_front_page_instead_of_another_page_is_a_missing_page(asked, came, missing):
    body = page("某站首頁", f"<p>{PROSE}</p>")
    verdict = judged(body, url=came, requested_url=asked)
    assert verdict.page_class is (PageClass.SOFT404 if missing else None)
    assert judged(body, url=came).page_class is None  # a front page that was asked for


def test_words_do_not_count_where_the_content_stands():
    short = page("求助", '<div id="main-content">網站說請先登入，怎麼辦？</div>')
    view = View(Capture("https://x.example/a/1", short.encode(), NOW))
    assert classify(view).page_class is PageClass.LOGIN
    assert classify(view, ('id="main-content"',)).page_class is None
