"""What a response is, judged before anything is parsed out of it; pure, with a reason.

An article that merely mentions 验证码 or 404 is no captcha and no missing page. So a word
alone never decides: it must stand where such pages have it (the title, a short page, a form),
or the server must say so (status, headers, magic bytes). In doubt there is no objection and
the page goes on to its page object.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.model import PageClass
from crawlers.flow import opening_text, squash
from crawlers.generic.feed import is_feed
from crawlers.view import View
from pipelines.urls import canonical

__all__ = ["Verdict", "classify"]

_SHORT = 400  # visible characters; error and gate pages are shorter, articles rarely
_BRIEF = 160
_HEAD = 4000

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"RIFF", "riff"),
    (b"\xd0\xcf\x11\xe0", "office document"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
)
_INDEX = re.compile(r"/(?:index|default|home|forum|portal)\.(?:s?html?|php|aspx?|jsp)$|/home$")
_LANGUAGE = re.compile(r"/(?:zh|cn|tw|hk|en|sc|tc|big5|gb|zh[-_]\w{2,4}|simp|trad)", re.IGNORECASE)
_BINARY_TYPES = re.compile(
    r"^(?:image|audio|video|font)/(?!svg)|^application/(?:pdf|zip|x-zip|octet-stream|msword|vnd\.)"
)
_NOT_FOUND = re.compile(
    r"404|not found|(?:文章|帖子|主题|主題|页面|頁面|网页|網頁|内容|內容|新闻|新聞|话题|話題|贴子)"
    r"(?:已经|已經|可能)?(?:已被)?(?:不存在|不見了|已?被?(?:作者|管理员)?(?:删除|刪除)|已下架|找不到|未找到)"
    r"|(?:找不到|無此|没有找到|沒有找到|您访问的|您訪問的).{0,8}(?:页面|頁面|文章|網頁|网页|看板|版面)"
    r"|抱歉，指定的主题不存在|(?:很|非常)?抱歉.{0,12}(?:不存在|被删除|被刪除)|该内容已被发布者删除",
    re.IGNORECASE,
)
_CAPTCHA = re.compile(
    r"验证码|驗證碼|安全验证|安全驗證|人机验证|真人驗證|滑动验证|拖动滑块|captcha|are you a? ?human"
    r"|请完成验证|環境異常|环境异常|我不是機器人|网络不给力，请稍后重试",
    re.IGNORECASE,
)
_CAPTCHA_PARTS = (
    'class="g-recaptcha"',
    'class="h-captcha"',
    "geetest_",
    "wappass.baidu.com/static/captcha",
    "/_guard/",
    "TCaptcha",
    "punish-component",
)
_CHALLENGE = re.compile(
    r"just a moment|attention required! \| cloudflare|ddos-guard|checking your browser"
    r"|请稍候…?$|請稍候…?$|加速乐|创宇盾|安全狗|云防护|访问被拦截|访问被阻断|request blocked",
    re.IGNORECASE,
)
_CHALLENGE_PARTS = ("/cdn-cgi/challenge-platform/", "cf-browser-verification", "_cf_chl_opt")
_DENIED = re.compile(
    r"access denied|forbidden|403|拒绝访问|拒絕存取|禁止访问|您的访问被|ip.{0,6}被(?:封|禁)"
    r"|访问过于频繁|訪問過於頻繁|请求过于频繁|too many requests",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:请|請|需要|须|您尚未|你还没有)先?(?:登录|登入|登錄|登陆)|(?:登录|登入|登錄)后(?:查看|阅读|才能)"
    r"|sign in to continue|log ?in to (?:view|continue)|^(?:用户|會員|会员)?(?:登录|登入|登錄)",
    re.IGNORECASE,
)
_OVER18 = re.compile(
    r"(?:未|已)(?:年)?滿(?:十八|18)歲|(?:未|已)满(?:十八|18)[岁周]|over18|看板內容需滿十八歲",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"cookie|consent|隐私|隱私|同意", re.IGNORECASE)
_PAYWALL = re.compile(
    r"(?:订阅|訂閱|付费|付費|成为会员|加入會員|开通会员|購買)(?:后|後|即可|才能|，)?.{0,6}"
    r"(?:继续阅读|繼續閱讀|阅读全文|閱讀全文|解锁全文|解鎖全文|查看全文|看全文)"
    r"|此为付费(?:文章|内容)|此為付費(?:文章|內容)|本文为付费"
    r"|(?:剩余|剩餘|還有|还有).{0,6}[%％字].{0,6}(?:未读|待讀|付费|付費|未讀)"
)
_PAYWALL_PARTS = '[class*="paywall" i], [id*="paywall" i], [class*="subscribe-wall" i]'


_STATUS = (
    dict.fromkeys((404, 410), PageClass.SOFT404)
    | dict.fromkeys((401, 407), PageClass.LOGIN)
    | dict.fromkeys((403, 429, 451), PageClass.BLOCKED)
    | {402: PageClass.PAYWALL}
)
_REASON = 120  # characters


@dataclass(frozen=True, slots=True)
class Verdict:
    """A class that ends the reading, or None where nothing speaks against parsing."""

    page_class: PageClass | None = None
    reason: str = ""


_FINE = Verdict()


def _binary(view: View) -> str:
    head = view.payload[:16]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return f"not text: {name} by its first bytes"
    content_type = view.capture.header("content-type").lower().strip()
    if _BINARY_TYPES.match(content_type) and b"<" not in view.payload[:200]:
        return f"not text: Content-Type {content_type}"
    return ""


def _home(url: str, below: str = "") -> bool:
    """Whether a URL is a front page: of the host, or of a language that `below` lies in too."""
    parts = urlsplit(canonical(url))
    path = _INDEX.sub("", parts.path).rstrip("/")
    if parts.query:
        return False  # /?p=77 and /index.php?tid=77 are pages of their own
    return not path or bool(_LANGUAGE.fullmatch(path) and below.startswith(f"{path}/"))


def _redirected_home(view: View) -> bool:
    """Whether another page was asked for (`requested_url`) and the front page came."""
    asked = str(view.meta.get("requested_url", ""))
    if not asked or not view.url:
        return False
    below = urlsplit(asked).path.rstrip("/")
    return not _home(asked) and _home(view.url, below)


def _by_status(view: View, title: str) -> Verdict:
    status = view.capture.status
    if found := _STATUS.get(status):
        return Verdict(found, f"status {status}: {title}"[:_REASON].rstrip(": "))
    if status >= 500 and _CHALLENGE.search(title):
        return Verdict(PageClass.BLOCKED, f"status {status}: {title}"[:_REASON])
    return Verdict(PageClass.OTHER, f"status {status}") if status >= 400 else _FINE


def _gates(view: View, title: str, visible: str) -> Verdict:
    """Pages that stand before the content; each needs structure besides its words."""
    size = len(visible)
    shown = f"{title}\n{visible}"
    if (
        _CHALLENGE.search(title)
        or (size < _SHORT and any(part in view.text for part in _CHALLENGE_PARTS))
    ) and size < _SHORT * 2:
        return Verdict(PageClass.BLOCKED, f"challenge page: {title}"[:_REASON])
    form = view.selector.xpath("boolean(//form|//input|//button)").get() == "1"
    if size < _SHORT * 2 and form and _OVER18.search(shown + urlsplit(view.url).path):
        return Verdict(PageClass.LOGIN, "over18")
    parts = any(part in view.text for part in _CAPTCHA_PARTS)
    if size < _SHORT and (_CAPTCHA.search(title) or (_CAPTCHA.search(visible) and (form or parts))):
        return Verdict(PageClass.CAPTCHA, f"captcha: {title}"[:_REASON])
    if size < _BRIEF and _DENIED.search(shown):
        return Verdict(PageClass.BLOCKED, f"denied: {shown}"[:_REASON])
    return _missing_or_login(view, title, visible)


def _missing_or_login(view: View, title: str, visible: str) -> Verdict:
    size = len(visible)
    if size < _SHORT and (_NOT_FOUND.search(title) or _NOT_FOUND.search(visible[:_BRIEF])):
        return Verdict(PageClass.SOFT404, f"missing: {title}"[:_REASON])
    secret = view.selector.xpath('boolean(//input[@type="password"])').get() == "1"
    if size < _SHORT and _LOGIN.search(title if not secret else f"{title}\n{visible}"):
        return Verdict(PageClass.LOGIN, f"login form: {title}"[:_REASON])
    if size < _BRIEF and _LOGIN.search(visible):
        return Verdict(PageClass.LOGIN, f"login wanted: {visible}"[:_REASON])
    if size < _SHORT and _CONSENT.search(title) and view.selector.css("form, button"):
        return Verdict(PageClass.LOGIN, f"consent: {title}"[:_REASON])
    return _FINE


def _paywall(view: View, visible: str) -> Verdict:
    """A wall is a part of the page with its words, not a sentence of the article."""
    walls = view.selector.css(_PAYWALL_PARTS) if "aywall" in view.text else ()
    texts = [squash(wall.xpath("string()").get("")) for wall in walls]
    lines = visible.splitlines() if len(visible) < _SHORT * 4 else []
    for text in (*texts, *(line for line in lines if len(line) < _SHORT // 6)):
        if len(text) < _SHORT and _PAYWALL.search(text):
            return Verdict(PageClass.PAYWALL, f"paywall: {text}"[:_REASON])
    return _FINE


def classify(view: View, *marks: tuple[str, ...]) -> Verdict:
    """The class that a page betrays by status, bytes, size, title and structure.

    `page_class` None means: nothing speaks against parsing. `marks` are those of the site's page
    objects: where all of one set stand in the text, the content is there and no words in it make
    the page a gate. Reasons are at most 120 characters.
    """
    if not view.capture.body or view.capture.body.isspace():
        by_status = _by_status(view, "")
        return by_status if by_status.page_class else Verdict(PageClass.EMPTY, "no body")
    if binary := _binary(view):
        return Verdict(PageClass.OTHER, binary)
    if not view.text.strip("\ufeff \t\r\n\x00"):
        return Verdict(PageClass.EMPTY, "white space only")
    if view.is_data or is_feed(view.text):  # words in it are those of its entries
        return _by_status(view, "")
    title = squash(view.selector.xpath("string(//title)").get(""))
    by_status = _by_status(view, title)
    return by_status if by_status.page_class else _by_text(view, title, marks)


def _by_text(view: View, title: str, marks: tuple[tuple[str, ...], ...]) -> Verdict:
    if _redirected_home(view):
        return Verdict(PageClass.SOFT404, "redirected to the home page")
    if any(found and view.has(*found) for found in marks):
        return _FINE
    body = view.selector.xpath("//body")
    visible = opening_text(body[0], _SHORT * 4) if body else ""
    bare = not visible and not title and len(view.text) < _HEAD
    if bare and not view.selector.xpath("//body//img"):
        return Verdict(PageClass.EMPTY, "no visible text")
    if len(visible) < _SHORT * 4:
        verdict = _gates(view, title, visible)
        if verdict.page_class:
            return verdict
    return _paywall(view, visible)
