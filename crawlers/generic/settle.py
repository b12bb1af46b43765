"""What is the article and what are remarks, where both readers claim the same lines.

On a news page the article stands outside of the records below it. On a thread the records are
the page, and its opening post is one of them, or (PTT) stands above them in the same box. A
record that swallows the whole text of a page that calls itself an article is no record.
"""

import re
from dataclasses import dataclass, replace

from archive.model import Article, Comment, Kind
from crawlers.generic.article import Read
from crawlers.generic.noise import is_noise
from crawlers.generic.scores import weight
from crawlers.generic.threads import HASHED, Mined

__all__ = ["Settled", "settle"]

_FORUM = re.compile(
    r"forum|thread|topic|bbs|discuss|/t/|/questions?/|/comments/|luntan|community",
    re.IGNORECASE,
)
_FEW = 4  # records of a page that may all be mistakes
_SHORT = 60.0  # weight of a text that may be the foot of a page
_TEXT = 40.0  # weight below which a text is no article that remarks could be mistakes of
_SOME = 25.0  # weight of a text above the records that is an opening post


@dataclass(frozen=True, slots=True)
class Settled:
    """The article (a thread's opening post) and the remarks of a page."""

    article: Article | None
    comments: tuple[Comment, ...] = ()
    thread: bool = False


def settle(read: Read | None, mined: Mined) -> Settled:
    """Give each line to the reader that it belongs to."""
    if not mined.comments:
        return Settled(read.article if read else None)
    if read is None or not read.body.numbers or _is_foot(read, mined):
        return _as_thread(read, mined)
    body = dict(zip(read.body.numbers, read.body.lines, strict=True))
    sizes = {number: weight(text) for number, text in body.items()}
    whole = sum(sizes.values()) or 1.0
    swallowed = [
        sum(size for number, size in sizes.items() if first <= number < last)
        for first, last, _ in mined.spans
    ]
    if sum(swallowed) < whole * 0.4:
        return Settled(_outside(read, mined, body), _others(read.article, mined.comments))
    few = len(mined.spans) == 1 or (read.sure and len(mined.spans) <= _FEW and whole >= _TEXT)
    if few and not _FORUM.search(read.article.url):
        return _without_mistakes(read, mined, swallowed)
    outside = whole - sum(swallowed)
    first = read.body.numbers[0]
    above = first < min(start for start, _, _ in mined.spans)
    if above and outside >= _SOME:
        return Settled(_outside(read, mined, body), mined.comments, thread=True)
    return _as_thread(read, mined)


def _is_foot(read: Read, mined: Mined) -> bool:
    """Whether the text is a line or two below all remarks, as no article is."""
    below = read.body.numbers[0] >= max(last for _, last, _ in mined.spans)
    return below and sum(map(weight, read.body.lines)) < _SHORT


def _outside(read: Read, mined: Mined, body: dict[int, str]) -> Article:
    """The article without the lines of records."""
    lines = [
        text
        for number, text in body.items()
        if not any(first <= number < last for first, last, _ in mined.spans)
    ]
    return read.article if len(lines) == len(body) else replace(read.article, text="\n".join(lines))


def _others(article: Article, comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """The remarks, if they are more than the article's own byline and the tags below it."""
    first = comments[0]
    at = article.published.at if article.published else None
    own = first.author in article.authors and first.published and first.published.at == at
    alone = len(comments) == 1 and all(map(is_noise, first.text.splitlines()))
    return () if own and alone else comments


def _without_mistakes(read: Read, mined: Mined, swallowed: list[float]) -> Settled:
    """The article whole, and the remarks of records that take nothing from it."""
    kept = {ident for (_, _, ident), size in zip(mined.spans, swallowed, strict=True) if size == 0}
    comments = tuple(comment for comment in mined.comments if comment.comment_id in kept)
    return Settled(read.article, comments)


def _as_thread(read: Read | None, mined: Mined) -> Settled:
    """The first record is the opening post; where it is numbered 0 or 1 in Chinese, it is none."""
    opening = mined.comments[0]
    base = read.article if read else Article(article_id="")
    article = replace(
        base,
        kind=Kind.POST,
        text=opening.text,
        authors=(opening.author,) if opening.author else (),
        author_id=opening.author_id,
        published=opening.published,
        provenance={
            **base.provenance,
            **dict.fromkeys(("text", "authors", "published"), "generic"),
        },
    )
    comments = mined.comments
    if mined.opened or _is_apart(comments):
        return Settled(article, _without_opening(comments), thread=True)
    if opening.floor in {0, 1} and any(
        "\u4e00" <= char <= "\u9fff" for c in comments for char in c.text
    ):
        comments = comments[1:]
    return Settled(article, comments, thread=True)


def _is_apart(comments: tuple[Comment, ...]) -> bool:
    """Whether the opening post alone has no id of the page's: it is no remark to the engine.

    What was written after others is an answer all the same (the best one, shown first).
    """
    bare = [HASHED.fullmatch(one.comment_id) is not None for one in comments]
    times = [one.published.at for one in comments if one.published and one.published.at]
    return bare[0] and not any(bare[1:]) and bool(times) and times[0] == min(times)


def _without_opening(comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """The remarks without the opening post, which what stood below it answered."""
    opening = comments[0].comment_id
    return tuple(
        replace(one, parent_id=None) if one.parent_id == opening else one for one in comments[1:]
    )
