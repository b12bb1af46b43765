"""HK01 (hk01.com), Hong Kong: text as tokens in the page's state: Traditional, UTC+8."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, ClassVar

from archive.model import Link, PageClass
from crawlers.page import Listing, Story, dig, starts
from crawlers.site import Site

_DOC = r"/(?:article/|[^/?#]+/)(?P<id>\d{5,})(?:/|$|\?|#)"
_STATE = "state:props.initialProps.pageProps.article"
_API = "https://web-data.api.hk01.com/v2/feed/category/"


class Hk01Article(Story):
    """An article; the lead (teaser) is no part of the text."""

    url_pattern = _DOC
    marks = ("hk01.com", '"htmlTokens"')
    rules = rf"""article_id: {_STATE}.articleId | url:{_DOC};
        title: {_STATE}.title | meta:og:title; published: {_STATE}.publishTime |
        meta:article:published_time; modified: {_STATE}.lastModifyTime;
        authors: {_STATE}.authors | ld:author.name;
        section: {_STATE}.mainCategory | meta:article:section"""
    body = (
        f"{_STATE}.blocks",
        "#article-content-section",
        ".article-grid__content-section",
        "article",
    )

    def pick(self, field: str, *rules: str) -> str:
        """Writers are objects with a name for publication."""
        writers = dig(self.view.embedded.state, f"{_STATE.removeprefix('state:')}.authors")
        if field != "authors" or not isinstance(writers, list):
            return super().pick(field, *rules)
        self.provenance[field] = f"{_STATE}.authors"
        return "、".join(str(dig(one, "publishName") or "") for one in writers)

    def pieces(self, value: Any) -> Any:
        """The blocks of text and images as HTML; of a link only its words stay."""
        found = []
        for block in value if isinstance(value, list) else ():
            for tokens in dig(block, "htmlTokens") or ():
                words = "".join(escape(str(dig(token, "content") or "")) for token in tokens)
                found.append(f"<p>{words}</p>")
            shown = (dig(block, "image"), *(dig(block, "images") or ()))
            sources = filter(None, (dig(image, "cdnUrl") for image in shown))
            found += [f'<img src="{escape(str(source))}">' for source in sources]
        return found


class Hk01List(Listing):
    """A category's newest, as JSON."""

    url_pattern, marks = r"/v2/(?:feed|page)/", ('"nextOffset"', '"articleId"')
    rows = ("items", "data.publishUrl | data.articleId in https://www.hk01.com/article/{}", "", "")
    rows = (*rows[:2], "data.publishTime", "data.lastModifyTime")
    rest = "nextOffset in ?offset={}&bucketId=00000"


class Hk01(Site):
    """Categories by number, or articles by URL."""

    name, pages = "hk01", (Hk01List, Hk01Article)
    hosts = ("www.hk01.com", "hk01.com", "web-data.api.hk01.com")
    options: ClassVar = {"category": "category numbers, 0 for all", "url": "article URLs"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest of each category, then single articles."""
        category = (PageClass.LIST, f"{_API}{{}}?offset=99999999999&bucketId=00000")
        return starts(options, category=category, url=(PageClass.ARTICLE, "{}"))
