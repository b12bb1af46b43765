"""Zhihu (zhihu.com): saved pages of questions and columns: Simplified; times in UTC.

Guests meet a login wall and signatures, so nothing is crawled. A question is the thread, each
answer a comment; the page's script state holds one answer, the markup those that were loaded.
"""

from crawlers.page import Story, Thread
from crawlers.site import Site

_QUESTION = r"/question/(?P<id>\d+)"


class ZhihuQuestion(Thread):
    """A question and the answers that were loaded."""

    url_pattern = _QUESTION
    marks = ("zhihu.com", "QuestionHeader-title")
    rules = rf"""thread_id: url:{_QUESTION} | re:{_QUESTION}; title: css:.QuestionHeader-title;
        reply_count: css:.List-headerText => ([\d,]+) 个回答 | css:.ViewAll => ([\d,]+) 个回答;
        authors: xpath://a[@class="UserLink-link"][ancestor::*[@class="QuestionAuthor"]]//text();
        published: xpath://*[@class="QuestionPage"]/meta[@itemprop="dateCreated"]/@content"""
    posts = '//*[@itemtype="http://schema.org/Answer"][@name]'
    fields = r"""comment_id: @name; author: [itemprop=author] meta[itemprop=name]@content;
        author_id: [itemprop=author] meta[itemprop=url]@content => people/([^/?]+);
        published: meta[itemprop=dateCreated]@content;
        text: [itemprop=text] | .RichContent-inner .RichText - .RichText-ADLinkCardContainer;
        votes_up: meta[itemprop=upvoteCount]@content;
        reply_count: meta[itemprop=commentCount]@content"""
    floors, question = False, ".QuestionRichText, .QuestionHeader-detail"


class ZhihuColumn(Story):
    """An article of a column."""

    url_pattern = r"zhuanlan\.zhihu\.com/p/(?P<id>\d+)|/p/(\d+)"
    marks = ("zhihu.com", "Post-Title")
    rules = r"""article_id: url:/p/(\d+); title: css:h1.Post-Title | meta:og:title;
        authors: css:.AuthorInfo-name | css:.Post-Author meta[itemprop=name]@content;
        published: meta:datePublished | css:.ContentItem-time => \d{4}-\d\d-\d\d \d\d:\d\d;
        votes_up: css:.VoteButton--up => \d[\d,]*"""
    body = (".Post-RichText", ".RichText.ztext")


class Zhihu(Site):
    """Import only."""

    name, pages, crawlable = "zhihu", (ZhihuQuestion, ZhihuColumn), False
    hosts = ("www.zhihu.com", "zhuanlan.zhihu.com")
    robots_note = "login wall: saved pages can be imported, nothing is fetched"
