"""Normalising: what a page shows becomes rows of the archive's tables.

Pure: no network, no disk, no clock (the time of the capture is "now"), so a replay of the same
capture gives the same rows. Bad input never raises out of here: what cannot be stored becomes
a quarantine row that names its part, and the rest of the page goes on. `version` and `change`
are left out: they are set when a row is compared with what the archive already holds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from archive.model import (
    Article,
    Capture,
    Comment,
    DeletionKind,
    Kind,
    PageData,
    Problem,
    State,
)
from pipelines.characters import clean
from pipelines.hans import to_hans
from pipelines.identity import article_sha256, comment_sha256, minhash
from pipelines.markup import split_body
from pipelines.naming import named
from pipelines.once import once
from pipelines.privacy import author_hash, mask_address
from pipelines.records import Context, Reading, Records, fetch_row, origin
from pipelines.text import TextColumns, normaliser, text_columns, text_columns_of
from pipelines.threads import Place, resolve
from pipelines.urls import canonical
from pipelines.values import INT32, INT64, excerpt, moment_columns, number, storable, utc, whole

__all__ = ["Context", "Reading", "Records", "fetch_row", "normalise"]

Row = dict[str, Any]


def normalise(data: PageData, capture: Capture, context: Context) -> Records:
    """The records of one page; the same input gives the same output, and nothing raises."""
    page = _Page(capture, context)
    page.problems.extend(data.problems)
    data = replace(
        data,
        articles=tuple(_identified(a, capture) for a in data.articles),
        comments=named(data, context),
    )
    articles, comments = once(data, page.problems)
    places = _places(data, comments, context)
    for comment in comments:
        if places[comment.thread_id, comment.comment_id].broken:
            reason = "answers itself, or is part of a circle; taken as an answer to the article"
            where = f"comment {comment.comment_id}"
            page.problems.append(Problem(reason, where, f"parent {comment.parent_id}"))
    records = Records(
        articles=tuple(page.article(a) for a in articles),
        comments=page.comments(comments, places),
        article_observations=tuple(page.article_sighting(a) for a in articles),
        comment_observations=tuple(page.comment_sighting(c) for c in comments),
        thread=data.thread,
        links=data.links,
    )
    # Last: making the rows finds problems of its own.
    return replace(records, quarantine=tuple(page.quarantine(p) for p in page.problems))


class _Page:
    """The rows of one page, and the problems met while making them."""

    def __init__(self, capture: Capture, context: Context) -> None:
        self.problems: list[Problem] = []
        self._capture = capture
        self._context = context
        self._origin = storable({"source": context.source, **origin(capture, context)})
        self._made_by = storable({"parser": context.parser, "normaliser": normaliser()})

    def article(self, found: Article) -> Row:
        where = f"article {found.article_id}"
        article, footer = _split(found)
        title, text = clean(whole(article.title)), clean(whole(article.text))
        words = text_columns(text)
        news = article.kind is Kind.NEWS
        row = {
            **self._origin,
            **_state(article),
            **self._tools(article.provenance),
            **self._person(article, article.authors[0] if article.authors else None),
            **self._published(article, where),
            "article_id": article.article_id,
            "thread_id": article.thread_id,
            "kind": article.kind,
            "url": article.url or self._capture.url,
            "title": title,
            "title_hans": to_hans(title),
            "text": text,
            "text_hans": words.text_hans,
            "search_key": words.search_key,
            "script": words.script,
            "content_sha256": article_sha256(title, text, article.state, _deletion(article)),
            # Writers of news sign in public; who opens a thread is a person like who answers.
            "authors": article.authors if news else (),
            "editor": article.editor,
            "medium": article.medium,
            "section": article.section,
            "modified_at": self._modified(article, where),
            "images": article.images,
            "reprint_source": article.reprint_source,
            "footer": footer or None,
            "minhash": minhash(words.search_key),
        }
        return storable(row)

    def comments(
        self, comments: Sequence[Comment], places: Mapping[tuple[str, str], Place]
    ) -> tuple[Row, ...]:
        texts = [clean(whole(comment.text)) for comment in comments]
        return tuple(
            self._comment(one, places[one.thread_id, one.comment_id], text, words)
            for one, text, words in zip(comments, texts, text_columns_of(texts), strict=True)
        )

    def _comment(self, comment: Comment, place: Place, text: str, words: TextColumns) -> Row:
        where = f"comment {comment.comment_id}"
        deletion = _deletion(comment)
        said = {
            **self._person(comment, comment.author),
            **self._published(comment, where),
            "thread_id": comment.thread_id,
            "comment_id": comment.comment_id,
            "url": comment.url,
            "parent_id": None if place.broken else comment.parent_id or None,
            "root_id": place.root_id,
            "quoted_ids": comment.quoted_ids,
            "reaction": comment.reaction,
            "deletion_kind": deletion,
        }
        return {
            **self._origin,
            **self._tools(comment.provenance),
            **storable(said),
            "state": str(comment.state),
            "depth": place.depth,
            "floor": number(comment.floor, INT32, f"{where} field:floor", self.problems),
            "text": text,
            "text_hans": words.text_hans,
            "search_key": words.search_key,
            "script": words.script,
            "content_sha256": comment_sha256(text, comment.state, deletion),
        }

    def article_sighting(self, article: Article) -> Row:
        row = self._sighting(article, f"article {article.article_id}")
        return row | storable({"article_id": article.article_id})

    def comment_sighting(self, comment: Comment) -> Row:
        row = self._sighting(comment, f"comment {comment.comment_id}")
        ids = {"thread_id": comment.thread_id, "comment_id": comment.comment_id}
        return row | storable(ids)

    def quarantine(self, problem: Problem) -> Row:
        row = {
            **self._origin,
            "url": self._capture.url,
            "part": problem.where,
            "reason": problem.reason,
            "excerpt": excerpt(problem.excerpt) or None,
        }
        return storable(row)

    def _sighting(self, item: Article | Comment, where: str) -> Row:
        counts: Row = {
            "votes_up": item.votes_up,
            "votes_down": item.votes_down,
            "reply_count": item.reply_count,
        }
        for name, value in counts.items():
            if value is not None:
                counts[name] = number(value, INT64, f"{where} field:{name}", self.problems)
        return {**self._origin, **counts, "state": str(item.state)}

    def _published(self, item: Article | Comment, where: str) -> Row:
        return moment_columns(item.published, self._capture.fetched_at, where, self.problems)

    def _modified(self, article: Article, where: str) -> Any:
        if article.modified is None:
            return None
        where = f"{where} field:modified"
        return utc(article.modified.at, self._capture.fetched_at, where, self.problems)

    def _person(self, item: Article | Comment, name: str | None) -> Row:
        context = self._context
        return {
            "author_hash": author_hash(context.author_key, context.source, name, item.author_id),
            "author_name": name if context.keep_names else None,
            "ip_region": mask_address(item.ip_region),
        }

    def _tools(self, provenance: Mapping[str, str]) -> Row:
        if not provenance:
            return {**self._made_by, "provenance": None}
        found = json.dumps(provenance, ensure_ascii=False, sort_keys=True)
        return {**self._made_by, "provenance": whole(found)}


def _identified(article: Article, capture: Capture) -> Article:
    """The article; one for which the page shows no id is known by its canonical URL."""
    url = article.url or capture.url
    if article.article_id or not url.startswith(("http://", "https://")):
        return article
    provenance = article.provenance | {"article_id": "url"}
    return replace(article, article_id=canonical(url), provenance=provenance)


def _places(
    data: PageData, comments: Sequence[Comment], context: Context
) -> dict[tuple[str, str], Place]:
    threads: dict[str, list[Comment]] = {}
    for comment in comments:
        threads.setdefault(comment.thread_id, []).append(comment)
    places: dict[tuple[str, str], Place] = {}
    for thread_id, members in threads.items():
        # Ids are unique within a thread only: what is known of one says nothing of another.
        own = data.thread is None or data.thread.thread_id == thread_id
        found = resolve(members, context.known_tree if own else {})
        places |= {(thread_id, comment_id): place for comment_id, place in found.items()}
    return places


def _deletion(item: Article | Comment) -> DeletionKind | None:
    if item.state is not State.DELETED:
        return None
    return item.deletion_kind or DeletionKind.UNKNOWN


def _state(item: Article | Comment) -> Row:
    return {"state": item.state, "deletion_kind": _deletion(item)}


def _split(article: Article) -> tuple[Article, str]:
    """The article with its footer taken out of the text; the footer fills only empty fields.

    Posts stay whole: a source line in a post is the poster's own words. A deleted piece keeps
    its title; what a site shows in place of the text is not the text.
    """
    if article.state is State.DELETED:
        return replace(article, text=""), ""
    if article.kind is not Kind.NEWS:
        return article, ""
    body = split_body(article.text)
    found: dict[str, Any] = {
        name: getattr(body, name)
        for name in ("images", "reprint_source", "authors", "editor", "medium")
        if getattr(body, name) and not getattr(article, name)
    }
    provenance = article.provenance | dict.fromkeys(found, "markup:footer")
    return replace(article, text=body.text, provenance=provenance, **found), body.footer or ""
