"""The exact truth of a replica's state: what a correct crawl of it finds, no more and no less.

Times are ISO 8601 with zone; texts are non-blank lines joined by a newline, without quotes,
signatures, notices and footers. Limits: ids follow the page objects (PTT shows none of its own).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

__all__ = [
    "CLOCKS",
    "SITES",
    "Truth",
    "TruthArticle",
    "TruthComment",
    "TruthThread",
    "article_key",
    "comment_key",
    "lines",
    "truth",
]

SITES = ("ptt", "netease", "discuz")
CLOCKS = {1: "2026-01-15T20:00:00+08:00", 2: "2026-01-17T09:30:00+08:00"}
"""What time the sites believe it is; epoch 3 stands still at epoch 2."""


@dataclass(frozen=True, slots=True)
class TruthArticle:
    """An article or opening post. `script` names the material: tw, hk, hans, naive or mixed.

    `footer` are lines of the page that are no body text (disclaimer, source, editor);
    `images` are URLs, or paths below the base.
    `forbidden` are lines that belong to nothing (related links, adverts, jammer).
    `hans` is the Simplified original of a naive text, for checks of the conversion.
    """

    article_id: str
    url: str
    title: str
    text: str
    script: str
    section: str
    kind: str = "post"
    thread_id: str | None = None
    author: str | None = None
    author_id: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    medium: str | None = None
    editor: str | None = None
    reprint_source: str | None = None
    images: tuple[str, ...] = ()
    votes_up: int | None = None
    votes_down: int | None = None
    reply_count: int | None = None
    state: str = "visible"
    deletion_kind: str | None = None
    footer: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    hans: str | None = None


@dataclass(frozen=True, slots=True)
class TruthComment:
    """A remark. `reaction` is PTT's mark; `raw` the time as the page shows it."""

    thread_id: str
    comment_id: str
    text: str
    script: str
    author: str | None
    published_at: str
    floor: int | None = None
    author_id: str | None = None
    parent_id: str | None = None
    reaction: str | None = None
    votes_up: int | None = None
    votes_down: int | None = None
    ip_region: str | None = None
    state: str = "visible"
    deletion_kind: str | None = None
    camp: str = ""


@dataclass(frozen=True, slots=True)
class TruthThread:
    """A thread: comments that the site claims, and whether a guest can see all of them."""

    thread_id: str
    declared: int | None
    complete: bool = True
    pages: int = 1
    stop: str = "end"


@dataclass(frozen=True, slots=True)
class Truth:
    """All of one site at one epoch. URLs are paths with query, without the base.

    `dead_urls` are linked or once linked, and answer 404 or a notice; `gone` are
    (thread id, comment id) of comments that an earlier epoch showed and this one does not.
    """

    site: str
    epoch: int
    articles: tuple[TruthArticle, ...]
    comments: tuple[TruthComment, ...]
    threads: tuple[TruthThread, ...]
    list_urls: tuple[str, ...] = ()
    dead_urls: tuple[str, ...] = ()
    gone: tuple[tuple[str, str], ...] = field(default=())


def lines(text: str | Iterable[str]) -> str:
    """Non-blank lines, each stripped, joined by a newline: how truth and extract compare."""
    parts = text.splitlines() if isinstance(text, str) else text
    return "\n".join(line.strip() for line in parts if line.strip())


def article_key(row: TruthArticle) -> str:
    """What identifies an article within its site."""
    return row.article_id


def comment_key(row: TruthComment) -> tuple[str, str]:
    """What identifies a comment within its site."""
    return row.thread_id, row.comment_id


@cache
def truth(site: str, epoch: int) -> Truth:
    """What the replica of that name shows at that epoch; `ValueError` for an unknown name."""
    from tests.replicas import discuz_truth, netease_truth, ptt_truth

    makers = {"ptt": ptt_truth, "netease": netease_truth, "discuz": discuz_truth}
    if site not in makers:
        raise ValueError(f"no replica {site!r}; replicas are {', '.join(SITES)}")
    made: Truth = makers[site].truth(epoch)
    return made
