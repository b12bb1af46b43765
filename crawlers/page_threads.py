"""The shapes of discussion: a thread in pages, a comment API, a site's own notice.

Each is a `Page` whose declarations say all that differs between sites.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

from parsel import Selector

from archive.model import (
    Article,
    Comment,
    Kind,
    Link,
    PageClass,
    PageData,
    Problem,
    StopReason,
    ThreadPage,
)
from crawlers.finding import Finder, xpath
from crawlers.page_object import Page
from crawlers.remarks import Item, read_field, remark
from crawlers.rules import declared, dig, hrefs_of, number
from pipelines.urls import canonical

__all__ = ["CommentApi", "Notice", "Thread"]

_DEEPEST = 60  # levels of answers below answers; deeper ones come from nobody's keyboard


class CommentApi(Page):
    """A page of comments as JSON or JSONP.

    `items` is the path of the list (or of an object of id -> comment; the id is then `_key`),
    `total` of the declared number; `fields` say where a comment has what. `paging` is the query
    parameter that counts on and its step; the walk ends at an empty page or at the total.
    `chains` is the path of floor chains, where each id (`a,b,c`) answers the one before it.
    """

    page_class = PageClass.API
    items: ClassVar[str] = ""
    total: ClassVar[str] = ""
    chains: ClassVar[str] = ""
    fields: ClassVar[str] = ""
    paging: ClassVar[tuple[str, int, int]] = ("page", 1, 20)
    """Query parameter, its step, and how many comments a page has."""

    walks: ClassVar[str] = ""
    """A regex of the URLs that are walked on; lists of the best only repeat the others."""
    opens: ClassVar[bool] = False
    """Whether the first floor of the API is the thread's opening post."""
    pages: ClassVar[str] = ""
    """The path of the number of pages."""
    below: ClassVar[str] = ""
    """The path, in a comment, of the comments that answer it; each of them gets `_parent`."""
    filled: ClassVar[bool] = False
    """Whether a page that is not full is the last."""
    rest: ClassVar[str] = ""
    """The path of the next page's URL, where the answer names it."""

    def fixed(self, found: Comment, item: Item) -> Comment | None:
        """What `fields` cannot say; None leaves the item out."""
        del item
        parent = self.parents.get(found.comment_id, found.parent_id)
        return found if parent == found.parent_id else replace(found, parent_id=parent)

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """Comment id -> the floor before it; floors that the API folds are named here too."""
        chains = dig(self.view.json, self.chains) if self.chains else None
        split = (str(chain).split(",") for chain in chains or ())
        return {child: parent for chain in split for parent, child in pairwise(chain)}

    def data(self) -> PageData:
        """The comments, the thread's state, and the next page while there is one."""
        thread = str(self.view.meta.get("thread", "")) or self.get("thread_id")
        rows = self.rows()
        if rows is None:
            problem = Problem(f"no comments at {self.items!r}", "json", self.view.text[:200])
            return PageData(self.page_class, problems=(problem,))
        numbered = [{**row, "_place": place} for place, row in enumerate(rows, 1)]
        comments = self.records(numbered, lambda row: self._read(thread, row))
        total = number(str(dig(self.answer, self.total))) if self.total else None
        page, url = self._next(len(rows), total)
        meta: dict[str, str | int] = {"thread": thread}
        links = (Link(url, PageClass.API, thread, meta=meta),) if url else ()
        opening = comments[:1] if self.opens and comments and comments[0].floor == 1 else ()
        articles = tuple(_opening(self, post) for post in opening)
        walk = ThreadPage(thread, total, page)
        return PageData(self.page_class, "", articles, comments[len(opening) :], links, walk)

    @cached_property
    def answer(self) -> Any:
        """The answer; on an HTML page, the state that its scripts start from."""
        return self.view.json if self.view.is_data else self.view.embedded.state

    def rows(self) -> list[dict[str, Any]] | None:
        """The comments in page order, those below others right behind them; None without any."""
        rows = dig(self.answer, self.items) if self.items else self.answer
        if isinstance(rows, dict):
            rows = [{**row, "_key": key} for key, row in rows.items() if isinstance(row, dict)]
        if not isinstance(rows, list):
            return None
        return list(self._unfolded(rows, ""))

    def _unfolded(self, rows: Iterable[Any], parent: str, depth: int = 0) -> Iterator[Any]:
        for place, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                self.problems.append(Problem("no comment", f"comment {place}", str(row)[:200]))
                continue
            yield {**row, "_parent": parent}
            if not self.below:
                continue
            nested = dig(row, self.below)
            if isinstance(nested, list) and depth < _DEEPEST:
                key = str(row.get(declared(self.fields)["comment_id"][0], ""))
                yield from self._unfolded(nested, key, depth + 1)

    def _next(self, count: int, total: int | None) -> tuple[int, str]:
        """(the number of this page, the URL of the next one while there is one)."""
        name, step, size = self.paging
        at = int(self.pick("at", rf"url:[?&]{name}=(\d+)") or (0 if step > 1 else 1))
        done = at + step if step > 1 else at * size
        page = done // (step if step > 1 else size)
        if self.rest:
            named = dig(self.answer, self.rest)
            return page, self.view.join(named) if isinstance(named, str) else ""
        counted = re.search(rf"[?&]{name}=", self.view.url)
        last = number(str(dig(self.answer, self.pages))) if self.pages else None
        # Without the parameter: the first page, where the answer says how many there are.
        walked = (counted or last) and re.search(self.walks, self.view.url)
        ended = not count or (self.filled and count < size) or (last is not None and at >= last)
        if not walked or ended or (total is not None and done >= total):
            return page, ""
        if not counted:
            return page, f"{self.view.url}{'&' if '?' in self.view.url else '?'}{name}={at + step}"
        return page, re.sub(rf"([?&]{name}=)\d+", rf"\g<1>{at + step}", self.view.url)

    def _read(self, thread: str, row: dict[str, Any]) -> Comment | None:
        return self.fixed(remark(self, thread, row, self.fields), row)


class Thread(Page):
    """A page of a forum thread: `posts` (CSS or XPath) are its floors, `fields` what each one has.

    The first floor is the thread's article. Threads are walked page by page: `further` (CSS with
    `@href`, or XPath) is the link to the next page. Rules `asked` and `shown` are the page number
    in the URL and on the page: a page past the end shows an earlier one again and gives nothing.
    Rule `before` is the number of posts on the pages before this one, where posts show no floor.
    `anchor` makes a comment's permalink of the page's URL and the comment's id. `floors` False:
    answers or reviews that nobody numbers, and no opening post among them; `question` (CSS) is
    then its text.
    """

    page_class = PageClass.THREAD
    posts: ClassVar[str] = ""
    fields: ClassVar[str] = ""
    further: ClassVar[str] = ""
    floors: ClassVar[bool] = True
    question: ClassVar[str] = ""
    anchor: ClassVar[str] = "#{}"

    def data(self) -> PageData:
        """The posts of this page, and the link to the next one."""
        thread = self.get("thread_id")
        shown, asked = number(self.get("shown")) or 1, number(self.get("asked")) or 1
        if asked > shown > 0 and declared(self.rules).get("shown"):
            return PageData(PageClass.THREAD, "past the end", thread=ThreadPage(thread))
        nodes = [Selector(root=node, type="html") for node in self._posts()]
        posts = self._floors(self.records(nodes, lambda node: self._read(thread, node)))
        opening = tuple(self.opening(post, nodes[0]) for post in posts[:1] if post.floor == 1)
        if self.question:
            node, text = self.node("text", self.question)
            opening = (self.article(thread, kind=Kind.POST, text=text, images=self.images(node)),)
        hrefs = list(hrefs_of(self.view, self.further))[:1]
        urls = (canonical(self.view.join(href)) for href in hrefs)
        links = tuple(Link(url, PageClass.THREAD, thread) for url in urls)
        walk = ThreadPage(thread, _replies(self), shown)
        replies = posts if self.question else posts[len(opening) :]
        return PageData(PageClass.THREAD, "", opening, replies, links, walk)

    def _posts(self) -> list[Any]:
        if self.posts.startswith(("/", "(")):
            return xpath(self.view.selector, self.posts)
        return list(self.view.finder.elements(self.posts))

    def fixed(self, found: Comment, node: Selector) -> Comment | None:
        """What `fields` cannot say; None leaves the post out."""
        del node
        return found

    def _read(self, thread: str, node: Selector) -> Comment | None:
        return self.fixed(remark(self, thread, node, self.fields), node)

    def _floors(self, posts: tuple[Comment, ...]) -> tuple[Comment, ...]:
        """Floors without a number follow the one before; replies below a floor have none."""
        url, kept = canonical(self.view.address), []
        before = number(self.get("before"))
        later = before is None and (number(self.get("shown")) or 1) > 1
        floor = before or 0
        numbered = self.floors and not later
        for post in posts:
            nested = post.parent_id is not None and not post.quoted_ids and not post.floor
            floor = floor if nested else post.floor or (floor + 1 if numbered or floor else 0)
            link = url + self.anchor.format(post.comment_id) if url else None
            kept.append(replace(post, floor=None if nested else floor or None, url=link))
        return tuple(kept)

    def opening(self, post: Comment, node: Selector) -> Article:
        """The first floor as the thread's article."""
        path = declared(self.fields)["text"][0].partition(" - ")
        below = self.finders.get(node.root) or Finder(node)
        body = below.css(path[0])
        ways = declared(self.fields).get("modified", ())
        shown = next((raw for way in ways if (raw := read_field(below, way))), "")
        found = _opening(self, post, self.images(body[0] if body else None, path[2]))
        if not shown:
            return found
        return replace(found, modified=self.time(shown, after=getattr(found.published, "at", None)))


def _replies(page: Page) -> int | None:
    """The declared number of replies; rule `post_count` counts the opening post too."""
    if (said := number(page.get("reply_count"))) is not None:
        return said
    posts = number(page.get("post_count"))
    return posts - 1 if posts else None


def _opening(page: Page, post: Comment, images: tuple[str, ...] = ()) -> Article:
    return page.article(
        post.thread_id,
        thread_id=post.thread_id,
        kind=Kind.POST,
        text=post.text,
        authors=(post.author,) if post.author else (),
        author_id=post.author_id,
        published=post.published,
        ip_region=post.ip_region,
        votes_up=post.votes_up,
        votes_down=post.votes_down,
        reply_count=_replies(page),
        images=images,
        state=post.state,
    )


class Notice(Page):
    """A page of a site's own that stands in for content: login wanted, gone, not allowed."""

    gate = True
    login: ClassVar[str] = r"登录|登入|登錄|权限|權限|注册|註冊|無權|无权"

    def data(self) -> PageData:
        """The words of the rule `said` decide; the walk of a thread ends here."""
        said, thread = self.get("said"), self.get("thread_id")
        login = re.search(self.login, said)
        walk = ThreadPage(thread, stop=StopReason.LOGIN if login else StopReason.ERROR)
        found = PageClass.LOGIN if login else PageClass.SOFT404
        return PageData(found, said[:200], thread=walk if thread else None)
