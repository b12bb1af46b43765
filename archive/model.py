"""What flows down the line: capture, page data, article, comment, link.

Standard library only, no I/O: every room imports this one. A value is frozen once made;
a later step makes a new value. Times are aware datetimes in UTC, ids are strings,
`None` means "the page does not say", never "we did not look".
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Article",
    "Capture",
    "Change",
    "Comment",
    "DeletionKind",
    "Kind",
    "Link",
    "Moment",
    "PageClass",
    "PageData",
    "Precision",
    "Problem",
    "State",
    "StopReason",
    "ThreadPage",
    "WarcPointer",
]


class PageClass(StrEnum):
    """What a response turned out to be."""

    ARTICLE = "article"
    THREAD = "thread"
    LIST = "list"
    FEED = "feed"
    API = "api"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    LOGIN = "login"
    PAYWALL = "paywall"
    SOFT404 = "soft404"
    EMPTY = "empty"
    OTHER = "other"


class Kind(StrEnum):
    """What an article row is: a publisher's piece or a thread's opening post."""

    NEWS = "news"
    POST = "post"


class State(StrEnum):
    """How an article or comment stood at a sighting."""

    VISIBLE = "visible"
    DELETED = "deleted"
    MISSING = "missing"
    COLLAPSED = "collapsed"
    LOCKED = "locked"


class Change(StrEnum):
    """Why a version exists; `reparse`: the page did not change, our reading of it did."""

    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"
    RESTORE = "restore"
    REPARSE = "reparse"


class DeletionKind(StrEnum):
    """Who took a text down, as far as the page says."""

    AUTHOR = "author"
    MODERATOR = "moderator"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


class Precision(StrEnum):
    """The finest unit that a shown time really carries."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class StopReason(StrEnum):
    """Why the walk through a thread ended."""

    END = "end"
    BUDGET = "budget"
    ERROR = "error"
    LOCKED = "locked"
    LOGIN = "login"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a page shows it.

    `at` is UTC, or None where `raw` could not be read. `method` says how `raw` became `at`:
    `absolute`, `zone_assumed`, `epoch`, `relative`, `year_inferred`, `url`.
    The crawl time never stands in for a publication time.
    """

    at: datetime | None
    raw: str
    precision: Precision | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class WarcPointer:
    """Where the evidence lies: file below `warc/`, byte offset and length of the gzip member."""

    filename: str
    offset: int
    length: int
    record_type: str = "response"


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange, as it stands in the WARC.

    `body` is the payload with transfer and content codings removed; `headers` are the
    response headers as received, in order, names as sent. `status` 0: no HTTP answer
    (a saved page, or a failed fetch whose `error` says why).
    """

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    fetch_id: str = ""
    pointer: WarcPointer | None = None
    error: str | None = None

    def header(self, name: str) -> str:
        """The first header of that name, case-insensitive, or an empty string."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Article:
    """A publisher's piece, or the opening post of a thread, as the page shows it.

    `authors`, `editor` and `medium` (來源) are three fields: an editor is no author. `text` is
    paragraphs joined by a newline. `provenance` maps a field to where its value came from
    (`css:h1`, `json-ld`, `meta:og:title`, `byline`, `generic`).
    """

    article_id: str
    title: str = ""
    text: str = ""
    url: str = ""
    kind: Kind = Kind.NEWS
    thread_id: str | None = None
    authors: tuple[str, ...] = ()
    author_id: str | None = None
    editor: str | None = None
    medium: str | None = None
    section: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
    images: tuple[str, ...] = ()
    reprint_source: str | None = None
    ip_region: str | None = None
    votes_up: int | None = None
    votes_down: int | None = None
    reply_count: int | None = None
    state: State = State.VISIBLE
    deletion_kind: DeletionKind | None = None
    provenance: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comment:
    """One remark below an article or post, as the page shows it.

    `author_id` is the site's own user id where it shows one (names change, ids do not).
    `reaction` is the site's own mark on the remark (PTT: 推, 噓, →), not votes it received.
    `parent_id` is what it answers, `quoted_ids` what it quotes; root and depth are derived later.
    """

    thread_id: str
    comment_id: str
    text: str = ""
    author: str | None = None
    author_id: str | None = None
    published: Moment | None = None
    floor: int | None = None
    parent_id: str | None = None
    quoted_ids: tuple[str, ...] = ()
    ip_region: str | None = None
    reaction: str | None = None
    votes_up: int | None = None
    votes_down: int | None = None
    reply_count: int | None = None
    state: State = State.VISIBLE
    deletion_kind: DeletionKind | None = None
    url: str | None = None
    provenance: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """What one page says of the thread that it belongs to.

    `declared` is the number of comments that the site claims; a walk has ended when every
    page that it opened is done. `stop` is set when the page itself ends the walk early
    (locked, login, cap); `cut` when its markup breaks off, so that comments may lack.
    """

    thread_id: str
    declared: int | None = None
    page: int = 1
    stop: StopReason | None = None
    cut: bool | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A URL worth fetching.

    `kind` is the page class expected there. `thread_id` set: the page belongs to that thread's
    visit. `hint` is what the list shows of the target's freshness (reply count, last-reply
    time); a changed hint makes a known page due. `published` dates the target for `--since`.
    `meta` travels with the request to the page object (numbers and strings only).
    """

    url: str
    kind: PageClass
    thread_id: str | None = None
    hint: str | None = None
    published: datetime | None = None
    priority: int = 0
    method: str = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    meta: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a page that gave no record; becomes a quarantine row.

    `where` names the part (`comment 17`, `json`, `field:published`), `excerpt` is at most
    200 characters of it.
    """

    reason: str
    where: str = "page"
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class PageData:
    """All that one page gives."""

    page_class: PageClass
    reason: str = ""
    articles: tuple[Article, ...] = ()
    comments: tuple[Comment, ...] = ()
    links: tuple[Link, ...] = ()
    thread: ThreadPage | None = None
    problems: tuple[Problem, ...] = ()
