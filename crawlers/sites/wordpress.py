"""WordPress: any blog or paper of that engine, by REST, feeds and the comments on its pages.

Themes differ: the generic reader takes the text of a page; the engine's own markup is read here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import ClassVar

from archive.model import Article, Comment, Link, PageClass, PageData
from crawlers.page import AnyArticle, CommentApi, Feed, Listing, Page, Selector, Story
from crawlers.page import remark, starts
from crawlers.site import Site

_API = "/wp-json/wp/v2/comments?post={}&page=1&per_page=100&order=asc"
_FIELDS = r"""comment_id: @id => (\d+)$; author: .comment-author .fn | .comment-author cite |
    cite.fn | .comment-author; published: .comment-metadata time@datetime | time@datetime |
    .comment-meta a | .comment-date; text: .comment-content - .reply |
    .comment-text - .meta, .reply | .comment-body - .comment-author, .comment-meta, .reply"""


class WordpressPage(AnyArticle):
    """An article with comments; one without needs no rules."""

    url_pattern, matches = "", Page.matches
    marks = ("comment-author", '<div class="comment-author vcard', "wp-content/")
    rules = r"""article_id: re:\bpostid-(\d+) | css:#comment_post_ID@value |
        css:link[rel=shortlink]@href => [?&]p=(\d+)"""

    def data(self) -> PageData:
        """The generic reader's article, under its number, with the comments on the page."""
        found, post = super().data(), self.get("article_id")
        articles = tuple(replace(a, article_id=post or a.article_id) for a in found.articles)
        self.thread_id = articles[0].article_id if articles else post
        comments = self.records(self.view.selector.css("li.comment[id]"), self.said)
        return replace(found, articles=articles, comments=comments)

    def said(self, node: Selector) -> Comment:
        """One comment; it answers the one that its list stands in."""
        above = re.sub(r"\D", "", node.xpath("string(ancestor::li[@id][1]/@id)").get(""))
        return replace(remark(self, self.thread_id, node, _FIELDS), parent_id=above or None)


class WordpressPost(Story):
    """A post by the REST API."""

    url_pattern, zone = r"/wp/v2/posts/\d+", UTC
    rules = """article_id: json:id; url: json:link; title: json:title.rendered; authors:
        json:_embedded.author.0.name; published: json:date_gmt; modified: json:modified_gmt"""
    body = ("json:content.rendered",)

    def links(self, article: Article) -> Iterable[Link]:
        """The first hundred comments."""
        post = article.article_id
        yield Link(self.view.join(_API.format(post)), PageClass.API, post, meta={"thread": post})


class WordpressPosts(Listing):
    """Posts by the REST API: each is asked for with its author."""

    url_pattern = r"/wp/v2/posts(?:\?|$)"
    rows = ("", "id in /wp-json/wp/v2/posts/{}?_embed=author", "date_gmt", "modified_gmt")


class WordpressComments(CommentApi):
    """Comments by the REST API, a hundred a page."""

    url_pattern, zone = r"/wp/v2/comments(?:\?|$)", UTC
    marks = ('"author_name"', '"author_avatar_urls"', '"date_gmt"')
    filled, paging, rules = True, ("page", 1, 100), r"thread_id: url:[?&]post=(\d+) | json:0.post"
    fields = """comment_id: id; author: author_name; author_id: author; text: content.rendered;
        published: date_gmt; parent_id: parent"""


class WordpressFeed(Feed):
    """The feed of comments, or of posts."""

    url_pattern, marks = r"/feed/?$|[?&]feed=", ("?p=",)

    def data(self) -> PageData:
        """An entry that is a comment gives one; every other a link."""
        found = super().data()
        return found


class Wordpress(Site):
    """Blogs by host, or pages by URL."""

    name = "wordpress"
    pages = (WordpressComments, WordpressPosts, WordpressPost, WordpressFeed, WordpressPage)
    options: ClassVar = {"host": "hosts of blogs", "url": "URLs of articles"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest posts of each blog, then single pages."""
        host = (PageClass.LIST, "https://{}/wp-json/wp/v2/posts?per_page=100")
        return starts(options, host=host, url=(PageClass.ARTICLE, "{}"))
