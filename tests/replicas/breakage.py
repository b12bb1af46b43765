"""A site's pages read in memory, and template changes to them: does a run's gate notice?

A change takes one name that the template uses (a class, an id, an attribute, a key of JSON, a
label of the page, a part of its links) and gives it another form on every page, as a redesign
does. Changes after which the very same records are read are no breakage and are not counted.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archive.model import Capture, Link, Moment, PageClass, PageData
from archive.queue import Lease, Validators
from crawlers.answer import Answer, read_answer
from crawlers.gates import failures
from crawlers.page import Reading
from crawlers.reader import goes_on
from crawlers.site import Site
from pipelines.stages import Attempt, PageItem, tally_of
from tests.replicas.replica import Replica, Request

__all__ = ["Change", "Page", "Run", "changes", "pages_of", "read_run"]

_NOW = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)
_FEW = 5
_TARGETS = {PageClass.ARTICLE, PageClass.THREAD}
_CLASSES = re.compile(rb'class="([^"]+)"')
_IDS = re.compile(rb'\sid="([A-Za-z_-]{3,})\d*"')
_ATTRIBUTES = re.compile(rb"\s((?:data-|item)[a-z-]+)=")
_KEYS = re.compile(rb'"([A-Za-z_]\w{2,})"\s*:')
_LABELS = re.compile(rb">\s*([^<>\s]{4,24}?)\s*[<:]")
_PATHS = re.compile(rb'href="(?:https?://[^/"]+)?(/[a-z]{2,12}[/-])')


Fact = tuple[str, str, object]
"""A field as it was read: its name, whose it is, its value."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was asked for and answered."""

    link: Link
    capture: Capture


@dataclass(frozen=True, slots=True)
class Run:
    """What a run over the pages gave: its counters, and its records to compare."""

    tally: Counter[str]
    records: tuple[Fact, ...]

    def broken(self, now: "Run") -> bool:
        """Whether `now` lost or altered a quarter of any field that 20 % of the items had."""
        here, there = Counter(f[0] for f in self.records), set(now.records)
        same = Counter(f[0] for f in self.records if f in there)
        items = Counter(name.partition(".")[0] for name, n in here.items() for _ in range(n))
        whole = {kind: max(n for k, n in here.items() if k.startswith(kind)) for kind in items}
        return any(
            n >= 0.2 * whole[name.partition(".")[0]] and same[name] <= 0.75 * n
            for name, n in here.items()
            if n >= _FEW
        )

    def gates(self, history: list[Counter[str]]) -> list[str]:
        """The names of the gates that this run fails after those."""
        return [gate.name for gate in failures(self.tally, history)]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a template."""

    kind: str
    old: bytes
    new: bytes

    def __call__(self, body: bytes) -> bytes:
        """The page after it."""
        edge = rb"(?<![\w-])%s(?![\w-])" if self.kind in {"class", "key"} else rb"%s"
        return re.sub(edge % re.escape(self.old), lambda _: self.new, body)


def pages_of(site: Site, replica: Replica, most: int) -> list[Page]:
    """The first pages of a site in the order of a crawl: lists, then what they lead to."""
    wanted, seen, found = list(site.links), set[str](), list[Page]()
    while wanted and len(found) < most:
        link = wanted.pop(0)
        if link.url in seen:
            continue
        seen.add(link.url)
        parts = urlsplit(link.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        cookie = {"cookie": "; ".join(f"{k}={v}" for k, v in site.cookies.items())}
        answer = replica.answer(Request("GET", target, cookie))
        headers = (("Content-Type", answer.content_type),)
        body = replica.vary(answer.body, Request("GET", target)) if answer.varying else answer.body
        page = Page(link, Capture(link.url, body, _NOW, answer.status, headers))
        found.append(page)
        wanted += [site.rebased(k) for k in _read(site, page).data.links]
    return found


def _facts(data: PageData) -> Iterator[Fact]:
    for kind, items, own in (
        ("article", data.articles, "article_id"),
        ("comment", data.comments, "comment_id"),
    ):
        for item in items:
            for one in fields(item):
                value = getattr(item, one.name)
                if one.name not in {"provenance", "url"} and value not in (None, "", ()):
                    known = value.at if isinstance(value, Moment) else value
                    yield f"{kind}.{one.name}", str(getattr(item, own)), known
    for link in data.links:
        yield f"link.{link.kind}", str(link.thread_id or link.url[-16:]), ""


def _read(site: Site, page: Page) -> Reading:
    _, reading = read_answer(Answer(page.capture, meta=page.link.meta), site.pages)
    return reading


def read_run(site: Site, pages: list[Page], change: Callable[[bytes], bytes] = bytes) -> Run:
    """A run over these pages, each body changed."""
    tally, records = Counter[str](), list[Fact]()
    for page in pages:
        capture = replace(page.capture, body=change(page.capture.body))
        data = _read(site, replace(page, capture=capture)).data
        listing = data.page_class in {PageClass.LIST, PageClass.FEED}
        source = site.source(capture.url)
        item = PageItem(
            lease=Lease(b"", source, page.link, 1, Validators()),
            source=source,
            capture=capture,
            data=data,
            parser="",
            decoded=None,
            attempts=(Attempt(capture),),
            validators=Validators(),
            listed=sum(link.kind in _TARGETS for link in data.links) if listing else 0,
            further=goes_on(data),
        )
        tally += tally_of(item)
        records += _facts(data)
    return Run(tally, tuple(records))


def changes(pages: list[Page], seed: int, rules: str | None = None) -> Iterator[Change]:
    """Changes of what the pages use, in an order that the seed says.

    `rules`: only of names that stand in this text, the site's declaration.
    """
    bodies = [page.capture.body for page in pages]
    names = sorted({*_names(bodies)})
    names = [(kind, old) for kind, old in names if rules is None or _used(old, rules)]
    dice = random.Random(seed)  # noqa: S311 - a test that is the same each time
    while names:
        kind, old = names.pop(dice.randrange(len(names)))
        yield Change(kind, old, _other(kind, old, dice))


def _used(name: bytes, rules: str) -> bool:
    text = name.decode("utf-8", "replace")
    return text.strip("/_-") in rules


def _names(bodies: list[bytes]) -> Iterator[tuple[str, bytes]]:
    for body in bodies:
        for classes in _CLASSES.findall(body):
            yield from (("class", name) for name in classes.split() if len(name) > 1)
        for kind, pattern in (
            *(("id", _IDS), ("attribute", _ATTRIBUTES), ("key", _KEYS)),
            ("path", _PATHS),
        ):
            yield from ((kind, name) for name in pattern.findall(body))
    # A label stands on most pages; what stands on one is content.
    labels = Counter(label for body in bodies for label in {*_LABELS.findall(body)})
    yield from (("label", name) for name, n in labels.items() if n * 2 > len(bodies))


def _other(kind: str, old: bytes, dice: random.Random) -> bytes:
    if kind == "path":
        return b"/v%d%s" % (dice.randrange(2, 9), old)
    if kind == "label":
        return "改版".encode()
    return dice.choice((b"c-%s", b"%s-v2" if kind != "key" else b"%s_v2", b"x%s")) % old[:20]
