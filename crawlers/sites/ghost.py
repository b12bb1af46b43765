"""Ghost: any blog of that engine, by its feed or sitemap and its pages; times carry their zone."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archive.model import Link, PageClass
from crawlers.page import Feed, Story, starts
from crawlers.site import Site


class GhostPost(Story):
    """A post of any theme; what only members read says so and stays cut."""

    marks = ('name="generator" content="Ghost', 'property="article:published_time"')
    rules = """article_id: re:"post_?[iI]d":\\s*"([0-9a-f]{24})" | xpath://@data-ghost-post-id |
        css:link[rel=canonical]@href => ([^/]+)/*$ | url:([^/?#]+)/*(?:[?#]|$);
        title: css:h1.gh-article-title | css:h1.article-title | css:h1.post-full-title |
        meta:og:title; authors: ld:author.name | meta:twitter:data1;
        published: meta:article:published_time | ld:datePublished;
        modified: meta:article:modified_time; section: meta:article:tag;
        medium: meta:og:site_name"""
    body = (".gh-content", ".post-full-content .post-content", ".post-content", "article section")
    drop = """.gh-post-upgrade-cta, .kg-signup-card, .subscribe-form, figcaption, .kg-cta-card,
        .kg-bookmark-card, script, style"""


class GhostFeed(Feed):
    """The blog's RSS, or its sitemap of posts."""

    marks = ("<generator>Ghost",)
    url_pattern = r"/rss/?$|/sitemap(?:-posts)?\.xml$"


class Ghost(Site):
    """Blogs by host, or posts by URL."""

    name, pages = "ghost", (GhostFeed, GhostPost)
    options: ClassVar = {
        "host": "hosts of blogs: their newest posts",
        "all": "hosts of blogs: all posts, by the sitemap",
        "url": "URLs of posts",
    }

    def seeds(self, options: Mapping[str, str]) -> Iterable[Link]:
        """Feeds, sitemaps, then single posts."""
        return starts(
            options,
            host=(PageClass.FEED, "https://{}/rss/"),
            all=(PageClass.FEED, "https://{}/sitemap-posts.xml"),
            url=(PageClass.ARTICLE, "{}"),
        )
