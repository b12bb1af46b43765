"""WeChat public accounts (mp.weixin.qq.com): saved pages: Simplified, UTC+8."""

from crawlers.page import Story
from crawlers.site import Site

_DOC = r"mp\.weixin\.qq\.com/s[/?]"


class WeixinArticle(Story):
    """An article of an account; the shown time may be relative, the script has the epoch."""

    url_pattern = _DOC
    marks = ("mp.weixin.qq.com", "js_content")
    rules = r"""article_id: url:[?&]sn=(\w+) | url:/s/([\w-]+) | re:\bsn\s*=\s*"(\w{32})";
        title: css:#activity-name | meta:og:title; medium: css:#js_name | css:.profile_nickname;
        published: re:var ct\s*=\s*"(\d{10})" | css:#publish_time; authors: css:#js_author_name |
        meta:author; ip_region: re:ip_wording.*?province_name:\s*'(\w+)'; url: meta:og:url"""
    body = ("#js_content",)
    drop = "pre, [class*=code-snippet], .js_audio_frame, mpvoice, .reward_area"


class Weixin(Site):
    """Import only."""

    name, pages, crawlable = "weixin", (WeixinArticle,), False
    hosts = ("mp.weixin.qq.com",)
    robots_note = "links expire and readers are checked: saved pages can be imported"
