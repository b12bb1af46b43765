"""Remarks and links out of the JSON of an unknown interface.

An interface that lists remarks answers with an array (or an object keyed by id) of like objects,
each with a text, an author and a time under names that differ little from site to site. Those
names are the vocabulary here. Objects are walked with a budget, not by recursion, so neither a
deep nor an endless payload stops the reader.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from archive.model import Article, Comment, Kind, Link, Moment, PageClass
from crawlers.dates import read_time
from crawlers.generic.idents import hashed
from crawlers.generic.markup import plain_text

__all__ = ["mine_json", "mine_links", "mine_opening"]


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_BUDGET = 200_000  # objects and arrays that are looked at
_TEXT = _names(
    "content text msg message comment_content commentContent commentText comment_contents "
    "comment body cooked rawContent raw contentHtml content_rendered html reply_content "
    "rich_text comment_text replyContent reply_text messageText body_html"
)
_PEOPLE = _names("user author member userInfo user_info userinfo creator account poster from owner")
_NAME = _names(
    "nickname nick nick_name nickName user_nick userNick user_nickname username user_name "
    "userName screen_name displayName display_name author_name sname uname name author user "
    "login uname nickName userNick authorName commenter commentator poster_name"
)
_ID = _names(
    "cmtId cmt_id comment_id commentId post_id postId reply_id replyId mid rpid cid "
    "id pid _id objectId id_str"
)
_TIME = _names(
    "created_at createdAt create_time createTime created ctime reply_time replyTime post_time "
    "postTime publish_time publishTime published pubtime pubTime add_time addtime insertedAt "
    "time date datetime timestamp dateline"
)
_FLOOR = _names("floor msg_num floorNumber post_number build_level floor_num position")
_PARENT = _names(
    "parent_id parentId quote_post_id reply_to_id replyToId in_reply_to_id parent reply_id pid rid"
)
_CHAINS = _names("parent parents quote quoted reply_to replyTo reply_comment replyComment")
_UP = _names(
    "upvoteCount "
    "like_count uptimes likeCount agree praise_num digg_count likes like up vote_up upvotes "
    "agreeCount vote likeNum like_num likes_count likesCount praise praiseNum praiseCount "
    "praise_count support supportCount support_count agree_count agreeNum agrees zan zanNum "
    "zan_num zan_count digg diggCount digg_num thumbsUp thumbs_up upCount up_count ding "
    "dingNum"
)
_DOWN = _names(
    "dislike_count dislikeCount against tread_num down oppose vote_down downvotes dislikes "
    "disagree disagree_count opposeCount oppose_count cai caiNum down_count downCount tread "
    "treadCount thumbsDown thumbs_down bury dislikeNum"
)
_REGION = _names(
    "ip_label ip_from ip_location ipLocation ipLoc ip_loc ipRegion ip_region area location region"
)
_USER_ID = ("user_id", "userId", "uid", "id", "id_str")
_URL = _names("url link docurl shareUrl share_url article_url href")
_ANSWERS = re.compile(r"sub|child|repl|answer|nested", re.IGNORECASE)
_STARTS = re.compile(r"\d|刚|昨|前|今|[A-Z][a-z]{2}")


def mine_json(payload: Any, url: str, now: datetime) -> tuple[Comment, ...]:
    """The remarks in a decoded JSON value; empty where it lists none."""
    found: dict[str, Comment] = {}
    for holder, key, items in _lists(payload):
        remarks = [(name, _flat(item)) for name, item in items]
        good = [item for _, item in remarks if _is_remark(item)]
        if not good or len(good) < len(remarks) * 0.5:
            continue
        above = _answered(holder, key)
        opening = isinstance(holder.get("title"), str) and key != "replies"
        for name, item in remarks:
            if opening and _number(item, _FLOOR) == 1:
                continue
            if _is_remark(item) and (comment := _comment(item, name, url, now)):
                if above and not comment.parent_id and above != comment.comment_id:
                    comment = replace(comment, parent_id=above)
                found.setdefault(comment.comment_id, comment)
    return tuple(found.values())


def _answered(holder: dict[str, Any], key: str) -> str:
    """The id of the remark whose answers a list holds, or nothing: a post with a title is none."""
    if not _ANSWERS.search(key) or holder.get("title"):
        return ""
    item = _flat(holder)
    given = _first(item, _ID) if _is_remark(item) else None
    return str(given) if isinstance(given, str | int) else ""


def mine_opening(payload: Any, url: str, now: datetime) -> Article | None:
    """The opening post that stands at the head of a thread's remarks, where floor 1 is one."""
    for holder, _, items in _lists(payload):
        title = holder.get("title")
        for _, raw in items[:1]:
            item = _flat(raw)
            if isinstance(title, str) and _is_remark(item) and _number(item, _FLOOR) == 1:
                first = _comment(item, "", url, now)
                if first is None:
                    return None
                return Article(
                    article_id="",
                    title=" ".join(title.split()),
                    text=first.text,
                    url=url,
                    kind=Kind.POST,
                    authors=(first.author,) if first.author else (),
                    author_id=first.author_id,
                    published=first.published,
                    provenance={"title": "json", "text": "json", "published": "json"},
                )
    return None


def mine_links(payload: Any) -> tuple[Link, ...]:
    """Pages that a list names: objects with a title and an address."""
    found: dict[str, Link] = {}
    for _, _, items in _lists(payload):
        for _, item in items:
            target = _first(item, _URL)
            if isinstance(target, str) and target.startswith("http") and item.get("title"):
                found.setdefault(target, Link(target, PageClass.ARTICLE))
    return tuple(found.values())


def _lists(payload: Any) -> Iterator[tuple[dict[str, Any], str, list[tuple[str, dict[str, Any]]]]]:
    """Every array of objects, and every object of objects, with the object that holds it."""
    queue: deque[tuple[dict[str, Any], str, Any]] = deque([({}, "", payload)])
    seen = 0
    while queue and seen < _BUDGET:
        holder, key, value = queue.popleft()
        seen += 1
        if isinstance(value, list):
            objects = [("", item) for item in value if isinstance(item, dict)]
            if objects:
                yield holder, key, objects
            queue.extend((holder, key, item) for item in value if isinstance(item, dict | list))
        elif isinstance(value, dict):
            inner = [(str(name), item) for name, item in value.items() if isinstance(item, dict)]
            keyed = len(value) > 1 or any(map(str.isdigit, "".join(value)))
            if inner and len(inner) == len(value) and keyed:
                yield holder, key, inner
            within = _ANSWERS.search(key) is not None and _text(value) is None
            queue.extend(
                (holder, key, item) if within else (value, str(name), item)
                for name, item in value.items()
                if isinstance(item, dict | list)
            )


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """An object, or the remark that it wraps."""
    if _first(item, _TEXT) is None or isinstance(_first(item, _TEXT), dict):
        for name in ("comment", "reply", "data", "attributes", "post", "node"):
            inner = item.get(name)
            if isinstance(inner, dict) and isinstance(_first(inner, _TEXT), str):
                return {**item, **inner}
    return item


def _first(item: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = item.get(name)
        if value is not None and value != "" and not isinstance(value, list):
            return value
    return None


def _text(item: dict[str, Any]) -> str | None:
    for name in _TEXT:
        value = item.get(name)
        if isinstance(value, str):
            return value
    return None


def _is_remark(item: dict[str, Any]) -> bool:
    """Whether an object has a text, a time, and someone who wrote it."""
    if _text(item) is None or (item.get("title") and _first(item, _URL)):
        return False
    timed = _moment_raw(item) is not None
    return bool(_author(item)) and (timed or _first(item, _ID) is not None)


def _moment_raw(item: dict[str, Any]) -> str | None:
    for name in _TIME:
        value = item.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            raw = str(value)
            if len(raw) >= 4 and _STARTS.match(raw):
                return raw
    return None


def _author(item: dict[str, Any]) -> str:
    for name in _PEOPLE:
        person = item.get(name)
        if isinstance(person, dict):
            value = _first(person, _NAME)
            if isinstance(value, str):
                return " ".join(value.split())
    value = next((item[name] for name in _NAME if isinstance(item.get(name), str)), "")
    return " ".join(value.split())[:80]


def _author_id(item: dict[str, Any]) -> str | None:
    for name in _PEOPLE:
        person = item.get(name)
        if isinstance(person, dict):
            value = _first(person, _USER_ID)
            return str(value) if isinstance(value, str | int) else None
    value = _first(item, ("user_id", "userId", "uid"))
    return str(value) if isinstance(value, str | int) else None


def _number(item: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, bool):
            continue
        if isinstance(value, int):
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
    return None


def _chained(item: dict[str, Any]) -> str | int | None:
    """The id of the remark answered, where an answer carries the chain of those above it."""
    for name in _CHAINS:
        chain = item.get(name)
        above = chain[-1] if isinstance(chain, list) and chain else chain
        if isinstance(above, dict) and _text(above) is not None:
            found = _first(above, _ID)
            return found if isinstance(found, str | int) else None
    return None


def _comment(item: dict[str, Any], name: str, url: str, now: datetime) -> Comment | None:
    raw = _moment_raw(item)
    moment: Moment | None = read_time(raw, now=now) if raw else None
    text = plain_text(_text(item) or "")
    author = _author(item)
    given = _first(item, _ID)
    ident = str(given) if isinstance(given, str | int) else name or hashed(author, raw or "", text)
    parent = _first(item, _PARENT) or _chained(item)
    linked = isinstance(parent, str | int) and str(parent) not in {ident, "0", ""}
    region = _first(item, _REGION)
    return Comment(
        thread_id="",
        comment_id=ident,
        text=text,
        author=author or None,
        author_id=_author_id(item),
        published=moment,
        floor=_number(item, _FLOOR),
        parent_id=str(parent) if linked else None,
        ip_region=region if isinstance(region, str) and len(region) <= 40 else None,
        votes_up=_number(item, _UP),
        votes_down=_number(item, _DOWN),
        url=url or None,
        provenance={"author": "json", "text": "json", "published": "json"},
    )
