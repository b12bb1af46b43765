"""NetEase (163.com): news, 网易号 (dy) and the comments below them: Simplified Chinese, UTC+8.

Each entry of the API's `commentIds` is a chain of floors, the last id being the comment itself.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Article, Link, PageClass
from crawlers.page import CommentApi, Listing, Story, starts
from crawlers.site import Site

_DOC = r"/(?:(?P<date>\d\d/\d{4})/\d\d|article)/(?P<id>[0-9A-Z]{16})(?:_\w+)?\.html"
_DY = "https://www.163.com/dy/article/{}.html"
_API = "https://comment.api.163.com/api/v1/products/{}/threads/{}/comments/newList"
_PAGING = "?ibc=newspc&limit=30&offset=0&showLevelThreshold=72&headLimit=1&tailLimit=2"


class NeteaseArticle(Story):
    """An article of a news channel (2019 layout and later), of 网易号 or of the mobile site."""

    url_pattern = _DOC
    marks = ("productKey", "docId", "163.com")
    rules = rf"""thread_id: url:{_DOC} | re:[dD]ocI[dD]\W{{1,6}}([0-9A-Z]{{16}});
        title: css:h1.post_title | css:#epContentLeft h1 | css:h1 | meta:og:title;
        published: meta:article:published_time | css:.post_info | css:.post_time_source;
        medium: css:.post_info, .post_time_source => 来源[:：]\s*(\S+);
        editor: re:责任编辑[:：]\s*([^\s_<]+); reply_count: css:.js-tiejoincount;
        ip_region: css:.post_info => 来源[:：]\s*\S+\s+(\S+)\s+举报;
        section: css:.post_crumb a:nth-of-type(2); product: re:productKey\W{{1,6}}(\w{{20,}})"""
    body = ("#endText", ".post_body", ".article-body", "#content", "article .content")
    drop = ".ep-source, .gg200x300, [class*=share], .post_top, .post_statement, [class*=related]"
    remarks = ".single-tie"
    fields = r"""comment_id: @data-post-id => _(\d+); author: .tie-author .name;
        published: .tie-time; text: .bdy-inner > .tie-cnt; votes_up: [data-post-up];
        ip_region: .tie-author .name-desp => 网易(.+?)网友; votes_down: [data-post-down]"""
    noise = r"（原标题：.*）|本文来源：.*|责任编辑：.*|特别声明：.*|Notice: .*|举报"

    def links(self, article: Article) -> Iterable[Link]:
        """The first page of the comments."""
        product = self.get("product") or "a2869674571f77b5a0867c3d71db5856"
        url = _API.format(product, article.thread_id) + _PAGING + "&callback=getData"
        yield Link(url, PageClass.API, article.thread_id)


class NeteaseComments(CommentApi):
    """A page of comments, newest first (newList) or best first (hotList), in JSONP."""

    url_pattern = r"/threads/(\w{16})/comments/(?:new|hot)List"
    marks = ('"commentIds"', '"buildLevel"')
    items, total, chains = "comments", "newListSize", "commentIds"
    paging, walks = ("offset", 30, 30), "/newList"
    rules = rf'thread_id: url:{url_pattern} | re:"postId"\s*:\s*"(\w{{16}})_'
    fields = """comment_id: _key; text: content; author: user.nickname; author_id: user.userId;
        published: createTime; floor: buildLevel; ip_region: user.location | ip; votes_up: vote;
        votes_down: against; deleted: isDel"""


class NeteaseList(Listing):
    """A section's front page, or a section as JSONP or JSON."""

    url_pattern = r"/special/|/list\.do|163\.com/(?:\w+/)?(?:#|$)"
    target = _DOC
    further = '//*[contains(@class, "bar-pages")]//a/@href'
    rows = ("data.list", f"docurl | docid in {_DY}", "time | ptime", "tienum")


class Netease(Site):
    """Sections by name, or articles by id."""

    name, pages = "netease", (NeteaseComments, NeteaseArticle, NeteaseList)
    hosts = ("www.163.com", "news.163.com", "dy.163.com", "comment.api.163.com")
    options: ClassVar = {"section": "lists below news.163.com/special/", "article": "document ids"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Section lists, then single articles; several with a comma between."""
        section = (PageClass.LIST, "https://news.163.com/special/{}/")
        return starts(options, section=section, article=(PageClass.ARTICLE, _DY))
