"""Reading a page: classify first, then its page object, then the generic reader.

`read_page` is the only caller of page objects. It keeps every failure as a `Problem` and never
raises on bad input. Site files import all they need for page objects from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from parsel import Selector

from archive.errors import PageError
from archive.model import Article, Kind, Moment, PageClass, PageData, Problem, State
from crawlers.any_article import AnyArticle
from crawlers.classify import Verdict, classify
from crawlers.discovery import AnyList, CommentFeed, Feed
from crawlers.flow import text_of
from crawlers.page_kinds import Listing, Story
from crawlers.page_object import FAR, Page, unhung
from crawlers.page_threads import CommentApi, Notice, Thread
from crawlers.people import masked
from crawlers.remarks import Item, remark
from crawlers.rules import declared, dig
from crawlers.starts import span, starts
from crawlers.view import UNKNOWN_TIME, View

__all__ = [
    "UNKNOWN_TIME",
    "AnyArticle",
    "AnyList",
    "CommentApi",
    "CommentFeed",
    "Feed",
    "Item",
    "Listing",
    "Notice",
    "Page",
    "Reading",
    "Selector",
    "Story",
    "Thread",
    "View",
    "dig",
    "masked",
    "read_page",
    "remark",
    "span",
    "starts",
    "text_of",
]

_CONTENT = frozenset({PageClass.ARTICLE, PageClass.THREAD})
_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page gave, and which reader (`site.Class@version`) took it."""

    data: PageData
    parser: str


_SURE = frozenset({"absolute", "zone_assumed", "epoch"})  # times with a year of their own


def _unhung_data(data: PageData) -> PageData:
    def fixed(moment: Moment | None, *, after: bool = False) -> Moment | None:
        return moment and unhung(moment, inferred=after)

    articles = (
        replace(a, published=fixed(a.published), modified=fixed(a.modified)) for a in data.articles
    )
    # The year of a remark without one is that of the article above it, where that is dated.
    dated = any(a.published and a.published.method in _SURE for a in data.articles)
    comments = (replace(c, published=fixed(c.published, after=dated)) for c in data.comments)
    return replace(data, articles=tuple(articles), comments=tuple(comments))


def _problem(reason: str, where: str, error: Exception) -> Problem:
    return Problem(reason, where, f"{type(error).__name__}: {error}"[:_EXCERPT])


def _missed(data: PageData, page: type[Page]) -> Iterable[Problem]:
    """What a page of its class should have given and did not."""
    wanted = page.page_class
    untitled = bool(page.rules) and "title" not in declared(page.rules)
    if wanted is PageClass.LIST and not data.links:
        yield Problem("a list page without links", "field:links")
    # The last page of an article gives it whole; a later page of a thread has remarks only.
    in_pages = data.thread is not None and (data.links or data.comments)
    if wanted is PageClass.ARTICLE and not data.articles and not in_pages:
        yield Problem("an article page without an article", "field:article")
    if wanted in {PageClass.THREAD, PageClass.API} and not (
        data.articles or data.comments or data.links or data.thread
    ):
        yield Problem(f"a page of class {wanted} that gave nothing", "field:comments")
    for article in data.articles:
        if article.state is State.VISIBLE:
            yield from (
                Problem("the page object found no value", f"field:{name}", article.article_id)
                for name in _missing(article)
                if not (untitled and name == "title")
            )


def _missing(article: Article) -> Iterable[str]:
    if not article.title:
        yield "title"
    if not article.text and not article.images:
        yield "text"
    if article.kind is Kind.NEWS and (article.published is None or article.published.at is None):
        yield "published"


def _run(page: type[Page], view: View) -> PageData:
    made = page(view)
    try:
        data = made.data()
        data = replace(data, problems=(*data.problems, *made.problems))
    except PageError as error:
        problem = _problem("unreadable", "page", error)
    except Exception as error:  # noqa: BLE001 - a page never stops a crawl; the row says why
        problem = _problem(f"{page.parser()} failed", "page", error)
    else:
        if data.page_class not in {page.page_class, PageClass.OTHER}:
            return data  # it turned out to be something else: a login form, a deleted thread
        problems = data.problems or tuple(_missed(data, page))
        own = bool(page.marks) and view.has(*page.marks)
        if page.page_class in _CONTENT and not own and _hollow(data):
            reason = f"not a page of class {page.page_class}, though its address says so"
            return PageData(PageClass.OTHER, reason, problems=problems or (Problem(reason),))
        return replace(data, problems=problems)
    return PageData(PageClass.OTHER, problems=(problem,))


def _hollow(data: PageData) -> bool:
    """Whether nothing on the page shows that it is what its address says.

    A title alone does not: every page has one. A thread whose text is empty has a time.
    """
    if data.reason or data.comments or (data.thread and data.thread.stop):
        return False
    return not any(
        a.text or a.images or a.state is not State.VISIBLE or (a.title and _dated(a))
        for a in data.articles
    )


def _dated(article: Article) -> bool:
    published = article.published
    return published is not None and published.at is not None and published.method != "url"


def _lacking(article: Article) -> bool:
    return article.kind is Kind.NEWS and article.state is State.VISIBLE and any(_missing(article))


def _filled(article: Article, other: Article) -> Article:
    """The article with what the generic reader found where its own page object found nothing."""
    names = ("title", "text", "published", "authors", "editor", "medium")
    new = {n: getattr(other, n) for n in names if getattr(other, n) and not getattr(article, n)}
    if article.published and article.published.at is None and other.published:
        new["published"] = other.published
    return replace(article, provenance=article.provenance | dict.fromkeys(new, "generic"), **new)


def _generic(view: View, problems: tuple[Problem, ...]) -> Reading:
    from crawlers.generic.page import read_generic  # noqa: PLC0415 - heavy, often not needed

    try:
        if view.now:
            data = read_generic(view.capture, view.text)
        else:
            unknown = replace(view.capture, fetched_at=FAR)
            data = _unhung_data(read_generic(unknown, view.text))
    except Exception as error:  # noqa: BLE001 - the same promise as for page objects
        data = PageData(PageClass.OTHER, problems=(_problem("generic failed", "page", error),))
    return Reading(replace(data, problems=problems + data.problems), "generic")


def _matching(view: View, pages: Sequence[type[Page]], *, gate: bool) -> type[Page] | None:
    return next((p for p in pages if p.gate is gate and p.matches(view)), None)


def _parsed(view: View, pages: Sequence[type[Page]], *, generic: bool) -> Reading:
    page = _matching(view, pages, gate=False)
    if page is None:
        return _generic(view, ()) if generic else Reading(PageData(PageClass.OTHER), "none")
    data = _run(page, view)
    reading = Reading(data, page.parser())
    if not generic or page.page_class not in {PageClass.ARTICLE, PageClass.THREAD}:
        return reading
    if not (data.articles or data.comments or data.links or data.thread):
        other = _generic(view, data.problems)
        return other if other.data.articles or other.data.comments else reading
    if any(map(_lacking, data.articles)) and (found := _generic(view, ()).data.articles):
        mended = _filled(data.articles[0], found[0])
        return replace(reading, data=replace(data, articles=(mended, *data.articles[1:])))
    return reading


def read_page(view: View, pages: Sequence[type[Page]], *, generic: bool = True) -> Reading:
    """Classify, then the first matching page object, then the generic reader.

    Never raises on bad input and never is silent about it: failures and missed fields are
    `Problem`s. A paywalled page is still read, and says that it is one.
    """
    try:
        if gate := _matching(view, pages, gate=True):
            return Reading(_run(gate, view), gate.parser())
        verdict = classify(view, *(page.marks for page in pages if not page.gate))
        if verdict.page_class not in {None, PageClass.PAYWALL}:
            return Reading(PageData(verdict.page_class, verdict.reason), "classify")
        return _paywalled(_parsed(view, pages, generic=generic), verdict)
    except PageError as error:
        problem = _problem("undecodable", "page", error)
    except Exception as error:  # noqa: BLE001 - a hostile page may break the parser itself
        problem = _problem("unparsable", "page", error)
    return Reading(PageData(PageClass.OTHER, problem.reason, problems=(problem,)), "none")


def _paywalled(reading: Reading, verdict: Verdict) -> Reading:
    if verdict.page_class is None:
        return reading
    data = replace(reading.data, page_class=verdict.page_class, reason=verdict.reason)
    return replace(reading, data=data)
