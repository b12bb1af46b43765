"""Comments under ids that name nobody, each with a permalink.

Some sites make a comment's id of its author's name; what is stored is made of the name's hash.
Pure.
"""

from archive.model import Comment, PageData
from pipelines.privacy import author_hash, pseudonymous_id
from pipelines.records import Context

__all__ = ["named"]


def named(data: PageData, context: Context) -> tuple[Comment, ...]:
    """The page's comments so.

    Names go with or without `keep_names`: ids must not vary. Where a site has no permalink for
    each floor, that of its article stands in.
    """
    ids: dict[str, str] = {}
    for one in data.comments:
        hashed = author_hash(context.author_key, context.source, one.author, one.author_id)
        public = pseudonymous_id(one.comment_id, one.author, hashed)
        if public != one.comment_id:
            ids[one.comment_id] = public
    threads = {a.thread_id: a.url for a in data.articles if a.thread_id and a.url}
    if not ids and not threads:
        return tuple(data.comments)
    return tuple(
        _renamed(
            one,
            ids.get(one.comment_id, one.comment_id),
            ids.get(one.parent_id or "", one.parent_id),
            tuple(ids.get(quoted, quoted) for quoted in one.quoted_ids),
            one.url or threads.get(one.thread_id),
        )
        if ids or not one.url
        else one
        for one in data.comments
    )


def _renamed(
    one: Comment, name: str, parent: str | None, quoted: tuple[str, ...], url: str | None
) -> Comment:
    """As `dataclasses.replace`, which looks every field up by name: this is done for each row."""
    return Comment(
        one.thread_id,
        name,
        one.text,
        one.author,
        one.author_id,
        one.published,
        one.floor,
        parent,
        quoted,
        one.ip_region,
        one.reaction,
        one.votes_up,
        one.votes_down,
        one.reply_count,
        one.state,
        one.deletion_kind,
        url,
        one.provenance,
    )
