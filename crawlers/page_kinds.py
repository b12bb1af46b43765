"""The shapes that most page objects have: story, list, thread, comment API, notice.

Each is a `Page` whose declarations say all that differs between sites. A site overrides a method
only for what cannot be declared.
"""

import re
from collections.abc import Iterable, Mapping
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
from crawlers.flow import text_of
from crawlers.generic.around import Around
from crawlers.generic.byline import read_credits
from crawlers.generic.metadata import Metadata
from crawlers.generic.noise import cut_tail, ends_article, is_noise
from crawlers.page_object import Page
from crawlers.remarks import Item, remark
from crawlers.rules import declared, dig, number
from pipelines.markup import Body, split_body
from pipelines.urls import canonical

__all__ = ["CommentApi", "Listing", "Notice", "Story", "Thread"]


def _day(shown: str) -> str:
    """The date that a path spells: 19/0907, 2024-05/13, 20260101."""
    digits = re.sub(r"\D", "", shown)
    digits = f"20{digits}" if len(digits) == 6 else digits
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if len(digits) == 8 else ""


class Story(Page):
    """A publisher's piece: `rules` for the fields, `body` and `drop` for the text.

    `body` are CSS selectors, best first; `noise` is a regex of lines that are no text (bylines
    repeated, 责任编辑, related links).
    """

    page_class = PageClass.ARTICLE
    body: ClassVar[tuple[str, ...]] = ()
    remarks: ClassVar[str] = ""
    fields: ClassVar[str] = ""
    drop: ClassVar[str] = ""
    noise: ClassVar[str] = ""

    def comments(self, article: Article) -> Iterable[Comment]:
        """Remarks that stand on the page itself: `remarks` (CSS) each give their `fields`."""
        if not self.remarks:
            return ()
        thread = article.thread_id or article.article_id
        found = self.view.selector.css(self.remarks)
        return self.records(found, lambda node: remark(self, thread, node, self.fields))

    def links(self, article: Article) -> Iterable[Link]:
        """Where more of the piece is: its comment API, its next page."""
        del article
        return ()

    def story(self) -> Article:
        """The article by rules and body; bylines and footers inside the body become fields."""
        node, text = self.node("text", *self.body, drop=self.drop)
        if self.noise:
            text = re.sub(rf"(?m)^(?:{self.noise})$\n?", "", text).strip()
        lines = [line for line in text.splitlines() if not ends_article(line)]
        footed = split_body("\n".join(lines))
        kept = [line for line in map(cut_tail, footed.text.splitlines()) if not is_noise(line)]
        found = self.article(
            kind=Kind.NEWS,
            text="\n".join(kept),
            images=tuple(dict.fromkeys((*self.images(node, self.drop), *footed.images))),
        )
        return self._credited(found, lines, footed)

    def _credited(self, found: Article, lines: list[str], footed: Body) -> Article:
        """The article with what its own text says of its makers, where no rule found them."""
        credits = read_credits(Around(tail=tuple(lines[-4:])), lines, Metadata(), "")
        said = {
            "authors": credits.authors or footed.authors,
            "editor": footed.editor or credits.editor,
            "medium": footed.medium,
            "reprint_source": footed.reprint_source,
        }
        new = {name: value for name, value in said.items() if value and not getattr(found, name)}
        return replace(found, provenance=found.provenance | dict.fromkeys(new, "byline"), **new)

    def data(self) -> PageData:
        """The article, its comments and its links."""
        article = self.story()
        comments, links = tuple(self.comments(article)), tuple(self.links(article))
        walk = ThreadPage(article.thread_id or article.article_id, article.reply_count)
        thread = walk if comments else None
        return PageData(PageClass.ARTICLE, "", (article,), comments, links, thread)


class Listing(Page):
    """Links to articles or threads, and the next list page.

    `entries` (CSS) are the lines of the list, or the links themselves; `target` is a regex on a
    link's URL whose groups may be named `id` (thread), `epoch` or `date` (publication). `hints`
    (CSS) is what changes in a line when its target has news. `further` is an XPath of the link to
    the next page; a link with `walk` 0 in its meta does not lead there.
    """

    page_class = PageClass.LIST
    kind: ClassVar[PageClass] = PageClass.ARTICLE
    entries: ClassVar[str] = "a[href]"
    target: ClassVar[str] = ""
    hints: ClassVar[str] = ""
    further: ClassVar[str] = ""
    rows: ClassVar[tuple[str, str, str]] = ("", "", "")
    """For a list in JSON: the path of its rows, of a row's URL, and of its publication time."""

    def data(self) -> PageData:
        """Every target once, in page order, then the next page."""
        found: dict[str, Link] = {}
        if self.view.is_data:
            return PageData(PageClass.LIST, links=tuple(self.json_links()))
        for line in self.view.selector.css(self.entries):
            for href in line.xpath("descendant-or-self::a/@href").getall():
                url = canonical(self.view.join(href))
                if url not in found and (match := re.search(self.target, url)):
                    found[url] = self.link(url, match.groupdict(), line)
                    break
        further = self.view.selector.xpath(self.further).get() if self.further else None
        if further and self.view.meta.get("walk", 1):
            found[""] = Link(canonical(self.view.join(further)), PageClass.LIST, priority=-1)
        return PageData(PageClass.LIST, links=tuple(found.values()))

    def json_links(self) -> Iterable[Link]:
        """The entries of a list in JSON or JSONP; `URL {}` in `rows` makes an address of an id."""
        path, where, when = self.rows
        for row in (path and dig(self.view.json, path)) or self.view.json:
            for way in where.split(" | "):
                name, _, template = way.partition(" in ")
                if value := dig(row, name):
                    url = self.view.join(template.format(value) if template else str(value))
                    raw = str(dig(row, when) or "") if when else ""
                    yield Link(url, self.kind, published=self.time(raw).at if raw else None)
                    break

    def link(self, url: str, parts: Mapping[str, str | None], line: Selector) -> Link:
        """One entry; `parts` are the named groups of `target`."""
        hint = "|".join(text_of(part) for part in line.css(self.hints)) if self.hints else None
        thread = parts.get("id") if self.kind is PageClass.THREAD else None
        raw = parts.get("epoch") or _day(parts.get("date") or "")
        return Link(url, self.kind, thread, hint, self.time(raw).at if raw else None)


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

    opens: ClassVar[bool] = False
    """Whether the first floor of the API is the thread's opening post."""

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
        rows = dig(self.view.json, self.items) if self.items else self.view.json
        if isinstance(rows, dict):
            rows = [{**row, "_key": key} for key, row in rows.items()]
        if not isinstance(rows, list):
            problem = Problem(f"no comments at {self.items!r}", "json", self.view.text[:200])
            return PageData(PageClass.API, problems=(problem,))
        numbered = [{**row, "_place": place} for place, row in enumerate(rows, 1)]
        comments = self.records(numbered, lambda row: self._read(thread, row))
        total = number(str(dig(self.view.json, self.total))) if self.total else None
        name, step, size = self.paging
        at = int(self.pick("at", rf"url:[?&]{name}=(\d+)") or (0 if step > 1 else 1))
        done = at + step if step > 1 else at * size
        more = rows and f"{name}=" in self.view.url and (total is None or done < total)
        links: tuple[Link, ...] = ()
        if more:
            url = re.sub(rf"([?&]{name}=)\d+", rf"\g<1>{at + step}", self.view.url)
            links = (Link(url, PageClass.API, thread, meta={"thread": thread}),)
        walk = ThreadPage(thread, total, done // (step if step > 1 else size))
        opening = comments[:1] if self.opens and comments and comments[0].floor == 1 else ()
        articles = tuple(_opening(self, post) for post in opening)
        return PageData(PageClass.API, "", articles, comments[len(opening) :], links, walk)

    def _read(self, thread: str, row: dict[str, Any]) -> Comment | None:
        return self.fixed(remark(self, thread, row, self.fields), row)


class Thread(Page):
    """A page of a forum thread: `posts` (XPath) are its floors, `fields` what each one has.

    The first floor is the thread's article. Threads are walked page by page: `further` (XPath) is
    the link to the next page. Rules `asked` and `shown` are the page number in the URL and on the
    page: a page past the end shows an earlier one again and gives nothing. `anchor` makes a
    comment's permalink of the page's URL and the comment's id.
    """

    page_class = PageClass.THREAD
    posts: ClassVar[str] = ""
    fields: ClassVar[str] = ""
    further: ClassVar[str] = ""
    anchor: ClassVar[str] = "#{}"

    def data(self) -> PageData:
        """The posts of this page, and the link to the next one."""
        thread = self.get("thread_id")
        shown, asked = number(self.get("shown")) or 1, number(self.get("asked")) or 1
        if asked > shown > 0 and declared(self.rules).get("shown"):
            return PageData(PageClass.THREAD, "past the end", thread=ThreadPage(thread))
        nodes = self.view.selector.xpath(self.posts)
        posts = self._floors(self.records(nodes, lambda n: remark(self, thread, n, self.fields)))
        opening = tuple(self.opening(post, nodes[0]) for post in posts[:1] if post.floor == 1)
        hrefs = self.view.selector.xpath(self.further).getall()[:1] if self.further else ()
        urls = (canonical(self.view.join(href)) for href in hrefs)
        links = tuple(Link(url, PageClass.THREAD, thread) for url in urls)
        walk = ThreadPage(thread, number(self.get("reply_count")), shown)
        return PageData(PageClass.THREAD, "", opening, posts[len(opening) :], links, walk)

    def _floors(self, posts: tuple[Comment, ...]) -> tuple[Comment, ...]:
        """Floors that the page does not number follow the one before."""
        url, floor, kept = canonical(self.view.address), 0, []
        for post in posts:
            floor = post.floor or floor + 1
            link = url + self.anchor.format(post.comment_id)
            kept.append(replace(post, floor=floor, url=link))
        return tuple(kept)

    def opening(self, post: Comment, node: Selector) -> Article:
        """The first floor as the thread's article."""
        path = declared(self.fields)["text"][0].partition(" - ")
        body = node.css(path[0])
        return _opening(self, post, self.images(body[0] if body else None, path[2]))


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
