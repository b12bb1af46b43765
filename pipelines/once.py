"""Once: one item for each id of a page.

Pages repeat comments (hot and new lists, pinned posts, folded floors that open further down).
The fuller sighting stays; texts that contradict each other are reported. Pure.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields
from typing import TypeVar

from archive.model import Article, Comment, PageData, Problem, State
from pipelines.values import excerpt

__all__ = ["once"]

_Item = TypeVar("_Item", Article, Comment)


def once(
    data: PageData, problems: list[Problem]
) -> tuple[tuple[Article, ...], tuple[Comment, ...]]:
    """The page's articles and comments that can be rows, each id once, in the page's order.

    Appends to `problems`: items without an id, articles that show nothing, contradictions.
    """
    articles = (a for a in data.articles if _shows(a, problems))
    comments = (c for c in data.comments if _named(c, problems))
    return (
        _fullest(articles, lambda a: a.article_id, problems),
        _fullest(comments, lambda c: (c.thread_id, c.comment_id), problems),
    )


def _shows(article: Article, problems: list[Problem]) -> bool:
    if not article.article_id:
        problems.append(Problem("article without an id", "article", excerpt(article.title)))
        return False
    visible = article.state is not State.DELETED
    if visible and not (article.title or article.text or article.images):
        where = f"article {article.article_id}"
        problems.append(Problem("article without title, text and images", where, article.url))
        return False
    return True


def _named(comment: Comment, problems: list[Problem]) -> bool:
    if comment.comment_id and comment.thread_id:
        return True
    missing = "thread id" if comment.comment_id else "id"
    problems.append(Problem(f"comment without {missing}", "comment", excerpt(comment.text)))
    return False


def _fullest(
    items: Iterable[_Item], key: Callable[[_Item], Hashable], problems: list[Problem]
) -> tuple[_Item, ...]:
    kept: dict[Hashable, _Item] = {}
    for item in items:
        before = kept.setdefault(key(item), item)
        if before is item:
            continue
        more, less = (item, before) if _fullness(item) > _fullness(before) else (before, item)
        kept[key(item)] = more
        if more.state is less.state and _contradict(more.text, less.text):
            name = more.comment_id if isinstance(more, Comment) else more.article_id
            where = f"{type(more).__name__.lower()} {name}"
            problems.append(
                Problem("two texts under one id; kept the fuller", where, excerpt(less.text))
            )
    return tuple(kept.values())


def _fullness(item: Article | Comment) -> tuple[bool, int, int]:
    filled = sum(getattr(item, f.name) not in (None, "", ()) for f in fields(item))
    return item.state is State.VISIBLE, len(item.text), filled


def _contradict(more: str, less: str) -> bool:
    """Whether neither is empty and the shorter is not a preview (the beginning) of the longer."""
    a, b = ("".join(t.split()).rstrip(".…") for t in (more, less))
    return bool(a and b) and not a.startswith(b) and not b.startswith(a)
