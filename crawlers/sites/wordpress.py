"""WordPress: any blog or paper of that engine, by REST, feeds and the comments on its pages.

Themes differ: the generic reader takes the text of a page; the engine's own markup is read here.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import AnyArticle, CommentApi, CommentFeed, Listing, Story, starts
from crawlers.site import Site

_FIELDS = r"""comment_id: @id => (\d+)$; author: .comment-author .fn | .comment-author cite |
    cite.fn | .comment-author; published: .comment-metadata time@datetime | time@datetime |
    .comment-meta a | .comment-date; text: .comment-content - .reply |
    .comment-text - .meta, .reply | .comment-body - .comment-author, .comment-meta, .reply"""


class WordpressPage(AnyArticle):
    """An article and the comments on its page."""

    marks = ('<div class="comment-author vcard', "wp-content/")
    rules = r"""article_id: re:\bpostid-(\d+) | css:#comment_post_ID@value |
        css:link[rel=shortlink]@href => [?&]p=(\d+)"""
    remarks, fields = "li.comment[id]", _FIELDS


class WordpressPost(Story):
    """A post by the REST API."""

    url_pattern, zone, body = r"/wp/v2/posts/\d+", UTC, ("json:content.rendered",)
    marks = ('"date_gmt"', '"modified_gmt"', '"rendered"')
    rules = """article_id: json:id; url: json:link; title: json:title.rendered; authors:
        json:_embedded.author.0.name; published: json:date_gmt; modified: json:modified_gmt"""
    talk = "/wp-json/wp/v2/comments?post={}&page=1&per_page=100&order=asc"


class WordpressPosts(Listing):
    """Posts by the REST API: each is asked for with its author."""

    url_pattern, zone = r"/wp/v2/posts(?:\?|$)", UTC
    rows = ("", "id in /wp-json/wp/v2/posts/{}?_embed=author", "date_gmt", "modified_gmt")


class WordpressComments(CommentApi):
    """Comments by the REST API, a hundred a page."""

    url_pattern, zone = r"/wp/v2/comments(?:\?|$)", UTC
    marks = ('"author_name"', '"author_avatar_urls"', '"date_gmt"')
    filled, paging, rules = True, ("page", 1, 100), r"thread_id: url:[?&]post=(\d+) | json:0.post"
    fields = """comment_id: id; author: author_name; author_id: author; text: content.rendered;
        published: date_gmt; parent_id: parent"""


class WordpressFeed(CommentFeed):
    """The feed of posts, or of the comments on one post or all."""

    url_pattern, marks = r"/feed/?$|[?&]feed=", ("wordpress.org/?v=", "#comment-")


class Wordpress(Site):
    """Blogs by host, or pages by URL."""

    name = "wordpress"
    pages = (WordpressComments, WordpressPosts, WordpressPost, WordpressFeed, WordpressPage)
    options: ClassVar = {"host": "hosts of blogs", "url": "URLs of articles"}

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """The newest posts of each blog, then single pages."""
        host = (PageClass.LIST, "https://{}/wp-json/wp/v2/posts?per_page=100")
        return starts(options, host=host, url=(PageClass.ARTICLE, "{}"))
